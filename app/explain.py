"""Explains anything by its name: a check, a break, an action, a source row, a figure, a difference of two figures.

Each explanation is a tree of plain values: what it is, how it is defined, the terms that add up to it, and the source
rows at the end. `explain` reads the published snapshot; source rows are read from the raw files they landed in.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.data import Snapshot
from app.database import connect
from app.format import words
from app.project import Project
from contracts.errors import ConfigError
from ingest.loads import parquet_relation

if TYPE_CHECKING:
    from app.metrics import Question

__all__ = ["Explained", "explain", "source_row"]

Explained = dict[str, Any]

_DIFFERENCE = re.compile(r"^difference:(?P<name>\w+)(?:\[(?P<keys>[^\]]*)\])?$")
_METRIC = re.compile(r"^metric:(?P<name>\w+)(?:\[(?P<keys>[^\]]*)\])?$")
#: Source rows shown with all their fields.
_FULL_ROWS = 5
_CHECK = re.compile(r"^[A-Za-z]{1,3}\d{2,3}$")


def explain(project: Project, snapshot: Snapshot, subject: str) -> Explained:
    """What `subject` is: ``K14``, ``BRK-..``, ``ACT-..``, ``row:123``, ``metric:backlog[period=2026-02]`` or
    ``difference:planned[agreement=SOW-2025-014]``.
    """
    upper = subject.upper()
    if upper.startswith("BRK"):
        return _break(project, snapshot, upper)
    if upper.startswith("ACT"):
        return _action(snapshot, upper)
    if subject.lower().startswith("row:"):
        return _row(project, snapshot, subject[4:])
    if metric := _METRIC.match(subject):
        return _metric(project, snapshot, metric["name"], metric["keys"] or "")
    if asked := _DIFFERENCE.match(subject):
        return _difference(project, snapshot, asked["name"], asked["keys"] or "")
    if _CHECK.match(subject) or snapshot.rows("select 1 from recon.rules where rule = ?", [subject]):
        return _check(snapshot, subject)
    raise ConfigError(
        f"{subject!r} is nothing we can explain",
        then="Give a check (K14), a break (BRK..), an action (ACT..), row:<id>, metric:<name>[key=value,..] or "
        "difference:<name>[key=value,..].",
    )


def source_row(project: Project, snapshot: Snapshot, row_id: int) -> Explained | None:
    """One source row as it landed: where it came from and every field, under the vendor's own names."""
    book = snapshot.one(
        "select connection, stream, system, source, parquet, load_id from raw.files "
        "where ? between row_base and row_end",
        [row_id],
    )
    if book is None:
        return None
    path = Path(book["parquet"])
    with connect() as con:
        source = parquet_relation([path if path.is_absolute() else project.root / path])
        rows = con.sql(f"select * from {source} where _row_id = {int(row_id)}").pl()
    if rows.is_empty():
        return None
    values = rows.row(0, named=True)
    return {
        "row_id": row_id,
        **{name: book[name] for name in ("connection", "stream", "source", "load_id")},
        "line": values.get("_source_row"),
        "fields": {
            name: value for name, value in values.items() if not name.startswith("_") and value not in (None, "")
        },
    }


def _check(snapshot: Snapshot, name: str) -> Explained:
    rule = snapshot.one("select * from recon.rules where upper(check_id) = upper(?) or rule = ?", [name, name])
    if rule is None:
        raise ConfigError(f"There is no check {name}", then="See `tieout list rules`.")
    check = rule["check_id"]
    proofs = snapshot.rows(
        """
        select reference_role, other_role, book, currency, measure, reference_total, other_total, breaks, tolerated,
          quarantined, excluded, residual, status
        from recon.proofs where check_id = ? order by all
        """,
        [check],
    )
    coverage = snapshot.one(
        "select status, reason, rows_tested, breaks from recon.coverage where check_id = ?", [check]
    )
    return {
        "subject": check,
        "is": words(rule["rule"]),
        "definition": rule["help"],
        "facts": {key: rule[key] for key in ("entity", "shape", "severity", "owner", "money_kind", "version")},
        "coverage": coverage,
        "terms": proofs,
        "breaks": snapshot.rows(
            "select break_id, title, variance, currency, status from recon.breaks where check_id = ? "
            "order by abs(coalesce(impact, 0)) desc, break_id limit 20",
            [check],
        ),
    }


def _break(project: Project, snapshot: Snapshot, break_id: str) -> Explained:
    found = snapshot.break_by_id(break_id)
    if found is None:
        raise ConfigError(f"There is no break {break_id} in this run", then="See `tieout breaks`.")
    records = snapshot.records(break_id, limit=20).to_dicts()
    shown = ("check_id", "status", "severity", "break_type", "variance", "currency", "impact", "at_fault", "cause",
             "owner", "customer_name", "agreement_number", "project_code", "document_number", "period",
             "age_days", "root_id", "expected_by")  # fmt: skip
    return {
        "subject": break_id,
        "is": found["title"],
        "definition": snapshot.help_of(found["check_id"]),
        "facts": {name: found[name] for name in shown if found.get(name) not in (None, "")},
        "sides": snapshot.sides(break_id).to_dicts(),
        "records": records,
        "family": [
            one for one in snapshot.family(found["root_id"] or break_id).to_dicts() if one["break_id"] != break_id
        ],
        "actions": snapshot.rows(
            f"select action_id, kind, status, reason from {snapshot.actions_from} "
            "where list_contains(breaks, ?) order by 1",
            [break_id],
        ),
        "rows": [row for one in records if one["row_id"] is not None
                 if (row := source_row(project, snapshot, one["row_id"])) is not None],
    }  # fmt: skip


