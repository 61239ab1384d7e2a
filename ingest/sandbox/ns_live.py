"""What the sandbox's NetSuite does by itself when time, charges or credits change after the fact.

An approved billable time record on a time-and-materials line gets a Ready charge. What a charge earns is planned on its
obligation in the open month: on the normal line when it belongs there, as a catch-up when its month was recognised
already. Taking a charge away, or changing its amount, plans the difference the same way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from ingest.sandbox.calendar import add_months, cut_off
from ingest.sandbox.exports import Exports, Row
from ingest.sandbox.firm import ZONE, Firm
from ingest.sandbox.ns_accounts import TIME_ITEM, account_id
from ingest.sandbox.ns_charges import UNTICKED_RULE
from ingest.sandbox.ns_ids import CHARGE_TIME, ORDER, TIMEBILL
from ingest.sandbox.ns_periods import close_of, period_name
from ingest.sandbox.world import World

__all__ = [
    "charge_time",
    "earn",
    "earn_charge",
    "is_recognised",
    "recharge",
    "redraft",
    "uncharge",
    "world_of",
]

_CENT = Decimal("0.01")


def world_of(exports: Exports, *names: str) -> World:
    """The streams of the exports as a world, for functions that work on one."""
    if exports.firm is None:
        raise LookupError("the sandbox does not say which firm it was made from")
    return World(exports.firm, {name: exports.frame(name) for name in names})


def is_recognised(exports: Exports, work_on: dt.date, reached: dt.datetime) -> bool:
    """Whether the revenue run of the month that time belongs to is done."""
    firm = _firm(exports)
    month = work_on.replace(day=1)
    while _cut_off(month) <= reached:
        month = add_months(month, 1)
    return month.year * 12 + month.month - 1 <= close_of(firm).last_run


@cache
def _cut_off(month: dt.date) -> dt.datetime:
    return cut_off(month, ZONE)


def _firm(exports: Exports) -> Firm:
    if exports.firm is None:
        raise LookupError("the sandbox does not say which firm it was made from")
    return exports.firm


def earn(exports: Exports, here: str, element: str, worth: Decimal, *, catch_up: bool) -> None:
    """Plan revenue of an obligation in the open month, on its normal line or as a catch-up."""
    plan_id = str(int(element) * 10 + 1)
    plan = exports.get(f"{here}.revenueplan", plan_id)
    if plan is None or not worth:
        return
    month = close_of(_firm(exports)).open_month
    name, line_id = f"{here}.revenueplanplannedrevenue", str(int(plan_id) * 10_000 + month % 1000 * 10 + int(catch_up))
    line = exports.get(name, line_id)
    if line is None:
        facts = exports.must(f"{here}.revenueelement", element)
        exports.add(
            name,
            {
                "id": line_id,
                "revenueplan": plan_id,
                "amount": worth,
                "isrecognized": False,
                "plannedperiod": period_name(month),
                "plannedrevenuetype": "Catch-up" if catch_up else "Normal",
                "exchangerate": facts["exchangerate"],
                "deferredrevenueaccount": account_id("2400"),
                "recognitionaccount": facts["recognitionaccount"],
            },
        )
    else:
        exports.update(name, line_id, {"amount": line["amount"] + worth})
    more = {"amount": plan["amount"] + worth, "remainingdeferredbalance": plan["remainingdeferredbalance"] + worth}
    exports.update(f"{here}.revenueplan", plan_id, more)


def earn_charge(exports: Exports, here: str, charge: Mapping[str, Any], worth: Decimal) -> None:
    """Plan what a time charge earns more (or less) than before; other charges have schedules of their own."""
    if charge["timerecord"] is None or charge["rule"] == UNTICKED_RULE:
        return
    line = exports.get(f"{here}.transactionline", f"{charge['salesorder']}/{charge['salesorderline']}")
    if line is None or line["revenueelement"] is None:
        return
    bill = exports.get(f"{here}.timebill", charge["timerecord"])
    day, reached = charge["chargedate"], charge["createddate"]
    if bill is not None:
        day, reached = bill["trandate"], bill["custcol_first_posted_on"] or bill["createddate"]
    earn(exports, here, line["revenueelement"], worth, catch_up=is_recognised(exports, day, reached))


def charge_time(exports: Exports, here: str, bill: Row) -> None:
    """Make the charge of an approved billable time record that has none."""
    if (
        not bill["isbillable"]
        or bill["approvalstatus"] != "3"
        or exports.find(f"{here}.charge", "timerecord", bill["id"])
    ):
        return
    order = _order_line(exports, here, bill)
    price = bill["rate"] if bill["rate"] is not None else _entry_rate(exports, bill)
    if order is None or price is None:
        return
    head = exports.must(f"{here}.transaction", order["transaction"])
    amount = _rounded(bill["hours"] * price, _symbol(exports, here, head["currency"]))
    number = str(int(bill["id"]) + CHARGE_TIME - TIMEBILL)
    charge = {
        "id": number if exports.get(f"{here}.charge", number) is None else exports.next_id(f"{here}.charge"),
        "billto": bill["customer"],
        "stage": "Ready",
        "use": "Actual",
        "chargetype": "Time-Based",
        "chargedate": bill["trandate"],
        "quantity": bill["hours"],
        "rate": price,
        "amount": amount,
        "currency": head["currency"],
        "billingitem": order["item"] or TIME_ITEM,
        "timerecord": bill["id"],
        "salesorder": order["transaction"],
        "salesorderline": order["id"],
        "rule": str((int(order["transaction"]) - ORDER) * 10 + 1),
        "runid": exports.now.strftime("%Y%m%d"),
        "createddate": bill["custcol_first_posted_on"] or bill["createddate"],
    }
    exports.add(f"{here}.charge", charge)
    earn_charge(exports, here, exports.must(f"{here}.charge", charge["id"]), amount)


def recharge(exports: Exports, here: str, bill: Row) -> None:
    """Bring the charge of a time record in line with its hours, as long as nobody billed it."""
    charges = exports.find(f"{here}.charge", "timerecord", bill["id"])
    if not charges:
        charge_time(exports, here, bill)
        return
    if len(charges) > 1 or charges[0]["invoice"] is not None:
        return
    charge = charges[0]
    amount = _rounded(bill["hours"] * charge["rate"], _symbol(exports, here, charge["currency"]))
    exports.update(f"{here}.charge", charge["id"], {"quantity": bill["hours"], "amount": amount})
    earn_charge(exports, here, charge, amount - charge["amount"])


def redraft(exports: Exports, here: str, charge: Mapping[str, Any], more: Decimal) -> None:
    """Bring an invoice that is not posted yet in line with a charge on it that changed."""
    invoice = exports.get(f"{here}.transaction", charge["invoice"] or "")
    if invoice is None or invoice["posting"]:
        return
    lines = exports.find(f"{here}.transactionline", "transaction", invoice["id"])
    base = (more * invoice["exchangerate"]).quantize(_CENT, ROUND_HALF_UP)
    for line in lines:
        sign = 1 if line["mainline"] else -1 if charge["invoiceline"] in (line["id"], line["uniquekey"]) else 0
        if sign:
            values = {
                "foreignamount": line["foreignamount"] + sign * more,
                "netamount": line["netamount"] + sign * base,
            }
            exports.update(f"{here}.transactionline", f"{invoice['id']}/{line['id']}", values)
    totals = {
        name: invoice[name] + more for name in ("foreigntotal", "foreignamountunpaid") if invoice[name] is not None
    }
    exports.update(f"{here}.transaction", invoice["id"], totals)


def uncharge(exports: Exports, here: str, bill_id: str) -> None:
    """Take away the charges of a time record that nobody billed."""
    for charge in exports.find(f"{here}.charge", "timerecord", bill_id):
        if charge["invoice"] is None:
            earn_charge(exports, here, charge, -charge["amount"])
            exports.remove(f"{here}.charge", charge["id"])


def _order_line(exports: Exports, here: str, bill: Row) -> Row | None:
    """The time-and-materials line of a sales order that a task of the project is billed on."""
    fields = exports.find("kantata.custom_field_values", "subject_id", bill["casetaskevent"])
    keys = [field["value"] for field in fields if field["custom_field_name"] == "SOW Line"]
    if not keys:
        return None
    lines = exports.find(f"{here}.transactionline", "custcol_line_key", keys[0])
    orders = [line for line in lines if not line["mainline"] and _is_order(exports, here, line["transaction"])]
    first = min(orders, key=lambda line: int(line["id"]), default=None)
    return first if first is not None and first["custcol_billing_type"] == "T&M" else None


def _is_order(exports: Exports, here: str, transaction: str) -> bool:
    head = exports.get(f"{here}.transaction", transaction)
    return head is not None and head["type"] == "SalesOrd"


def _entry_rate(exports: Exports, bill: Row) -> Decimal | None:
    entry = exports.get("kantata.time_entries", bill["custcol_psa_time_entry_id"] or "")
    if entry is None or entry["rate_in_cents"] is None:
        return None
    return Decimal(entry["rate_in_cents"]) / Decimal(entry["currency_base_unit"])


def _symbol(exports: Exports, here: str, currency: str) -> str:
    return str(exports.must(f"{here}.currency", currency)["symbol"])


def _rounded(amount: Decimal, symbol: str) -> Decimal:
    from ingest.sandbox.firm import CURRENCIES

    step = Decimal(1) if CURRENCIES[symbol].decimals == 0 else _CENT
    return amount.quantize(step, ROUND_HALF_UP).quantize(_CENT)
