"""K53: every revenue journal stands once: none is posted twice, reversed twice, or unknown to the schedules.

Journals that revenue recognition makes are known to the lines of the schedules. A journal made from an arrangement that
no schedule line knows is a copy when one that is known has the same accounts and amounts for the same agreement and
month, else an orphan. An entry that was reversed is settled; a second reversal of it takes the revenue back once more.
Journals typed by a person, without an arrangement they were made from, are asked for by K54.
Usual cause: the posting or the automatic reversal ran twice. The fix reverses the journal that is too many, in its
month while that is open, else in the first open one. The accounts (K54) and the identity of the agreement (K58) break
with it and close with it.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import reversals

__all__ = ["RULE"]

_JOURNALS = "intermediate.int_ledger__revenue_journals"

#: Every balance and revenue line of the journals concerned: other checks break by the same lines.
_LINES = """
select lines.row_id, lines.connection, lines.object, lines.source_id, lines.document_amount, lines.currency,
  journals.document_ref, journals.agreement_key
from intermediate.int_journal_line__claims as lines
join intermediate.int_ledger__revenue_journals as journals
  on journals.verdict is not null
  and journals.connection = lines.connection and journals.document_ref = lines.document_ref
  and coalesce(lines.agreement_id, lines.agreement_number, 'unassigned') = journals.agreement_key
where lines.account_role in ('UR', 'CA', 'CL', 'RL', 'revenue')
"""

_DOCUMENTS = """
select distinct b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency as break_currency,
  j.connection, j.document_ref, false as is_recognition
from {breaks} as b
join intermediate.int_ledger__revenue_journals as j
  on j.verdict is not null and j.connection = b.at_fault
  and j.document_ref = json_extract_string(b.payload, '$.document_ref')
where coalesce(b.root_id, b.break_id) = b.break_id
"""


def _plan(_con: Any, breaks: str) -> str:
    """One reversal per journal, however many agreements it holds."""
    return reversals(_DOCUMENTS.format(breaks=breaks), "REVERSE", "journal_line", "it is posted too often")


RULE = Rule(
    check="K53",
    name="revenue_journals",
    entity="journal_line",
    shape=Shape.SEQUENCE,
    left=Side("ERP", _JOURNALS, amount="revenue_amount"),
    on=("connection", "document_ref", "agreement_key"),
    broken="verdict is not null",
    break_type=BreakType.DUPLICATE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="reference.verdict",
    payload={
        "document_ref": "reference.document_ref",
        "verdict": "reference.verdict",
        "journal_number": "reference.document_number",
        "whose": "coalesce(reference.agreement_number, 'no agreement')",
        "of_what": "coalesce(' (' || reference.other_number || ')', '')",
    },
    facts={"document_number": "reference.document_number", "posting_date": "reference.posted_on"},
    evidence=(
        Evidence("reference", _LINES, on=("connection", "document_ref", "agreement_key"), amount="document_amount"),
    ),
    requires=(("REVREC", "revenue_line"), ("ERP", "journal_line"), ("ERP", "invoice_line")),
    title="Journal {journal_number} of {whose}, {period}: {verdict}{of_what} ({money})",
    plan=_plan,
)
