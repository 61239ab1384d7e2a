"""What the corrections of time have in common: the calls that take time back, charge it anew, or move it.

What is not billed is corrected where it stands. What is billed is never edited: too much is credited on its invoice
line with the reason BILLING_ERROR, and a person then takes the charge down by as much; too little gets a further
charge. A draft of an invoice is changed by a person. Each function is the `plan` of a rule: a select of calls over
the rule's standing breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from reconcile.rules._calls import call, change, equals, union

__all__ = ["VALUE_RATE", "expenses", "move_entity", "re_rate", "send_time", "take_back", "true_up", "worth_of"]

#: The rate an entry of the PSA is valued with.
VALUE_RATE = "case when not is_billable then 0 when is_at_contract_rate then contract_rate else hourly_rate end"

Planner = Callable[[Any, str], str]

_CHARGE = ("charge_ref", "charged_amount", "invoice_ref", "invoice_line_ref", "billing_state")


def _billing(source: str, state: str) -> str:
    """Whether a time record is `open`, on a `draft`, or `billed`."""
    return f"coalesce({source}.billing_state, 'open') = '{state}'"


def worth_of(side: str) -> Mapping[str, str]:
    """Names of a payload: what was charged for a time record, and where it was billed."""
    return {name: f"{side}.{name}" for name in _CHARGE}


def take_back(kind: str, variant: str, reason: str) -> Planner:
    """A planner that takes time out of the ledger: at once while it is unbilled, else credited and then rejected."""

    off = [
        change("amount", f"{_MONEY}b.charged_amount{_AS}", "0", "charge", "b.charge_ref"),
        change("approvalstatus", "'3'", "'4'", "timebill", "b.erp_id"),
    ]

    def plan(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
        calls = [
            call(
                0,
                kind,
                "time_entry",
                variant,
                "b.erp_id",
                where=_billing("b", "open"),
                reason=reason,
                changes=[change("approvalstatus", "'3'", "'4'" if not variant else "null")],
                precondition=[equals("approvalstatus", "'3'")],
            ),
            *_credited(_billing("b", "billed"), f"{_MONEY}b.charged_amount{_AS}", reason, off),
            call(
                3, "ROUTE", "time_entry", "draft", "b.erp_id", where=_billing("b", "draft"), reason=reason, changes=off
            ),
        ]
        return union(calls, breaks)

    return plan


def re_rate(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Charge time at the agreed rate: the charge itself while it is not billed, a credit or a further charge after."""
    reason = "{hours} h of {work_on} are charged {applied_amount}, agreed are {contract_amount}"
    new = f"{_MONEY}(c.charged_amount + {_DUE}){_AS}"
    anew = [
        change("amount", f"{_MONEY}c.charged_amount{_AS}", new, "charge", "c.charge_ref"),
        change("rate", "null", f"{_MONEY}b.contract_rate{_AS}", "charge", "c.charge_ref"),
    ]
    is_open, is_draft, is_billed = (_billing("c", state) for state in ("open", "draft", "billed"))
    more = f"({is_billed} or {is_open} and c.charges > 1)"
    by_hand = f"c.charge_ref is not null and ({is_draft} or {is_open} and c.charges > 1 and {_DUE} < 0)"
    calls = [
        call(
            0,
            "RE_RATE",
            "billing_event",
            "",
            "c.charge_ref",
            where=f"{is_open} and c.charges = 1",
            object_="charge",
            reason=reason,
            values={"hourly_rate": f"{_MONEY}b.contract_rate{_AS}", "event_amount": new},
            changes=[change("amount", f"{_MONEY}c.charged_amount{_AS}", new)],
            precondition=[("stage", "eq", "'Ready'")],
        ),
        _further_charge(1, f"{_DUE} > 0 and {more}", reason),
        *_credited(f"{_DUE} < 0 and {is_billed}", f"{_MONEY}(-({_DUE})){_AS}", reason, anew, first=2, source="c"),
        call(4, "ROUTE", "billing_event", "draft", "c.charge_ref", where=by_hand, reason=reason, changes=anew),
    ]
    return union(calls, breaks, charged=True)


