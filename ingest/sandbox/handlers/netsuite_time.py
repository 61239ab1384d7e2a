"""NetSuite of the sandbox: time that is sent, approved, rejected or deleted, and the charges that follow from it."""

from __future__ import annotations

from decimal import Decimal

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.netsuite import columns, delete, upsert
from ingest.sandbox.ns_charges import UNCAPPED_RULE, UNTICKED_RULE
from ingest.sandbox.ns_ids import ORDER
from ingest.sandbox.ns_live import charge_time, earn, earn_charge, is_recognised, recharge, redraft, uncharge

__all__ = ["HANDLERS"]

_RECORD = "/services/rest/record/v1"


def _send(exports: Exports, call: Call) -> str:
    """Make or change a time record by its external id; its charge follows."""
    named = {"type": "timebill", **call.named}
    bill_id = str(upsert(exports, Call(call.method, call.path, named, call.body, call.action)))
    recharge(exports, call.connection, exports.must(f"{call.connection}.timebill", bill_id))
    return bill_id


def _approve(exports: Exports, call: Call) -> str:
    """Approve a time record: it is charged now."""
    name = f"{call.connection}.timebill"
    exports.update(name, call.named["id"], {"approvalstatus": "3"})
    charge_time(exports, call.connection, exports.must(name, call.named["id"]))
    return call.named["id"]


def _reject(exports: Exports, call: Call) -> str:
    """Reject a time record that nobody billed."""
    _refuse_billed(exports, call.connection, call.named["id"])
    uncharge(exports, call.connection, call.named["id"])
    exports.update(f"{call.connection}.timebill", call.named["id"], {"approvalstatus": "4"})
    return call.named["id"]


def _delete(exports: Exports, call: Call) -> str:
    """Delete a time record that nobody billed."""
    _refuse_billed(exports, call.connection, call.named["id"])
    uncharge(exports, call.connection, call.named["id"])
    delete(exports, call.connection, "timebill", call.named["id"])
    return call.named["id"]


def _refuse_billed(exports: Exports, connection: str, bill_id: str) -> None:
    for charge in exports.find(f"{connection}.charge", "timerecord", bill_id):
        if charge["invoice"] is not None and charge["amount"]:
            raise Refused(f"time {bill_id} is billed on invoice {charge['invoice']}")


def _state(exports: Exports, call: Call) -> str:
    """A person changes the approval of a time record, after what was billed of it was credited."""
    bill_id, state = str(call.body["id"]), str(call.body["to"])
    if state != "3":
        _refuse_billed(exports, call.connection, bill_id)
        uncharge(exports, call.connection, bill_id)
    exports.update(f"{call.connection}.timebill", bill_id, {"approvalstatus": state})
    return bill_id


def _change_charge(exports: Exports, call: Call) -> str:
    """Change a charge; what was recognised of it is put right."""
    name = f"{call.connection}.charge"
    before = exports.must(name, call.named["id"])
    values = columns(exports, name, call.body)
    if before["invoice"] is not None and {"rate", "amount"} & set(values):
        raise Refused(f"charge {before['id']} is billed on invoice {before['invoice']}")
    exports.update(name, before["id"], values)
    after = exports.must(name, before["id"])
    earn_charge(exports, call.connection, before, after["amount"] - before["amount"])
    return str(before["id"])


def _charge_amount(exports: Exports, call: Call) -> str:
    """A person takes a billed charge down by what was credited, or changes it and the draft it is on."""
    name, charge_id = f"{call.connection}.charge", str(call.body["id"])
    before, amount = exports.must(name, charge_id), Decimal(str(call.body["to"])).quantize(Decimal("0.01"))
    exports.update(name, charge_id, {"amount": amount})
    redraft(exports, call.connection, before, amount - before["amount"])
    earn_charge(exports, call.connection, before, amount - before["amount"])
    return charge_id


def _charge(exports: Exports, call: Call) -> str:
    """Make a charge by its external id; one for a time record is charged like the first of that record."""
    name = f"{call.connection}.charge"
    named = {"type": "charge", **call.named}
    time_id = str((call.body.get("timeRecord") or {}).get("id") or "")
    known = exports.find(name, "externalid", call.named["external"])
    sisters = exports.find(name, "timerecord", time_id) if time_id else []
    body = {field: value for field, value in call.body.items() if field != "memo"}
    charge_id = str(upsert(exports, Call(call.method, call.path, named, body, call.action)))
    if known or not sisters:
        return charge_id
    kept = (
        "billto",
        "chargetype",
        "chargedate",
        "currency",
        "billingitem",
        "salesorder",
        "salesorderline",
        "rule",
        "runid",
    )
    exports.update(name, charge_id, {column: sisters[0][column] for column in kept})
    charge = exports.must(name, charge_id)
    earn_charge(exports, call.connection, charge, charge["amount"])
    return charge_id


def _catch_up(exports: Exports, call: Call) -> str:
    """A person puts a charge rule and its cap on the revenue rule and updates the plans.

    What was missing, or earned beyond the cap, is a catch-up now.
    """
    here, element = call.connection, str(call.body["id"])
    missing = Decimal(str(call.body["to"])) - Decimal(str(call.body["from"]))
    order = str(int(element) // 1000 + ORDER)
    for rule, sign in ((UNTICKED_RULE, 1), (UNCAPPED_RULE, -1)):
        for charge in exports.find(f"{here}.charge", "rule", rule):
            if charge["salesorder"] == order:
                exports.update(f"{here}.charge", charge["id"], {"rule": str((int(order) - ORDER) * 10 + 1)})
                if not is_recognised(exports, charge["chargedate"], charge["createddate"]):
                    earn(exports, here, element, sign * charge["amount"], catch_up=False)
    earn(exports, here, element, missing, catch_up=True)
    return element


HANDLERS = (
    Handler("PUT", f"{_RECORD}/timebill/eid:{{external}}", _send),
    Handler("POST", f"{_RECORD}/timebill/{{id}}/@approve", _approve),
    Handler("POST", f"{_RECORD}/timebill/{{id}}/@reject", _reject),
    Handler("DELETE", f"{_RECORD}/timebill/{{id}}", _delete),
    Handler("TASK", "timebill.approvalstatus", _state),
    Handler("PATCH", f"{_RECORD}/charge/{{id}}", _change_charge),
    Handler("PUT", f"{_RECORD}/charge/eid:{{external}}", _charge),
    Handler("TASK", "charge.amount", _charge_amount),
    Handler("TASK", "revenueelement.catchup", _catch_up),
)
