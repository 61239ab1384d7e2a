"""Noise: a manual revenue journal that waits for approval. It is in the list of journals, not in the ledger."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import each_typed, earning, ledger_line, typed, units
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_documents import Posting
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "noise/journal_pending"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 2, 20)
    rows = []
    for row in each_typed(world, pick(world, candidates, share, salt=_SALT, key="arrangement")):
        postings = (
            Posting("2400", row["worth"], arrangement=row["arrangement"]),
            Posting("4010", -row["worth"], arrangement=row["arrangement"]),
        )
        number, _ = typed(world, row, 3, postings, memo=f"Proposed true-up {row['sow']}")
        pending = {"posting": False, "status": "A", "approvalstatus": "1"}
        set_rows(world, "netsuite.transaction", [str(number)], "id", pending)
        set_rows(world, "netsuite.transactionaccountingline", [str(number)], "transaction", {"posting": pl.lit(False)})
        records = [record("netsuite", "transactionaccountingline", ledger_line(number, line)) for line in (0, 1)]
        rows.append({"records": records, "expected_status": "nothing"})
    return rows


FAULT = Fault(
    pattern="journal_pending",
    check="K54",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
