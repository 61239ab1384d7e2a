"""K22: work of one legal entity on an agreement of another is recharged, on both sides, at the intercompany rate.

Per pair of entities, project and month: approved hours of people whom the performing entity employed on the day, on
lines of an agreement that another entity signed, times the rate that finance agreed for the pair in that month. Against
it stands what the month's intercompany journals posted: the receivable of the performing entity and the payable of the
contracting one. Both must be there, at the same amount, and the books of either must have it at the month end's rate of
exchange; within 1.00. Time counts in the month whose cut-off was still ahead when it was approved.
Usual cause: no rule for a new project or pair, a rate of last year, a journal of which only one half was posted. Hours
without an agreed rate are reported without an amount, never at a guess.
The fix posts what is missing on either side, dated on the last day of that month; where the month is closed, in the
open one. What stands at another rate of exchange, and hours without a rate, are a person's to settle.
Money: hours x intercompany rate, or by how much either side differs from it, in the currency of the rate.
"""

from __future__ import annotations

from typing import Any

from reconcile.coverage import SETTING
from reconcile.rule import (
    T2,
    BreakType,
    Evidence,
    Field,
    MoneyKind,
    Nulls,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Tolerance,
)
from reconcile.rules._calls import call, change, ledger_of, union

__all__ = ["RULE"]

_ROWS = "revenue.recharges"
_LINES = "intermediate.int_ledger__recharges"
_KEY = ("performing_entity_id", "contracting_entity_id", "project_id", "period")


def _agrees(name: str, due: str) -> str:
    """What a side has is what is due, within the tolerance."""
    return f"abs(other.{name} - reference.{due}) <= greatest(1.00, minor_unit)"


#: Every line is rounded in its books; a currency of large units shows that when it is taken back.
_EXCHANGED = Tolerance.absolute("greatest(1.00, minor_unit * coalesce(other.line_count, 1))")
_RECEIVABLE_AGREES = _agrees("receivable_amount", "receivable_amount")
_BOTH_AGREE = f"{_RECEIVABLE_AGREES} and {_agrees('payable_amount', 'payable_amount')}"
#: Both sides have more than is due, as an entry that is gone leaves them.
_SURPLUS = (
    "least(other.receivable_amount, other.payable_amount) > "
    "case when reference.project_id is null then 0 else reference.receivable_amount end"
)
_PAYABLE_MEETS = _agrees("payable_at_rate_amount", "payable_amount")


#: What the journal of a break needs, each as a column: the other company, accounts, period, what is due and booked.
#: The journal goes to the month of the work while that is open, else to the open one.
_JOURNALS = """
create or replace temp table _plan_recharges as
with accounts as (
  select connection,
    min(account_id) filter (account_role = 'due_from') as due_from_ref,
    min(account_id) filter (account_role = 'due_to') as due_to_ref,
    min(account_id) filter (account_role = 'recharge_income') as income_ref,
    min(account_id) filter (account_role = 'recharge_cost') as cost_ref
  from intermediate.int_ledger__accounts group by connection
), companies as (
  select connection, enterprise_id, min(source_id) as source_id
  from intermediate.int_links where entity = 'legal_entity' and is_current group by connection, enterprise_id
), periods as (
  select connection, period, min(source_id) as source_id, bool_or(not is_closed) as is_open
  from intermediate.int_accounting_period__claims where claim_state = 'ok' group by connection, period
)
select b.*, contractor.source_id as contractor_ref, accounts.* exclude (connection),
  case when now.connection is not null then case when own.is_open then own.source_id else open.source_id end end
    as period_ref,
  cast(b.payload ->> '$.due_amount' as decimal(18,2)) as due,
  cast(b.payload ->> '$.booked_receivable' as decimal(18,2)) as received,
  cast(b.payload ->> '$.booked_payable' as decimal(18,2)) as paid
from {breaks} as b
join {ledger} as erp on erp.break_id = b.break_id
left join accounts on accounts.connection = erp.connection
left join companies as contractor on contractor.connection = erp.connection
  and contractor.enterprise_id = b.payload ->> '$.contracting_entity_id'
left join intermediate.int_accounting_period__now as now on now.connection = erp.connection
left join periods as own on own.connection = erp.connection and own.period = b.period
left join periods as open on open.connection = erp.connection and open.period = now.open_period
"""
_LAST_DAY = "(cast(b.period || '-01' as date) + interval 1 month - interval 1 day)"
_IS_RATED = "b.payload ->> '$.is_rated'"
_KNOWN = (
    "job.source_id", "home.source_id", "b.contractor_ref", "b.due_from_ref", "b.due_to_ref", "b.income_ref",
    "b.cost_ref",
)  # fmt: skip


