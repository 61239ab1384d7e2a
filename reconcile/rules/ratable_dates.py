"""K50: revenue of a service earned over time follows the term of the service.

Per agreement line, cumulative to the last month whose revenue run is done: the price spread by day (or month) over the
signed term, amendments from their own day; against what was recognised, what credit memos took back, and what is
planned since to correct it. To the cent. Dates that differ between agreement and obligation are K10's, whatever has
been recognised yet; this check asks what came of them, and finds schedules made over other dates behind an obligation
whose own dates are right, with the first month that they touch.
Usual cause: a schedule keyed with the dates of the invoice or of another version. A consequence of dates (K10), values
(K09), versions (K11) or allocations (K43) that are wrong. Money: the differences of all months to date, added up. The
fix is the revenue accountant's: spread the service over its term; posted months stay, the open month takes the
difference as a catch-up.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._recognised import CAUSE, FACTS, PAYLOAD, REQUIRES, UNSCHEDULED, caught_up, either, sides

__all__ = ["RULE"]

#: What makes the two differ for a reason of its own: no order, other terms, values, versions or allocations, credits.
_ROOTS = ("K05", "K48", "K10", "K11", "K09", "K43", "K35")

RULE = Rule(
    check="K50",
    name="ratable_dates",
    entity="agreement_line",
    shape=Shape.TOTAL,
    sides=sides("ratable"),
    on=("obligation_key",),
    tolerance=T1,
    break_type=BreakType.DATE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.REVENUE_ACCOUNTING,
    at_fault=either("ledger_connection"),
    cause=f"case {CAUSE}"
    f"when {either('allocated_amount')} <> {either('price_amount')} then 'another price' "
    f"when {either('start_on')} is distinct from {either('service_start_on')} "
    f"or {either('end_on')} is distinct from {either('service_end_on')} then 'the obligation has other dates' "
    "else 'the schedule has other dates' end",
    facts=FACTS,
    payload=PAYLOAD | {"service_start_on": either("service_start_on"), "service_end_on": either("service_end_on")},
    requires=REQUIRES,
    caused_by=(("K01", "customer_id"), *((check, "agreement_id") for check in _ROOTS), UNSCHEDULED),
    title="{agreement_line_key}, {service_start_on} to {service_end_on}: {booked_amount} recognised, {earned_amount} "
    "earned by the time that is over ({money}, {cause})",
    corrections=(caught_up("spread {agreement_line_key} over its term: a catch-up in the open month"),),
)
