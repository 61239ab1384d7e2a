"""Runs the rules: which can be asked, what they find, what it is worth, what became of what was found before - and the
proof that it explains everything.

`run` reads the claims and writes `recon.*` on the connection it is given; nothing leaves the warehouse row by row.
The same claims, decisions and `as_of` give the same tables, byte for byte.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from contracts.breaks import LIVE, STANDING, among, worth
from contracts.sql import by_column, from_lists, literal
from reconcile import census, coverage, enrich, lifecycle, proofs, roots, schema, witnesses, wording
from reconcile import compile as compiler
from reconcile.context import Context, RunConfig, all_stored_columns
from reconcile.price import CALENDAR
from reconcile.rule import Rule

__all__ = ["Run", "context_of", "run"]

#: Where a function of a rule happens to lie in memory; no part of what the rule says.
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")

_WORK = ("_candidates", "_proof_terms", "_tolerated", "_identified", "_rates", "_breaks", "_records", CALENDAR)


@dataclass(frozen=True)
class Run:
    """What a run found, in numbers: `breaks` are those that stand."""

    run_id: str
    as_of: dt.date
    breaks: int
    not_run: Mapping[str, str]
    failures: tuple[str, ...]

    @property
    def is_proved(self) -> bool:
        """Whether the breaks of every rule explain its whole variance."""
        return not self.failures


def context_of(con: duckdb.DuckDBPyConnection, config: RunConfig, as_of: dt.date, run_id: str = "") -> Context:
    """The context of a run, with the watermarks that landing left and what it set aside."""
    marks: dict[str, dt.datetime] = {}
    stored = all_stored_columns(con)
    if "raw.watermarks" in stored:
        rows = con.execute("select connection, cast(watermark as timestamp) from raw.watermarks").fetchall()
        marks = {str(name): instant for name, instant in rows if instant is not None}
    aside = coverage.set_aside(con, stored)
    return Context(as_of=as_of, config=config, watermarks=marks, set_aside=aside, run_id=run_id, stored=stored)


def run(
    con: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    *,
    run_id: str,
    as_of: dt.date,
    config: RunConfig,
    decisions: Mapping[str, str] | None = None,
    previous: str | None = None,
    checks: Collection[str] | None = None,
    strict: bool = True,
) -> Run:
    """Execute `rules` and write `recon`.

    `previous` is the schema of the last published run (``snapshot.recon`` of a database attached read-only); without
    it nothing was there before: what this warehouse holds may be half a run. `decisions` names registered relations,
    see `lifecycle.DECISIONS`. `checks` limits the run; what it leaves out keeps its breaks. With `strict` an unproved
    rule raises `UnprovenError` after everything was written.
    """
    context = context_of(con, config, as_of, run_id)
    schema.create(con)
    before = lifecycle.previous(con, previous, run_id)
    lifecycle.decisions(con, decisions or {})
    not_run = coverage.reasons(con, rules, context)
    not_run |= {rule.name: coverage.NOT_ASKED for rule in rules if checks is not None and rule.check not in checks}
    asked = [rule for rule in rules if rule.name not in not_run]
    compiler.prepare(con)
    _calendar(con, context)
    reduced = compiler.reduce(con, asked, context)
    for rule in asked:
        compiler.execute(con, rule, context, reduced)
    census.drop(con, reduced.values())
    enrich.tolerated_too_much(con, context)
    enrich.rates(con, context)
    enrich.missing_rates(con, context)
    enrich.identify(con, rules)
    _breaks(con, rules, context, before, not_run)
    _records(con, before)
    roots.assign(con, "_breaks", "_records", rules)
    _publish(con, before, context)
    _account(con, rules, context, not_run)
    found = _finish(con, context, rules, not_run, before)
    for name in _WORK:
        con.execute(f"drop table if exists {name}")
    if strict:
        proofs.refuse_unproven(con, "recon", run_id)
    return found


def _calendar(con: duckdb.DuckDBPyConnection, context: Context) -> None:
    """Days from ten years before to five after, with the business days counted."""
    first, last = (literal(context.as_of.replace(month=1, day=1, year=context.as_of.year + n)) for n in (-10, 5))
    holidays = ", ".join(literal(day) for day in context.config.holidays) or "null"
    free = f"isodow(day) > 5 or coalesce(day in ({holidays}), false)"
    con.execute(
        f"create or replace temp table {CALENDAR} as select *, "
        "cast(sum(case when is_business then 1 else 0 end) over (order by day) as integer) as ordinal "
        f"from (select cast(day as date) as day, not ({free}) as is_business "
        f"from (select unnest(generate_series({first}, {last}, interval 1 day)) as day))"
    )


def _breaks(
    con: duckdb.DuckDBPyConnection,
    rules: Sequence[Rule],
    context: Context,
    before: lifecycle.Previous,
    silent: Iterable[str],
) -> None:
    """`_breaks`: what stands, with its life and title; what went; and what rules that did not run left as it was."""
    run_id, as_of = literal(context.run_id), literal(context.as_of)
    con.execute(f"create or replace temp table _named as {enrich.enriched(con, rules, context, context.run_id)}")
    con.execute(f"create or replace temp table _breaks as {lifecycle.living('_named', before, as_of)}")
    wording.entitle(con, rules, "_breaks", "_titles")
    con.execute("update _breaks as b set title = t.title from _titles as t where t.break_id = b.break_id")
    con.execute("drop table _named")
    con.execute("drop table _titles")
    if before.run_id is None:  # nothing was there that could have stayed or gone
        return
    not_run = ", ".join(literal(rule) for rule in sorted(silent)) or "''"
    for select in (
        lifecycle.carried("_breaks", before, run_id, as_of, not_run),
        lifecycle.gone("_breaks", before, run_id, as_of),
    ):
        con.execute(f"insert into _breaks {select}")


def _records(con: duckdb.DuckDBPyConnection, before: lifecycle.Previous) -> None:
    """`_records`: every record behind every break; for what was only carried or went, the ones of the last run."""
    con.execute(
        "create or replace temp table _records as select break_id, x.side, x.row_id, x.connection, x.object, "
        "x.record_id, x.amount, x.currency, x.amount as allocated, cast(null as varchar) as url "
        "from (select break_id, unnest(records) as x from _identified) union all "
        f"select p.break_id, p.side, p.row_id, p.connection, p.object, p.record_id, p.amount, p.currency, p.allocated, "
        f"p.url from {before.records} as p where p.break_id in (select break_id from _breaks) "
        "and p.break_id not in (select break_id from _identified)"
    )


def _publish(con: duckdb.DuckDBPyConnection, before: lifecycle.Previous, context: Context) -> None:
    """Write the breaks of this run and add them to the history."""
    own = literal(context.run_id)
    con.execute("truncate recon.breaks")
    con.execute("insert into recon.breaks select * from _breaks order by check_id, break_id")
    con.execute("truncate recon.break_history")
    columns = ", ".join(schema.TABLES["break_history"])
    con.execute(
        f"insert into recon.break_history select {columns} from {before.history} "
        f"union all select {columns} from recon.breaks order by as_of, run_id, break_id"
    )
    con.execute("truncate recon.break_records")
    con.execute(
        f"insert into recon.break_records select {own}, * from _records "
        "order by break_id, side desc, connection, object, record_id, row_id, amount, currency"
    )
    con.execute("truncate recon.break_sides")
    con.execute(f"insert into recon.break_sides {_sides(own)}")
    witnesses.testify(con, context)


def _sides(run_id: str) -> str:
    """Both sides of every break; a side that is absent is there as a row that says so."""
    count = "(select break_id, side, count(*) as records, sum(amount) as amount from _records group by break_id, side)"
    selects = []
    for name, side in (("reference", "left"), ("other", "right")):
        amount = f"case when {side}_amount <> 0 then {side}_amount else n.amount end"
        selects.append(
            f"select {run_id} as run_id, b.break_id, '{name}' as side, {side}_role as role, {side}_connection as "
            f"connection, {'true' if name == 'reference' else 'false'} as is_reference, "
            f"n.records is not null as present, {side}_value as value, cast({amount} as decimal(18,4)) as amount, "
            f"coalesce({side}_currency, b.currency) "
            f"as currency, coalesce(n.records, 0) as records from _breaks as b left join {count} as n "
            f"on n.break_id = b.break_id and n.side = '{name}' where {side}_role is not null"
        )
    return f"select * from ({' union all '.join(selects)}) as s order by break_id, is_reference desc"


def _account(
    con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], context: Context, not_run: Mapping[str, str]
) -> None:
    """Write the registry, the coverage and the proofs of this run."""
    run_id = literal(context.run_id)
    for table in ("rules", "coverage", "proofs", "runs"):
        con.execute(f"delete from recon.{table} where run_id = {run_id}")
    if not rules:
        return
    _add(con, "recon.rules", schema.TABLES["rules"], [_registered(rule, context) for rule in rules])
    shapes = " ".join(f"when {literal(rule.name)} then {literal(rule.shape.value)}" for rule in rules)
    terms = ", ".join(f"t.{name}" for name in schema.PROOF_TERMS)
    con.execute(
        f"insert into recon.proofs select {run_id}, t.check_id, t.rule, case t.rule {shapes} end, {terms}, "
        "case when t.residual = 0 and t.rows_read = t.rows_tested then 'proved' else 'failed' end, "
        "case when t.residual <> 0 then t.check_id || ' ' || t.rule || ': ' || cast(t.residual as varchar) || ' ' || "
        "coalesce(t.currency, t.measure) || ' between ' || coalesce(t.reference_role, '?') || "
        "coalesce(' and ' || t.other_role, '') || ' is not explained by its breaks' "
        "when t.rows_read <> t.rows_tested then t.check_id || ' ' || t.rule || ': ' || t.rows_read || "
        "' rows were read and ' || t.rows_tested || ' judged' else 'explained' end "
        "from _proof_terms as t order by t.check_id, t.rule, t.side, t.measure, t.book, t.currency"
    )
    tested = "coalesce(max(case when measure = 'rows' then rows_tested end), sum(rows_tested))"
    covered = [_covered(rule, context, not_run.get(rule.name, "")) for rule in rules]
    _add(con, "recon.coverage", schema.TABLES["coverage"], covered)
    con.execute(
        f"update recon.coverage as c set rows_tested = (select {tested} from _proof_terms as t where t.rule = c.rule), "
        f"breaks = (select count(*) from recon.breaks as b where b.rule = c.rule and {among('b.status', LIVE)}) "
        f"where run_id = {run_id}"
    )


def _add(
    con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]
) -> None:
    """Add rows to a table of a run, all in one statement."""
    con.execute(f"insert into {table} {from_lists(columns)}", by_column(rows))


def _covered(rule: Rule, context: Context, reason: str) -> tuple[object, ...]:
    return (context.run_id, rule.check, rule.name, "not_run" if reason else "ran", reason, None, None)


def _registered(rule: Rule, context: Context) -> tuple[object, ...]:
    requires = json.dumps([list(pair) for pair in rule.requires])
    causes = json.dumps([list(pair) for pair in rule.caused_by])
    stated = _ADDRESS.sub("", repr(rule)) if rule.sql is None else rule.name
    definition = hashlib.sha256(stated.encode()).hexdigest()[:16]
    return (
        context.run_id,
        rule.check,
        rule.name,
        rule.version,
        rule.entity,
        str(rule.shape),
        str(rule.severity),
        str(rule.owner),
        str(rule.money_kind),
        rule.help,
        requires,
        causes,
        definition,
    )


def _finish(
    con: duckdb.DuckDBPyConnection,
    context: Context,
    rules: Sequence[Rule],
    not_run: Mapping[str, str],
    before: lifecycle.Previous,
) -> Run:
    run_id = context.run_id
    failed = tuple(proofs.failures(con, "recon", run_id))
    con.execute(
        f"insert into recon.runs select ?, ?, ?, ?, ?, ?, count(*), {worth()}, "
        "(select count(*) from recon.proofs where run_id = ?), ?, ?, ?, ? from recon.breaks "
        f"where {among('status', STANDING)}",
        [
            run_id,
            context.as_of,
            before.run_id,
            context.base_currency,
            len(rules),
            len(not_run),
            run_id,
            len(failed),
            "failed" if failed else "partial" if not_run else "done",
            "; ".join(failed[:3]),
            before.sequence,
        ],
    )
    count = con.execute("select breaks from recon.runs where run_id = ?", [run_id]).fetchone()
    return Run(run_id, context.as_of, int(count[0]) if count else 0, dict(not_run), failed)
