"""The SQL of metrics, from their one definition: the models that hold terms and values, and the rows behind a term.

The same text serves twice. In a model, relations become references of dbt; in a published snapshot it is read as it
stands, with the few macros it uses spelled out for DuckDB. So a term in `metrics.metric_terms` and the rows shown for
it are one condition and one amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from contracts.landed import READ
from contracts.metric import Metric, Rows, Term, metrics, terms
from contracts.sql import literal

__all__ = ["KEY_COLUMNS", "RECORD_COLUMNS", "for_snapshot", "reference", "rendered_models", "rows_of", "terms_of"]

#: What a term is kept by, in `metrics.metric_terms`.
KEY_COLUMNS = ("book", "currency", "period", "legal_entity_id", "customer_id", "agreement_id", "project_id")
#: Which record of which system a row is.
RECORD_COLUMNS = ("connection", "object", "source_id", "row_id")

_HEAD = "-- Rendered from contracts/metrics by `tieout render`; do not edit."
_CONFIG = "{{ config(tags=['computed']) }}"
_TERMS = "-- What every metric is made of, by month and whose it is: one scan of each relation."
_RELATION = re.compile(r"\b(marts|metrics|revenue)\.(\w+)")
_MACRO = re.compile(r"\{\{ (\w+)\(((?:'[^']*'(?:, )?)+)\) \}\}")
_ARGUMENT = re.compile(r"'([^']*)'")
#: What Python writes into the warehouse; dbt knows it as a source.
_COMPUTED = (
    "obligations", "allocations", "decisions", "recognition", "accruals", "positions", "contract_costs", "problems",
)  # fmt: skip
_HUNDREDTHS = "cast(cast({} as decimal(38, 6)) * 100 as hugeint)"
_PRODUCT, _WHOLE = f"{_HUNDREDTHS.format('{0}')} * {_HUNDREDTHS.format('{1}')}", _HUNDREDTHS.format("{2}")
_SHARE = (
    f"cast(sign({_PRODUCT}) * sign({_WHOLE}) * ((2 * abs({_PRODUCT}) + abs({_WHOLE})) // (2 * abs({_WHOLE}))) * 0.01 "
    "as decimal(18, 4))"
)
_DUCKDB = {
    "days_from": "date_diff('day', {0}, {1})",
    "period_of": "strftime({0}, '%Y-%m')",
    "share_of": f"case when {{2}} <> 0 then {_SHARE} end",
}


def for_snapshot(sql: str) -> str:
    """SQL of the registry as a published snapshot reads it."""
    return _MACRO.sub(lambda found: _DUCKDB[found[1]].format(*_ARGUMENT.findall(found[2])), sql)


def rows_of(term: Term) -> str:
    """The rows behind a term, in a snapshot: keys, amount, and the record of each."""
    rows = term.rows
    records = [f"{rows.record}.{name}" for name in RECORD_COLUMNS]
    where = " and ".join(f"({one})" for one in (rows.where, term.where) if one) or "true"
    return for_snapshot(
        f"select '{rows.role}' as role, one.book, one.currency, one.period, "
        "coalesce(one.legal_entity_id, owner.legal_entity_id) as legal_entity_id, "
        "coalesce(one.customer_id, owner.customer_id) as customer_id, one.agreement_id, one.project_id, "
        f"{', '.join(f'one.{name}' for name in RECORD_COLUMNS)}, cast(one.amount as decimal(38, 8)) as amount "
        f"from (select {_keys(rows)}, {', '.join(records)}, {term.amount} as amount from {rows.source} where {where}) "
        "as one left join marts.agreement as owner on owner.agreement_id = one.agreement_id "
        "where one.amount is not null and one.period is not null"
    )


def terms_of(chosen: Mapping[str, Term]) -> str:
    """The terms themselves, in a snapshot: what `metrics.metric_terms` holds of them."""
    return for_snapshot(_terms(chosen.values()))


def rendered_models() -> dict[str, str]:
    """Model file -> its text: the registry, its parts, and the terms."""
    built = [term for term in terms().values() if not term.rows.is_of_the_run]
    return {
        "models/metrics/metric.sql": _registry(metrics().values()),
        "models/metrics/metric_parts.sql": _parts(metrics().values()),
        "models/metrics/metric_streams.sql": _streams(metrics().values()),
        "models/metrics/metric_terms.sql": (
            f"{_CONFIG}\n\n{_HEAD}\n{_TERMS}\n{_RELATION.sub(_referred, _terms(built))}\n"
        ),
    }


def _terms(chosen: Iterable[Term]) -> str:
    """One scan of each relation, then one line per term of it; by record where a median is asked for."""
    groups: dict[Rows, list[Term]] = {}
    for term in chosen:
        groups.setdefault(term.rows, []).append(term)
    ordered = sorted(groups.items(), key=lambda item: item[0].name)
    scans = ",\n\n".join(_scan(rows, found) for rows, found in ordered)
    lines = "\n    union all\n".join(
        _line(term, by_record) for _, found in ordered for term in found for by_record in _grains(term)
    )
    columns = ",\n    ".join(
        {"legal_entity_id": "coalesce(every_term.legal_entity_id, owner.legal_entity_id) as legal_entity_id",
         "customer_id": "coalesce(every_term.customer_id, owner.customer_id) as customer_id"}.get(
            name, f"every_term.{name}"
        )
        for name in ("term", "role", *KEY_COLUMNS, "row_id", "amount", "records")
    )  # fmt: skip
    return (
        f"with {scans},\n\nevery_term as (\n\n{lines}\n\n)\n\nselect\n    {columns}\nfrom every_term\n"
        "left join marts.agreement as owner on owner.agreement_id = every_term.agreement_id"
    )


def _grains(term: Term) -> tuple[bool, ...]:
    return (False, True) if term.by_record else (False,)


def _scan(rows: Rows, found: list[Term]) -> str:
    """All terms of one relation in one pass."""
    by_record = any(term.by_record for term in found)
    measures = ",\n            ".join(
        f"{f'case when {term.where} then {term.amount} end' if term.where else term.amount} as {term.name}"
        for term in found
    )
    sums = ",\n        ".join(
        f"sum({term.name}) as {term.name},\n        count({term.name}) as {term.name}_records" for term in found
    )
    keys = ", ".join((*KEY_COLUMNS, *(("row_id",) if by_record else ())))
    record = f",\n            {rows.record}.row_id as row_id" if by_record else ""
    where = f"\n        where {rows.where}" if rows.where else ""
    glue = ",\n            "
    return (
        f"{rows.name} as (\n\n    select\n        {keys},\n        {sums}\n    from (\n        select\n"
        f"            {_keys(rows, glue)}{record},\n            {measures}\n"
        f"        from {rows.source}{where}\n    ) as one\n    where period is not null\n    group by {keys}\n\n)"
    )


def _line(term: Term, by_record: bool) -> str:
    """A term out of its scan. The line of a record names its row; the line of a month names none."""
    rows = term.rows
    row_id = "row_id" if by_record else "cast(null as bigint) as row_id"
    amount, records = f"{term.name}", f"{term.name}_records"
    group = ""
    if term.by_record and not by_record:
        amount, records = f"sum({amount})", f"sum({records})"
        group = f"\n    group by {', '.join(KEY_COLUMNS)}"
    return (
        f"    select\n        '{term.name}' as term, '{rows.role}' as role, {', '.join(KEY_COLUMNS)}, {row_id},\n"
        f"        cast({amount} as decimal(38, 8)) as amount, cast({records} as bigint) as records\n"
        f"    from {rows.name}\n    where {term.name}_records > 0{group}"
    )


def _keys(rows: Rows, glue: str = ", ") -> str:
    return glue.join(f"{getattr(rows, name)} as {name}" for name in KEY_COLUMNS)


def reference(relation: str) -> str:
    """What dbt calls a relation: ``marts.invoice`` -> ``ref('invoice')``; what is written beside dbt is a source."""
    schema, _, name = relation.partition(".")
    is_source = schema == "revenue" and name in _COMPUTED
    return f"source('revenue', '{name}')" if is_source else f"ref('{name}')"


def _referred(found: re.Match[str]) -> str:
    return f"{{{{ {reference(found[0])} }}}}"


def _registry(listed: Iterable[Metric]) -> str:
    rows = [
        {
            "metric": literal(one.name), "title": literal(one.title), "meaning": literal(one.meaning),
            "formula": literal(one.formula), "unit": literal(one.unit), "shape": literal(one.shape),
            "aim": literal(one.aim), "owner": literal(one.owner), "source": literal(one.source),
            "roles": literal(", ".join(one.roles)),
            "asked_by": literal(", ".join(one.keys)), "is_available": _flag(one.is_available),
            "not_held": literal(one.not_held), "streams": literal(", ".join(one.streams)),
            "is_in_days": _flag(one.in_days), "is_now_only": _flag(one.now_only),
            "is_by_currency": _flag("currency" in one.keys), "is_by_book": _flag("book" in one.keys),
            "is_by_legal_entity": _flag("legal_entity" in one.keys),
        }
        for one in listed
    ]  # fmt: skip
    return _values("Every metric, with a value or with the reason why there is none.", rows)


def _parts(listed: Iterable[Metric]) -> str:
    rows = [
        {
            "metric": literal(one.name), "role": literal(role), "side": literal(side), "term": literal(part.term.name),
            "term_role": literal(read), "factor": str(part.factor), "span": literal(part.span.name.lower()),
        }
        for one in listed
        for role in one.roles
        for side, part, read in one.asked(role)
    ]  # fmt: skip
    what = "Which terms a metric adds up, per role it is asked of: how often, over which months, of which role."
    return _values(what, rows)


def _streams(listed: Iterable[Metric]) -> str:
    """How the streams stand that a firm need not export and that some metric needs."""
    needed = ",\n        ".join(f"({literal(one.name)}, {literal(name)})" for one in listed for name in one.streams)
    return (
        f"{_CONFIG}\n\n{_HEAD}\n"
        "-- Streams that a metric needs and a firm need not export, by connection, and whether they were read.\n"
        "select\n    needed.metric,\n    stated.connection,\n    needed.stream,\n    stated.status,\n"
        f"    stated.status in ({', '.join(map(literal, READ))}) as is_read,\n    stated.message\n"
        f"from (\n    values\n        {needed}\n) as needed (metric, stream)\n"
        "inner join {{ source('landed', 'streams') }} as stated on stated.stream = needed.stream\n"
    )


def _values(what: str, rows: Sequence[Mapping[str, str]]) -> str:
    """A relation written out."""
    columns = ", ".join(rows[0])
    lines = ",\n    ".join(f"({', '.join(row.values())})" for row in rows)
    return f"{_CONFIG}\n\n{_HEAD}\n-- {what}\nselect {columns}\nfrom (values\n    {lines}\n) as listed ({columns})\n"


def _flag(value: bool) -> str:
    return str(value).lower()
