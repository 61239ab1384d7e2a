"""NetSuite of the sandbox: journals that a correction posts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.firm import Firm
from ingest.sandbox.ns_documents import Posting, manual_journal
from ingest.sandbox.ns_ids import FREE
from ingest.sandbox.world import World

__all__ = ["HANDLERS"]

_WHERE = "/services/rest/record/v1/journalEntry"


def _post(exports: Exports, call: Call) -> str:
    """Post a journal in an open period; what it reverses is marked as reversed. The same external id posts once."""
    here, body = call.connection, call.body
    again = exports.find(f"{here}.transaction", "externalid", body["externalId"])
    if again:
        return str(again[0]["id"])
    on = dt.date.fromisoformat(str(body["tranDate"]))
    _refuse_closed(exports, here, on)
    reverses = body.get("custbody_reverses")
    original = exports.must(f"{here}.transaction", str(reverses)) if reverses else None
    postings = _postings(exports, here, body["line"]["items"])
    number = max(FREE, int(exports.next_id(f"{here}.transaction")))
    frames = {f"netsuite.{name}": exports.frame(f"{here}.{name}") for name in ("currency", "subsidiary")}
    journals = manual_journal(
        World(cast(Firm, exports.firm), frames), number, on, str(body["subsidiary"]["id"]), str(body["currency"]["id"]),
        postings, memo=str(body.get("memo") or "Correction"), reverses=str(reverses) if reverses else None,
        externalid=str(body["externalId"]), rate=Decimal(str(body.get("exchangeRate") or 1)),
    )  # fmt: skip
    for stream, rows in (
        ("transaction", journals.transactions),
        ("transactionline", journals.lines),
        ("transactionaccountingline", journals.postings),
    ):
        for row in rows.iter_rows(named=True):
            exports.add(f"{here}.{stream}", {**row, **_now(exports, row)})
    if original is not None and original["type"] == "Journal":
        exports.update(f"{here}.transaction", str(original["id"]), {"reversal": str(number), "reversaldate": on})
    return str(number)


def _now(exports: Exports, row: Mapping[str, Any]) -> dict[str, Any]:
    stamps = ("createddate", "lastmodifieddate", "linelastmodifieddate")
    return {name: exports.now for name in stamps if name in row}


def _refuse_closed(exports: Exports, connection: str, on: dt.date) -> None:
    months = exports.frame(f"{connection}.accountingperiod").iter_rows(named=True)
    mine = [
        one for one in months if one["startdate"] <= on <= one["enddate"] and not (one["isyear"] or one["isquarter"])
    ]
    if not mine:
        raise Refused(f"there is no accounting period for {on}")
    if any(one["closed"] or one["alllocked"] for one in mine):
        raise Refused(f"the period of {on} is closed")


def _postings(exports: Exports, connection: str, items: Sequence[Mapping[str, Any]]) -> list[Posting]:
    """The lines of a journal: balanced, on accounts that exist."""
    postings = []
    for item in items:
        account = exports.must(f"{connection}.account", str(item["account"]["id"]))
        amount = Decimal(str(item.get("debit") or 0)) - Decimal(str(item.get("credit") or 0))
        job = item.get("entity")
        postings.append(
            Posting(
                str(account["acctnumber"]),
                int(amount * 100),
                item.get("custcol_rev_arrangement"),
                str(job["id"]) if job else None,
            )
        )
    if not postings or sum(posting.amount for posting in postings) != 0:
        raise Refused("debits and credits of a journal must be equal")
    return postings


HANDLERS = (Handler("POST", _WHERE, _post),)
