"""Somebody allocated overhead to a project by a journal: no work stands behind it, and delivery knows nothing of it.

Strikes after recognition: Dr overhead on the project / Cr overhead absorbed, 15% of its labour of the month, in whole
units of the currency. Money: the overhead.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._costs import chosen, labour_posted, truth
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_accounts import OVERHEAD, OVERHEAD_ABSORBED
from ingest.sandbox.ns_documents import Posting, append, manual_journal
from ingest.sandbox.ns_ids import FREE
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = FREE + 8_000_000_000


def _inject(world: World, share: float) -> list[Truth]:
    charged = world["netsuite.job"].filter(pl.col("custentity_billing_type") == "T&M").select(job="id")
    rows = labour_posted(world).join(charged, on="job", how="semi", maintain_order="left")
    rows = rows.with_columns(overhead=pl.col("worth") * 15 // 10_000 * 100)
    truths = []
    for row in chosen(world, rows, share, "fault/overhead_typed").iter_rows(named=True):
        number = _BLOCK + int(row["job"]) // 10 % 1_000_000 * 1_000 + row["month"] % 1_000
        postings = (
            Posting(OVERHEAD, row["overhead"], job=row["job"]), Posting(OVERHEAD_ABSORBED, -row["overhead"])
        )  # fmt: skip
        journal = manual_journal(
            world, number, row["end"], row["subsidiary"], row["currency"], postings, memo=f"Overhead {row['sow']}"
        )
        append(world, journal)
        line = record("netsuite", "transactionaccountingline", ledger_line(number, 0))
        truths.append(truth(world, row, "K73", "amount", row["overhead"], [line], action_kind="REVERSE"))
    return truths


FAULT = Fault(
    pattern="overhead_typed", check="K73", stage="recognised", rates=shares(0.0005, 0.003, 0.01), inject=_inject
)
