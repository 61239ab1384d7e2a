"""K43: the price of an agreement is split over its obligations in proportion to their stand-alone selling prices.

Per agreement: what the elements of its arrangement are allocated, against the split of the same price by stand-alone
selling price, largest remainder, as the signed versions give it (where prices are stated per line, the stated price is
the stand-alone selling price). To the cent. Reported is what stands on the wrong obligation; whether the allocations
add up to the order, and the order to what was signed, is asked by K09. What is earned as it is charged has no
allocation; an obligation whose evidence cannot be used is not judged.
Usual cause: an allocation typed by hand, or the split of the contract taken for the price. Its schedules follow, so
that each adds up (K42) and revenue comes in the wrong months. Money: sum of abs(difference) / 2 over the obligations.
The fix is the revenue accountant's: allocate anew; posted months stay, the open month takes the difference.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

#: One row per agreement, named by the obligation that has most too much.
_AGREEMENTS = """
select agreement_id, currency, min(book) as book, min(connection) as connection, min(role) as role,
  min(object) as object, max_by(source_id, difference_amount) as source_id, max_by(row_id, difference_amount) as row_id,
  min(customer_id) as customer_id, min(legal_entity_id) as legal_entity_id, min(arrangement_ref) as arrangement_ref,
  max_by(agreement_line_key, difference_amount) as line_over,
  min_by(agreement_line_key, difference_amount) as line_under,
  count(difference_amount <> 0 or null) as wrong_count, max(moved_amount) as moved_amount,
  max(hidden_row_count) as hidden_row_count
from revenue.allocations_compared
group by agreement_id, currency
"""

#: The obligations that have too much or too little.
_WRONG = """
select row_id, connection, object, source_id, agreement_id, currency, difference_amount
from revenue.allocations_compared where difference_amount <> 0
"""


def _plan(_con: Any, breaks: str) -> str:
    """One task per agreement that gives each of its obligations its share."""
    return f"""
select b.break_id, b.evidence_hash, b.correlation_id, 'ROUTE' as kind, 'obligation' as entity, 'allocation' as variant,
  '' as compensation, l.connection, 'revenueelement' as object, min(l.element_ref) as record_id,
  json_object() as vals, json_array() as precondition,
  to_json(list(json_object('object', 'revenueelement', 'id', l.element_ref, 'field', 'allocationamount',
    'from', cast(l.element_amount as decimal(18,2)),
    'to', cast(l.element_amount - l.difference_amount as decimal(18,2))) order by l.element_ref)) as changes,
  'allocate ' || coalesce(b.agreement_number, b.agreement_id) || ' anew by stand-alone selling prices: posted months '
    || 'stay, the open month takes the difference' as reason,
  cast(abs(b.variance) as decimal(18,4)) as impact, b.currency, cast(null as varchar) as wanted, b.break_id as bundle,
  cast(null as json) as line, b.owner as queue, 0 as correction, cast([] as integer[]) as after
from {breaks} as b
join revenue.allocations_compared as l
  on l.agreement_id = b.agreement_id and l.currency = b.currency and l.difference_amount <> 0
where coalesce(b.root_id, b.break_id) = b.break_id
group by b.break_id, b.evidence_hash, b.correlation_id, l.connection, b.agreement_number, b.agreement_id, b.variance,
  b.currency, b.owner
"""


RULE = Rule(
    check="K43",
    name="allocation",
    entity="agreement",
    shape=Shape.SEQUENCE,
    left=Side("REVREC", _AGREEMENTS, amount="moved_amount"),
    on=("agreement_id",),
    broken="moved_amount > 0",
    break_type=BreakType.AMOUNT,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' else 'allocated by hand' end",
    facts={"customer_id": "reference.customer_id", "legal_entity_id": "reference.legal_entity_id"},
    payload={
        "arrangement_ref": "reference.arrangement_ref",
        "line_over": "reference.line_over",
        "line_under": "reference.line_under",
        "wrong_count": "reference.wrong_count",
    },
    evidence=(Evidence("reference", _WRONG, on=("agreement_id",), amount="difference_amount"),),
    requires=(
        ("REVREC", "obligation"),
        ("CRM", "agreement"),
        ("CRM", "agreement_line"),
        ("CRM", "agreement_version"),
    ),
    caused_by=tuple((check, "agreement_id") for check in ("K10", "K09", "K11")),
    title="{agreement_number}: {money} of the price stand on {line_over} instead of {line_under} "
    "({wrong_count} obligations differ)",
    plan=_plan,
)
