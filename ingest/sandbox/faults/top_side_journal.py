"""Somebody typed a journal from deferred revenue to revenue on top of what revenue recognition posted.

Strikes after recognition: Dr 2400 / Cr 4010 at the end of a month, tagged with the arrangement of an agreement. Money:
the credit in the currency of the books. The identity of the agreement (K58) breaks with it.
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import (
    IDENTITY_FOLLOWS,
    each_typed,
    earning,
    in_books,
    ledger_line,
    pick_months,
    typed,
    units,
)
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.ns_documents import Posting
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/top_side_journal"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 2, 40)
    chosen = pick_months(world, candidates, share, _SALT)
    rows = []
    for row in each_typed(world, chosen):
        postings = (
            Posting("2400", row["worth"], arrangement=row["arrangement"], job=row["job"]),
            Posting("4010", -row["worth"], arrangement=row["arrangement"], job=row["job"]),
        )
        number, journals = typed(world, row, 1, postings, memo=f"Revenue true-up {row['sow']}")
        rows.append(
            fault_row(
                world, "K54", "amount", in_books(journals, 1), row["base"],
                [record("netsuite", "transactionaccountingline", ledger_line(number, 1))],
                at_fault="netsuite", action_kind="REVERSE", consequences=("K58", *IDENTITY_FOLLOWS), on=row["on"],
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="top_side_journal", check="K54", stage="recognised", rates=shares(0.002, 0.006, 0.02), inject=_inject
)
