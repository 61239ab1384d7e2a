"""The company group of a customer was never created in Kantata: its projects stand in no group.

Money: the signed value of the account's open agreements. Nothing else follows: projects name their SOW by themselves.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._master_data import accounts, choose_accounts, due_before
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.world import World


def _inject(world: World, share: float) -> list[Truth]:
    everyone = accounts(world)
    late = everyone.filter(pl.col("open_since").is_between(world.firm.start_on, due_before(world, 1), closed="left"))
    chosen = choose_accounts(world, late, share, of=everyone.height, salt="K01/psa")
    references = world["kantata.external_references"]
    mine = references.filter(
        (pl.col("subject_type") == "WorkspaceGroup") & pl.col("service_model_ref").is_in(chosen["id"].to_list())
    )
    groups = mine["subject_id"].to_list()
    world["kantata.external_references"] = references.filter(~pl.col("id").is_in(mine["id"].to_list()))
    world["kantata.workspace_groups"] = world["kantata.workspace_groups"].filter(~pl.col("id").is_in(groups))
    lost = pl.col("primary_workspace_group_id").is_in(groups).fill_null(value=False)
    world["kantata.workspaces"] = world["kantata.workspaces"].with_columns(
        workspace_group_ids=pl.when(lost).then(pl.lit([], dtype=pl.List(pl.String))).otherwise("workspace_group_ids"),
        primary_workspace_group_id=pl.when(~lost).then("primary_workspace_group_id"),
    )
    return [
        fault_row(
            world, "K01", "missing_right", hundredth(row["value"]), row["currency"],
            [record("salesforce", "Account", row["id"])],
            at_fault="kantata", action_kind="CREATE", owner="master_data", on=row["open_since"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="group_never_created",
    check="K01",
    stage="delivered",
    rates={"best": 0.0005, "typical": 0.004, "poor": 0.015},
    inject=_inject,
)
