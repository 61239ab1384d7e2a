"""Noise: one legal entity paid another what a month's recharge came to; neither has earned or cost anything by it.

Strikes after recognition: two weeks after the month, Dr bank / Cr due from in the books of the performing entity, and
Dr due to / Cr bank in those of the contracting one.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_accounts import DUE_FROM, DUE_TO
from ingest.sandbox.ns_documents import Posting, append, manual_journal
from ingest.sandbox.ns_ids import FREE, JOURNAL
from ingest.sandbox.ns_intercompany import recharges
from ingest.sandbox.ns_periods import close_of, period_table
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = FREE + 6_000_000_000
_BANK = "1000"


def _inject(world: World, share: float) -> list[Truth]:
    months = recharges(world).filter(pl.col("month") < close_of(world.firm).last_run)
    totals = months.group_by("journal", "performer", "contractor", "currency", "month").agg(pl.col("worth").sum())
    totals = totals.join(period_table(world.firm).select("month", "end"), on="month", how="left")
    rows = []
    for row in pick(world, totals, share, salt="noise/recharge_settled", key="journal").iter_rows(named=True):
        records = []
        for place, (company, account, sign) in enumerate(
            ((row["performer"], DUE_FROM, 1), (row["contractor"], DUE_TO, -1))
        ):
            number = _BLOCK + (int(row["journal"]) - JOURNAL) * 2 + place
            postings = (Posting(_BANK, sign * row["worth"]), Posting(account, -sign * row["worth"]))
            journal = manual_journal(
                world, number, row["end"] + dt.timedelta(days=14), company, row["currency"], postings,
                memo="Payment between companies",
            )  # fmt: skip
            append(world, journal)
            records += [record("netsuite", "transactionaccountingline", ledger_line(number, line)) for line in (0, 1)]
        rows.append({"records": records, "expected_status": "nothing"})
    return rows


FAULT = Fault(
    pattern="recharge_settled",
    check="K22",
    stage="recognised",
    rates=shares(0.1, 0.1, 0.1),
    inject=_inject,
    is_noise=True,
)
