"""The outcome of a success fee was known, and nobody told revenue accounting: its element stays at what counted before.

Strikes after billing, before recognition: the outcome stands in Salesforce, in NetSuite it does not. Money: the outcome
less what counted of the last estimate.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._variable import neglected, success_fees
from ingest.sandbox.ns_variable import LIKELY, UNTOLD
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, _outcomes(world), share, salt="fault/outcome_not_in_books", key="key", alone="sow")
    world.shared[UNTOLD] = chosen.select("key")
    return [{"key": row["key"]} for row in chosen.iter_rows(named=True)]


def _outcomes(world: World) -> pl.DataFrame:
    """Success fees whose outcome is something else than what counted of them, and `missed`, the difference."""
    counted = pl.when(pl.col("likelihood").is_in(LIKELY)).then("fee").otherwise(0)
    known = success_fees(world).filter(pl.col("resolved_on").is_not_null())
    return known.with_columns(missed=pl.col("won") - counted).filter(pl.col("missed") != 0)


def _settle(world: World, rows: list[Truth]) -> list[Truth]:
    """The element exists once revenue is recognised."""
    elements = world["netsuite.revenueelement"].select(key="custrecord_line_key", element="id")
    struck = [str(row["key"]) for row in rows]
    found = _outcomes(world).filter(pl.col("key").is_in(struck)).join(elements, on="key", how="inner").sort("key")
    return [
        neglected(
            world, row, "amount", row["missed"], record("netsuite", "revenueelement", row["element"]), at="netsuite"
        )
        for row in found.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="outcome_not_in_books", check="K52", stage="billed", rates=shares(0.05, 0.2, 0.5), inject=_inject,
    settle=_settle,
)  # fmt: skip
