"""Hours were rejected and credited, and delivery never heard of it: no adjustment took them back.

Strikes the finished copies. Money: the net of the credit.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._credits import given
from ingest.sandbox.faults._terms import fault_row, hundredth, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    references = world["kantata.external_references"]
    chosen = pick(
        world, given(world, "HOURS_REJECTED"), share, salt="fault/hours_not_taken_back", key="memo", alone="sow"
    )
    world.taken.update(f"credit/{memo}" for memo in chosen["memo"].to_list())
    gone = (pl.col("service_model") == "creditmemo") & pl.col("service_model_ref").is_in(chosen["memo"].implode())
    adjustments = references.filter(gone)["subject_id"].implode()
    world["kantata.time_adjustments"] = world["kantata.time_adjustments"].filter(~pl.col("id").is_in(adjustments))
    world["kantata.external_references"] = references.filter(~gone)
    return [
        fault_row(
            world, "K35", "missing_right", hundredth(row["worth"]), row["iso"],
            [record("netsuite", "transactionline", row["uniquekey"])],
            at_fault="kantata", action_kind="TRUE_UP", owner="revenue_accounting", consequences=("K46",),
            on=row["trandate"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="hours_not_taken_back", check="K35", stage="copied", rates=shares(0.005, 0.04, 0.15), inject=_inject
)
