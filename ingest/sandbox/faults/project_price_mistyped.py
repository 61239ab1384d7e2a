"""The price of a project was keyed into delivery with two digits swapped: 118,500 for 181,500.

Strikes after delivery. Money: the keyed price less the signed value of the workstream.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, projects, shares, stamp
from ingest.sandbox.world import World

__all__ = ["FAULT", "swapped"]


def swapped(amount: int) -> int:
    """A positive number with its first two differing neighbours swapped; the leading digit never becomes zero."""
    digits = list(str(amount))
    for place in range(len(digits) - 1):
        one, two = digits[place], digits[place + 1]
        if one != two and not (place == 0 and two == "0"):
            digits[place], digits[place + 1] = two, one
            return int("".join(digits))
    return amount * 10


def _inject(world: World, share: float) -> list[Truth]:
    candidates = projects(world).filter(pl.col("price_in_cents") > 0)
    chosen = pick(world, candidates, share, salt="fault/project_price_mistyped", alone="sow")
    prices = chosen.select("price_in_cents", "currency_base_unit").iter_rows()
    wrong = pl.Series([swapped(price // unit) * unit + price % unit for price, unit in prices], dtype=pl.Int64)
    off = pl.col("wrong") * 100 // pl.col("currency_base_unit") - pl.col("price")
    chosen = chosen.with_columns(wrong=wrong).with_columns(off=off)
    stamp(world, "kantata.workspaces", "id", chosen, {"price_in_cents": "wrong"})
    return [
        fault_row(
            world, "K09", "amount", hundredth(row["off"]), row["currency"],
            [record("salesforce", "Contract", row["contract"]), record("kantata", "workspaces", row["id"])],
            at_fault="kantata", action_kind="COMPLETE", on=row["created_at"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="project_price_mistyped", check="K09", stage="delivered", rates=shares(0.0025, 0.015, 0.045), inject=_inject
)
