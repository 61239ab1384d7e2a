"""NetSuite of the sandbox: credit memos of what should never have been billed.

A memo is made from an invoice with only the lines given. It posts, stays open unless the call applies it, and touches
no revenue: its reason is BILLING_ERROR or DUPLICATE, what was recognised is put right where the charge is taken down.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.netsuite_billing import apply_memos
from ingest.sandbox.ns_amounts import money
from ingest.sandbox.ns_ids import FREE, identity
from ingest.sandbox.ns_ledger import gl_for_documents
from ingest.sandbox.ns_live import world_of
from ingest.sandbox.ns_settlement import REVENUE_REASONS, credits_for

__all__ = ["HANDLERS", "credit"]

_STREAMS = ("currency", "subsidiary", "customer", "entityaddress", "transaction", "transactionline", "item")
_RECORD = "/services/rest/record/v1"


def _credit(exports: Exports, call: Call) -> str:
    """Credit lines of a posted invoice; the same external id credits once."""
    body, here = call.body, call.connection
    known = exports.find(f"{here}.transaction", "externalid", body["externalId"])
    if known:
        return str(known[0]["id"])
    if body["custbody_credit_reason"] in REVENUE_REASONS:
        raise Refused("a credit that takes revenue back is made by accounts receivable")
    invoice = exports.must(f"{here}.transaction", call.named["id"])
    if invoice["type"] != "CustInvc" or not invoice["posting"]:
        raise Refused(f"{call.named['id']} is no posted invoice")
    on = dt.date.fromisoformat(str(body["tranDate"])[:10])
    amounts = _by_line(body["item"]["items"])
    first = credit(
        exports,
        here,
        str(invoice["id"]),
        amounts,
        reason=body["custbody_credit_reason"],
        on=on,
        externalid=body["externalId"],
        memo=body.get("memo"),
    )
    if any(item.get("apply") for item in (body.get("apply") or {}).get("items", ())):
        memos = [str(int(first) + place) for place in range(len(amounts))]
        apply_memos(exports, here, memos, str(invoice["id"]))
    return first


def _by_line(items: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """unique key of the invoice line -> what is credited of it."""
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        amounts[str(item["custcol_credited_line"])] += Decimal(str(item["amount"]))
    return amounts


def credit(
    exports: Exports,
    here: str,
    invoice: str,
    amounts: Mapping[str, Decimal],
    *,
    reason: str,
    on: dt.date,
    externalid: str,
    memo: str | None = None,
) -> str:
    """One posted memo per line of an invoice (unique key -> net amount); returns the first one's id."""
    world = world_of(exports, *(f"{here}.{name}" for name in _STREAMS))
    if here != "netsuite":
        world.frames = {f"netsuite.{name}": world.frames[f"{here}.{name}"] for name in _STREAMS}
    lines = world["netsuite.transactionline"].filter(
        pl.col("uniquekey").is_in(list(amounts)), pl.col("transaction") == invoice
    )
    if lines.height != len(amounts):
        raise Refused(f"invoice {invoice} has no such line")
    first = max(FREE, int(exports.next_id(f"{here}.transaction")))
    wanted = (
        lines.select("uniquekey", invoice="transaction", line="id")
        .sort("uniquekey")
        .with_columns(
            worth=pl.col("uniquekey").replace_strict(
                {key: int(amount * 100) for key, amount in amounts.items()}, return_dtype=pl.Int64
            ),
            reason=pl.lit(reason),
            credit_on=pl.lit(on),
            timerecord=pl.lit(None, dtype=pl.String),
            number=pl.int_range(pl.len()) + first,
        )
    )
    made = credits_for(world, wanted.drop("uniquekey"), pl.col("number"))
    heads = made.transactions.with_columns(
        externalid=pl.concat_str(
            pl.lit(externalid),
            pl.when(pl.int_range(pl.len()) > 0).then(identity(pl.int_range(pl.len()))).otherwise(pl.lit("")),
        ),
        memo=pl.lit(memo, dtype=pl.String),
        status=pl.lit("A"),
        closedate=pl.lit(None, dtype=pl.Date),
        foreignamountunpaid=money((pl.col("foreigntotal") * 100).cast(pl.Int64)),
    )
    ledger = gl_for_documents(heads, made.lines, world["netsuite.item"])
    for stream, rows in (
        ("transaction", heads),
        ("transactionline", made.lines),
        ("transactionaccountingline", ledger),
    ):
        for row in rows.iter_rows(named=True):
            stamps = {
                name: exports.now for name in ("createddate", "lastmodifieddate", "linelastmodifieddate") if name in row
            }
            exports.add(f"{here}.{stream}", {**row, **stamps})
    return str(first)


HANDLERS = (Handler("POST", f"{_RECORD}/invoice/{{id}}/!transform/creditMemo", _credit),)
