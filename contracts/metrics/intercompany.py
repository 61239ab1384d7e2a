"""What legal entities of the firm have to receive from and to pay to each other: consolidation takes out both."""

from __future__ import annotations

from contracts.metric import Aim, Metric, Part, Span, Term, Unit
from contracts.metrics import _booked
from contracts.ownership import Queue


def _between(name: str, title: str, meaning: str, ledger: Term, other: str) -> Metric:
    """A balance between legal entities, in the currency in which it was agreed."""
    return Metric(
        name, title, meaning + " Over all legal entities, in each currency, it equals its counterpart.",
        f"postings to date: {ledger.meaning[0].lower()}{ledger.meaning[1:-1]}", Unit.MONEY, Queue.FINANCE_OPERATIONS,
        "ASC 810-10-45-1: balances within a group are eliminated", Aim.NEITHER,
        keys=("agreement", "legal_entity", "currency", "book", "period", "role"), roles=("GL",),
        parts=(Part(ledger, span=Span.TO_DATE, roles=("GL",)),), variants=(other,),
    )  # fmt: skip


METRICS = (
    _between(
        "intercompany_receivable",
        "Intercompany receivable",
        "What a legal entity is owed by others of the firm, for work on agreements that they signed.",
        _booked.DUE_FROM_LEDGER,
        "intercompany_payable",
    ),
    _between(
        "intercompany_payable",
        "Intercompany payable",
        "What a legal entity owes others of the firm, for their work on agreements that it signed.",
        _booked.DUE_TO_LEDGER,
        "intercompany_receivable",
    ),
)
