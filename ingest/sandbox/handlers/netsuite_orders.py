"""Sales orders of the sandbox's NetSuite: changed and added lines, and what revenue makes of them by itself.

A changed line updates its revenue element and what is not posted of its plan; a new line gets an element and a plan
like that of its sister line; a person who moves the dates of an element has its plan spread anew. Posted months
stay as they are: what they should have had goes to the open month.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports, NoSuchRecord, Row
from ingest.sandbox.firm import CURRENCIES
from ingest.sandbox.handlers.netsuite import columns
from ingest.sandbox.ns_accounts import STRAIGHT_LINE, TIME_ONLY_RULES
from ingest.sandbox.ns_ids import ORDER
from ingest.sandbox.ns_plans import Plan, actual_plan, by_days, by_profile, profile_of, replaced

__all__ = ["HANDLERS", "add_line", "change_line", "plan_again"]

_RECORD = "/services/rest/record/v1"
_PLANNED = "netsuite.revenueplanplannedrevenue"
_STREAMS = ("revenueelement", "revenueplan", "revenueplanplannedrevenue")
_CENT = Decimal("0.01")


def change_line(exports: Exports, order: str, line: str, amount: Decimal, rate: object = None) -> None:
    """Set the amount of an order line; its element and plan follow."""
    key = f"{order}/{line}"
    before = exports.must("netsuite.transactionline", key)
    values: Row = {"foreignamount": -amount, "netamount": -_in_base(exports, order, amount)}
    if rate is not None:
        values["rate"] = rate
    exports.update("netsuite.transactionline", key, values)
    _total(exports, order)
    if before["revenueelement"] is not None:
        _reprice(exports, before["revenueelement"], amount)


def add_line(exports: Exports, order: str, item: Mapping[str, Any]) -> str:
    """Add a line of a signed version to an order; it gets a revenue element and a plan."""
    sister = _sister(exports, order, item)
    version, key = int(item["custcol_sow_version"]), str(item["custcol_line_key"])
    line = str(version * 100 + int(key.rsplit("/", 1)[-1]))
    amount = Decimal(str(item["amount"]))
    element = str((int(order) - ORDER) * 1000 + int(line))
    exports.add(
        "netsuite.transactionline",
        {
            **sister, "id": line, "uniquekey": str(int(order) * 1000 + int(line)), "linesequencenumber": int(line),
            "quantity": -Decimal(str(item["quantity"])), "rate": item["rate"], "foreignamount": -amount,
            "netamount": -_in_base(exports, order, amount), "revenueelement": element, "memo": item.get("description"),
            "item": (item.get("item") or {}).get("id") or sister["item"], "linelastmodifieddate": exports.now,
            "custcol_line_key": key, "custcol_sf_order_item_id": item.get("custcol_sf_order_item_id"),
            "custcol_sow_version": version, "custcol_billing_type": item.get("custcol_billing_type"),
        },
    )  # fmt: skip
    _total(exports, order)
    _arrange(exports, sister["revenueelement"], element, order, line, amount)
    return line


def plan_again(exports: Exports, element: str, plan: Plan, lines: pl.DataFrame) -> None:
    """Replace the lines of an element's plan, and what the plan says of itself."""
    exports.put(_PLANNED, replaced(exports.frame(_PLANNED), plan.lines, lines))
    row = exports.must("netsuite.revenueelement", element)
    for known in exports.find("netsuite.revenueplan", "createdfrom", element):
        if row["revenuerecognitionrule"] not in TIME_ONLY_RULES:
            rest = row["allocationamount"] - (known["totalrecognized"] or 0)
            values = {"amount": row["allocationamount"], "remainingdeferredbalance": rest}
            exports.update("netsuite.revenueplan", known["id"], values)


def _patch_order(exports: Exports, call: Call) -> str:
    """Change fields of an order, lines by their number, and add those without one."""
    order = call.named["id"]
    head = exports.must("netsuite.transaction", order)
    if head["type"] != "SalesOrd":
        raise Refused(f"transaction {order} is no sales order")
    for item in (call.body.get("item") or {}).get("items", ()):
        if item.get("line") is None:
            add_line(exports, order, item)
        else:
            line = exports.must("netsuite.transactionline", f"{order}/{item['line']}")
            amount = item.get("amount", -line["quantity"] * Decimal(str(item.get("rate", 0))))
            change_line(exports, order, str(item["line"]), Decimal(str(amount)).quantize(_CENT), item.get("rate"))
    exports.update("netsuite.transaction", order, columns(exports, "netsuite.transaction", call.body))
    return order


