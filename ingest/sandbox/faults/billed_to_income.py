"""An invoice line was keyed with an item that has no deferral: it went to revenue when it was billed.

Strikes after billing, on posted invoice lines that no credit memo corrects, of agreements whose billing nothing else
struck; the line has no obligation then. Money: the line, in document currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._billing import billed_right
from ingest.sandbox.faults._ledger import IDENTITY_FOLLOWS, amount_of, posted_lines
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.ns_accounts import EXPENSE_ITEM, INTERNAL_ITEM, TIME_ITEM
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/billed_to_income"


def _inject(world: World, share: float) -> list[Truth]:
    lines = billed_right(world, posted_lines(world)).filter(~pl.col("item").is_in([TIME_ITEM, EXPENSE_ITEM]))
    chosen = pick(world, lines, share, salt=_SALT, key="uniquekey", alone="sow")
    changed = {"item": INTERNAL_ITEM, "revenueelement": None, "needsrevenueelement": False}
    set_rows(world, "netsuite.transactionline", chosen["uniquekey"].to_list(), "uniquekey", changed)
    return [
        fault_row(
            world, "K58", "identity", amount_of(row), row["iso"],
            [record("netsuite", "transactionline", row["uniquekey"])],
            at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", consequences=IDENTITY_FOLLOWS,
            on=row["trandate"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="billed_to_income", check="K58", stage="billed", rates=shares(0.0005, 0.001, 0.004), inject=_inject
)
