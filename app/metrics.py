"""Asks a published run for a metric: its value, the terms that add up to it, and the records behind them.

One path for `tieout explain metric:..` and for pages that show a metric. Values come from `metrics.metric_terms`; what
reconciliation found is added to it once the rules have run, and is read here from the breaks themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from contracts.errors import ConfigError
from contracts.metric import KEYS, Metric, Part, Shape, Span, Unit, find, terms
from contracts.metric_sql import rows_of, terms_of

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from app.data import Snapshot

__all__ = [
    "BOOK", "Question", "add_found", "ask", "by_agreement", "divided", "earlier", "enterprise_id", "has_metrics",
    "lacking", "left_out", "quarter_days", "records", "terms_in", "values",
]  # fmt: skip

Row = dict[str, Any]

#: The book that is meant when none is named.
BOOK = "primary"
_RATIO = Decimal("0.000001")
_PERIOD = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")
_HAS = "select 1 from information_schema.tables where table_schema = 'metrics' and table_name = '{}'"
_HAS_TERMS, _HAS_STREAMS = _HAS.format("metric_terms"), _HAS.format("metric_streams")
#: Where a key is looked up: the relation, its id, and what people may call it by.
_NAMES = {
    "agreement": ("marts.agreement", "agreement_id", ("agreement_number",)),
    "customer": ("marts.customer", "customer_id", ("customer_name",)),
    "legal_entity": ("marts.legal_entity", "legal_entity_id", ("legal_entity_code", "legal_entity_name")),
    "project": ("marts.project", "project_id", ("project_code",)),
}


@dataclass(frozen=True)
class Question:
    """A metric asked of a role, for a month and whatever else narrows it: column -> value."""

    metric: Metric
    role: str
    period: str
    book: str
    narrowed: Mapping[str, str]

    @property
    def is_by_currency(self) -> bool:
        """Amounts of different currencies stay apart."""
        return "currency" in self.metric.keys


def has_metrics(snapshot: Snapshot) -> bool:
    """Whether the run came as far as its metrics."""
    return bool(snapshot.rows(_HAS_TERMS))


def ask(snapshot: Snapshot, name: str, keys: Mapping[str, str]) -> Question:
    """A question whose keys are understood: numbers, codes and names become ids; what cannot be asked is refused."""
    metric = find(name)
    if metric.is_available and not has_metrics(snapshot):
        raise ConfigError("This run has no metrics", where=str(snapshot.path), then="Run `tieout run` again.")
    for key in keys:
        if key not in metric.keys:
            raise ConfigError(f"{name} cannot be asked by {key}", then=f"It has {', '.join(metric.keys)}.")
    now = snapshot.run()["as_of"].strftime("%Y-%m")
    period = keys.get("period", now)
    if not _PERIOD.match(period):
        raise ConfigError(f"{period!r} is no month", where=f"metric:{name}", then="Write it like 2026-02.")
    if metric.now_only and period != now:
        raise ConfigError(
            f"{name} is known for {now} only", then="No system says what it was at the end of an earlier month."
        )
    role = keys.get("role", metric.roles[0] if metric.roles else "").upper()
    if metric.roles and role not in metric.roles:
        raise ConfigError(f"{role} does not hold {name}", then=f"Ask {', '.join(metric.roles)}.")
    narrowed = {KEYS[key]: enterprise_id(snapshot, key, keys[key]) for key in _NAMES if key in keys}
    if "currency" in keys:
        narrowed["currency"] = keys["currency"].upper()
    return Question(metric, role, period, keys.get("book", BOOK), narrowed)


def terms_in(snapshot: Snapshot, question: Question) -> list[Row]:
    """The terms of the answer: amount and records of each, by currency where amounts have one."""
    found: list[Row] = []
    currency = "currency" if question.is_by_currency else "cast(null as string) as currency"
    for side, part, role in question.metric.asked(question.role):
        where, asked = _where(question, part, role)
        rows = snapshot.rows(
            f"select {currency}, cast(sum(amount) as decimal(38, 8)) as amount, "
            f"cast(sum(records) as bigint) as records from {_relation(part)} where {where} group by all order by all",
            asked,
        )
        found += [
            {"side": side, "term": part.term.name, "meaning": part.term.meaning, "role": role, "months": str(part.span),
             "factor": part.factor, "currency": row["currency"], "amount": row["amount"],
             "counts": part.factor * row["amount"], "records": row["records"]}
            for row in rows
            if row["records"]
        ]  # fmt: skip
    return found


def lacking(snapshot: Snapshot, metric: Metric) -> str:
    """Why a firm does not hold a metric that others do: the streams that no connection of it exports; '' if it does."""
    if not metric.streams:
        return ""
    if not snapshot.rows(_HAS_STREAMS):
        return "this run is older than the metric: run Tieout again"
    by_connection: dict[str, list[str]] = {}
    for row in snapshot.rows("select * from metrics.metric_streams where metric = ? order by all", [metric.name]):
        gaps = by_connection.setdefault(row["connection"], [])
        gaps += [] if row["is_read"] else [f"{row['connection']}/{row['stream']} is {row['status']}"]
    if by_connection and not all(by_connection.values()):
        return ""
    gaps = [gap for found in by_connection.values() for gap in found]
    return ", ".join(gaps) or f"no connection exports {', '.join(metric.streams)}"


def left_out(snapshot: Snapshot, metric: Metric) -> dict[str, int]:
    """Rows of the streams a metric needs that are set aside and count nowhere: stream -> how many."""
    found = snapshot.rows(
        "select connection || '/' || stream as stream, count(*) as rows from quarantine.rows "
        "where stream in (select unnest(?)) and status in ('open', 'discarded') group by all order by all",
        [list(metric.streams)],
    )
    return {row["stream"]: row["rows"] for row in found}


def by_agreement(snapshot: Snapshot, question: Question) -> pl.DataFrame:
    """A sum up to the month asked for, agreement by agreement and currency; what belongs to none under null."""
    read, given = [], []
    for _, part, role in question.metric.asked(question.role):
        to_date = replace(part, span=Span.TO_DATE) if part.span is Span.PERIOD else part
        where, asked = _where(question, to_date, role)
        read.append(
            f"select agreement_id, currency, {part.factor} * amount as amount from {_relation(part)} where {where}"
        )
        given += asked
    return snapshot.frame(
        f"select agreement_id, currency, cast(sum(amount) as decimal(38, 4)) as amount "
        f"from ({' union all '.join(read)}) group by all having sum(amount) <> 0",
        given,
    )


def values(snapshot: Snapshot, question: Question, found: list[Row]) -> list[Row]:
    """The value, one line per currency: the sum of the terms, or the ratio of two sums, cut off after six decimals."""
    metric = question.metric
    if metric.shape.place:
        return [_ranked(snapshot, question)]
    answers = []
    for currency in sorted({row["currency"] for row in found}, key=str) or [question.narrowed.get("currency")]:
        own = [row for row in found if row["currency"] == currency]
        sums = {
            side: sum((row["counts"] for row in own if row["side"] == side), Decimal(0))
            for side in ("value", "divisor")
        }
        value: Decimal | None = sums["value"]
        if metric.shape is Shape.RATIO:
            days = quarter_days(question.period) if metric.in_days else 1
            value = divided(sums["value"] * days, sums["divisor"])
        answers.append({"currency": currency, "value": _shown(value, metric)} | (
            {"dividend": sums["value"], "divisor": sums["divisor"]} if metric.divisor else {}
        ))  # fmt: skip
    return answers


def records(snapshot: Snapshot, question: Question, *, limit: int = 20) -> list[Row]:
    """The largest rows behind the terms, each with the record of the system it was read from."""
    parts = list(question.metric.asked(question.role))
    found: list[Row] = []
    for _side, part, role in parts:
        where, asked = _where(question, part, role, is_row=True)
        found += snapshot.rows(
            f"""
            select '{part.term.name}' as term, period, currency,
                   cast({part.factor} * amount as decimal(38, 8)) as counts, connection, object, source_id, row_id
            from ({rows_of(part.term)}) where {where}
            order by abs(amount) desc, connection, source_id, row_id limit {max(1, limit // len(parts))}
            """,
            asked,
        )
    return found


def add_found(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Add the terms of what a run found to those of the models; added twice, they are there once."""
    if con.execute(_HAS_TERMS).fetchone() is None:
        return
    of_the_run = {name: term for name, term in terms().items() if term.rows.is_of_the_run}
    sql = re.sub(r"\brecon\.(\w+)", rf"(select * from recon.\1 where run_id = '{run_id}')", terms_of(of_the_run))
    con.execute("delete from metrics.metric_terms where term in (select unnest(?))", [sorted(of_the_run)])
    con.execute(f"insert into metrics.metric_terms by name {sql}")


def _relation(part: Part) -> str:
    """Where a term is read: what reconciliation found is read from the breaks of the snapshot itself."""
    if part.term.rows.is_of_the_run:
        return f"({terms_of({part.term.name: part.term})}) as found"
    return "metrics.metric_terms"


def _where(question: Question, part: Part, role: str, *, is_row: bool = False) -> tuple[str, list[Any]]:
    """Which lines of a term count: role, book, months, and what the question is narrowed to."""
    conditions, asked = ["role = ?", "(book = ? or book is null)"], [role, question.book]
    if not is_row:
        conditions += ["term = ?", "row_id is null"]
        asked.append(part.term.name)
    months, limits = _months(part.span, question.period)
    conditions += months
    asked += limits
    for column, value in question.narrowed.items():
        conditions.append(f"{column} = ?")
        asked.append(value)
    return " and ".join(conditions), asked


def _months(span: Span, period: str) -> tuple[list[str], list[str]]:
    return {
        Span.PERIOD: (["period = ?"], [period]),
        Span.TO_DATE: (["period <= ?"], [period]),
        Span.OPENING: (["period < ?"], [period]),
        Span.QUARTER: (["period between ? and ?"], [earlier(period, 2), period]),
        Span.WHOLE: ([], []),
    }[span]


def earlier(period: str, months: int) -> str:
    """The month so many months before: ``earlier("2026-02", 3)`` is ``2025-11``."""
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 - months, 12)
    return f"{year:04d}-{month + 1:02d}"


def quarter_days(period: str) -> int:
    """Days of the month and the two before it."""
    import calendar

    months = [earlier(period, back) for back in range(3)]
    return sum(calendar.monthrange(int(one[:4]), int(one[5:]))[1] for one in months)


def _ranked(snapshot: Snapshot, question: Question) -> Row:
    """The median or 95th percentile: one of the values, so that its record can be shown."""
    ((_, part, role),) = question.metric.asked(question.role)
    where, asked = _where(question, part, role, is_row=True)
    row = snapshot.one(
        f"select percentile_disc({question.metric.shape.place}) within group (order by amount) as value "
        f"from metrics.metric_terms where {where} and term = ? and row_id is not null",
        [*asked, part.term.name],
    )
    return {"currency": None, "value": _shown(row["value"] if row else None, question.metric)}


def divided(value: Decimal, divisor: Decimal) -> Decimal | None:
    """The same division as in the models: whole millionths, cut off after six decimals; none by zero."""
    upper, lower = (int(one.quantize(_RATIO, ROUND_HALF_UP).scaleb(6)) for one in (value, divisor))
    if not lower:
        return None
    whole = abs(upper) * 10**6 // abs(lower)
    return Decimal(whole if (upper < 0) == (lower < 0) else -whole).scaleb(-6)


def _shown(value: Decimal | None, metric: Metric) -> Decimal | int | None:
    """A value without decimals it does not have."""
    if value is None:
        return None
    if metric.unit is Unit.COUNT:
        return int(value)
    return value.quantize(Decimal("0.0001")) if metric.unit is Unit.MONEY else value.quantize(_RATIO)


def enterprise_id(snapshot: Snapshot, key: str, name: str) -> str:
    """The enterprise id of what a person named."""
    relation, column, names = _NAMES[key]
    same = " or ".join(f"lower({one}) = lower($name)" for one in (column, *names))
    found = snapshot.rows(f"select distinct {column} as id from {relation} where {same} order by 1", {"name": name})
    if len(found) != 1:
        what = key.replace("_", " ")
        raise ConfigError(
            f"{len(found)} {what}s are called {name}" if found else f"There is no {what} {name}",
            then=f"Give its id: {', '.join(str(row['id']) for row in found[:5])}."
            if found
            else f"Give its {' or '.join((*names, column))}.",
        )
    return str(found[0]["id"])