def _line(account: str, amount: str, company: str, other: str) -> str:
    """A line of the journal in the books of a company: debit where the amount is positive, null where it is nought."""
    return (
        f"case when {amount} <> 0 then json_merge_patch('{{}}', json_object("
        f"'account', json_object('id', b.{account}_ref), "
        f"'debit', case when {amount} > 0 then {amount} end, 'credit', case when {amount} < 0 then -{amount} end, "
        f"'lineSubsidiary', json_object('id', {company}), 'dueToFromSubsidiary', json_object('id', {other}), "
        "'eliminate', true, 'entity', json_object('id', job.source_id))) end"
    )


def _journal() -> str:
    """What either side lacks: due from and income of the performing entity, cost and due to of the contracting one."""
    mine, theirs = ("home.source_id", "b.contractor_ref"), ("b.contractor_ref", "home.source_id")
    lines = [
        _line("due_from", "(b.due - b.received)", *mine),
        _line("income", "(b.received - b.due)", *mine),
        _line("cost", "(b.due - b.paid)", *theirs),
        _line("due_to", "(b.paid - b.due)", *theirs),
    ]
    return f"to_json(list_filter([{', '.join(lines)}], lambda one: one is not null))"


def _plan(con: Any, breaks: str) -> str:
    """A journal of both companies for what is missing or too much; a task where an amount is not the question."""
    con.execute(_JOURNALS.format(breaks=breaks, ledger=ledger_of(breaks)))
    is_amount = f"b.break_type in ('missing_right', 'missing_left', 'amount') and {_IS_RATED} = 'true'"
    can_post = " and ".join(f"{name} is not null" for name in _KNOWN)
    values = {
        "subsidiary_id": "home.source_id",
        "currency_id": "money.currency_id",
        "recharged_on": f"strftime({_LAST_DAY}, '%Y-%m-%d')",
        "period_ref": "b.period_ref",
        "lines": _journal(),
    }
    changes = [
        change(f"{side} of the recharge", f"b.{booked}", "b.due")
        for side, booked in (("receivable", "received"), ("payable", "paid"))
    ]
    facts: dict[str, Any] = {
        "object_": "advInterCompanyJournalEntry",
        "values": values,
        "changes": changes,
        "held_by": "K15",
    }
    pair = "{performing_entity} to {contracting_entity} for {project_code}, {period}"
    calls = [
        call(
            0, "REPLAY", "journal_line", "recharge", "null", **facts,
            where=f"{is_amount} and {can_post} and b.break_type = 'missing_right'",
            reason=f"recharge {{hours}} h of {pair}",
        ),
        call(
            1, "REVERSE_AND_REPOST", "journal_line", "recharge", "null", **facts,
            where=f"{is_amount} and {can_post} and b.break_type <> 'missing_right'",
            reason=f"bring the recharge of {pair} to what is due on both sides",
        ),
        call(
            2, "ROUTE", "journal_line", "recharge", "b.project_id", object_="advInterCompanyJournalEntry",
            where=f"{_IS_RATED} = 'false'",
            reason=f"agree an intercompany rate for {pair}: its hours have none",
        ),
        call(
            3, "ROUTE", "journal_line", "recharge", "b.project_id", object_="advInterCompanyJournalEntry",
            where=f"{_IS_RATED} = 'true' and not ({is_amount} and {can_post})",
            reason=f"compare the recharge of {pair} with its journals: only a person can put it right",
        ),
    ]  # fmt: skip
    return union(calls, "_plan_recharges")


def _either(name: str) -> str:
    return f"coalesce(reference.{name}, other.{name})"


