"""Work went on after the cap was reached: billing stopped there, revenue did not. The revenue rule carries no cap.

Strikes after billing, on agreements for time alone: the cap is what was billed until then, the charges beyond it are
not billable, and earn all the same. Money: their amounts in months whose revenue run is done.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, field_of, hundredth, set_rows, shares
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.kantata_fields import FIELDS
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.ns_charges import UNCAPPED_RULE
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of, period_table, posting_month
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_LEAST = 100_000


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, _candidates(world), share, salt="fault/recognised_past_cap", key="order", alone="sow_number")
    for row in chosen.iter_rows(named=True):
        _capped(world, row)
    orders = pl.col("salesorder").is_in(chosen["order"].implode())
    beyond = orders & (pl.col("chargetype") == "Time-Based") & (pl.col("stage") == "Ready")
    world["netsuite.charge"] = world["netsuite.charge"].with_columns(
        stage=pl.when(beyond).then(pl.lit("Non-Billable")).otherwise("stage"),
        rule=pl.when(beyond).then(pl.lit(UNCAPPED_RULE)).otherwise("rule"),
    )
    month = close_of(world.firm).last_run
    return [
        fault_row(
            world, "K47", "limit", hundredth(row["beyond"]), row["iso"],
            [record("netsuite", "revenueplanplannedrevenue", f"{row['element']}1{month % 1000 * 10:04d}")],
            at_fault="netsuite", action_kind="TRUE_UP", owner="revenue_accounting", consequences=("K46",),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _candidates(world: World) -> pl.DataFrame:
    """Orders of nothing but time that have time to bill in months whose revenue run is done, and billed before it.

    `billed` and `beyond` in hundredths, `element` the one that earned most of what is beyond. Agreements whose entries
    are struck one by one, and those with a credit, are left out.
    """
    close = close_of(world.firm)
    timed = world["netsuite.charge"].lazy().filter(pl.col("chargetype") == "Time-Based", pl.col("amount") > 0)
    charges = timed.select("salesorder", "salesorderline", "chargedate", "createddate", "amount", "stage").collect()
    charges = charges.with_columns(
        worth=hundredths("amount"),
        month=posting_month(charges, "chargedate", "createddate", period_table(world.firm)),
    )
    ready = (pl.col("stage") == "Ready") & (pl.col("month") <= close.last_run)
    sums = charges.group_by(order="salesorder", order_line="salesorderline").agg(
        billed=pl.col("worth").filter(pl.col("stage") == "Processed").sum(), beyond=pl.col("worth").filter(ready).sum()
    )
    lines = order_lines(world).filter((pl.col("billing_type") == "T&M").all().over("order"))
    credits_ = world["netsuite.transaction"].filter(pl.col("type") == "CustCred")["id"].implode()
    credited = world["netsuite.transactionline"].filter(pl.col("transaction").is_in(credits_))["custcol_line_key"]
    touched = pl.col("line_key").is_in(credited.drop_nulls().implode()).any().over("order")
    rows = lines.filter(~touched).join(sums, on=["order", "order_line"], how="inner")
    rows = rows.sort("order", "beyond", "element")
    orders = rows.group_by("order", maintain_order=True).agg(
        pl.col("sow_number", "contract", "iso", "element").last(), pl.col("billed", "beyond").sum()
    )
    apart = pl.Series(draw(orders["sow_number"], "time/struck", world.firm.seed)) >= STRUCK
    return orders.filter(pl.col("billed") > _LEAST, pl.col("beyond") > _LEAST, apart)


def _capped(world: World, row: dict[str, Any]) -> None:
    """Give an agreement the cap that its billing has reached, wherever a cap is known."""
    cap = money(pl.lit(row["billed"], dtype=pl.Int64))
    set_rows(world, "salesforce.Contract", [row["contract"]], "Id", {"NTE_Amount__c": cap})
    set_rows(world, "netsuite.transaction", [row["order"]], "id", {"custbody_nte_amount": cap})
    own = pl.when(pl.col("NTE_Amount__c").is_not_null()).then(cap)
    orders = world["salesforce.Order"].filter(pl.col("ContractId") == row["contract"])["Id"]
    set_rows(world, "salesforce.OrderItem", orders.to_list(), "OrderId", {"NTE_Amount__c": own})
    fields = world["kantata.custom_field_values"]
    sows = field_of(world, "SOW Number").filter(pl.col("value") == row["sow_number"])
    known = field_of(world, "NTE Amount").join(sows.select("id"), on="id", how="semi")
    name, kind = FIELDS["NTE Amount"]
    last = fields.select(pl.col("id").cast(pl.Int64).max()).item()
    new = fields.filter(pl.col("id").is_in(sows["value_id"].implode())).with_columns(
        id=(last + 1 + pl.int_range(pl.len())).cast(pl.String),
        custom_field_id=pl.lit(str(name)),
        custom_field_name=pl.lit("NTE Amount"),
        type=pl.lit(kind),
    )
    kept = fields.filter(~pl.col("id").is_in(known["value_id"].implode()))
    text = pl.lit(str(hundredth(row["billed"])))
    world["kantata.custom_field_values"] = pl.concat([kept, new.with_columns(value=text, display_value=text)])


FAULT = Fault(pattern="recognised_past_cap", check="K47", stage="billed", rates=shares(0.03, 0.12, 0.4), inject=_inject)
