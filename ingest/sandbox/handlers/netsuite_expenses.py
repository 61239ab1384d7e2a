"""NetSuite of the sandbox: an approved expense sent again as a report of its own, and a report entered twice voided."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports, coerced
from ingest.sandbox.ns_amounts import exchange, money, quantum
from ingest.sandbox.ns_charges import expense_charges
from ingest.sandbox.ns_ids import FREE, unique_key
from ingest.sandbox.ns_ledger import gl_for_documents
from ingest.sandbox.ns_live import earn, is_recognised, world_of
from ingest.sandbox.ns_orders import expense_element, with_rate

__all__ = ["AFTER", "HANDLERS"]

_RECORD = "/services/rest/record/v1"
_READ = ("transaction", "transactionline", "currency", "job", "subsidiary", "item")


def _report(exports: Exports, call: Call) -> str:
    """Post an expense report of one line in the company of the employee; the same external id posts once."""
    here, body = call.connection, call.body
    known = exports.find(f"{here}.transaction", "externalid", call.named["external"])
    if known:
        return str(known[0]["id"])
    item = body["expense"]["items"][0]
    number = str(max(FREE, int(exports.next_id(f"{here}.transaction"))))
    amount, job = Decimal(str(item["amount"])), str(item["customer"]["id"])
    employee = exports.must(f"{here}.employee", str(body["entity"]["id"]))
    currency, subsidiary = str(item["currency"]["id"]), str(employee["subsidiary"])
    on = dt.date.fromisoformat(str(body["tranDate"])[:10])
    rate, in_base = _in_base(exports, here, amount, currency, subsidiary, on)
    head = {
        "id": number,
        "type": "ExpRept",
        "tranid": f"EXP{number}",
        "externalid": call.named["external"],
        "trandate": on,
        "entity": employee["id"],
        "currency": currency,
        "exchangerate": rate,
        "foreigntotal": amount,
        "status": "F",
        "approvalstatus": "2",
        "posting": True,
        "postingperiod": f"{on:%Y%m}",
        "voided": False,
        "isreversal": False,
        "memo": body.get("memo"),
    }
    exports.add(f"{here}.transaction", head)
    shared = {"transaction": number, "subsidiary": subsidiary, "taxline": False}
    main = {
        **shared,
        "id": "0",
        "mainline": True,
        "entity": head["entity"],
        "foreignamount": -amount,
        "netamount": -in_base,
    }
    line = {
        **shared,
        "id": "1",
        "mainline": False,
        "entity": job,
        "foreignamount": amount,
        "netamount": in_base,
        "isbillable": coerced(item["isBillable"], pl.Boolean()),
        "memo": item.get("memo"),
        "linesequencenumber": 1,
        "custcol_psa_expense_id": item["custcol_psa_expense_id"],
        "class": _class_of(exports, here, job),
    }
    keys = (
        pl.DataFrame({"transaction": [number, number], "id": ["0", "1"]})
        .select(unique_key("transaction", "id"))
        .to_series()
    )
    for row, key in zip((main, line), keys.to_list(), strict=True):
        exports.add(f"{here}.transactionline", {"linesequencenumber": 0, **row, "uniquekey": key})
    return number


def _in_base(
    exports: Exports, here: str, amount: Decimal, currency: str, subsidiary: str, on: dt.date
) -> tuple[Decimal, Decimal]:
    """The day's rate from a currency to that of a company's books, and the amount in them."""
    company = exports.must(f"{here}.subsidiary", subsidiary)
    iso = exports.must(f"{here}.currency", currency)["symbol"]
    base = exports.must(f"{here}.currency", company["currency"])["symbol"]
    row = pl.DataFrame({"iso": [iso], "base": [base], "on": [on], "amount": [int(amount * 100)]})
    found = with_rate(row, world_of(exports), "on").select(
        "rate_micro", in_base=money(exchange("amount", "rate_micro", quantum("base")))
    )
    micro, in_base = found.row(0)
    return Decimal(micro) / 1_000_000, in_base


def _class_of(exports: Exports, here: str, job: str) -> str | None:
    found = exports.get(f"{here}.job", job)
    return found["custentity_practice"] if found else None


def _void(exports: Exports, call: Call) -> str:
    """Void an expense report: it stays, and posts nothing any more."""
    here, report = call.connection, str(call.body["id"])
    exports.update(f"{here}.transaction", report, {"voided": True, "status": "V", "posting": False})
    for row in exports.find(f"{here}.transactionaccountingline", "transaction", report):
        exports.remove(f"{here}.transactionaccountingline", f"{report}/{row['transactionline']}")
    return report


def _charge_expenses(exports: Exports) -> None:
    """Reports that were just posted get their ledger rows, and their billable lines a Ready charge."""
    here = "netsuite"
    if here not in exports.connections:
        return
    names = [f"{here}.{name}" for name in _READ]
    new = {number for number in exports.added[f"{here}.transaction"] if _is_report(exports, here, number)}
    if not new:
        return
    world = world_of(exports, *names)
    wanted = pl.Series(sorted(new), dtype=pl.String).implode()
    heads = world[f"{here}.transaction"].filter(pl.col("id").is_in(wanted))
    lines = world[f"{here}.transactionline"].filter(pl.col("transaction").is_in(wanted))
    for row in gl_for_documents(heads, lines, world[f"{here}.item"]).iter_rows(named=True):
        key = f"{row['transaction']}/{row['transactionline']}"
        if exports.get(f"{here}.transactionaccountingline", key) is None:
            exports.add(f"{here}.transactionaccountingline", row)
    sent = lines["custcol_psa_expense_id"].drop_nulls()
    charges = expense_charges(world).filter(pl.col("externalid").str.strip_prefix("KAN-EX-").is_in(sent.implode()))
    charges = charges.with_columns(element=expense_element("salesorder"))
    for row in charges.iter_rows(named=True):
        element = row.pop("element")
        if exports.get(f"{here}.charge", row["id"]) is None:
            exports.add(f"{here}.charge", row)
            late = is_recognised(exports, row["chargedate"], exports.now)
            earn(exports, here, element, row["amount"], catch_up=late)


def _is_report(exports: Exports, here: str, number: str) -> bool:
    found = exports.get(f"{here}.transaction", number)
    return found is not None and found["type"] == "ExpRept"


HANDLERS = (
    Handler("PUT", f"{_RECORD}/expenseReport/eid:{{external}}", _report),
    Handler("TASK", "expenseReport.voided", _void),
)
AFTER = (_charge_expenses,)
