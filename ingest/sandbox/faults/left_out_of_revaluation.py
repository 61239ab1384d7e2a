"""A customer's receivables, or what is unbilled on an agreement, were left out of the revaluation of a month.

Strikes after recognition, on the last month with a revenue run: the line is missing, and so is its reversal. Money:
what the revaluation had to change, in the currency of the books.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._fx import books_row, named_by, owned
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_fx import DEFERRED, revalue, standing, unrealised
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LEAST = 1_000


def _inject(world: World, share: float) -> list[Truth]:
    held = standing(world).filter(pl.col("account") != DEFERRED)
    rows = owned(world, held.with_columns(amount=pl.col("in_base") - pl.col("at_close")))
    rows = rows.filter(
        pl.col("amount").abs() >= _LEAST, pl.col("document") != 0, pl.col("in_books") == pl.col("at_close")
    )
    chosen = pick(world, rows, share, salt="fault/left_out_of_revaluation", key="holder", alone="owner")
    revalue(world, unrealised(chosen))
    return [books_row(world, row, [named_by(world, row)]) for row in chosen.iter_rows(named=True)]


FAULT = Fault(
    pattern="left_out_of_revaluation", check="K64", stage="recognised", rates=shares(0.1, 0.25, 0.6), inject=_inject
)
