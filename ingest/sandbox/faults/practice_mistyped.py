"""A project of the ledger stands under another practice than delivery's: it was typed by hand.

Strikes after the integration. Nothing waits, so the break is worth nothing.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    booked = world["netsuite.timebill"]["customer"].unique()
    jobs = world["netsuite.job"].filter(
        pl.col("custentity_sow_number").is_not_null(), pl.col("custentity_practice").is_not_null(),
        ~pl.col("isinactive"), pl.col("entitystatus") != "Closed", pl.col("id").is_in(booked.implode()),
    )  # fmt: skip
    chosen = pick(world, jobs, share, salt="fault/practice_mistyped", alone="custentity_sow_number")
    classes = world["netsuite.classification"].filter(~pl.col("isinactive"))["id"].to_list()
    if len(classes) < 2:
        return []
    following = {one: classes[(place + 1) % len(classes)] for place, one in enumerate(classes)}
    spaces = world["kantata.workspaces"].select(custentity_psa_project_id="id", iso="currency")
    chosen = chosen.join(spaces, on="custentity_psa_project_id", how="left", maintain_order="left")
    wrong = pl.col("custentity_practice").replace_strict(following, default=None, return_dtype=pl.String)
    set_rows(world, "netsuite.job", chosen["id"].to_list(), "id", {"custentity_practice": wrong})
    return [
        fault_row(
            world, "K08", "classification", Decimal(0), row["iso"],
            [record("kantata", "workspaces", row["custentity_psa_project_id"]), record("netsuite", "job", row["id"])],
            at_fault="netsuite", action_kind="LINK", owner="master_data", on=row["datecreated"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="practice_mistyped", check="K08", stage="integrated", rates=shares(0.0015, 0.0075, 0.025), inject=_inject
)
