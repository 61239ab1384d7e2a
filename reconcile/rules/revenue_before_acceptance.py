"""K49: revenue of a milestone comes with its acceptance, neither before nor without it.

Per agreement line earned by milestones, cumulative to the last month whose revenue run is done: the milestones that the
customer had accepted by the end of that month; against what was recognised, what credit memos took back, and what is
planned since to correct it. To the cent. An invoice changes nothing: what is billed before acceptance is a contract
liability, and whether it may be billed at all is K30's question.
Usual cause: recognition triggered by the invoice or by the planned date. Where less is recognised than was accepted,
the acceptance never reached the schedule. A consequence of prices (K09), versions (K11) or allocations (K43) that are
wrong. Money: recognised - accepted, the milestone. The fix takes back what came too early, in its own month while that
is open, else in the first open month, where it needs a line in the disclosures; what was accepted is caught up there
too.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._recognised import (
    BOOKED,
    CAUSE,
    FACTS,
    PAYLOAD,
    REQUIRES,
    SHOULD_BE,
    UNSCHEDULED,
    caught_up,
    either,
    sides,
)

__all__ = ["RULE"]

#: The milestones of the line that were not accepted by the end of the month.
_WAITING = """
select m.row_id, m.connection, m.object, m.source_id, m.agreement_line_key as obligation_key, m.currency,
  m.milestone_amount
from intermediate.int_billing__milestones as m
cross join (select max(last_period) as last_period from revenue.line_revenue) as run
where m.agreement_line_key is not null
  and (m.accepted_on is null or strftime(m.accepted_on, '%Y-%m') > run.last_period)
"""

#: What makes the two differ for a reason of its own: no order, other terms, values, versions or allocations, credits.
_ROOTS = ("K05", "K48", "K10", "K11", "K09", "K43", "K35")

RULE = Rule(
    check="K49",
    name="revenue_before_acceptance",
    entity="agreement_line",
    shape=Shape.TOTAL,
    sides=sides("acceptance"),
    on=("obligation_key",),
    tolerance=T1,
    break_type=BreakType.SEQUENCE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    at_fault=either("ledger_connection"),
    cause=f"case {CAUSE}"
    f"when {either('allocated_amount')} <> {either('price_amount')} then 'another price' "
    f"when {BOOKED} > {SHOULD_BE} then 'recognised before acceptance' else 'accepted, not recognised' end",
    facts=FACTS,
    payload=PAYLOAD,
    evidence=(Evidence("other", _WAITING, on=("obligation_key",), amount="milestone_amount"),),
    requires=(*REQUIRES, ("PSA", "milestone"), ("PSA", "task")),
    caused_by=(("K01", "customer_id"), *((check, "agreement_id") for check in _ROOTS), UNSCHEDULED),
    title="{agreement_line_key}: {booked_amount} recognised, {earned_amount} accepted ({money}, {cause})",
    corrections=(
        caught_up("recognise {agreement_line_key} as accepted: {money} in the open month, disclosed as of {first_off}"),
    ),
)
