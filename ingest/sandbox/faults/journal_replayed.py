"""Revenue recognition posted an agreement's revenue of a month twice: the call was answered late and repeated.

Strikes after recognition: the same accounts, amounts and arrangement in a second journal an hour later, which no line
of a schedule knows. Money: the revenue it posts, in document currency. The accounts (K54) and the identity of the
agreement (K58) break with it.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import IDENTITY_FOLLOWS, earning, ledger_line, pick_months, repeated_journal
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.ns_accounts import account_id
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/journal_replayed"
_DEFERRED = account_id("2400")


def _inject(world: World, share: float) -> list[Truth]:
    rows = []
    chosen = pick_months(world, earning(world, _SALT), share, _SALT)
    mine = pl.col("createdfrom").is_in(chosen["arrangement"].implode())
    journals_of = world["netsuite.transactionline"].filter(mine)["transaction"].unique().implode()
    narrow = {
        "netsuite.transaction": pl.col("id").is_in(journals_of),
        "netsuite.transactionline": mine,
        "netsuite.transactionaccountingline": pl.col("transaction").is_in(journals_of),
    }
    for row in world.each(chosen, narrow):
        number, journals = repeated_journal(world, row, 7)
        lines = journals.postings.filter(pl.col("account") != _DEFERRED)["transactionline"].to_list()
        earned = journals.lines.filter(pl.col("id").is_in(lines))["foreignamount"]
        rows.append(
            fault_row(
                world, "K53", "duplicate", sum(earned, Decimal(0)), row["iso"],
                [record("netsuite", "transactionaccountingline", ledger_line(number, line)) for line in sorted(lines)],
                at_fault="netsuite", action_kind="REVERSE", consequences=("K54", "K58", *IDENTITY_FOLLOWS),
                on=row["on"],
            )
        )  # fmt: skip
    return rows


FAULT = Fault(
    pattern="journal_replayed", check="K53", stage="recognised", rates=shares(0.0005, 0.003, 0.012), inject=_inject
)
