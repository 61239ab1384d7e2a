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
from ingest.sandbox.ns_accounts import OVERHEAD, OVERHEAD_ABSORBED, account_id
from ingest.sandbox.ns_documents import append, manual_journals
from ingest.sandbox.ns_ids import FREE, identity
from ingest.sandbox.world import World

__all__ = ["FAULT"]

#: The journal of a project and month.
_NUMBER = FREE + 8_000_000_000 + pl.col("job").cast(pl.Int64) // 10 % 1_000_000 * 1_000 + pl.col("month") % 1_000


def _inject(world: World, share: float) -> list[Truth]:
    charged = world["netsuite.job"].filter(pl.col("custentity_billing_type") == "T&M").select(job="id")
    rows = labour_posted(world).join(charged, on="job", how="semi", maintain_order="left")
    rows = rows.with_columns(overhead=pl.col("worth") * 15 // 10_000 * 100)
    picked = chosen(world, rows, share, "fault/overhead_typed")
    if picked.height:
        append(world, manual_journals(world, _lines(picked)))
    lines = picked.select(_NUMBER).to_series().to_list()
    return [
        truth(
            world, row, "K73", "amount", row["overhead"],
            [record("netsuite", "transactionaccountingline", ledger_line(number, 0))], action_kind="REVERSE",
        )
        for row, number in zip(picked.iter_rows(named=True), lines, strict=True)
    ]  # fmt: skip


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """The two lines of each journal: the project bears what others are relieved of."""
    none = pl.lit(None, dtype=pl.String)
    sides = ((OVERHEAD, pl.col("job"), 1), (OVERHEAD_ABSORBED, none, -1))
    parts = [
        rows.with_row_index("_row").select(
            "_row", "subsidiary", "currency",
            transaction=identity(_NUMBER), account=pl.lit(account_id(account)), amount=pl.col("overhead") * sign,
            tagged=none, job=job, supplier=none, day="end", memo=pl.lit("Overhead ") + pl.col("sow"),
            _line=pl.lit(-sign),
        )
        for account, job, sign in sides
    ]  # fmt: skip
    return pl.concat(parts).sort("_row", "_line").drop("_row", "_line")


FAULT = Fault(
    pattern="overhead_typed", check="K73", stage="recognised", rates=shares(0.0005, 0.003, 0.01), inject=_inject
)