def _line_amount(exports: Exports, call: Call) -> str:
    """A person changes the amount of an order line."""
    order, line = str(call.body["id"]).split("/")
    change_line(exports, order, line, -Decimal(str(call.body["to"])).quantize(_CENT))
    return f"{order}/{line}"


def _element_date(exports: Exports, call: Call) -> str:
    """A person moves a date of an element and updates its revenue plan."""
    element = str(call.body["id"])
    exports.update("netsuite.revenueelement", element, {call.body["field"].lower(): call.body["to"]})
    row = exports.must("netsuite.revenueelement", element)
    for known in exports.find("netsuite.revenueplan", "createdfrom", element):
        dates = {name: row[name] for name in ("revrecstartdate", "revrecenddate")}
        exports.update("netsuite.revenueplan", known["id"], dates)
    plan = actual_plan(_frames(exports), element)
    if plan is not None and row["revenuerecognitionrule"] == STRAIGHT_LINE:
        value, step = int(row["allocationamount"] * 100), _step(exports, row["currency"])
        lines = by_days(plan, value, row["revrecstartdate"], row["revrecenddate"], as_of=exports.as_of, step=step)
        plan_again(exports, element, plan, lines)
    return element


def _catch_up(exports: Exports, call: Call) -> str:
    """A person updates a plan whose months are all posted: the difference becomes a line of the open month."""
    name = str(call.body["id"])
    found = exports.get("netsuite.revenueplan", name)
    element = found["createdfrom"] if found else name
    _reprice(exports, element, Decimal(str(call.body["to"])))
    return name


def _allocate(exports: Exports, call: Call) -> str:
    """Allocate an arrangement anew: every element gets the amount of its order line."""
    arrangement = call.named["id"]
    for element in exports.find("netsuite.revenueelement", "revenuearrangement", arrangement):
        if element["returnofelement"] is not None:
            continue
        for line in exports.find("netsuite.transactionline", "revenueelement", element["id"]):
            if exports.must("netsuite.transaction", line["transaction"])["type"] == "SalesOrd":
                _reprice(exports, element["id"], -line["foreignamount"])
    return arrangement


def _reallocate(exports: Exports, call: Call) -> str:
    """A person gives an element another share of the price of its arrangement and updates its plan."""
    element = str(call.body["id"])
    _reprice(exports, element, Decimal(str(call.body["to"])), "allocationamount")
    return element


def _reprice(exports: Exports, element: str, amount: Decimal, *names: str) -> None:
    """Give an element another amount; its plan reaches it in the proportions it had."""
    row = exports.must("netsuite.revenueelement", element)
    same = dict.fromkeys(names or ("salesamount", "discountedsalesamount", "allocationamount"), amount)
    exports.update("netsuite.revenueelement", element, same)
    plan = actual_plan(_frames(exports), element)
    if plan is None or row["revenuerecognitionrule"] in TIME_ONLY_RULES:
        return
    step = _step(exports, row["currency"])
    profile = profile_of(plan, as_of=exports.as_of)
    plan_again(exports, element, plan, by_profile(plan, int(amount * 100), profile, as_of=exports.as_of, step=step))


