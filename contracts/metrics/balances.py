"""The balance sheet of agreements: receivables, contract assets and liabilities, and days of sales outstanding."""

from __future__ import annotations

from contracts.metric import RECOMPUTED, Aim, Metric, Part, Shape, Span, Term, Unit
from contracts.metrics import _booked
from contracts.metrics._recomputed import (
    OF_EARLIER_WORK,
    RELEASED_FROM_OPENING,
    RELEASED_WITHIN_A_YEAR,
    at_month_end,
)
from contracts.ownership import Queue

_OWNER = Queue.REVENUE_ACCOUNTING
_KEYS = ("agreement", "customer", "legal_entity", "currency", "book", "period", "role")
_SET_OFF = " Recomputed balances are set off per agreement; the ledger's accounts stand as posted."


def _balance(name: str, title: str, meaning: str, source: str, ledger: Term, aim: Aim, **more: str) -> Metric:
    """A balance of the general ledger beside the recomputed one."""
    return Metric(
        name, title, meaning + more.get("note", ""),
        f"postings to date: {ledger.meaning[0].lower()}{ledger.meaning[1:-1]}; recomputed: the position at month's end",
        Unit.MONEY, _OWNER, source, aim, keys=_KEYS, roles=("GL", RECOMPUTED),
        parts=(Part(ledger, span=Span.TO_DATE, roles=("GL",)), at_month_end(name)),
    )  # fmt: skip


_DAYS_OF_SALES = "days of the month and the two before it"