def _action(snapshot: Snapshot, action_id: str) -> Explained:
    found = snapshot.action_by_id(action_id)
    if found is None:
        raise ConfigError(f"There is no action {action_id} in this run", then="See `tieout actions`.")
    documents = ("target", "precondition", "changes", "request", "approval", "compensation")
    read = {name: json.loads(found[name]) if isinstance(found[name], str) else found[name] for name in documents}
    shown = (
        "version",
        "kind",
        "status",
        "impact",
        "currency",
        "posting_period",
        "safety",
        "group_id",
        "sequence",
        "batch_id",
    )
    return {
        "subject": action_id,
        "is": found["reason"],
        "facts": {name: found[name] for name in shown if found.get(name) not in (None, "")},
        **read,
        "depends_on": found["depends_on"],
        "breaks": snapshot.rows(
            "select break_id, check_id, title, variance, currency, status from recon.breaks "
            "where break_id in (select unnest(?)) order by 1",
            [list(found["breaks"])],
        ),
    }


def _row(project: Project, snapshot: Snapshot, text: str) -> Explained:
    if not text.isdigit():
        raise ConfigError(f"row:{text} has no number", then="Give the row id a break shows, for example row:1234.")
    found = source_row(project, snapshot, int(text))
    if found is None:
        raise ConfigError(
            f"No landed row has the id {text}", then="See the records of a break: tieout breaks show BRK.."
        )
    quarantined = snapshot.rows("select * exclude (raw_row) from quarantine.rows where row_id = ?", [int(text)])
    breaks = snapshot.rows(
        "select distinct break_id, check_id, title from recon.breaks join recon.break_records using (break_id) "
        "where row_id = ? order by 1",
        [int(text)],
    )
    return {"subject": f"row:{text}", "is": f"{found['connection']} {found['stream']}, {found['source']}", **found,
            "quarantine": quarantined, "breaks": breaks}  # fmt: skip


def _metric(project: Project, snapshot: Snapshot, name: str, keys: str) -> Explained:
    """A metric by its keys: value, definition, the terms that add up to it, and the largest records behind them."""
    from app import metrics

    question = metrics.ask(snapshot, name, _keys(keys))
    metric = question.metric
    facts = {
        "formula": metric.formula, "unit": str(metric.unit), "good": str(metric.aim), "owner": str(metric.owner),
        "source": metric.source, "variants": ", ".join(metric.variants),
    }  # fmt: skip
    answer: Explained = {"subject": f"metric:{name}{f'[{keys}]' if keys else ''}", "is": metric.title,
                         "definition": metric.meaning}  # fmt: skip
    if reason := metric.not_held or metrics.lacking(snapshot, metric):
        return answer | {"value": None, "not_available": reason, "facts": facts}
    terms = metrics.terms_in(snapshot, question)
    records = metrics.records(snapshot, question)
    asked = {"role": question.role, "period": question.period, **question.narrowed}
    if metric.streams and (aside := metrics.left_out(snapshot, metric)):
        facts["rows_set_aside"] = ", ".join(f"{rows} of {stream}" for stream, rows in aside.items())
    return {
        **answer,
        "value": metrics.values(snapshot, question, terms),
        "facts": asked | facts,
        "terms": terms,
        "records": records,
        "rows": [row for one in _nearest(records, question) if (row := source_row(project, snapshot, one)) is not None],
    }  # fmt: skip


def _difference(project: Project, snapshot: Snapshot, name: str, keys: str) -> Explained:
    """Two figures and the causes between them; the largest records in full where one agreement is asked for."""
    from app import differences

    asked = _keys(keys)
    answer = differences.difference(snapshot, name, asked)
    full = [one["row_id"] for one in answer["records"] if one["row_id"] is not None]
    shown = list(dict.fromkeys(full))[: _FULL_ROWS if "agreement" in asked else 0]
    return answer | {"rows": [row for one in shown if (row := source_row(project, snapshot, one)) is not None]}


def _nearest(records: list[dict[str, Any]], question: Question) -> list[int]:
    """Rows to show in full: the largest few, where one agreement or project is asked for."""
    is_near = {"agreement_id", "project_id"} & set(question.narrowed)
    return [one["row_id"] for one in records if one["row_id"] is not None][: _FULL_ROWS if is_near else 0]


def _keys(text: str) -> dict[str, str]:
    """``agreement=SOW-2025-014, period=2026-02`` -> its parts."""
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    for key, sign, _ in parts:
        if not sign:
            raise ConfigError(f"{key.strip()!r} says no value", then="Write <name>[key=value,key=value].")
    return {key.strip().lower(): value.strip() for key, _, value in parts}
