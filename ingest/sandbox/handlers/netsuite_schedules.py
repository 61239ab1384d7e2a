"""NetSuite of the sandbox: revenue plans that follow what happened to their service.

After a batch orders that came late get their arrangement, and the plans of the order lines it touched (time, elements)
are looked at again. What a line should have earned by the last revenue run and has not becomes a catch-up of the open
month, and what is planned there gives way by as much: posted months stay, and every plan still adds up to its
allocation.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.ns_accounts import ON_ACCEPTANCE, PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import hundredths, quantum
from ingest.sandbox.ns_links import activated_items
from ingest.sandbox.ns_live import earn, world_of
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of, period_table, posting_month
from ingest.sandbox.ns_revenue import arrange, recognised
from ingest.sandbox.ns_schedules import scheduled_lines
from ingest.sandbox.world import World

__all__ = ["AFTER", "HANDLERS"]

_STREAMS = (
    "salesforce.Contract", "salesforce.Order", "salesforce.OrderItem", "salesforce.SOW_Variable__c",
    "kantata.stories", "kantata.custom_field_values",
    "kantata.billing_milestones", "kantata.external_references", "netsuite.currency", "netsuite.subsidiary",
    "netsuite.item", "netsuite.transaction", "netsuite.transactionline", "netsuite.timebill",
    "netsuite.revenueelement", "netsuite.revenueplan", "netsuite.revenueplanplannedrevenue",
)  # fmt: skip
_SCHEDULED = [PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE]


def _recognise_again(exports: Exports, call: Call) -> str:
    """A person takes the progress of an element from its evidence; its plan is looked at again after the batch."""
    element = str(call.body["id"])
    exports.update(f"{call.connection}.revenueelement", element, {"requiresrevenueplanupdate": False})
    return element


def _arrange_orders(exports: Exports) -> None:
    """Make arrangements, elements and plans of the sales orders that the batch brought."""
    orders = [
        order
        for order in sorted(exports.added["netsuite.transaction"])
        if exports.must("netsuite.transaction", order)["type"] == "SalesOrd"
    ]
    if not orders:
        return
    for stream, rows in arrange(world_of(exports, *_STREAMS), orders).items():
        for row in rows.iter_rows(named=True):
            exports.add(f"netsuite.{stream}", row)


def _update_plans(exports: Exports) -> None:
    """Put what touched lines lack, or have too much, into the open month as a catch-up."""
    touched = _touched(exports)
    if not touched:
        return
    world = world_of(exports, *_STREAMS)
    lines = order_lines(world).filter(pl.col("line_key").is_in(sorted(touched)))
    elements = _elements(world, lines)
    if elements.is_empty():
        return
    run = close_of(world.firm).last_run
    due = scheduled_lines(world, lines, elements).filter(pl.col("month") <= run)
    due = due.group_by("element").agg(due=pl.col("worth").sum())
    rows = elements.select("element").join(due, on="element", how="left")
    rows = rows.join(recognised(world), on="element", how="left")
    rows = rows.select("element", lacks=pl.col("due").fill_null(0) - pl.col("recognised").fill_null(0))
    for element, lacks in rows.filter(pl.col("lacks") != 0).sort("element").iter_rows():
        earn(exports, "netsuite", element, Decimal(lacks) / 100, catch_up=True)
        earn(exports, "netsuite", element, Decimal(-lacks) / 100, catch_up=False)


def _touched(exports: Exports) -> set[str]:
    """Keys of the order lines whose time or elements the batch changed."""
    names = ("netsuite.timebill", "netsuite.revenueelement")
    bills, elements = (exports.touched[name] | exports.added[name] for name in names)
    rows = [exports.get("netsuite.timebill", bill) for bill in bills]
    rows += list(exports.removed["netsuite.timebill"].values())
    stories = {row["casetaskevent"] for row in rows if row is not None}
    keys = {
        field["value"]
        for story in stories
        for field in exports.find("kantata.custom_field_values", "subject_id", story)
        if field["custom_field_name"] == "SOW Line"
    }
    named = [exports.get("netsuite.revenueelement", element) for element in elements]
    return {key for key in (*keys, *(row["custrecord_line_key"] for row in named if row)) if key}


def _elements(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """The scheduled elements of order lines, as they stand; each entered the books when its version was activated."""
    iso = dict(world["netsuite.currency"].select("id", "symbol").iter_rows())
    activated = pl.col("ActivatedDate") + pl.duration(minutes=9)
    items = activated_items(world).select("order_item", "planned_minutes", activated=activated).unique("order_item")
    rows = world["netsuite.revenueelement"].filter(
        pl.col("returnofelement").is_null(), pl.col("revenuerecognitionrule").is_in(_SCHEDULED)
    ).select(
        element="id", line_key="custrecord_line_key", rule="revenuerecognitionrule",
        value=hundredths("allocationamount"), start="revrecstartdate", end="revrecenddate",
        step=quantum(pl.col("currency").replace_strict(iso, return_dtype=pl.String)),
    )  # fmt: skip
    rows = rows.join(lines.select("element", "order_item", "synced"), on="element", how="inner")
    rows = rows.join(items, on="order_item", how="left", maintain_order="left").with_columns(
        pl.col("planned_minutes").fill_null(0), reached=pl.coalesce("activated", "synced")
    )
    rows = rows.with_columns(day=pl.col("reached").dt.date())
    return rows.with_columns(made=posting_month(rows, "day", "reached", period_table(world.firm)))


HANDLERS = (Handler("TASK", "revenueelement.recognised", _recognise_again),)
AFTER = (_arrange_orders, _update_plans)