METRICS = (
    _balance(
        "unbilled_receivable",
        "Unbilled receivable",
        "Right to payment with only the passage of time outstanding, not invoiced yet.",
        "As filers describe it in their notes",
        _booked.UR_LEDGER,
        Aim.LOWER,
    ),
    _balance(
        "contract_asset",
        "Contract asset",
        "Right to payment conditional on something other than time, for example the next milestone.",
        "ASC 606-10-45-3",
        _booked.CA_LEDGER,
        Aim.LOWER,
        note=_SET_OFF,
    ),
    _balance(
        "contract_liability",
        "Contract liability",
        "Paid, or unconditionally due, before performance: deferred revenue.",
        "ASC 606-10-45-2",
        _booked.CL_LEDGER,
        Aim.NEITHER,
        note=_SET_OFF,
    ),
    Metric(
        "contract_liability_next_12",
        "Contract liability to be earned within twelve months",
        "The part of deferred revenue that is planned to be earned in the twelve months after the month's end; the "
        "rest is planned later, or no plan reaches it.",
        "contract liability used up in order by what is still planned of the agreement: ratable services over their "
        "days or months, milestones at the end of their service, other work evenly to its end, work as charged up to "
        "what was billed ahead",
        Unit.MONEY,
        _OWNER,
        "Management measure: the split of deferred revenue into current and later",
        Aim.NEITHER,
        keys=_KEYS,
        roles=(RECOMPUTED,),
        parts=(Part(RELEASED_WITHIN_A_YEAR, of=RECOMPUTED, roles=(RECOMPUTED,)),),
        variants=("contract_liability",),
    ),
    Metric(
        "revenue_from_deferred",
        "Revenue that was deferred at the beginning",
        "Revenue of the month that was in the contract liability when the month began. What was deferred is released "
        "first. Months do not add up to a quarter: Balances works it out for the months chosen there.",
        "per agreement the smaller of the contract liability at the end of the month before and revenue of the month, "
        "not below zero",
        Unit.MONEY,
        _OWNER,
        "ASC 606-10-50-8(b); IFRS 15.116(b)",
        Aim.NEITHER,
        keys=_KEYS,
        roles=(RECOMPUTED,),
        parts=(Part(RELEASED_FROM_OPENING, of=RECOMPUTED, roles=(RECOMPUTED,)),),
        variants=("contract_liability", "revenue"),
    ),
    Metric(
        "revenue_from_earlier_work",
        "Revenue from work of earlier months",
        "Revenue of the month that work of earlier months earned: a price, an estimate or a rate changed, or the work "
        "was approved late.",
        "the part of each obligation's revenue that its progress before the month accounts for",
        Unit.MONEY,
        _OWNER,
        "ASC 606-10-50-12A; IFRS 15.116(c)",
        Aim.NEITHER,
        keys=_KEYS,
        roles=(RECOMPUTED,),
        parts=(Part(OF_EARLIER_WORK, of=RECOMPUTED, roles=(RECOMPUTED,)),),
        variants=("revenue", "revenue_adjustment_amount"),
    ),
    _balance(
        "refund_liability",
        "Refund liability",
        "Billed or received, and expected to be given back.",
        "ASC 606-10-32-10",
        _booked.RL_LEDGER,
        Aim.LOWER,
    ),
    Metric(
        "unbilled",
        "Unbilled",
        "Revenue ahead of billing: unbilled receivables and contract assets together.",
        "unbilled receivable + contract asset",
        Unit.MONEY,
        _OWNER,
        "ASC 606-10-45-3 for the contract asset",
        Aim.LOWER,
        keys=_KEYS,
        roles=("GL", RECOMPUTED),
        parts=(
            Part(_booked.UR_LEDGER, span=Span.TO_DATE, roles=("GL",)),
            Part(_booked.CA_LEDGER, span=Span.TO_DATE, roles=("GL",)),
            at_month_end("unbilled_receivable"),
            at_month_end("contract_asset"),
        ),
        variants=("unbilled_receivable", "contract_asset"),
    ),
    Metric(
        "receivable",
        "Billed receivable",
        "Invoiced and not paid, tax included.",
        "posted invoices - credit memos - cash applied, tax included; general ledger: postings to receivables",
        Unit.MONEY,
        Queue.FINANCE_OPERATIONS,
        "Posted documents of the book of record",
        Aim.LOWER,
        keys=_KEYS,
        roles=("ERP", "GL", RECOMPUTED),
        parts=(
            Part(_booked.INVOICED_GROSS, span=Span.TO_DATE, roles=("ERP",)),
            Part(_booked.CASH, -1, Span.TO_DATE, roles=("ERP",)),
            Part(_booked.AR_LEDGER, span=Span.TO_DATE, roles=("GL",)),
            at_month_end("receivable"),
        ),
    ),
    Metric(
        "dso_billed",
        "Days sales outstanding, billed",
        "How many days of revenue are invoiced and not paid.",
        f"billed receivable / revenue of the month and the two before it x {_DAYS_OF_SALES}; the receivable "
        "includes tax",
        Unit.DAYS,
        Queue.FINANCE_OPERATIONS,
        "Management measure; practice differs on what is included",
        Aim.LOWER,
        keys=_KEYS,
        roles=("ERP",),
        parts=(
            Part(_booked.INVOICED_GROSS, span=Span.TO_DATE),
            Part(_booked.CASH, -1, Span.TO_DATE),
        ),
        divisor=(Part(_booked.REVENUE, span=Span.QUARTER, of="REVREC"),),
        shape=Shape.RATIO,
        in_days=True,
        variants=("dso_net",),
    ),
    Metric(
        "dso_net",
        "Days sales outstanding, net of unbilled and deferred",
        "How many days of revenue wait for cash, work not yet billed included and advances taken off.",
        "(billed receivable + unbilled receivable + contract asset - contract liability) / revenue of the "
        "month and the "
        f"two before it x {_DAYS_OF_SALES}",
        Unit.DAYS,
        Queue.FINANCE_OPERATIONS,
        "Management measure; practice differs on what is included",
        Aim.LOWER,
        keys=_KEYS,
        roles=("ERP",),
        parts=(
            Part(_booked.INVOICED_GROSS, span=Span.TO_DATE),
            Part(_booked.CASH, -1, Span.TO_DATE),
            Part(_booked.UR_LEDGER, span=Span.TO_DATE, of="GL"),
            Part(_booked.CA_LEDGER, span=Span.TO_DATE, of="GL"),
            Part(_booked.CL_LEDGER, -1, Span.TO_DATE, of="GL"),
        ),
        divisor=(Part(_booked.REVENUE, span=Span.QUARTER, of="REVREC"),),
        shape=Shape.RATIO,
        in_days=True,
        variants=("dso_billed",),
    ),
)
