"""Noise: one legal entity paid another what a month's recharge came to; neither has earned or cost anything by it.

Strikes after recognition: two weeks after the month, Dr bank / Cr due from in the books of the performing entity, and
Dr due to / Cr bank in those of the contracting one.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_accounts import DUE_FROM, DUE_TO, account_id
from ingest.sandbox.ns_documents import append, manual_journals
from ingest.sandbox.ns_ids import FREE, JOURNAL, identity
from ingest.sandbox.ns_intercompany import recharges
from ingest.sandbox.ns_periods import close_of, period_table
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = FREE + 6_000_000_000
_BANK = "1000"
#: The lines of both journals in order: whose books, which account, and the side it stands on.
_LINES = (
    ("performer", _BANK, 1),
    ("performer", DUE_FROM, -1),
    ("contractor", _BANK, -1),
    ("contractor", DUE_TO, 1),
)


def _inject(world: World, share: float) -> list[Truth]:
    months = recharges(world).filter(pl.col("month") < close_of(world.firm).last_run)
    totals = months.group_by("journal", "performer", "contractor", "currency", "month").agg(pl.col("worth").sum())
    totals = totals.join(period_table(world.firm).select("month", "end"), on="month", how="left")
    chosen = pick(world, totals, share, salt="noise/recharge_settled", key="journal")
    if chosen.height:
        append(world, manual_journals(world, _lines(chosen)))
    return [
        {
            "records": [
                record("netsuite", "transactionaccountingline", ledger_line(_number(row["journal"], place), line))
                for place in (0, 1)
                for line in (0, 1)
            ],
            "expected_status": "nothing",
        }
        for row in chosen.iter_rows(named=True)
    ]


def _number(journal: str, place: int) -> int:
    """The journal of the payment in the books of the performing entity (0) or of the contracting one (1)."""
    return _BLOCK + (int(journal) - JOURNAL) * 2 + place


def _lines(chosen: pl.DataFrame) -> pl.DataFrame:
    """The lines of all journals, journal by journal."""
    none = pl.lit(None, dtype=pl.String)
    parts = [
        chosen.with_row_index("_row").select(
            "currency", "_row",
            transaction=identity((pl.col("journal").cast(pl.Int64) - JOURNAL) * 2 + _BLOCK + number // 2),
            _line=pl.lit(number),
            account=pl.lit(account_id(account)),
            amount=pl.col("worth") * sign,
            tagged=none,
            job=none,
            supplier=none,
            subsidiary=pl.col(whose),
            day=pl.col("end") + pl.duration(days=14),
            memo=pl.lit("Payment between companies"),
        )
        for number, (whose, account, sign) in enumerate(_LINES)
    ]  # fmt: skip
    return pl.concat(parts).sort("_row", "_line").drop("_row", "_line")


FAULT = Fault(
    pattern="recharge_settled",
    check="K22",
    stage="recognised",
    rates=shares(0.1, 0.1, 0.1),
    inject=_inject,
    is_noise=True,
)
