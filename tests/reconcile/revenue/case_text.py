"""Golden cases of revenue: an accountant's tables read into evidence, and what came out compared cell by cell.

A file holds one case: a title, its source, notes, then parts. A part begins with `== name` (a file with one part needs
none) and has settings (`policy ssp=list`, `through 2026-12`), tables of input and tables of expectation. An empty cell
of an expectation is not asserted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconcile.revenue.evidence import read_events
from reconcile.revenue.modification import Override
from reconcile.revenue.policy import Policy
from reconcile.revenue.recompute import recompute
from reconcile.revenue.rows import Recomputed

_TABLES = (
    "events", "overrides", "expected", "obligations", "decisions", "problems", "allocations", "accruals", "costs",
    "rates", "journals", "recharges", "consolidated", "movements",
)  # fmt: skip
_LABEL = re.compile(r"\[(?:P\d+|S|M|D)\]")


@dataclass
class Table:
    """A table of a part: its defaults, its columns and its rows as text."""

    name: str
    defaults: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Part:
    """One part of a case: what happens and what must come out."""

    name: str
    policy: dict[str, Any] = field(default_factory=dict)
    through: str = ""
    tables: list[Table] = field(default_factory=list)

    def named(self, name: str) -> list[Table]:
        return [table for table in self.tables if table.name == name]


@dataclass
class Case:
    """One case file."""

    name: str
    title: str
    source: str
    parts: list[Part]


def read(path: Path) -> Case:
    """A case file."""
    lines = path.read_text("utf-8").splitlines()
    case = Case(path.stem, lines[0].strip(), "", [Part("")])
    table: Table | None = None
    for line in lines[1:]:
        text = line.strip()
        word, _, rest = text.partition(" ")
        if text.startswith("== "):
            case.parts.append(Part(text[3:]))
            table = None
        elif text.startswith("|"):
            assert table is not None, f"{path.name}: a table without a name: {text}"
            _row(path, table, [cell.strip() for cell in text.strip("|").split("|")])
        elif word == "source":
            case.source = rest.strip()
        elif word == "policy":
            case.parts[-1].policy = _policy(rest)
        elif word == "through":
            case.parts[-1].through = rest.strip()
        elif word in _TABLES and not rest.strip().strip(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=_- "
        ):
            table = Table(word, dict(item.split("=", 1) for item in rest.split()))
            case.parts[-1].tables.append(table)
    case.parts = [part for part in case.parts if part.tables]
    return case


def _row(path: Path, table: Table, cells: list[str]) -> None:
    if not table.columns:
        table.columns = cells
        return
    assert len(cells) == len(table.columns), f"{path.name}: {len(cells)} cells instead of {len(table.columns)}: {cells}"
    table.rows.append(dict(zip(table.columns, cells, strict=True)))


def _policy(text: str) -> dict[str, Any]:
    pairs = dict(item.split("=", 1) for item in text.split())
    return {k: (tuple(filter(None, v.split(","))) if k == "rpo_exemptions" else v) for k, v in pairs.items()}


def labels(source: str) -> list[str]:
    """How strongly a case is confirmed: the labels of SOURCES.md."""
    return _LABEL.findall(source)


# input


def recomputed(part: Part) -> Recomputed:
    """What the engine makes of a part."""
    rows = list(evidence(part))
    through = part.through or max(row["period"] for row in rows)
    return recompute(read_events(rows), Policy(**part.policy), through=through, decisions=_overrides(part))


def evidence(part: Part) -> Iterator[dict[str, Any]]:
    """The events of a part as rows of `revenue.evidence`."""
    place = 0
    for table in part.named("events"):
        for row in table.rows:
            place += 1
            yield _evidence(table.defaults | {k: v for k, v in row.items() if v}, place)


def _evidence(row: dict[str, str], place: int) -> dict[str, Any]:
    what, _, version = row["what"].partition(" ")
    quantity, _, unit = row.get("quantity", "").partition(" ")
    notes = dict(_pair(text) for text in row.get("notes", "").split(";") if text.strip())
    period = notes.pop("period", row["date"][:7])
    return {
        "agreement_id": row.get("agreement", "A1"),
        "book": "primary",
        "legal_entity_id": row.get("entity", "US01"),
        "customer_id": "C1",
        "currency": row.get("currency", "USD"),
        "kind": what,
        "happened_on": row["date"],
        "period": period,
        "version_no": int(version) if version else None,
        "obligation_key": row.get("obligation"),
        "amount": row.get("amount", "").replace(",", "") or None,
        "quantity": quantity.replace(",", "") or None,
        "unit": unit,
        "attributes": json.dumps(notes),
        "connection": "case",
        "object": "events",
        "source_id": str(place),
        "row_id": str(place),
        "records": 1,
    }


def _pair(text: str) -> tuple[str, Any]:
    key, _, value = (side.strip() for side in text.partition("="))
    if key == "targets":
        return key, value.split(",")
    if key == "outcomes":
        return key, [outcome.split("@") for outcome in value.split(",")]
    return key, value


def _overrides(part: Part) -> list[Override]:
    return [
        Override(
            agreement_id=row.get("agreement") or "A1",
            book="primary",
            version_no=int(row["version"]),
            obligation_key=row.get("obligation") or None,
            treatment=row["treatment"],
            decided_on=date.fromisoformat(row["date"]),
            period=row["date"][:7],
            decided_by=row["by"],
            reason=row["reason"],
        )
        for table in part.named("overrides")
        for row in table.rows
    ]


# expectation

_POSITION = {
    "R cum": "recognised", "billed": "billed", "CA": "contract_asset", "UR": "unbilled_receivable",
    "CL": "contract_liability", "RL": "refund_liability", "AR": "receivable", "cash": "cash", "TP": "transaction_price",
    "CV": "contract_value", "CV - TP": "constrained_amount", "RPO": "rpo", "RPO 12": "rpo_next_12",
    "RPO 24": "rpo_next_24", "RPO later": "rpo_later", "exempt": "rpo_exempt", "backlog": "backlog",
    "funded": "funded_backlog", "scheduled": "scheduled_backlog", "re-estimate": "tm_reestimate",
    "constrained": "constrained_estimates", "concessions": "expected_concessions", "cancellable": "cancellable_value",
    "right to invoice": "exempt_right_to_invoice", "one year": "exempt_one_year",
}  # fmt: skip
_RECOGNITION = {
    "R": "period_amount", "R cum": "cumulative_amount", "catch-up": "catch_up_amount", "prior": "prior_period_amount",
    "provision": "provision_amount", "price": "price_amount", "done": "done", "total": "total",
    "functional": "functional_amount",
}  # fmt: skip


def differences(part: Part, found: Recomputed) -> list[str]:
    """Every cell that is not as expected, in words."""
    result: list[str] = []
    for table in part.named("expected"):
        for row in table.rows:
            result += _amounts(part, row, found)
    for name, compare in _LISTS.items():
        for table in part.named(name):
            result += compare(part, table, found)
    return result


def _amounts(part: Part, row: dict[str, str], found: Recomputed) -> Iterator[str]:
    period, obligation, agreement = row["period"], row.get("obligation"), row.get("agreement")
    positions = [p for p in found.positions if p.period == period and agreement in (None, "", p.agreement_id)]
    earned = [
        r for r in found.recognition
        if r.period == period and agreement in (None, "", r.agreement_id) and obligation in (None, "", r.obligation_key)
    ]  # fmt: skip
    for column, text in row.items():
        if not text or column in ("period", "obligation", "agreement", "point"):
            continue
        if column == "progress":
            value = _percent(earned)
        elif column in _RECOGNITION and (obligation or column not in _POSITION):
            value = _sum(getattr(r, _RECOGNITION[column]) for r in earned)
        else:
            value = _sum(getattr(p, _POSITION[column]) for p in positions)
        if text == "none":
            if positions or earned:
                yield f"{part.name or 'case'}, {period} {obligation or ''}, {column}: expected no row, found {value}"
        elif value is None or value != Decimal(text.replace(",", "").rstrip("%")):
            yield f"{part.name or 'case'}, {period} {obligation or ''}, {column}: expected {text}, found {value}"


def _sum(values: Iterator[Decimal | None]) -> Decimal | None:
    numbers = list(values)
    return None if not numbers or None in numbers else sum((n for n in numbers if n is not None), Decimal(0))


def _percent(earned: list[Any]) -> Decimal | None:
    return round(earned[0].done * 100 / earned[0].total, 4) if len(earned) == 1 and earned[0].total else None


def _listed(fields: dict[str, str], rows: Callable[[Recomputed], list[Any]]) -> Callable[..., list[str]]:
    """Compares a table with rows, as sets of the columns it names."""

    def compare(part: Part, table: Table, found: Recomputed) -> list[str]:
        wanted = sorted(tuple(_plain(row[c]) for c in table.columns) for row in table.rows)
        there = sorted(tuple(_plain(getattr(r, fields[c])) for c in table.columns) for r in rows(found))
        title = part.name or "case"
        missing = [f"{title}, {table.name}: expected {row}, found {there}" for row in wanted if row not in there]
        return missing + [f"{title}, {table.name}: not expected {row}" for row in there if row not in wanted]

    return compare


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    if re.fullmatch(r"-?[\d,]+(\.\d+)?", text) and text.count("-") < 2:
        number = Decimal(text.replace(",", ""))
        return f"{number.normalize():f}" if number else "0"
    return text


_FIELDS: dict[str, dict[str, str]] = {
    "decisions": {
        "version": "version_no", "obligation": "obligation_key", "treatment": "treatment",
        "effect": "effect_amount", "period": "period", "by": "decided_by", "instead of": "overrides", "rule": "rule",
        "agreement": "agreement_id", "reason": "reason",
    },
    "problems": {
        "code": "code", "obligation": "obligation_key", "period": "period", "amount": "amount",
        "agreement": "agreement_id",
    },
    "allocations": {
        "version": "version_no", "obligation": "obligation_key", "price": "price_amount", "method": "method",
    },
    "accruals": {
        "period": "period", "project": "project", "obligation": "obligation_key", "amount": "amount",
        "hours": "hours", "reverses in": "reverses_in",
    },
    "obligations": {
        "obligation": "obligation_key", "price": "allocated_amount", "status": "status", "method": "method",
        "variable": "variable_amount", "exemption": "rpo_exemption",
    },
}  # fmt: skip


def _rows(name: str) -> Callable[[Recomputed], list[Any]]:
    if name == "decisions":
        return lambda found: [row for row in found.decisions if row.treatment != "original"]
    return lambda found: list(getattr(found, name))


_COST_AMOUNTS = {
    "incurred": "incurred_amount", "capitalised": "capitalised_amount", "amortised": "amortised_amount",
    "impaired": "impaired_amount",
}  # fmt: skip


def _costs(part: Part, table: Table, found: Recomputed) -> list[str]:
    """Compares costs of the contract; a row may be of a month or a year, and of several costs (`design, migration`)."""
    result: list[str] = []
    for row in table.rows:
        names = [name.strip() for name in row["cost"].split(",")]
        there = [c for c in found.contract_costs if c.cost_name in names and c.period.startswith(row["period"])]
        last = max((c.period for c in there), default="")
        seen: dict[str, object] = {
            "purpose": ", ".join(sorted({c.purpose for c in there})),
            "treatment": ", ".join(sorted({c.treatment.replace("_", " ") for c in there})),
            "currency": ", ".join(sorted({c.currency for c in there})),
            "closing": sum(c.closing_amount for c in there if c.period == last),
            **{name: sum(getattr(c, column) for c in there) for name, column in _COST_AMOUNTS.items()},
        }
        result += [
            f"{part.name or 'case'}, {row['period']} {row['cost']}, {column}: expected {text}, found {seen[column]}"
            for column, text in row.items()
            if text and column not in ("period", "cost") and _plain(seen[column]) != _plain(text)
        ]
    return result


_LISTS = {name: _listed(fields, _rows(name)) for name, fields in _FIELDS.items()} | {"costs": _costs}
