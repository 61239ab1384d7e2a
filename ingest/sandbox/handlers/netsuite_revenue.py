"""Revenue plans and elements of the sandbox's NetSuite: what a revenue accountant takes back, plans anew and flags."""

from __future__ import annotations

from decimal import Decimal

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.ns_live import earn

__all__ = ["HANDLERS"]

_PLANNED = "revenueplanplannedrevenue"
_TAKEN_BACK = 2  # the slot of a month's second normal line


def _earned_early(exports: Exports, call: Call) -> str:
    """Take back what was recognised before its time: a catch-up in the open month, planned again in its own month."""
    here, element = call.connection, str(call.body["id"])
    back = Decimal(str(call.body["from"])) - Decimal(str(call.body["to"]))
    plan_id = str(int(element) * 10 + 1)
    lines = [line for line in exports.find(f"{here}.{_PLANNED}", "revenueplan", plan_id) if line["isrecognized"]]
    if sum((line["amount"] for line in lines), Decimal(0)) < back:
        raise Refused(f"element {element} has recognised less than {back}")
    earn(exports, here, element, -back, catch_up=True)
    for line in sorted(lines, key=lambda one: (one["plannedperiod"], one["id"]), reverse=True):
        part = min(back, line["amount"])
        back -= part
        if part > 0:
            again = {"id": str(int(line["id"]) // 10 * 10 + _TAKEN_BACK), "amount": part, "isrecognized": False}
            cleared = dict.fromkeys(("postingperiod", "journal", "dateexecuted"))
            exports.add(f"{here}.{_PLANNED}", {**line, **cleared, **again})
            plan = exports.must(f"{here}.revenueplan", plan_id)
            rest = {name: plan[name] + part for name in ("amount", "remainingdeferredbalance")}
            exports.update(f"{here}.revenueplan", plan_id, rest)
    return element


def _exempted(exports: Exports, call: Call) -> str:
    """Flag an element as left out of remaining performance obligations, or take the flag away."""
    element = str(call.body["id"])
    exports.update(f"{call.connection}.revenueelement", element, {"custrecord_rpo_exempt": call.body["to"] == "T"})
    return element


HANDLERS = (
    Handler("TASK", "revenueelement.earnedearly", _earned_early),
    Handler("TASK", "revenueelement.custrecord_rpo_exempt", _exempted),
)
