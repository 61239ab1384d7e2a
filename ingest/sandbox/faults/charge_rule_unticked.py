"""A new charge rule is not ticked on the project revenue rule: its charges are billed and never earn revenue.

Strikes after billing: the time charges of the last three months of an agreement carry the new rule. Money: their
amounts in months whose revenue run is done.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_charges import UNTICKED_RULE
from ingest.sandbox.ns_orders import order_heads
from ingest.sandbox.ns_periods import close_of, month_number, period_table, posting_month
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_MONTHS = 3
_LEAST = 100_000


def _inject(world: World, share: float) -> list[Truth]:
    close = close_of(world.firm)
    charges = world["netsuite.charge"]
    rows = charges.filter(pl.col("chargetype") == "Time-Based", pl.col("stage") != "Non-Billable").select(
        "id", "salesorder", "chargedate", "createddate", worth=hundredths("amount")
    )
    rows = rows.with_columns(month=posting_month(rows, "chargedate", "createddate", period_table(world.firm)))
    late = rows.filter(month_number("chargedate") > close.last_run - _MONTHS)
    done = late.filter(pl.col("month") <= close.last_run)
    heads = order_heads(world).select("iso", id="sow_number", salesorder="order").unique("salesorder")
    sums = done.group_by("salesorder").agg(missing=pl.col("worth").sum()).filter(pl.col("missing") > _LEAST)
    candidates = sums.join(heads, on="salesorder", how="inner").sort("id")
    alone = pl.Series(draw(candidates["id"], "time/struck", world.firm.seed)) >= STRUCK
    chosen = pick(world, candidates.filter(alone), share, salt="fault/charge_rule_unticked", alone="id")
    orders = chosen["salesorder"].implode()
    wrong = late.filter(pl.col("salesorder").is_in(orders))["id"].implode()
    world["netsuite.charge"] = charges.with_columns(
        rule=pl.when(pl.col("id").is_in(wrong)).then(pl.lit(UNTICKED_RULE)).otherwise("rule")
    )
    return [
        fault_row(
            world,
            "K46",
            "amount",
            Decimal(row["missing"]) / 100,
            row["iso"],
            [record("kantata", "workspaces", row["id"])],
            at_fault="netsuite",
            action_kind="TRUE_UP",
            owner="revenue_accounting",
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="charge_rule_unticked", check="K46", stage="billed", rates=shares(0.005, 0.03, 0.1), inject=_inject
)
