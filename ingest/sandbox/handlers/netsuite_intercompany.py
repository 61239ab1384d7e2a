"""NetSuite of the sandbox: advanced intercompany journals that a correction posts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.firm import Firm
from ingest.sandbox.ns_amounts import exchange, quantum
from ingest.sandbox.ns_documents import journal_postings
from ingest.sandbox.ns_ids import FREE, identity, unique_key
from ingest.sandbox.ns_intercompany import recharge_lines
from ingest.sandbox.ns_ledger import journal_headers
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.world import World

__all__ = ["HANDLERS"]

_WHERE = "/services/rest/record/v1/advInterCompanyJournalEntry"
_SCHEMA = dict.fromkeys(("account", "subsidiary", "counterparty", "job"), pl.String) | {"amount": pl.Int64}


def _post(exports: Exports, call: Call) -> str:
    """Post an intercompany journal in an open period; each company keeps its lines in its own currency.

    The same external id posts once.
    """
    here, body = call.connection, call.body
    again = exports.find(f"{here}.transaction", "externalid", body["externalId"])
    if again:
        return str(again[0]["id"])
    period = exports.must(f"{here}.accountingperiod", str(body["postingPeriod"]["id"]))
    if period["closed"] or period["alllocked"]:
        raise Refused(f"the period {period['periodname']} is closed")
    items = body["line"]["items"]
    for item in items:
        exports.must(f"{here}.account", str(item["account"]["id"]))
    number = str(max(FREE, int(exports.next_id(f"{here}.transaction"))))
    rows = _rows(exports, call, number, items)
    for stream, frame in (
        ("transaction", _head(rows, str(body["externalId"]), str(body.get("memo") or "Intercompany recharge of time"))),
        ("transactionline", _lines(rows)),
        ("transactionaccountingline", journal_postings(rows)),
    ):
        for row in frame.iter_rows(named=True):
            exports.add(f"{here}.{stream}", row)
    return number


def _rows(exports: Exports, call: Call, number: str, items: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """The lines with what each is in the books of its company, which must balance."""
    here, body = call.connection, call.body
    given = [
        {
            "account": str(item["account"]["id"]), "subsidiary": str(item["lineSubsidiary"]["id"]),
            "counterparty": str(item["dueToFromSubsidiary"]["id"]), "job": str(item["entity"]["id"]),
            "amount": int((Decimal(str(item.get("debit") or 0)) - Decimal(str(item.get("credit") or 0))) * 100),
        }
        for item in items
    ]  # fmt: skip
    frames = {f"netsuite.{name}": exports.frame(f"{here}.{name}") for name in ("currency", "subsidiary")}
    world = World(cast(Firm, exports.firm), frames)
    iso = frames["netsuite.currency"].select(currency="id", iso="symbol")
    books = frames["netsuite.subsidiary"].join(iso, on="currency").select(subsidiary="id", base="iso")
    rows = pl.DataFrame(given, schema=_SCHEMA).with_columns(
        transaction=pl.lit(number), line=identity(pl.int_range(pl.len())), currency=pl.lit(str(body["currency"]["id"])),
        day=pl.lit(dt.date.fromisoformat(str(body["tranDate"]))), period=pl.lit(str(body["postingPeriod"]["id"])),
        now=pl.lit(exports.now).cast(pl.Datetime("us")),
    )  # fmt: skip
    rows = rows.join(iso, on="currency", how="left").join(books, on="subsidiary", how="left", maintain_order="left")
    rows = with_rate(rows, world, "day").with_columns(in_base=exchange("amount", "rate_micro", quantum("base")))
    if rows.is_empty() or rows.group_by("subsidiary").agg(pl.col("amount").sum()).filter(pl.col("amount") != 0).height:
        raise Refused("debits and credits of each company of a journal must be equal")
    return rows


def _head(rows: pl.DataFrame, externalid: str, memo: str) -> pl.DataFrame:
    total = sum(amount for amount in rows["amount"].to_list() if amount > 0)
    return journal_headers(
        rows.head(1).with_columns(total=pl.lit(total)),
        pl.lit(memo),
        day="day",
        made="now",
        externalid=pl.lit(externalid),
        postingperiod="period",
    )


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    return recharge_lines(
        rows, made="now", uniquekey=unique_key("transaction", "line"), linesequencenumber=pl.col("line").cast(pl.Int64)
    )


HANDLERS = (Handler("POST", _WHERE, _post),)
