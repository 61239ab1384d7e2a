"""What turns a candidate into a break a person can read: an id that lasts, money in base currency, names, a sentence.

Exchange rates come from `marts.exchange_rate`, the latest on or before the day of the break. A missing rate is a break
of its own and leaves the impact empty; it is never taken as 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import duckdb

from contracts.breaks import Severity
from contracts.money import round_sql
from contracts.ownership import Queue
from contracts.sql import literal
from reconcile.context import Context, stored_columns
from reconcile.rule import Rule
from reconcile.schema import BREAK, CANDIDATE
from reconcile.values import shown
from reconcile.wording import amount_sql

__all__ = ["FX_CHECK", "FX_RULE", "enriched", "identify", "missing_rates", "rates", "tolerated_too_much"]

#: The check under which a missing exchange rate is reported, and the name that stands for a rule's.
FX_CHECK = "K64"
FX_RULE = "exchange_rates"
#: Rates are one digit wider than money: DuckDB then multiplies both in 38 digits, where an amount times a rate always
#: fits. Two decimals of 18 digits are multiplied in 18, and 93 million of base currency overflow.
_RATE = "decimal(19, 6)"

#: Master data by the id a break carries: (mart, id, columns wanted with the first of the candidates that is there).
_NAMES = (
    ("agreement", "agreement_id", {"agreement_number": ("agreement_number",)}),
    ("project", "project_id", {"project_code": ("project_code", "project_name")}),
    ("customer", "customer_id", {"customer_name": ("customer_name",)}),
    ("person", "person_id", {"person_name": ("person_name",)}),
    (
        "legal_entity",
        "legal_entity_id",
        {"legal_entity": ("legal_entity_name", "legal_entity_code"), "functional_currency": ("currency",)},
    ),
)


def identify(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """`_identified`: the candidates with their `break_id` and `evidence_hash`.

    The id holds the check, the book, the key and the field, and where a rule compares several followers the role; not
    the values. Repeats of one key are numbered by content, then by record.
    """
    many = [rule.name for rule in rules if len(rule.sides) > 2]
    group = f"case when rule in ({_listed(many)}) then field || '@' || coalesce(right_role, '') else field end"
    content = "md5(concat_ws('|', left_value, right_value, variance, currency, break_type))"
    order = f"{content}, left_record, right_record, left_connection, right_connection"
    record = "concat_ws('/', x.side, x.connection, x.object, x.record_id, x.amount)"
    evidence = (
        "md5(concat_ws('|', break_type, left_value, right_value, variance, currency, payload, "
        f"array_to_string(list_sort(list_transform(records, lambda x: {record})), ';')))"
    )
    con.execute(
        "create or replace temp table _identified as select *, 'BRK-' || upper(substr(md5(concat_ws(chr(31), check_id, "
        f"book, entity_key, _group, _ordinal)), 1, 16)) as break_id from (select *, {group} as _group, "
        f"row_number() over (partition by check_id, book, entity_key, {group} order by {order}) as _ordinal, "
        f"{evidence} as evidence_hash from _candidates)"
    )


def rates(con: duckdb.DuckDBPyConnection, context: Context) -> None:
    """`_rates`: the rate, its day and its source for every pair of currencies and day that is needed."""
    as_of, base = literal(context.as_of), literal(context.base_currency)
    day = f"least(coalesce(posting_date, {as_of}), {as_of})"
    needed = [
        f"select {base} as from_currency, {base} as to_currency, {as_of} as on_date",
        f"select currency, {base}, {day} from _candidates where currency is not null",
    ]
    if "legal_entity_id" in stored_columns(con, "marts.legal_entity", context.stored):
        needed.append(
            f"select c.currency, e.currency, {day} from _candidates as c join marts.legal_entity as e "
            "using (legal_entity_id) where c.currency is not null and e.currency is not null"
        )
    rates = "marts.exchange_rate" if stored_columns(con, "marts.exchange_rate", context.stored) else f"({_NO_RATES})"
    same = "n.from_currency = n.to_currency"
    con.execute(
        f"create or replace temp table _rates as with needed as ({' union '.join(needed)}), "
        f"found as (select n.*, cast(r.exchange_rate as {_RATE}) as rate, r.effective_on, "
        "row_number() over (partition by n.from_currency, n.to_currency, n.on_date order by r.effective_on desc, "
        f"r.exchange_rate) as best from needed as n join {rates} as r on r.from_currency = n.from_currency "
        "and r.to_currency = n.to_currency and r.effective_on <= n.on_date) "
        "select n.from_currency, n.to_currency, n.on_date, "
        f"case when {same} then cast(1 as {_RATE}) else f.rate end as rate, "
        f"case when {same} then n.on_date else f.effective_on end as effective_on, "
        f"case when {same} then 'same currency' when f.rate is not null then 'marts.exchange_rate' end as source "
        "from needed as n left join found as f on f.best = 1 and f.from_currency = n.from_currency "
        "and f.to_currency = n.to_currency and f.on_date = n.on_date"
    )


_NO_RATES = (
    "select null as from_currency, null as to_currency, cast(null as date) as effective_on, "
    "cast(null as decimal(18,6)) as exchange_rate where false"
)


def missing_rates(con: duckdb.DuckDBPyConnection, context: Context) -> None:
    """Add a break for each currency that has no rate to base currency, before ids are given."""
    base = literal(context.base_currency)
    fixed = {
        "check_id": literal(FX_CHECK),
        "rule": literal(FX_RULE),
        "rule_version": "1",
        "shape": "'presence'",
        "book": "'primary'",
        "entity": "'exchange_rate'",
        "entity_key": f"from_currency || '/' || {base}",
        "field": "''",
        "side": "1",
        "break_type": "'fx'",
        "severity": "'S2'",
        "status_hint": "'open'",
        "money_kind": "'none'",
        "variance": "0",
        "currency": base,
        "direction": "'none'",
        "left_value": "'no rate'",
        "left_amount": "0",
        "right_amount": "0",
        "cause": "'rate missing'",
        "confidence": "'confirmed'",
        "title": f"'No exchange rate from ' || from_currency || ' to ' || {base} || ' on or before ' || first_day "
        "|| ': breaks in that currency have no impact in base currency'",
    }
    columns = ", ".join(f"cast({fixed.get(name, 'null')} as {kind}) as {name}" for name, kind in CANDIDATE.items())
    con.execute(
        f"insert into _candidates select {columns} from (select from_currency, min(on_date) as first_day from _rates "
        f"where rate is null and to_currency = {base} group by from_currency) as m"
    )


def tolerated_too_much(con: duckdb.DuckDBPyConnection, context: Context) -> None:
    """Add a break where what a check tolerated in a period adds up to more than the stated fraction of its revenue."""
    columns = stored_columns(con, "marts.revenue_line", context.stored)
    if not {"currency", "period", "revenue_amount", "status"} <= columns.keys():
        return
    limit = context.config.accumulated_limit
    fixed = {
        "check_id": "t.check_id",
        "rule": "t.rule",
        "rule_version": "1",
        "shape": "'limit'",
        "book": "t.book",
        "entity": "'tolerance'",
        "entity_key": "concat_ws('/', 'tolerated', t.period, t.currency)",
        "field": "'tolerance'",
        "side": "1",
        "break_type": "'limit'",
        "severity": "'S2'",
        "status_hint": "'open'",
        "money_kind": "'none'",
        "variance": "0",
        "currency": "t.currency",
        "direction": "'over'",
        "left_value": shown(f"cast(v.revenue * {limit} as decimal(18,4))", "number"),
        "right_value": shown("t.amount", "number"),
        "left_amount": "0",
        "right_amount": "0",
        "period": "t.period",
        "cause": "'tolerated differences add up'",
        "confidence": "'confirmed'",
        "title": f"'Differences within tolerance add up to ' || {amount_sql('t.amount', 't.currency')} || ' ' || "
        "t.currency || ' in ' || t.period",
    }
    listed = ", ".join(f"cast({fixed.get(name, 'null')} as {kind}) as {name}" for name, kind in CANDIDATE.items())
    con.execute(
        f"insert into _candidates select {listed} from (select check_id, rule, book, currency, period, "
        "sum(amount) as amount from _tolerated group by all) as t join (select currency, period, sum(revenue_amount) "
        "as revenue from marts.revenue_line where status = 'posted' group by all) as v "
        f"on v.currency = t.currency and v.period = t.period where abs(t.amount) > abs(v.revenue) * {limit}"
    )


def enriched(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], context: Context, run_id: str) -> str:
    """The select of breaks with the columns of `BREAK`, before their life and roots are known."""
    joins, names = [], {}
    for mart, key, wanted in _NAMES:
        there = stored_columns(con, f"marts.{mart}", context.stored)
        if key not in there:
            continue
        alias = f"_{mart}"
        joins.append(f"left join marts.{mart} as {alias} on {alias}.{key} = c.{key}")
        for name, options in wanted.items():
            found = [f"cast({alias}.{option} as varchar)" for option in options if option in there]
            names[name] = f"coalesce({', '.join(found)})" if found else "null"
    day = f"least(coalesce(c.posting_date, {literal(context.as_of)}), {literal(context.as_of)})"
    functional = names.pop("functional_currency", "null")
    base = literal(context.base_currency)
    joins += [
        f"left join _rates as fx on fx.from_currency = c.currency and fx.to_currency = {base} and fx.on_date = {day}",
        f"left join _rates as ff on ff.from_currency = c.currency and ff.to_currency = {functional} "
        f"and ff.on_date = {day}",
    ]
    impact = f"({round_sql('abs(c.variance) * fx.rate', 'fx.to_currency')})"
    values = {
        **dict.fromkeys(BREAK, "null"),
        **{name: f"c.{name}" for name in BREAK if name in CANDIDATE},
        **names,
        "break_id": "c.break_id",
        "version": "1",
        "evidence_hash": "c.evidence_hash",
        "run_id": literal(run_id),
        "as_of": literal(context.as_of),
        "status": "c.status_hint",
        "entity_id": "c.entity_key",
        "variance_functional": f"({round_sql('c.variance * ff.rate', 'ff.to_currency')})",
        "functional_currency": functional,
        "impact": impact,
        "severity": _severity(context, impact),
        "fx_rate": "fx.rate",
        "fx_date": "fx.effective_on",
        "fx_source": "fx.source",
        "owner": _by_check({rule.check: str(rule.owner) for rule in rules}, _OTHERS),
        "assignee": _assignee(rules, context.config.assignees),
        "match_id": "case when c.left_record is not null and c.right_record is not null then 'MAT-' || "
        "upper(substr(md5(concat_ws('/', c.left_connection, c.left_object, c.left_record, c.right_connection, "
        "c.right_object, c.right_record)), 1, 16)) end",
        "evidence": "cast(to_json(c.records[1:20]) as varchar)",
        "population": "coalesce(len(c.records), 0)",
    }
    listed = ", ".join(f"cast({values[name]} as {kind}) as {name}" for name, kind in BREAK.items())
    return f"select {listed} from _identified as c {' '.join(joins)}"


def _severity(context: Context, impact: str) -> str:
    limit = context.config.materiality
    if limit is None:
        return "c.severity"
    ranked = [item.value for item in Severity]
    raised = " ".join(f"when '{low}' then '{high}'" for high, low in pairwise(ranked))
    return f"case when {impact} > {limit} then case c.severity {raised} else c.severity end else c.severity end"


#: Whose work a break is that no rule found.
_OTHERS = str(Queue.FINANCE_OPERATIONS)


def _assignee(rules: Sequence[Rule], people: Mapping[str, str]) -> str:
    """Who gets a break: whom its check is routed to, else whom its queue is."""
    found = {rule.check: people.get(rule.check, people.get(str(rule.owner))) for rule in rules}
    return _by_check({check: person for check, person in found.items() if person}, people.get(_OTHERS))


def _by_check(values: Mapping[str, str], otherwise: str | None) -> str:
    whens = " ".join(f"when {literal(check)} then {literal(value)}" for check, value in sorted(values.items()))
    return f"case c.check_id {whens} else {literal(otherwise)} end" if whens else literal(otherwise)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names) or "''"
