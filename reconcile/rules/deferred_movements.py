"""K59: every movement of deferred revenue has a name.

Opening balance and movements make the closing balance of the account in any ledger; what can be wrong is that nobody
can say what a movement is. Up to the last month with a revenue run each posting on deferred revenue is billed,
credited, released by a revenue schedule, set off at a month's end, revalued, or corrected (a document and its reversal,
a correction that was sent). A journal that somebody typed is none of these. Where it leaves the balance or a revenue
account off, comes after the close or was posted twice, K56, K58, K54, K55 and K53 tell it, and this check is silent;
told here is what they cannot see, because it changes nothing at the end: deferred revenue that left the account and
came back, while months in between showed too little or too much of it. Per agreement and legal entity.
Usual cause: a balance parked elsewhere over a month's end. Money: what the journals moved, the larger of their debits
and credits. The fix reverses each of them, in its month while that is open, else in the first open one; what was meant
is documented and accepted instead.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import reversals

__all__ = ["RULE"]

_LINES = "intermediate.int_ledger__unnamed_movements"

#: The journals behind the breaks.
_DOCUMENTS = f"""
select distinct b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency as break_currency,
  l.connection, l.document_ref, false as is_recognition
from {{breaks}} as b
join {_LINES} as l on l.agreement_id = b.agreement_id
  and l.legal_entity_id = b.payload ->> '$.legal_entity_key' and l.currency = b.currency
where coalesce(b.root_id, b.break_id) = b.break_id
"""


def _plan(_con: Any, breaks: str) -> str:
    """One reversal per journal."""
    return reversals(
        _DOCUMENTS.format(breaks=breaks), "REVERSE", "journal_line", "no movement of deferred revenue is it"
    )


RULE = Rule(
    check="K59",
    name="deferred_movements",
    entity="journal_line",
    shape=Shape.SEQUENCE,
    left=Side("ERP", "intermediate.int_ledger__deferred_movements", amount="unnamed_amount"),
    on=("agreement_id", "legal_entity_id"),
    broken="unnamed_count > 0",
    break_type=BreakType.CLASSIFICATION,
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="'no known movement'",
    payload={
        "whose": "coalesce(reference.agreement_number, reference.agreement_id)",
        "legal_entity_key": "reference.legal_entity_id",
        "journals": "reference.journals",
        "first_on": "reference.first_on",
        "last_on": "reference.last_on",
    },
    evidence=(Evidence("reference", _LINES, on=("agreement_id", "legal_entity_id"), amount="document_amount"),),
    requires=(("ERP", "journal_line"), ("ERP", "invoice_line"), ("REVREC", "revenue_line"), ("REVREC", "obligation")),
    title="{whose}: journals {journals} moved deferred revenue between {first_on} and {last_on}, as no known movement "
    "({money})",
    plan=_plan,
)  # fmt: skip
