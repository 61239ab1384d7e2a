"""The biller invoiced a milestone on its planned date; the customer has not accepted it.

Strikes after billing and before revenue: the task is still under way and nobody wrote an acceptance. Money: the
milestone.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import choose, milestones_billed
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, milestones_billed(world), share, salt="fault/billed_before_acceptance", key="milestone")
    undone = {"state": "started", "status": "Started", "percentage_complete": 60}
    set_rows(world, "kantata.stories", chosen["story"].to_list(), "id", undone)
    fields = world["kantata.custom_field_values"]
    gone = (pl.col("custom_field_name") == "Accepted On") & pl.col("subject_id").is_in(chosen["story"].implode())
    world["kantata.custom_field_values"] = fields.filter(~gone)
    billed = chosen.select("trandate", id="milestone")
    stamp(world, "kantata.billing_milestones", "id", billed, {"date_to_invoice": "trandate"})
    allowed = (
        world["salesforce.Contract"].select(sow="SOW_Number__c", allowed="Advance_Billing_Allowed__c").unique("sow")
    )
    rows = chosen.join(allowed, on="sow", how="left", maintain_order="left")
    return [
        fault_row(
            world, "K30", "sequence", hundredth(row["worth"]), row["iso"],
            [record("kantata", "billing_milestones", row["milestone"]), record("netsuite", "charge", row["charge"])],
            at_fault="netsuite", action_kind="HOLD" if row["allowed"] else "CREDIT_AND_REBILL",
            consequences=("K60",),
            owner="revenue_accounting",
            on=row["trandate"],
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="billed_before_acceptance", check="K30", stage="billed", rates=shares(0.01, 0.06, 0.18), inject=_inject
)
