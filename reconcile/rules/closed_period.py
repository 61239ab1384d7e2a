"""K55: nothing is posted into a month of the books after that month was closed.

A document that was made after the day on which its month closed changes figures that were signed off. What belongs to a
closed month and comes late is posted in the first open one, with its own date kept: such a document is right, and
silent here, whatever its date. What was made before the close, or on the day of it, belongs to the month.
Usual cause: a job that was run again for an old month, or an old month opened for a moment. The fix takes the document
out of the closed month and posts it in the open one, where its text says when it was. It counts once, whatever its
number of lines: the money is the sum of its debits, in the currency of the books.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, BreakType, Correction, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

RULE = Rule(
    check="K55",
    name="closed_period",
    entity="journal_line",
    shape=Shape.SEQUENCE,
    left=Side("ERP", "intermediate.int_ledger__late_postings", amount="posted_amount"),
    on=("document_ref",),
    broken="created_at >= closed_at",
    break_type=BreakType.PERIOD,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="'made after the month was closed'",
    facts={"document_number": "reference.document_number", "posting_date": "reference.posted_on"},
    payload={
        "document_ref": "reference.document_ref",
        "created_on": "cast(reference.created_at as date)",
        "closed_on": "reference.closed_on",
        "period_ref": "reference.period_ref",
        "open_period": "reference.open_period",
        "open_period_ref": "reference.open_period_ref",
    },
    evidence=(
        Evidence(
            "reference",
            "intermediate.int_journal_line__claims",
            on=("document_ref",),
            where="book = 'primary'",
            amount="amount",
        ),
    ),
    requires=(("ERP", "journal_line"), ("ERP", "accounting_period")),
    title="{document_number} was made on {created_on} and stands in {period}, closed on {closed_on} ({money})",
    corrections=(
        Correction(
            kind=ActionKind.REVERSE_AND_REPOST,
            entity="journal_line",
            target_role="ERP",
            when="open_period_ref is not null",
            target="document_ref",
            precondition=(("postingperiod", "eq", "period_ref"),),
            changes=(
                ("transaction", "document_ref", "postingperiod", "period_ref", "open_period_ref"),
                ("transaction", "document_ref", "memo", "null", "concat('originally ', posting_date)"),
            ),
            required_role="general_ledger",
            reason="{document_number} came after {period} was closed: it moves to {open_period} and keeps its date",
        ),
    ),
)
