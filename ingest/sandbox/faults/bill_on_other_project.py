"""A line of a supplier's bill was coded to another project that the supplier also works on.

Strikes after recognition. One break, on the project the cost stands on, names both. Money: the bill line.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._costs import chosen, costs_of, truth
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_costs import bills
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = _with_other(world)
    picked = chosen(world, rows, share, "fault/bill_on_other_project")
    others = picked.unique("other_sow", keep="first", maintain_order=True)
    others = others.filter(~pl.col("other_sow").is_in(others["sow"].implode()))
    world.taken.update(others["other_sow"].to_list())
    lines = world["netsuite.transactionline"]
    recoded = others.select("transaction", "other_job", id="line")
    lines = lines.join(recoded, on=["transaction", "id"], how="left", maintain_order="left")
    world["netsuite.transactionline"] = lines.with_columns(entity=pl.coalesce("other_job", "entity")).drop("other_job")
    return [_truth(world, row) for row in others.iter_rows(named=True)]


def _with_other(world: World) -> pl.DataFrame:
    """Bill lines, each with another project of its bill (`other_job`, `other_sow`) that no other fault struck."""
    rows = bills(costs_of(world))
    rows = rows.with_columns(
        other_job=pl.col("job").shift(-1).over("transaction"), other_sow=pl.col("sow").shift(-1).over("transaction")
    )
    free = ~world.is_taken("other_sow")
    return rows.filter(pl.col("other_sow").is_not_null() & free & (pl.col("other_sow") != pl.col("sow")))


def _truth(world: World, row: dict[str, Any]) -> Truth:
    line = record("netsuite", "transactionaccountingline", ledger_line(row["transaction"], row["line"]))
    return truth(world, row, "K72", "classification", row["worth"], [line], action_kind="RECLASS")


FAULT = Fault(
    pattern="bill_on_other_project", check="K72", stage="recognised", rates=shares(0.001, 0.008, 0.03), inject=_inject
)
