"""NetSuite of the sandbox: billing after the fact - an invoice from an order, a credit applied, a credit that names
its line.

An invoice made from an order takes the Ready charge of its billing event, posts, and says so on the charge. A credit
that is applied settles the invoice. A credit line that is told to reduce revenue gets a return of its invoice line's
obligation, planned in the open month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.ns_ids import FREE
from ingest.sandbox.ns_invoices import Billing, invoices_for
from ingest.sandbox.ns_ledger import gl_for_documents
from ingest.sandbox.ns_live import earn, world_of

__all__ = ["HANDLERS", "apply_memos"]

_RECORD = "/services/rest/record/v1"
_STREAMS = (
    "netsuite.currency", "netsuite.currencyrate", "netsuite.subsidiary", "netsuite.customer", "netsuite.entityaddress",
    "netsuite.job", "netsuite.item", "netsuite.transaction", "netsuite.transactionline", "salesforce.Contract",
)  # fmt: skip
_STAMPS = ("createddate", "lastmodifieddate", "linelastmodifieddate")
_NOTHING = Decimal(0)
_ROUNDING = Decimal("0.01")


def _invoice(exports: Exports, call: Call) -> str:
    """Bill the Ready charge of a billing event; the same external id bills once."""
    body, here = call.body, call.connection
    known = exports.find(f"{here}.transaction", "externalid", body["externalId"])
    if known:
        return str(known[0]["id"])
    if "custbody_billing_event_key" not in body:
        return _invoice_of_charges(exports, call)
    key = str(body["custbody_billing_event_key"])
    charges = [one for one in exports.find(f"{here}.charge", "externalid", key) if one["invoice"] is None]
    if len(charges) != 1 or charges[0]["stage"] != "Ready" or str(charges[0]["salesorder"]) != call.named["id"]:
        raise Refused(f"order {call.named['id']} has no charge {key} that is ready")
    charge = _completed(exports, here, str(charges[0]["id"]))
    number = max(FREE, int(exports.next_id(f"{here}.transaction")))
    billing = _billed(exports, call, [charge], number, key)
    line = billing.charges["invoiceline"][0]
    exports.update(f"{here}.charge", charge, {"stage": "Processed", "invoice": str(number), "invoiceline": line})
    return str(number)


def _billed(exports: Exports, call: Call, charges: list[str], number: int, event: str) -> Billing:
    """Put charges on an invoice with a number, of the day the call names, and post it."""
    day = dt.date.fromisoformat(str(call.body["tranDate"])[:10])
    batch = exports.frame(f"{call.connection}.charge").filter(pl.col("id").is_in(charges)).with_columns(
        invoice=pl.lit(number, pl.Int64), bill_on=pl.lit(day), event=pl.lit(event), person=pl.lit(0, pl.Int64)
    )  # fmt: skip
    world = world_of(exports, *_STREAMS)
    billing = invoices_for(world, batch)
    _add(exports, call.connection, billing, str(call.body["externalId"]), world["netsuite.item"])
    return billing


def _invoice_of_charges(exports: Exports, call: Call) -> str:
    """Bill the Ready charges that are named, all of one order."""
    body, here, order = call.body, call.connection, call.named["id"]
    wanted = [str(item["charge"]["id"]) for item in body["item"]["items"]]
    rows = [exports.must(f"{here}.charge", one) for one in wanted]
    if any(row["stage"] != "Ready" or row["invoice"] is not None or row["salesorder"] != order for row in rows):
        raise Refused(f"not all of these charges of order {order} are ready: {', '.join(wanted)}")
    number = max(FREE, int(exports.next_id(f"{here}.transaction")))
    event = f"{exports.must(f'{here}.transaction', order)['custbody_sow_number']}/late/{number}"
    billing = _billed(exports, call, wanted, number, event)
    for row in billing.charges.iter_rows(named=True):
        done = {"stage": "Processed", "invoice": row["invoice"], "invoiceline": row["invoiceline"]}
        exports.update(f"{here}.charge", row["id"], done)
    return str(number)


def _completed(exports: Exports, here: str, charge: str) -> str:
    """A charge takes from its order line what the call that made it left open."""
    row = exports.must(f"{here}.charge", charge)
    line = exports.must(f"{here}.transactionline", f"{row['salesorder']}/{row['salesorderline']}")
    open_ = {"billingitem": line["item"], "billto": line["entity"], "quantity": Decimal(1), "chargetype": "Fixed Date"}
    exports.update(f"{here}.charge", charge, {column: value for column, value in open_.items() if row[column] is None})
    return charge


def _add(exports: Exports, here: str, billing: Billing, externalid: str, items: pl.DataFrame) -> None:
    """An invoice with its lines, postings and links."""
    heads = billing.transactions.with_columns(externalid=pl.lit(externalid))
    parts = {
        "transaction": heads, "transactionline": billing.lines, "nexttransactionlinelink": billing.links,
        "transactionaccountingline": gl_for_documents(heads, billing.lines, items),
    }  # fmt: skip
    for stream, rows in parts.items():
        for row in rows.iter_rows(named=True):
            exports.add(f"{here}.{stream}", {**row, **{name: exports.now for name in _STAMPS if name in row}})


def apply_memos(exports: Exports, here: str, memos: Sequence[str], invoice: str) -> None:
    """Apply open credit memos to an invoice, as far as it is open; what rounding of tax leaves open is closed too."""
    name = f"{here}.transaction"
    for memo in memos:
        head, bill = exports.must(name, memo), exports.must(name, invoice)
        amount = min(-head["foreigntotal"], bill["foreignamountunpaid"])
        if amount <= 0:
            continue
        exports.add(
            f"{here}.nexttransactionlinelink",
            {
                "previousdoc": invoice, "previousline": "0", "previoustype": "CustInvc", "nextdoc": memo,
                "nextline": "0",
                "nexttype": "CustCred", "linktype": "Payment", "foreignamount": amount, "lastmodifieddate": exports.now,
            },
        )  # fmt: skip
        left = bill["foreignamountunpaid"] - amount
        left = _NOTHING if left <= _ROUNDING * len(memos) else left
        done = {"status": "B", "closedate": exports.as_of} if left == 0 else {}
        exports.update(name, invoice, {"foreignamountunpaid": left, **done})
        exports.update(name, memo, {"status": "B", "closedate": exports.as_of, "foreignamountunpaid": _NOTHING})


def _name_lines(exports: Exports, call: Call) -> str:
    """Lines of a credit memo are told which invoice line they correct: nothing of it posts."""
    memo = call.named["id"]
    head = exports.must(f"{call.connection}.transaction", memo)
    if head["type"] != "CustCred":
        raise Refused(f"transaction {memo} is no credit memo")
    for item in call.body["item"]["items"]:
        values = {"custcol_credited_line": str(item["custcol_credited_line"])}
        exports.update(f"{call.connection}.transactionline", f"{memo}/{item['line']}", values)
    return memo


def _return(exports: Exports, call: Call) -> str:
    """A credit line gets the return of the obligation it corrects, and a plan in the open month."""
    here, key = call.connection, str(call.body["id"])
    lines = f"{here}.transactionline"
    line = exports.find(lines, "uniquekey", key)[0]
    credited = exports.find(lines, "uniquekey", line["custcol_credited_line"] or "")
    if not credited or credited[0]["revenueelement"] is None:
        raise Refused(f"credit line {key} names no invoice line with an obligation")
    origin = exports.must(f"{here}.revenueelement", credited[0]["revenueelement"])
    head = exports.must(f"{here}.transaction", line["transaction"])
    element = str(int(line["transaction"]) * 10 + int(line["id"]))
    if exports.get(f"{here}.revenueelement", element) is None:
        worth = -line["foreignamount"]
        amounts = dict.fromkeys(("salesamount", "discountedsalesamount", "allocationamount"), worth)
        days = dict.fromkeys(("revrecstartdate", "revrecenddate", "elementdate"), head["trandate"])
        own = {
            "id": element, "recordnumber": f"RE{element}", "source": f"Credit Memo #{head['tranid']}",
            "sourcerecordtype": "creditmemo", "referenceid": key, "quantity": Decimal(-1),
            "returnofelement": origin["id"],
            "lastmodifieddate": exports.now, "requiresrevenueplanupdate": False,
        }  # fmt: skip
        exports.add(f"{here}.revenueelement", {**origin, **amounts, **days, **own})
        _plan(exports, here, str(origin["id"]), element, head["trandate"])
        earn(exports, here, element, worth, catch_up=False)
    exports.update(
        lines, f"{line['transaction']}/{line['id']}", {"revenueelement": element, "needsrevenueelement": True}
    )
    return element


def _plan(exports: Exports, here: str, origin: str, element: str, on: dt.date) -> None:
    """An empty ACTUAL plan after that of another obligation."""
    for known in exports.find(f"{here}.revenueplan", "createdfrom", origin):
        if known["revenueplantype"] != "ACTUAL":
            continue
        number = str(int(element) * 10 + 1)
        amounts = dict.fromkeys(("amount", "totalrecognized", "remainingdeferredbalance"), _NOTHING)
        own = {
            "id": number, "recordnumber": f"RP{number}", "createdfrom": element, "revrecstartdate": on,
            "revrecenddate": on,
            "statusfordisplay": "Not Started", "holdrevenuerecognition": False, "lastmodifieddate": exports.now,
        }  # fmt: skip
        exports.add(f"{here}.revenueplan", {**known, **amounts, **own})


def _charge_stage(exports: Exports, call: Call) -> str:
    """A person takes a charge off the invoice whose line was credited, to be billed again or not at all."""
    charge = str(call.body["id"])
    freed = {"stage": call.body["to"], "invoice": None, "invoiceline": None}
    exports.update(f"{call.connection}.charge", charge, freed)
    return charge


def _hold(exports: Exports, call: Call) -> str:
    """A person holds, or releases, the revenue plans of an obligation."""
    element = str(call.body["id"])
    for plan in exports.find(f"{call.connection}.revenueplan", "createdfrom", element):
        exports.update(f"{call.connection}.revenueplan", plan["id"], {"holdrevenuerecognition": call.body["to"]})
    return element


HANDLERS = (
    Handler("POST", f"{_RECORD}/salesOrder/{{id}}/!transform/invoice", _invoice),
    Handler("PATCH", f"{_RECORD}/creditMemo/{{id}}", _name_lines),
    Handler("TASK", "transactionline.needsrevenueelement", _return),
    Handler("TASK", "charge.stage", _charge_stage),
    Handler("TASK", "revenueelement.holdrevenuerecognition", _hold),
)
