"""What the corrections of time have in common: the calls that take time back, charge it anew, or move it.

What is not billed is corrected where it stands. What is billed is never edited: too much is credited on its invoice
line with the reason BILLING_ERROR, and a person then takes the charge down by as much; too little gets a further
charge. A draft of an invoice is changed by a person. Each function is the `plan` of a rule: a select of calls over
the rule's standing breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
        _change("amount", f"{_MONEY}b.charged_amount{_AS}", "0", "charge", "b.charge_ref"),
        _change("approvalstatus", "'3'", "'4'", "timebill", "b.erp_id"),
    ]

    def plan(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
        calls = [
            _call(
                0,
                kind,
                "time_entry",
                variant,
                "b.erp_id",
                where=_billing("b", "open"),
                reason=reason,
                changes=[_change("approvalstatus", "'3'", "'4'" if not variant else "null")],
                precondition=[_equals("approvalstatus", "'3'")],
            ),
            *_credited(_billing("b", "billed"), f"{_MONEY}b.charged_amount{_AS}", reason, off),
            _call(
                3, "ROUTE", "time_entry", "draft", "b.erp_id", where=_billing("b", "draft"), reason=reason, changes=off
            ),
        ]
        return _union(calls, breaks)

    return plan


def re_rate(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Charge time at the agreed rate: the charge itself while it is not billed, a credit or a further charge after."""
    reason = "{hours} h of {work_on} are charged {applied_amount}, agreed are {contract_amount}"
    new = f"{_MONEY}(c.charged_amount + {_DUE}){_AS}"
    anew = [
        _change("amount", f"{_MONEY}c.charged_amount{_AS}", new, "charge", "c.charge_ref"),
        _change("rate", "null", f"{_MONEY}b.contract_rate{_AS}", "charge", "c.charge_ref"),
    ]
    is_open, is_draft, is_billed = (_billing("c", state) for state in ("open", "draft", "billed"))
    more = f"({is_billed} or {is_open} and c.charges > 1)"
    by_hand = f"c.charge_ref is not null and ({is_draft} or {is_open} and c.charges > 1 and {_DUE} < 0)"
    calls = [
        _call(
            0,
            "RE_RATE",
            "billing_event",
            "",
            "c.charge_ref",
            where=f"{is_open} and c.charges = 1",
            object_="charge",
            reason=reason,
            values={"hourly_rate": f"{_MONEY}b.contract_rate{_AS}", "event_amount": new},
            changes=[_change("amount", f"{_MONEY}c.charged_amount{_AS}", new)],
            precondition=[("stage", "eq", "'Ready'")],
        ),
        _further_charge(1, f"{_DUE} > 0 and {more}", reason),
        *_credited(f"{_DUE} < 0 and {is_billed}", f"{_MONEY}(-({_DUE})){_AS}", reason, anew, first=2, source="c"),
        _call(4, "ROUTE", "billing_event", "draft", "c.charge_ref", where=by_hand, reason=reason, changes=anew),
    ]
    return _union(calls, breaks, charged=True)


