"""K17: time that was done in a month and is not approved at its cut-off is accrued at the month's end.

Revenue is earned when the work is done; finance receives approved time only. Per project, at the end of the last month
with a revenue run and while that month is open: billable time on time-and-materials lines that was done in the month,
is submitted and was not approved at the cut-off, at its rate; against what stands on finance's account of
accrued time. One line per project, reversed on the first day of the next month, so that a month's accrual is all that
stands there; the unapproved entries themselves are never posted. The accounts are finance's own and no part of
recognised revenue (K46). An estimate: within 1.00.
Usual cause: a project left out of the accrual, time submitted after it was made, an accrual that was never reversed.
The fix is finance's: an accrual of the difference on the last day of that month, after its cut-off and before its books
are closed, with the reversal on the next day; what is accrued too much is compared with the submitted time by a person.
Money: late value that is not accrued, or accrued too much.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import T2, BreakType, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._calls import account, call, change, union

__all__ = ["RULE"]

_ROWS = "revenue.accrued_time"
_MISSING = "cast(-b.variance as decimal(18,2))"
_NEXT = "strftime(cast(b.period || '-01' as date) + interval 1 month, '%Y-%m-%d')"
_LAST = "strftime(cast(b.period || '-01' as date) + interval 1 month - interval 1 day, '%Y-%m-%d')"


def _line(role: str, side: str) -> str:
    """A line of the journal, on the project."""
    return (
        f"json_object('account', json_object('id', {account(role)}), '{side}', {_MISSING}, "
        "'entity', json_object('id', job.source_id))"
    )


def _plan(_con: Any, breaks: str) -> str:
    """A journal per project for what is missing, with the day it reverses; a task for what is too much."""
    known = " and ".join(f"{account(role)} is not null" for role in ("accrued_time", "accrued_revenue"))
    is_short = f"b.variance < 0 and job.source_id is not null and {known}"
    calls = [
        call(
            0,
            "ACCRUE",
            "journal_line",
            "",
            "null",
            where=is_short,
            object_="journalEntry",
            reason="accrue the unapproved time of {project_code} for {period}; it reverses on the next day",
            values={
                "subsidiary_id": "home.source_id",
                "currency_id": "money.currency_id",
                "exchange_rate": "(select max(o.exchange_rate) from intermediate.int_obligation__claims as o "
                "where o.agreement_id = b.agreement_id and not o.is_return)",
                "accrued_on": _LAST,
                "reversal_on": _NEXT,
                "lines": f"json_array({_line('accrued_time', 'debit')}, {_line('accrued_revenue', 'credit')})",
            },
            changes=[
                change("accrued time", "cast(cast(b.right_value as decimal(18,4)) as decimal(18,2))",
                       "cast(cast(b.left_value as decimal(18,4)) as decimal(18,2))")
            ],
        ),
        call(
            1,
            "ROUTE",
            "journal_line",
            "accrual",
            "b.project_id",
            where=f"b.variance < 0 and not coalesce({is_short}, false)",
            object_="journalEntry",
            reason="accrue the unapproved time of {project_code} for {period} by hand: the ledger lacks the project "
            "or an account whose role is accrued_time or accrued_revenue",
        ),
        call(
            2,
            "ROUTE",
            "journal_line",
            "accrual",
            "b.project_id",
            where="b.variance > 0",
            object_="journalEntry",
            reason="compare the accrual of {project_code} for {period} with its submitted time: reverse the excess",
        ),
    ]  # fmt: skip
    return union(calls, breaks)


RULE = Rule(
    check="K17",
    name="time_cut_off",
    entity="project",
    shape=Shape.TOTAL,
    left=Side("PSA", _ROWS, where="not is_booked", amount="amount"),
    right=Side("ERP", _ROWS, where="is_booked", amount="amount"),
    on=("project_id",),
    tolerance=T2,
    break_type=BreakType.AMOUNT,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count) > 0 then 'quarantined' "
    "when other.project_id is null or coalesce(other.amount, 0) = 0 then 'not accrued' "
    "when reference.project_id is null then 'accrual not reversed' else 'another estimate' end",
    facts={
        "agreement_id": "coalesce(reference.agreement_id, other.agreement_id)",
        "customer_id": "coalesce(reference.customer_id, other.customer_id)",
        "legal_entity_id": "coalesce(reference.legal_entity_id, other.legal_entity_id)",
        "period": "coalesce(reference.period, other.period)",
    },
    payload={
        "hours": "reference.hours",
        "home_legal_entity_id": "coalesce(reference.legal_entity_id, other.legal_entity_id)",
    },
    requires=(
        ("PSA", "time_entry"),
        ("PSA", "project"),
        ("ERP", "journal_line"),
        ("ERP", "project"),
        ("CRM", "agreement_line"),
        ("CRM", "rate"),
    ),
    caused_by=(("K08", "project_id"), ("K09", "agreement_id"), ("K11", "agreement_id")),
    title="{project_code}, {period}: {left_value} of time not approved in time, {right_value} accrued ({money})",
    plan=_plan,
)
