"""Accounts payable enters an expense report by hand that the transfer had posted already: every line stands there
twice.

Strikes after the integration; the customer is charged once only. Money: the amount of each line of the copy.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._expenses import expense_truth, posted_expenses
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_ids import identity, unique_key
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]

_COPY = 20_000_000_000


def _inject(world: World, share: float) -> list[Truth]:
    rows = posted_expenses(world)
    if rows.is_empty():
        return []
    reports = rows.group_by("transaction").agg(count=pl.len())
    reports = reports.with_columns(
        _draw=pl.Series(draw(reports["transaction"], "fault/expense_report_twice", world.firm.seed))
    )
    reports = reports.sort("_draw", "transaction").with_columns(before=pl.col("count").cum_sum() - pl.col("count"))
    names = reports.filter(pl.col("before") < max(1, round(rows.height * share)))["transaction"]
    world.taken.update(f"report/{report}" for report in names.to_list())
    later = dt.timedelta(days=3)
    new = identity(pl.col("id").cast(pl.Int64) + _COPY)
    heads = (
        world["netsuite.transaction"]
        .filter(pl.col("id").is_in(names.implode()))
        .with_columns(
            id=new,
            tranid=pl.concat_str("tranid", pl.lit("-2")),
            externalid=pl.lit(None, dtype=pl.String),
            createddate=pl.col("createddate") + later,
            lastmodifieddate=pl.col("lastmodifieddate") + later,
        )
    )
    lines = (
        world["netsuite.transactionline"]
        .filter(pl.col("transaction").is_in(names.implode()))
        .with_columns(transaction=identity(pl.col("transaction").cast(pl.Int64) + _COPY))
    )
    lines = lines.with_columns(uniquekey=unique_key("transaction", "id"))
    world["netsuite.transaction"] = pl.concat([world["netsuite.transaction"], heads])
    world["netsuite.transactionline"] = pl.concat([world["netsuite.transactionline"], lines])
    chosen = rows.filter(pl.col("transaction").is_in(names.implode()))
    return [
        expense_truth(
            world,
            row,
            "duplicate",
            [record("netsuite", "transactionline", str(int(row["key"]) + _COPY * 1000))],
            "ROUTE",
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="expense_report_twice", check="K24", stage="integrated", rates=shares(0.0005, 0.0025, 0.01), inject=_inject
)