def move_entity(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Post time in the right company: reversed and posted again while unbilled and its month open, else a task."""
    open_month = "(select min(open_period) from intermediate.int_accounting_period__now)"
    is_open = f"strftime(cast(b.work_on as date), '%Y-%m') >= {open_month}"
    free = f"b.invoice_ref is null and {is_open}"
    reason = "the time of {work_on} belongs to the company that employed the person"
    calls = [
        _call(
            0,
            "REVERSE_AND_REPOST",
            "time_entry",
            "delete",
            "b.erp_id",
            where=free,
            reason=reason,
            changes=[_change("subsidiary", "p.legal_entity_ref", "null")],
            precondition=[_equals("subsidiary", "p.legal_entity_ref")],
        ),
        _call(
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
            changes=[_change("subsidiary", "null", "home.source_id")],
        ),
        _call(
            2,
            "ROUTE",
            "time_entry",
            "entity",
            "b.erp_id",
            where=f"not ({free})",
            reason=reason,
            queue="'finance_operations'",
            changes=[_change("subsidiary", "p.legal_entity_ref", "home.source_id", "timebill", "b.erp_id")],
        ),
    ]
    return _union(calls, breaks, posted=True)


def send_time(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Send approved time again: as a new line, or as what the line ought to say; billed hours get a further charge."""
    missing, other = "b.break_type = 'missing_right'", "b.break_type in ('quantity', 'date', 'classification')"
    less = "b.break_type = 'quantity' and cast(b.erp_hours as decimal(18,8)) > cast(b.hours as decimal(18,8))"
    reason = "{hours} h of {work_on} were approved; the ledger has {erp_hours}"
    billed, draft = _billing("c", "billed"), _billing("c", "draft")
    charge = _change(
        "amount",
        f"{_MONEY}c.charged_amount{_AS}",
        f"{_MONEY}(c.charged_amount - b.variance){_AS}",
        "charge",
        "c.charge_ref",
    )
    calls = [
        _call(
            0,
            "REPLAY",
            "time_entry",
            "",
            "null",
            where=f"{missing} and job.source_id is not null",
            reason=reason,
            external="'KAN-TE-' || b.time_entry_key",
            values=_time_values("null"),
            changes=[_change("hours", "null", _HOURS)],
            precondition=[("externalid", "absent", "null")],
            held_by="K08",
        ),
        _call(
            1,
            "REPLAY",
            "time_entry",
            "approve",
            "b.erp_id",
            where="b.break_type = 'state'",
            reason=reason,
            changes=[_change("approvalstatus", "null", "'3'")],
        ),
        _call(
            2,
            "REPLAY",
            "time_entry",
            "",
            "null",
            where=f"{other} and not ({less} and {billed})",
            reason=reason,
            external="'KAN-TE-' || b.time_entry_key",
            values=_time_values("p.first_posted_at"),
            changes=[_change("hours", "b.erp_hours", _HOURS)],
        ),
        _further_charge(3, f"b.break_type = 'quantity' and {billed} and not ({less})", reason, due=_MORE, after="[2]"),
        *_credited(
            f"{less} and {billed}",
            f"{_MONEY}abs(b.variance){_AS}",
            reason,
            [
                charge,
                _change(
                    "hours", "b.erp_hours", "cast(cast(b.hours as decimal(18,4)) as varchar)", "timebill", "b.erp_id"
                ),
            ],
            first=4,
            source="c",
        ),
        _call(
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
    return _union(calls, breaks, charged=True, posted=True)


def expenses(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Send an approved expense again as a report of one line; a second copy is voided by accounts payable."""
    calls = [
        _call(
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
            changes=[_change("amount", "null", f"{_MONEY}abs(b.variance){_AS}")],
        ),
        _call(
            1,
            "ROUTE",
            "expense",
            "duplicate",
            "b.erp_report",
            where="b.break_type = 'duplicate'",
            object_="expenseReport",
            bundle="b.erp_report",
            reason="the report stands in the ledger twice: reverse the second one",
            changes=[_change("voided", "'F'", "'T'", "expenseReport", "b.erp_report")],
        ),
        _call(
            2,
            "ROUTE",
            "expense",
            "amount",
            "b.right_record",
            where="b.break_type in ('amount', 'classification', 'state')",
            object_="transactionline",
            reason="bring the line of the expense report to what was approved",
            changes=[
                _change("b.field", "b.right_value", "b.left_value", "transactionline", "b.right_record", named=False)
            ],
        ),
    ]
    return _union(calls, breaks)


def true_up(con: Any, breaks: str) -> str:  # noqa: ARG001 - the signature of a planner
    """Ask the revenue accountant to put the rule right and to update the plans: the difference is a catch-up now."""
    calls = [
        _call(
            0,
            "TRUE_UP",
            "agreement",
            "",
            "b.obligation_ref",
            object_="revenueelement",
            reason="put the charge rule on the revenue rule and update the plans: a catch-up in the open month",
            wanted="b.period",
            changes=[
                _change(
                    "catchup",
                    f"{_MONEY}b.right_value{_AS}",
                    f"{_MONEY}b.left_value{_AS}",
                    "revenueelement",
                    "b.obligation_ref",
                )
            ],
        )
    ]
    return _union(calls, breaks)


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
    return _call(
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
        changes=[_change("amount", "null", f"{_MONEY}{due}{_AS}")],
    )


def _credited(
    where: str, amount: str, reason: str, changes: list[str], *, first: int = 1, source: str = "b"
) -> list[str]:
    """A credit memo of the excess, all of one invoice together, and then the charge taken down by as much."""
    invoice, line = f"{source}.invoice_ref", f"{source}.invoice_line_ref"
    return [
        _call(
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
            changes=[_change("'credit of time ' || b.erp_id", "null", amount, "transactionline", line, named=False)],
        ),
        _call(
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


def _change(field: str, before: str, after: str, object_: str = "", record: str = "", *, named: bool = True) -> str:
    where = f"'object', '{object_}', 'id', {record}, " if object_ else ""
    name = f"'{field}'" if named else field
    return f"json_object({where}'field', {name}, 'from', {before}, 'to', {after})"


def _equals(field: str, value: str) -> tuple[str, str, str]:
    return (field, "eq", value)


def _call(
    number: int,
    kind: str,
    entity: str,
    variant: str,
    record: str,
    *,
    reason: str,
    where: str = "true",
    object_: str = "timebill",
    external: str = "null",
    values: Mapping[str, str] | None = None,
    precondition: list[tuple[str, str, str]] | None = None,
    changes: list[str] | None = None,
    bundle: str = "b.break_id",
    line: Mapping[str, str] | None = None,
    wanted: str = "null",
    after: str = "[]",
    queue: str = "b.owner",
    held_by: str = "",
) -> str:
    """One kind of call as a select over the breaks `b` and what is joined to them.

    A consequence gets no call, unless its root is a break of the check `held_by`: then the call comes after the root's.
    """
    filled = ", ".join(f"'{name}', {sql}" for name, sql in (values or {}).items())
    listed = ", ".join(f"'{name}', {sql}" for name, sql in (line or {}).items())
    held = ", ".join(
        f"json_object('field', '{name}', 'op', '{operator}', 'value', {value})"
        for name, operator, value in precondition or []
    )
    guard = "coalesce(b.root_id, b.break_id) = b.break_id"
    if held_by:
        guard = f"({guard} or b.root_id in (select break_id from recon.breaks where check_id = '{held_by}'))"
    return (
        f"select b.break_id, b.evidence_hash, b.correlation_id, b.owner, '{kind}' as kind, '{entity}' as entity, "
        f"'{variant}' as variant, '' as compensation, erp.connection, '{object_}' as object, "
        f"cast({record} as varchar) as record_id, cast({external} as varchar) as external_id, "
        f"json_object({filled}) as vals, json_array({held}) as precondition, "
        f"json_array({', '.join(changes or [])}) as changes, {_sentence(reason)} as reason, "
        "cast(coalesce(abs(b.variance), 0) as decimal(18,4)) as impact, b.currency, "
        f"cast({wanted} as varchar) as wanted, cast({bundle} as varchar) as bundle, "
        f"{f'json_object({listed})' if line else 'cast(null as json)'} as line, {queue} as queue, "
        f"{number} as correction, "
        f"cast({after} as integer[]) as after, "
        f"case when b.root_id <> b.break_id then b.root_id end as waits_for from {{from_}} where {guard} and ({where})"
    )


def _sentence(template: str) -> str:
    import re

    pieces = re.split(r"\{([a-z_]+)\}", template)
    parts = [
        f"coalesce(cast(b.{piece} as varchar), '-')" if n % 2 else f"'{piece}'"
        for n, piece in enumerate(pieces)
        if piece
    ]
    return f"concat({', '.join(parts)})"


_LINK = (
    " left join (select enterprise_id, connection, min(source_id) as source_id from intermediate.int_links "
    "where entity = '{entity}' group by all) as {name} "
    "on {name}.connection = erp.connection and {name}.enterprise_id = {key}"
)


def _union(calls: list[str], breaks: str, *, charged: bool = False, posted: bool = False) -> str:
    """All calls over the breaks, with the ledger's own ids of people, projects, companies and currencies."""
    from_ = (
        f"{breaks} as b join (select x.break_id, coalesce(min(s.connection), min(x.at_fault)) as connection "
        f"from {breaks} as x left join recon.break_sides as s on s.break_id = x.break_id "
        "and s.role in ('ERP', 'REVREC') group by x.break_id) as erp "
        "on erp.break_id = b.break_id"
        + _LINK.format(entity="person", name="person", key="b.person_id")
        + _LINK.format(entity="project", name="job", key="b.project_id")
        + _LINK.format(entity="legal_entity", name="home", key="b.payload ->> '$.home_legal_entity_id'")
        + " left join intermediate.int_currency__ids as money on money.connection = erp.connection "
        "and money.currency = b.currency"
    )
    if charged:
        from_ += (
            " left join intermediate.int_time_entry__charged as c on c.connection = erp.connection "
            "and c.time_ref = b.payload ->> '$.erp_id'"
        )
    if posted:
        from_ += (
            " left join intermediate.int_time_entry__posted as p on p.connection = erp.connection "
            "and p.source_id = b.payload ->> '$.erp_id'"
        )
    return " union all ".join(call.replace("{from_}", from_) for call in calls)
