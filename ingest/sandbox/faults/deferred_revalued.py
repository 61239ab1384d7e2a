"""The revaluation of a month took the deferred revenue of an agreement in foreign currency with it.

Strikes after recognition, on the last month with a revenue run: the balance is brought to the rate of the month's end
and back on the next day, as if it were money, and the rates of its layers are lost. Money: what that changed, in the
currency of the books.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._fx import books_row, line_of, owned
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_fx import DEFERRED, revalue, standing, unrealised
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LEAST = 1_000


def _inject(world: World, share: float) -> list[Truth]:
    held = standing(world).filter(pl.col("account") == DEFERRED)
    rows = owned(world, held.with_columns(amount=pl.col("at_close") - pl.col("in_books")))
    rows = rows.filter(pl.col("amount").abs() >= _LEAST, pl.col("document") != 0)
    chosen = pick(world, rows, share, salt="fault/deferred_revalued", key="holder", alone="owner")
    revalue(world, unrealised(chosen))
    return [
        books_row(world, row, [record("netsuite", "transactionaccountingline", line_of(world, row))])
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="deferred_revalued", check="K64", stage="recognised", rates=shares(0.1, 0.25, 0.6), inject=_inject
)