def _arrange(exports: Exports, sister: str, element: str, order: str, line: str, amount: Decimal) -> None:
    """The element and the plans of a new order line, after those of its sister."""
    like = exports.must("netsuite.revenueelement", sister)
    amounts = dict.fromkeys(("salesamount", "discountedsalesamount", "allocationamount"), amount)
    own = exports.must("netsuite.transactionline", f"{order}/{line}")
    changed = {
        "id": element, "recordnumber": f"RE{element}", "referenceid": own["uniquekey"], "item": own["item"],
        "quantity": -own["quantity"], "custrecord_line_key": own["custcol_line_key"], "lastmodifieddate": exports.now,
        "requiresrevenueplanupdate": False,
    }  # fmt: skip
    exports.add("netsuite.revenueelement", {**like, **changed, **amounts})
    timed = like["revenuerecognitionrule"] in TIME_ONLY_RULES
    for known in exports.find("netsuite.revenueplan", "createdfrom", sister):
        number = f"{element}{2 if known['revenueplantype'] == 'FORECAST' else 1}"
        planned = Decimal(0) if timed and known["revenueplantype"] == "ACTUAL" else amount
        exports.add(
            "netsuite.revenueplan",
            {
                **known, "id": number, "recordnumber": f"RP{number}", "createdfrom": element, "amount": planned,
                "totalrecognized": Decimal(0), "remainingdeferredbalance": planned, "statusfordisplay": "Not Started",
                "lastmodifieddate": exports.now,
            },
        )  # fmt: skip
    frames = _frames(exports)
    theirs, mine = actual_plan(frames, sister), actual_plan(frames, element)
    if timed or theirs is None or mine is None:
        return
    profile = profile_of(theirs, as_of=exports.as_of)
    step = _step(exports, like["currency"])
    plan_again(exports, element, mine, by_profile(mine, int(amount * 100), profile, as_of=exports.as_of, step=step))


def _sister(exports: Exports, order: str, item: Mapping[str, Any]) -> Row:
    """The line of the order that a new one resembles: of the same line key, else of the same billing type, else any."""
    lines = [
        line for line in exports.find("netsuite.transactionline", "transaction", order)
        if not line["mainline"] and not line["taxline"] and line["custcol_line_key"] is not None
    ]  # fmt: skip
    if not lines:
        raise NoSuchRecord(f"order {order} has no line")
    wanted = (item.get("custcol_line_key"), item.get("custcol_billing_type"))

    def unlike(line: Row) -> tuple[bool, bool, int]:
        key, kind = line["custcol_line_key"], line["custcol_billing_type"]
        return key != wanted[0], kind != wanted[1], int(line["id"])

    return min(lines, key=unlike)


def _total(exports: Exports, order: str) -> None:
    """The totals of an order's header and main line."""
    lines = exports.find("netsuite.transactionline", "transaction", order)
    totals = {
        name: -sum((line[name] for line in lines if not line["mainline"] and not line["taxline"]), Decimal(0))
        for name in ("foreignamount", "netamount")
    }
    for line in lines:
        if line["mainline"]:
            exports.update("netsuite.transactionline", f"{order}/{line['id']}", dict(totals))
    exports.update("netsuite.transaction", order, {"foreigntotal": totals["foreignamount"]})


def _in_base(exports: Exports, order: str, amount: Decimal) -> Decimal:
    """An amount of an order in the currency of its subsidiary."""
    lines = exports.find("netsuite.transactionline", "transaction", order)
    subsidiary = exports.must("netsuite.subsidiary", lines[0]["subsidiary"])
    unit = Decimal(_step(exports, subsidiary["currency"])) / 100
    rate = exports.must("netsuite.transaction", order)["exchangerate"]
    return ((amount * rate) / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def _step(exports: Exports, currency: str) -> int:
    """The smallest amount of a currency in hundredths."""
    known = CURRENCIES.get(exports.must("netsuite.currency", currency)["symbol"])
    return 100 if known is not None and known.decimals == 0 else 1


def _frames(exports: Exports) -> dict[str, pl.DataFrame]:
    return {f"netsuite.{name}": exports.frame(f"netsuite.{name}") for name in _STREAMS}


HANDLERS = (
    Handler("PATCH", f"{_RECORD}/salesOrder/{{id}}", _patch_order),
    Handler("POST", f"{_RECORD}/revenueArrangement/{{id}}/@allocate", _allocate),
    Handler("TASK", "transactionline.foreignamount", _line_amount),
    Handler("TASK", "revenueelement.revrecstartdate", _element_date),
    Handler("TASK", "revenueelement.revrecenddate", _element_date),
    Handler("TASK", "revenueelement.allocationamount", _reallocate),
    Handler("TASK", "revenueplan.catchup", _catch_up),
)
