"""What the checks of project cost have in common: the two sides, how cost on a wrong project is told, the journals.

A journal puts cost on the project it is of, in the books of the entity concerned, dated on the last day of its month.
It is posted there while that month is open, else in the open one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from reconcile.rule import T2, BreakType, Evidence, Field, Side
from reconcile.rules._calls import call, change, ledger_of, union

__all__ = ["COMPARED", "EVIDENCE", "FACTS", "GONE", "KEYS", "PAYLOAD", "Accounts", "cause", "plan", "sides"]

#: What a row is of; the people of each supplier are asked about apart.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "labour": ("legal_entity_id", "project_id", "period"),
        "subcontractor": ("legal_entity_id", "supplier_ref", "project_id", "period"),
    }
)

_ROWS = "revenue.project_costs"
_TOLD = (
    "select row_id, connection, object, source_id, kind, legal_entity_id, supplier_ref, told_project_id as project_id, "
    "period, amount, currency from revenue.project_costs where is_told and not is_booked"
)


def sides(kind: str) -> tuple[Side, Side]:
    """What the work cost, and what the ledger has; what stands on another project is told there, and only there."""
    of_kind = f"kind = '{kind}' and not is_told"
    own = {"is_own": "other_project_id is null"}
    return (
        Side("PSA", _ROWS, where=f"{of_kind} and not is_booked", amount="amount", columns={"is_own": "true"}),
        Side("ERP", _ROWS, where=f"{of_kind} and is_booked", amount="amount", columns=own),
    )


COMPARED = (
    Field(
        "is_own",
        break_type=BreakType.CLASSIFICATION,
        money="other.amount - reference.amount",
        carries=True,
        cause="'cost of ' || other.other_project_id",
        when="other.other_project_id is not null",
    ),
    Field("amount", T2, when="other.other_project_id is null", carries=True),
)
EVIDENCE: Mapping[str, tuple[Evidence, ...]] = MappingProxyType(
    {
        kind: (
            Evidence("other", "intermediate.int_ledger__costs", on=key, where=f"kind = '{kind}'", amount="amount"),
            Evidence("reference", _TOLD, on=key, where=f"kind = '{kind}'", amount="amount"),
        )
        for kind, key in KEYS.items()
    }
)


def _either(name: str) -> str:
    return f"coalesce(reference.{name}, other.{name})"


FACTS = {name: _either(name) for name in ("agreement_id", "customer_id", "legal_entity_id", "project_id", "period")}
PAYLOAD = {
    "hours": "reference.hours",
    "home_legal_entity_id": _either("legal_entity_id"),
    "entity_code": _either("legal_entity_code"),
    "supplier_ref": _either("supplier_ref"),
    "supplier": _either("supplier_name"),
    "other_project_id": "other.other_project_id",
    "project_month": f"{_either('project_id')} || '/' || {_either('period')}",
    "other_project_month": "other.other_project_id || '/' || other.period",
    "surplus_month": "case when other.amount > coalesce(reference.amount, 0) and other.other_project_id is null "
    f"then {_either('project_id')} || '/' || {_either('period')} end",
    "due_amount": "coalesce(reference.amount, 0)",
    "booked_amount": "coalesce(other.amount, 0)",
}


#: An entry that is gone leaves more cost in the ledger than the hours explain; what the ledger lacks is not its doing.
GONE = ("K15", "surplus_month=gone_month")


def cause(missing: str, extra: str) -> str:
    """Why a side is absent, where it is."""
    return (
        "case when coalesce(reference.hidden_row_count, other.hidden_row_count) > 0 then 'quarantined' "
        f"when other.project_id is null then '{missing}' when reference.project_id is null then '{extra}' "
        "else 'posted at another amount' end"
    )


@dataclass(frozen=True)
class Accounts:
    """The roles of the accounts that a kind of cost is posted to, and against."""

    cost: str
    against: str


_JOURNALS = """
create or replace temp table {name} as
with accounts as (
  select connection, min(account_id) filter (account_role = '{cost}') as cost_ref,
    min(account_id) filter (account_role = '{against}') as against_ref
  from intermediate.int_ledger__accounts group by connection
), periods as (
  select connection, period, min(source_id) as source_id, bool_or(not is_closed) as is_open
  from intermediate.int_accounting_period__claims where claim_state = 'ok' group by connection, period
), jobs as (
  select enterprise_id, connection, min(source_id) as source_id
  from intermediate.int_links where entity = 'project' and is_current group by all
)
select b.*, accounts.* exclude (connection), due_on.source_id as other_job,
  case when own.is_open then own.source_id else open.source_id end as period_ref,
  strftime(cast(b.period || '-01' as date) + interval 1 month - interval 1 day, '%Y-%m-%d') as cost_on,
  strftime(cast(case when own.is_open then b.period else now.open_period end || '-01' as date) + interval 1 month,
    '%Y-%m-%d') as reversal_on,
  cast(b.payload ->> '$.due_amount' as decimal(18,2)) as due,
  cast(b.payload ->> '$.booked_amount' as decimal(18,2)) as booked
