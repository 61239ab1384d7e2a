"""A category of expenses lost its mapping: the report is posted without that line, and nobody can bill it.

Strikes after the integration. Money: the amount of the expense in its currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._expenses import expense_truth, posted_expenses, retotal
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = posted_expenses(world)
    rows = rows.filter(pl.len().over("transaction") > 1)
    if rows.is_empty():
        return []
    ranked = rows.with_columns(_draw=pl.Series(draw(rows["expense"], "fault/expense_line_dropped", world.firm.seed)))
    single = ranked.sort("_draw", "expense").unique("transaction", keep="first", maintain_order=True)
    chosen = single.head(max(1, round(rows.height * share))).sort("expense")
    world.taken.update(f"report/{report}" for report in chosen["transaction"].to_list())
    lines = world["netsuite.transactionline"]
    world["netsuite.transactionline"] = lines.filter(~pl.col("uniquekey").is_in(chosen["key"].implode()))
    reports = chosen["transaction"].implode()
    narrow = {
        "netsuite.transaction": pl.col("id").is_in(reports),
        "netsuite.transactionline": pl.col("transaction").is_in(reports),
    }
    with world.apart(narrow):
        retotal(world, chosen["transaction"])
    return [
        expense_truth(world, row, "missing_right", [record("kantata", "expenses", row["expense"])], "REPLAY")
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="expense_line_dropped", check="K24", stage="integrated", rates=shares(0.0015, 0.0075, 0.03), inject=_inject
)