def move_entity(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Post time in the right company: reversed and posted again while unbilled and its month open, else a task.

    A project of the wrong company is always a task.
    """
    open_month = "(select min(open_period) from intermediate.int_accounting_period__now)"
    is_open = f"strftime(cast(b.work_on as date), '%Y-%m') >= {open_month}"
    is_person = "b.field = 'legal_entity_id'"
    free = f"{is_person} and b.invoice_ref is null and {is_open}"
    reason = "the time of {work_on} belongs to the company that employed the person"
    calls = [
        call(
            0,
            "REVERSE_AND_REPOST",
            "time_entry",
            "delete",
            "b.erp_id",
            where=free,
            reason=reason,
            changes=[change("subsidiary", "p.legal_entity_ref", "null")],
            precondition=[equals("subsidiary", "p.legal_entity_ref")],
        ),
        call(
            1,
            "REVERSE_AND_REPOST",
            "time_entry",
            "repost",
            "null",
            where=free,
            reason=reason,
            external="'KAN-TE-' || b.time_entry_key",
            after="[0]",
            values=_time_values("p.first_posted_at"),
            changes=[change("subsidiary", "null", "home.source_id")],
        ),
        call(
            2,
            "ROUTE",
            "time_entry",
            "entity",
            "b.erp_id",
            where=f"{is_person} and not ({free})",
            reason=reason,
            queue="'finance_operations'",
            changes=[change("subsidiary", "p.legal_entity_ref", "home.source_id", "timebill", "b.erp_id")],
        ),
        call(
            3,
            "ROUTE",
            "time_entry",
            "entity",
            "b.erp_id",
            where=f"not ({is_person})",
            reason="move the time of {work_on} to a project of the company that signed {agreement_number}",
            queue="'finance_operations'",
        ),
    ]
    return union(calls, breaks, posted=True)


def send_time(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Send approved time again: as a new line, or as what the line ought to say; billed hours get a further charge."""
    missing, other = "b.break_type = 'missing_right'", "b.break_type in ('quantity', 'date', 'classification')"
    less = "b.break_type = 'quantity' and cast(b.erp_hours as decimal(18,8)) > cast(b.hours as decimal(18,8))"
    reason = "{hours} h of {work_on} were approved; the ledger has {erp_hours}"
    billed, draft = _billing("c", "billed"), _billing("c", "draft")
    charge = change(
        "amount",
        f"{_MONEY}c.charged_amount{_AS}",
        f"{_MONEY}(c.charged_amount - b.variance){_AS}",
        "charge",
        "c.charge_ref",
    )
    calls = [
        call(
            0,
            "REPLAY",
            "time_entry",
            "",
            "null",
            where=f"{missing} and job.source_id is not null",
            reason=reason,
            external="'KAN-TE-' || b.time_entry_key",
            values=_time_values("null"),
            changes=[change("hours", "null", _HOURS)],
            precondition=[("externalid", "absent", "null")],
            held_by="K08",
        ),
        call(
            1,
            "REPLAY",
            "time_entry",
            "approve",
            "b.erp_id",
            where="b.break_type = 'state'",
            reason=reason,
            changes=[change("approvalstatus", "null", "'3'")],
        ),
        call(
            2,
            "REPLAY",
            "time_entry",
            "",
            "null",
            where=f"{other} and not ({less} and {billed})",
            reason=reason,
            external="'KAN-TE-' || b.time_entry_key",
            values=_time_values("p.first_posted_at"),
            changes=[change("hours", "b.erp_hours", _HOURS)],
        ),
        _further_charge(3, f"b.break_type = 'quantity' and {billed} and not ({less})", reason, due=_MORE, after="[2]"),
        *_credited(
            f"{less} and {billed}",
            f"{_MONEY}abs(b.variance){_AS}",
            reason,
            [
                charge,
                change(
                    "hours", "b.erp_hours", "cast(cast(b.hours as decimal(18,4)) as varchar)", "timebill", "b.erp_id"
                ),
            ],
            first=4,
            source="c",
        ),
        call(
            6,
            "ROUTE",
            "billing_event",
            "draft",
            "c.charge_ref",
            where=f"b.break_type = 'quantity' and {draft} and b.variance <> 0",
            reason=reason,
            after="[2]",
            changes=[charge],
        ),
    ]
    return union(calls, breaks, charged=True, posted=True)


def expenses(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Send an approved expense again as a report of one line; a second copy is voided by accounts payable."""
    calls = [
        call(
            0,
            "REPLAY",
            "expense",
            "",
            "null",
            where="b.break_type = 'missing_right' and job.source_id is not null",
            object_="expenseReport",
            external="'KAN-EX-' || b.expense_key",
            wanted="b.spent_on",
            reason="an approved expense of {spent_on} is not in the ledger",
            values={"employee_id": "person.source_id"},
            line={
                "expenseDate": "b.spent_on",
                "amount": f"{_MONEY}abs(b.variance){_AS}",
                "currency": "json_object('id', money.currency_id)",
                "customer": "json_object('id', job.source_id)",
                "isBillable": "cast(b.is_billable as boolean)",
                "memo": "b.category",
                "custcol_psa_expense_id": "b.expense_key",
            },
            changes=[change("amount", "null", f"{_MONEY}abs(b.variance){_AS}")],
        ),
        call(
            1,
            "ROUTE",
            "expense",
            "duplicate",
            "b.erp_report",
            where="b.break_type = 'duplicate'",
            object_="expenseReport",
            bundle="b.erp_report",
            reason="the report stands in the ledger twice: reverse the second one",
            changes=[change("voided", "'F'", "'T'", "expenseReport", "b.erp_report")],
        ),
        call(
            2,
            "ROUTE",
            "expense",
            "amount",
            "b.right_record",
            where="b.break_type in ('amount', 'classification', 'state')",
            object_="transactionline",
            reason="bring the line of the expense report to what was approved",
            changes=[
                change("b.field", "b.right_value", "b.left_value", "transactionline", "b.right_record", named=False)
            ],
        ),
    ]
    return union(calls, breaks)


def true_up(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Ask the revenue accountant to put the rule right and to update the plans: the difference is a catch-up now."""
    calls = [
        call(
            0,
            "TRUE_UP",
            "agreement",
            "",
            "b.obligation_ref",
            where="b.obligation_ref is not null",
            object_="revenueelement",
            reason="put the charge rule on the revenue rule and update the plans: a catch-up in the open month",
            wanted="b.period",
            changes=[
                change(
                    "catchup",
                    f"{_MONEY}b.right_value{_AS}",
                    f"{_MONEY}b.left_value{_AS}",
                    "revenueelement",
                    "b.obligation_ref",
                )
            ],
        )
    ]
    return union(calls, breaks)


# -- pieces ----------------------------------------------------------------------------------------------------------

_MONEY, _AS = "cast(cast(", " as decimal(18,4)) as decimal(18,2))"
#: What is still to be charged, negative when too much was.
_DUE = "(cast(b.contract_amount as decimal(18,4)) - cast(b.applied_amount as decimal(18,4)))"
_MORE = "(abs(b.variance))"
_MINUTES = "cast(round(cast(b.hours as decimal(18,8)) * 60, 0) as bigint)"
_HOURS = f"({_MINUTES} // 60) || ':' || lpad(cast({_MINUTES} % 60 as varchar), 2, '0')"


def _time_values(first_posted: str) -> dict[str, str]:
    """What a time record of the ledger is made from."""
    return {
        "employee_id": "person.source_id",
        "job_id": "job.source_id",
        "task_id": "b.task_ref",
        "hours": _HOURS,
        "work_on": "b.work_on",
        "is_billable": "cast(b.is_billable as boolean)",
        "subsidiary_id": "home.source_id",
        "time_entry_id": "b.time_entry_key",
        "first_posted_on": first_posted,
    }


def _further_charge(number: int, where: str, reason: str, *, due: str = _DUE, after: str = "[]") -> str:
    """A further charge for a time record that is billed already."""
    key = "'TIE-' || lower(substr(md5(concat_ws('|', b.break_id, b.evidence_hash)), 1, 16))"
    return call(
        number,
        "TRUE_UP",
        "billing_event",
        "",
        "null",
        where=where,
        object_="charge",
        reason=reason,
        external=key,
        after=after,
        wanted="b.work_on",
        values={
            "time_ref": "b.erp_id",
            "job_id": "c.project_ref",
            "hours": "cast(0 as decimal(18,4))",
            "hourly_rate": f"{_MONEY}c.charged_rate{_AS}",
            "event_amount": f"{_MONEY}{due}{_AS}",
            "currency_id": "money.currency_id",
            "order_ref": "c.order_ref",
        },
        changes=[change("amount", "null", f"{_MONEY}{due}{_AS}")],
    )


def _credited(
    where: str, amount: str, reason: str, changes: list[str], *, first: int = 1, source: str = "b"
) -> list[str]:
    """A credit memo of the excess, all of one invoice together, and then the charge taken down by as much."""
    invoice, line = f"{source}.invoice_ref", f"{source}.invoice_line_ref"
    return [
        call(
            first,
            "CREDIT_AND_REBILL",
            "time_entry",
            "",
            invoice,
            where=where,
            object_="invoice",
            reason=reason,
            bundle=invoice,
            values={"credit_reason": "'BILLING_ERROR'"},
            wanted="b.posting_date",
            line={"custcol_credited_line": line, "amount": amount, "needsRevenueElement": "false"},
            changes=[change("'credit of time ' || b.erp_id", "null", amount, "transactionline", line, named=False)],
        ),
        call(
            first + 1,
            "ROUTE",
            "time_entry",
            "credited",
            "b.erp_id",
            where=where,
            reason=reason,
            after=f"[{first}]",
            changes=changes,
        ),
    ]
