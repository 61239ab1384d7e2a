"""From breaks to corrections: which of a rule's corrections applies to which break, for whom, and with which values.

A `Correction` is data: texts of SQL over the columns of the break and the names of its payload. Compiled, each is one
select; together they fill one table of candidates, one row per break and correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from contracts.breaks import STANDING, among
from contracts.native import Write
from contracts.sql import literal
from reconcile.context import columns_of
from reconcile.rule import Correction, Rule
from reconcile.wording import filled

__all__ = ["Target", "find_candidates"]

_DDL = """
create or replace temp table _plan_candidates (
  break_id varchar, evidence_hash varchar, correlation_id varchar, owner varchar, rule varchar, correction integer,
  kind varchar, entity varchar, variant varchar, compensation varchar, connection varchar, object varchar,
  record_id varchar, external_id varchar, vals json, precondition json, changes json, reason varchar,
  impact decimal(18,4), currency varchar, wanted varchar, bundle varchar, line json, queue varchar,
  after integer[], waits_for varchar, policy varchar, required_role varchar
)"""

#: Breaks that may get a correction: standing, not only late, not accepted, and readable on every side.
_STANDING = f"""
create or replace temp view _plan_standing as
select b.* replace (coalesce(cast(b.payload as json), json('{{}}')) as payload)
from recon.breaks as b
where {among("b.status", STANDING)}
  and coalesce(b.cause, '') <> 'quarantined' and b.break_type <> 'unreadable'
"""

#: What a run adds to a check by itself, differences within tolerance that add up, is corrected by no rule.
_OF_A_RULE = "entity is distinct from 'tolerance'"


@dataclass(frozen=True)
class Target:
    """A connection that corrections may be meant for: its system, the roles it plays, and the calls it takes."""

    connection: str
    system: str
    roles: tuple[str, ...]
    writes: tuple[Write, ...] = ()


def find_candidates(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], targets: Sequence[Target]) -> None:
    """Fill ``_plan_candidates``: one row per (break, correction of its rule) that applies."""
    con.execute(_STANDING)
    con.execute(_DDL)
    own = set(columns_of(con, "recon.breaks"))
    broken = {
        name for (name,) in con.execute(f"select distinct rule from _plan_standing where {_OF_A_RULE}").fetchall()
    }
    for rule in sorted(rules, key=lambda one: one.check):
        if rule.name not in broken or (not rule.corrections and rule.plan is None):
            continue
        con.execute(f"create or replace temp view _plan_breaks as {_breaks_sql(rule, own)}")
        for number, correction in enumerate(rule.corrections):
            con.execute(f"insert into _plan_candidates by name {_candidate_sql(rule, number, correction, targets)}")
        if rule.plan is not None:
            con.execute(
                f"insert into _plan_candidates by name select * replace (coalesce(bundle, break_id) as bundle), "
                f"{literal(rule.check)} as rule from ({rule.plan(con, '_plan_breaks')})"
            )


def _breaks_sql(rule: Rule, own: set[str]) -> str:
    """The standing breaks of a rule, each name of its payload a column of text."""
    names = [name for name in rule.payload if name not in own]
    facts = "".join(f", payload ->> '$.{name}' as {name}" for name in names)
    return f"select *{facts} from _plan_standing where rule = {literal(rule.name)} and {_OF_A_RULE}"


def _candidate_sql(rule: Rule, number: int, correction: Correction, targets: Sequence[Target]) -> str:
    """The candidates of one correction."""
    connection = _connection_sql(correction.target_role, targets)
    guard = "true" if correction.for_consequences else "coalesce(root_id, break_id) = break_id"
    record_id = correction.target or ("null" if correction.external_id else _side_sql(connection, "record"))
    after = ", ".join(str(index) for index in correction.depends_on)
    return f"""
        select break_id, evidence_hash, correlation_id, owner, {literal(rule.check)} as rule, {number} as correction,
          {literal(str(correction.kind))} as kind, {literal(correction.entity)} as entity,
          {literal(correction.variant)} as variant, {literal(correction.compensation)} as compensation,
          {connection} as connection, {_side_sql(connection, "object")} as object,
          cast({record_id} as varchar) as record_id, cast({correction.external_id or "null"} as varchar) as external_id,
          {_object_sql(correction.values)} as vals, {_conditions_sql(correction)} as precondition,
          {_changes_sql(correction)} as changes, {filled(correction.reason or "{title}", missing="")} as reason,
          cast(coalesce(abs(variance), 0) as decimal(18,4)) as impact, currency,
          cast({correction.posting_period or "null"} as varchar) as wanted,
          cast({correction.roll_up or "break_id"} as varchar) as bundle,
          {_object_sql(correction.line) if correction.line else "null"} as line,
          {literal(correction.queue) if correction.queue else "owner"} as queue, cast([{after}] as integer[]) as after,
          cast({correction.waits_for or "null"} as varchar) as waits_for,
          {literal(correction.policy) if correction.policy else "null"} as policy,
          {literal(correction.required_role) if correction.required_role else "null"} as required_role
        from _plan_breaks
        where {guard} and ({correction.when or "true"})
    """


def _side_sql(connection: str, what: str) -> str:
    """The record (or object) that the break names in the system to be corrected."""
    has_record = "right_record is not null" if what == "record" else "right_object is not null"
    return (
        f"case when {connection} = right_connection and {has_record} then right_{what} "
        f"when {connection} = left_connection then left_{what} end"
    )


def _connection_sql(role: str, targets: Sequence[Target]) -> str:
    """The connection whose system plays the role: the one in the break where there are several."""
    playing = sorted(one.connection for one in targets if role in one.roles)
    if len(playing) == 1:
        return literal(playing[0])
    return (
        "(select min(s.connection) from recon.break_sides as s "
        f"where s.break_id = _plan_breaks.break_id and s.role = {literal(role)})"
    )


def _object_sql(values: Mapping[str, str]) -> str:
    return f"json_object({', '.join(f'{literal(name)}, {sql}' for name, sql in values.items())})"


def _conditions_sql(correction: Correction) -> str:
    rows = [
        f"json_object('field', {literal(name)}, 'op', {literal(operator)}, 'value', {value or 'null'})"
        for name, operator, value in correction.precondition
    ]
    return f"json_array({', '.join(rows)})"


def _changes_sql(correction: Correction) -> str:
    rows = []
    for change in correction.changes:
        name, before, after = change[-3:]
        where = f"'object', {literal(change[0])}, 'id', {change[1]}, " if len(change) == 5 else ""
        rows.append(
            f"json_object({where}'field', {literal(name)}, 'from', {before or 'null'}, 'to', {after or 'null'})"
        )
    return f"json_array({', '.join(rows)})"