from {breaks} as b
join {ledger} as erp on erp.break_id = b.break_id
left join accounts on accounts.connection = erp.connection
left join jobs as due_on on due_on.connection = erp.connection
  and due_on.enterprise_id = b.payload ->> '$.other_project_id'
left join intermediate.int_accounting_period__now as now on now.connection = erp.connection
left join periods as own on own.connection = erp.connection and own.period = b.period
left join periods as open on open.connection = erp.connection and open.period = now.open_period
"""
_KNOWN = (
    "job.source_id is not null and home.source_id is not null and b.cost_ref is not null and b.period_ref is not null"
)


def _line(account: str, amount: str, job: str) -> str:
    """A line of a journal: debit where the amount is positive."""
    return (
        "json_merge_patch('{}', json_object("
        f"'account', json_object('id', b.{account}), 'debit', case when {amount} > 0 then {amount} end, "
        f"'credit', case when {amount} < 0 then -({amount}) end, 'entity', json_object('id', {job}), "
        "'custcol_supplier', nullif(b.payload ->> '$.supplier_ref', '')))"
    )


def plan(con: Any, breaks: str, accounts: Accounts, *, lacking: str, other: str) -> str:
    """The journals of breaks of a kind of cost.

    What stands on the wrong project is moved. What is missing is posted by an action of the kind `lacking`, and another
    amount is brought to what is due by one of the kind `other`; both also where the hours were deleted after posting.
    """
    name = f"_plan_{accounts.cost}"
    con.execute(
        _JOURNALS.format(
            name=name, cost=accounts.cost, against=accounts.against, breaks=breaks, ledger=ledger_of(breaks)
        )
    )
    values = {
        "subsidiary_id": "home.source_id",
        "currency_id": "money.currency_id",
        "cost_on": "b.cost_on",
        "period_ref": "b.period_ref",
    }
    less, more, job = "-(b.due - b.booked)", "(b.due - b.booked)", "job.source_id"
    recode = f"json_array({_line('cost_ref', less, 'b.other_job')}, {_line('cost_ref', more, job)})"
    repost = {
        **values,
        "reversal_on": "b.reversal_on",
        "lines": f"json_array({_line('cost_ref', more, job)}, {_line('against_ref', less, job)})",
    }
    where = "{project_code}, {period}"
    moves = f"{_KNOWN} and b.break_type = 'classification' and b.other_job is not null"
    posts = f"{_KNOWN} and b.against_ref is not null and b.break_type in"
    facts: dict[str, Any] = {
        "object_": "journalEntry",
        "changes": [change("cost of the project", "b.booked", "b.due")],
        "held_by": "K15",
    }
    calls = [
        call(0, "RECLASS", "journal_line", "cost", "null", values={**values, "lines": recode}, where=moves,
             reason=f"move cost from {where} to the project it is of", **facts),
        call(1, lacking, "journal_line", "cost", "null", values=repost, where=f"{posts} ('missing_right')",
             reason=f"post what {{hours}} h cost on {where}", **facts),
        call(2, other, "journal_line", "cost", "null", values=repost, where=f"{posts} ('amount', 'missing_left')",
             reason=f"bring the cost of {where} to that of its hours", **facts),
        call(3, "ROUTE", "journal_line", "cost", "b.project_id", object_="journalEntry",
             where=f"not coalesce(({moves}) or ({posts} ('missing_right', 'amount', 'missing_left')), false)",
             reason=f"compare the cost of {where} with its documents: only a person can put it right"),
    ]  # fmt: skip
    return union(calls, name)
