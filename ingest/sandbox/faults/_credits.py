"""What the patterns of credit memos share: posted credits that give something to the customer."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_periods import close_of, month_of
from ingest.sandbox.world import World

__all__ = ["given"]


def given(world: World, reason: str | None = None) -> pl.DataFrame:
    """Credit lines of months whose revenue run is done, on agreements nothing else struck.

    memo, uniquekey, invoice, sow, iso, worth (hundredths), trandate, mark.
    """
    heads = world["netsuite.transaction"].filter(
        pl.col("type") == "CustCred",
        "posting",
        pl.col("custbody_credit_reason").is_in(["HOURS_REJECTED", "CONCESSION"]),
    )
    if reason is not None:
        heads = heads.filter(pl.col("custbody_credit_reason") == reason)
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    applied = world["netsuite.nexttransactionlinelink"].filter(pl.col("nexttype") == "CustCred").select(
        transaction="nextdoc", invoice="previousdoc"
    )  # fmt: skip
    lines = world["netsuite.transactionline"].filter(
        ~pl.col("mainline"), ~pl.col("taxline"), pl.col("custcol_credited_line").is_not_null()
    ).select("transaction", "uniquekey", worth=hundredths("foreignamount"))  # fmt: skip
    heads = heads.filter(month_of("postingperiod") <= close_of(world.firm).last_run)
    rows = heads.select("currency", "trandate", transaction="id", sow="custbody_sow_number").join(
        iso, on="currency", how="left"
    )
    rows = rows.join(lines, on="transaction", how="inner").join(applied, on="transaction", how="inner")
    rows = rows.filter(~world.is_taken("sow")).rename({"transaction": "memo"})
    return rows.with_columns(mark=pl.lit("credit/") + pl.col("memo")).sort("memo")
