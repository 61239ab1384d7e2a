"""NetSuite of the sandbox: journals that a correction posts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    """Post a journal in an open period; what it reverses is marked as reversed. The same external id posts once.

    A journal with a reversal date reverses itself on that day. One that names its period is posted there, whatever its
    date.
    """
    here, body = call.connection, call.body
    again = exports.find(f"{here}.transaction", "externalid", body["externalId"])
    if again:
        return str(again[0]["id"])
    on = dt.date.fromisoformat(str(body["tranDate"]))
    back_on = dt.date.fromisoformat(str(body["reversalDate"])) if body.get("reversalDate") else None
    named = (
        exports.must(f"{here}.accountingperiod", str(body["postingPeriod"]["id"])) if "postingPeriod" in body else {}
    )
    for day in (named.get("enddate", on), back_on):
        if day is not None:
            _refuse_closed(exports, here, day)
    reverses = body.get("custbody_reverses")
    original = exports.must(f"{here}.transaction", str(reverses)) if reverses else None
    postings = _postings(exports, here, body["line"]["items"])
    first = {"externalid": str(body["externalId"]), "custbody_reverses": reverses}
    if named:
        first["postingperiod"] = str(named["id"])
    number = _add(exports, call, on, postings, first)
    if original is not None and original["type"] == "Journal":
        exports.update(f"{here}.transaction", str(original["id"]), {"reversal": number, "reversaldate": on})
    if back_on is not None:
        negated = [replace(posting, amount=-posting.amount) for posting in postings]
        second = _add(exports, call, back_on, negated, {"isreversal": True, "reversal": number})
        exports.update(f"{here}.transaction", number, {"reversal": second, "reversaldate": back_on})
    return number


def _add(exports: Exports, call: Call, on: dt.date, postings: Sequence[Posting], more: Mapping[str, Any]) -> str:
    """Add a journal of the call on a day; `more` are columns of its header. Gives its id."""
    here, body = call.connection, call.body
    number = max(FREE, int(exports.next_id(f"{here}.transaction")))
    rate = Decimal(str(body["exchangeRate"])) if body.get("exchangeRate") else None
    frames = {f"netsuite.{name}": exports.frame(f"{here}.{name}") for name in ("currency", "subsidiary")}
    journals = manual_journal(
        World(cast(Firm, exports.firm), frames), number, on, str(body["subsidiary"]["id"]), str(body["currency"]["id"]),
        postings, memo=str(body.get("memo") or "Correction"), rate=rate,
    )  # fmt: skip
    for row in journals.transactions.iter_rows(named=True):
        exports.add(f"{here}.transaction", {**row, **_now(exports, row), **more})
    for stream, rows in (("transactionline", journals.lines), ("transactionaccountingline", journals.postings)):
        for row in rows.iter_rows(named=True):
            exports.add(f"{here}.{stream}", {**row, **_now(exports, row)})
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
                item.get("custcol_supplier"),
            )
        )
    if not postings or sum(posting.amount for posting in postings) != 0:
        raise Refused("debits and credits of a journal must be equal")
    return postings


HANDLERS = (Handler("POST", _WHERE, _post),)
