"""K54: the revenue accounts of the general ledger hold what revenue recognition posted, and nothing else.

Per account, legal entity and month, in the currency of the books: the posted lines of the revenue schedules against
credit less debit of the ledger. An entry and its reversal are one event in the month of the entry, so that a correction
in a later month closes the difference. Invoices of items without a schedule post to revenue by themselves and stand on
both sides. To the cent where journals are posted line by line; where they are summed up, within 1.00.
Usual cause: a manual top-side journal. The fix reverses it, in its own month while that is open, else in the first open
one; one that was meant is documented and accepted instead. A recognition journal that differs from its schedules goes
to revenue accounting. What was posted or reversed twice has its root in K53. Where it belongs to an agreement, its core
identity (K58) breaks with it.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side, Tolerance
from reconcile.rules._ledger import reversals

__all__ = ["RULE"]

_KEY = ("account_number", "legal_entity_key", "period")
_REVENUE = "intermediate.int_ledger__revenue"

#: What the documents that differ posted to balances of agreements: K58 breaks by the same lines.
_BESIDE = """
select lines.row_id, lines.connection, lines.object, lines.source_id, lines.document_amount, lines.currency,
  culprits.account_number, culprits.legal_entity_key, culprits.period
from intermediate.int_journal_line__claims as lines
join (select distinct account_number, legal_entity_key, period, connection, document_ref
  from intermediate.int_ledger__revenue where not is_agreed and not is_recognition) as culprits
  on culprits.connection = lines.connection and culprits.document_ref = lines.document_ref
where lines.account_role in ('UR', 'CA', 'CL', 'RL')
"""

#: The documents behind the breaks: journals that somebody typed, and journals of revenue recognition.
_DOCUMENTS = """
select distinct b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency as break_currency,
  r.connection, r.document_ref, r.is_recognition
from {breaks} as b
join intermediate.int_ledger__revenue as r
  on r.account_number = b.account_number and r.legal_entity_key = b.legal_entity_key and r.period = b.period
where not r.is_agreed and coalesce(b.root_id, b.break_id) = b.break_id
"""


def _plan(_con: Any, breaks: str) -> str:
    """One reversal per manual journal, however many accounts it touched."""
    return reversals(_DOCUMENTS.format(breaks=breaks), "REVERSE", "journal_line")


RULE = Rule(
    check="K54",
    name="revenue_in_ledger",
    entity="journal_line",
    shape=Shape.TOTAL,
    left=Side("REVREC", _REVENUE, where="side = 'schedule'", amount="revenue_amount"),
    right=Side("ERP", _REVENUE, where="side = 'ledger'", amount="revenue_amount"),
    on=_KEY,
    tolerance=Tolerance.absolute(
        "case when coalesce(reference.is_summary, other.is_summary, false) "
        "then greatest(1.00, minor_unit * coalesce(reference.posted_line_count, other.posted_line_count)) else 0 end"
    ),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count, 0) > 0 then 'quarantined' "
    "when coalesce(reference.is_recognition, other.is_recognition) then 'schedule and journal differ' "
    "else 'manual journal' end",
    facts={
        "agreement_id": "coalesce(other.agreement_id, reference.agreement_id)",
        "customer_id": "coalesce(other.customer_id, reference.customer_id)",
        "legal_entity_id": "coalesce(other.legal_entity_id, reference.legal_entity_id)",
        "period": "coalesce(reference.period, other.period)",
    },
    payload={
        "account_number": "coalesce(reference.account_number, other.account_number)",
        "legal_entity_key": "coalesce(reference.legal_entity_key, other.legal_entity_key)",
        "document_ref": "coalesce(other.document_ref, reference.document_ref)",
    },
    evidence=(Evidence("other", _BESIDE, on=_KEY, amount="document_amount"),),
    requires=(("REVREC", "revenue_line"), ("ERP", "journal_line"), ("ERP", "invoice_line")),
    caused_by=(("K53", "records"),),
    title="Account {account_number} of {legal_entity}, {period}: {right_value} in the ledger, {left_value} recognised "
    "({money})",
    plan=_plan,
)