RULE = Rule(
    check="K22",
    name="intercompany_recharge",
    entity="journal_line",
    shape=Shape.PAIR,
    left=Side("PSA", _ROWS, where="not is_booked", amount="coalesce(receivable_amount, 0)", columns={
        "is_rated": "hourly_rate is not null",
    }),
    right=Side("ERP", _ROWS, where="is_booked", amount="receivable_amount", columns={"is_rated": "true"}),
    on=_KEY,
    compare=(
        Field(
            "receivable_amount", T2, nulls=Nulls.SKIP, carries=True,
            cause="case when other.receivable_amount = 0 then 'only the contracting entity posted it' "
            "else 'recharged at another amount' end",
        ),
        Field(
            "payable_amount", T2, nulls=Nulls.SKIP, when=_RECEIVABLE_AGREES,
            money="other.payable_amount - reference.payable_amount",
            cause="case when other.payable_amount = 0 then 'only the performing entity posted it' "
            "else 'the contracting entity posted another amount' end",
        ),
        Field(
            "payable_at_rate_amount", _EXCHANGED, BreakType.FX, nulls=Nulls.SKIP, when=_BOTH_AGREE,
            money="other.payable_at_rate_amount - reference.payable_amount",
            cause="'the contracting entity posted it at another rate of exchange'",
        ),
        Field(
            "receivable_at_rate_amount", _EXCHANGED, BreakType.FX, nulls=Nulls.SKIP,
            when=f"{_BOTH_AGREE} and {_PAYABLE_MEETS}",
            money="other.receivable_at_rate_amount - reference.receivable_amount",
            cause="'the performing entity posted it at another rate of exchange'",
        ),
        Field("is_rated", break_type=BreakType.RATE, money="cast(null as decimal(18,4))"),
    ),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count) > 0 then 'quarantined' "
    "when not coalesce(reference.is_rated, true) then 'no intercompany rate is agreed' "
    "when other.project_id is null then 'not recharged' else 'no work of the other entity stands behind it' end",
    facts={name: _either(name) for name in ("agreement_id", "customer_id", "legal_entity_id", "project_id", "period")},
    payload={
        "hours": "reference.hours",
        "hourly_rate": "reference.hourly_rate",
        "is_rated": "coalesce(reference.is_rated, true)",
        "why_not": "case when reference.is_rated = false then ', no intercompany rate is agreed' else '' end",
        "performing_entity": _either("performing_entity"),
        "contracting_entity": _either("contracting_entity"),
        "home_legal_entity_id": _either("performing_entity_id"),
        "surplus_month": f"case when {_SURPLUS} then {_either('project_id')} || '/' || {_either('period')} end",
        "contracting_entity_id": _either("contracting_entity_id"),
        "due_amount": "coalesce(reference.receivable_amount, 0)",
        "booked_receivable": "coalesce(other.receivable_amount, 0)",
        "booked_payable": "coalesce(other.payable_amount, 0)",
    },
    evidence=(Evidence("other", _LINES, on=_KEY, amount="amount"),),
    requires=(
        ("PSA", "time_entry"),
        ("PSA", "project"),
        ("PSA", "person"),
        ("CRM", "agreement"),
        ("ERP", "journal_line"),
        ("ERP", "legal_entity"),
        ("ERP", "project"),
        ("ERP", "exchange_rate"),
        (SETTING, "intercompany rates"),
    ),
    caused_by=(("K15", "surplus_month=gone_month"), ("K08", "project_id")),
    title="{performing_entity} for {contracting_entity} on {project_code}, {period}: {left_value} due, "
    "{right_value} recharged ({money})",
    titles={
        "missing_right": "{performing_entity} for {contracting_entity} on {project_code}, {period}: {hours} h are not "
        "recharged{why_not} ({money})",
        "missing_left": "{performing_entity} for {contracting_entity} on {project_code}, {period}: recharged without "
        "work ({money})",
        "is_rated": "{performing_entity} for {contracting_entity} on {project_code}, {period}: {hours} h are recharged"
        "{why_not}",
    },
    plan=_plan,
)  # fmt: skip
