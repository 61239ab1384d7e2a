"""Golden cases of rules: claims per relation, and the breaks and proofs they must give, as tables a person can read.

A file holds one or more cases::

    == a late line is only late
    as_of 2026-03-31 | base USD | connections kantata:PSA netsuite:ERP | watermark netsuite 2026-03-31 20:00

    intermediate.int_time_entry__claims  connection=netsuite role=ERP object=timebill
    | source_id | time_entry_key | hours |
    | 91        | 1              | 8     |

    breaks
    | type | key | ... |

    records
    | key | object | record |

    proof
    | measure | ... |

``records`` is left out where it does not matter which records a break names.
An empty cell is NULL, ``''`` is empty text. What a relation has beyond the header is NULL; its columns and types are
those of the entity's contract, columns no contract has are typed by their names. Text outside of this is a comment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from contracts.entity import entities
from reconcile.context import Connection, RunConfig
from reconcile.rule import Rule
from reconcile.run import context_of, run
from tests.reconcile.books import warehouse

__all__ = ["Case", "Table", "outcome", "read", "reconciled", "render"]

_PARTS = ("breaks", "records", "proof")
_RELATION = re.compile(r"\b(?:intermediate|marts|raw|revenue|crosswalk|staging|metrics|seeds)\.[a-z_0-9]+")
_BREAKS = {
    "type": "break_type",
    "key": "entity_id",
    "field": "field",
    "variance": "variance",
    "currency": "currency",
    "status": "status",
    "expected by": "expected_by",
    "at fault": "at_fault",
    "left": "left_value",
    "right": "right_value",
    "title": "title",
}
_RECORDS = {"key": "entity_id", "object": "object", "record": "record_id"}
_PROOF = {
    "side": "other_role",
    "measure": "measure",
    "currency": "currency",
    "reference": "reference_total",
    "other": "other_total",
    "breaks": "breaks",
    "tolerated": "tolerated",
    "quarantined": "quarantined",
    "excluded": "excluded",
    "residual": "residual",
}

#: Types by the end of a name, for columns that no contract has.
_BY_NAME = (
    (r"^(is|has|needs|requires)_", "boolean"),
    (r"(^|_)amount$|^value$|_value$", "decimal(18,4)"),
    (r"(^|_)hours$|^quantity$", "decimal(18,8)"),
    (r"(^|_)rate$", "decimal(18,6)"),
    (r"(^|_)minutes$|^row_id$|_count$", "bigint"),
    (r"_no$", "integer"),
    (r"_on$", "date"),
    (r"_at$|^watermark$", "timestamp"),
)

#: Names that a model's SQL gives to its columns; a superset of what it hands on, all typed by their names.
_NAMED = re.compile(r"(?:\bas\s+|\.)([a-z][a-z0-9_]*)\b")
_MODELS = Path(__file__).parents[2] / "models"


@dataclass
class Table:
    """One relation of a case: its name, values common to all rows, and the rows."""

    name: str
    defaults: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Case:
    """One case: what is claimed and what must come out."""

    name: str
    settings: dict[str, list[str]] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    expected: dict[str, list[list[str]]] = field(default_factory=dict)


def read(path: Path) -> list[Case]:
    """The cases of a file."""
    cases: list[Case] = []
    table: Table | None = None
    for line in path.read_text("utf-8").splitlines():
        text = line.strip()
        if text.startswith("== "):
            cases.append(Case(text[3:].strip()))
            table = None
            continue
        if not cases:
            continue
        case = cases[-1]
        if text.startswith("|"):
            assert table is not None, f"{path.name}: a table without a name: {text}"
            cells = [cell.strip() for cell in text.strip("|").split("|")]
            if table.columns:
                assert len(cells) == len(table.columns), f"{path.name}, {case.name}: {text} has {len(cells)} cells"
                table.rows.append(cells)
            else:
                table.columns = cells
            continue
        table = _named(case, text)
        if text not in _PARTS and (text or case.head):
            _keep(case, line)
    return cases


def _named(case: Case, text: str) -> Table | None:
    """The table that a line begins, after settings have been taken from it."""
    if text.startswith("as_of "):
        for part in text.split("|"):
            key, _, value = part.strip().partition(" ")
            case.settings.setdefault(key, []).append(value.strip())
        return None
    if text in _PARTS:
        found = Table(text)
        case.expected[text] = found.rows
        return found
    if _RELATION.match(text):
        name, *defaults = text.split()
        found = Table(name, dict(item.split("=", 1) for item in defaults))
        case.tables.append(found)
        return found
    return None


def _keep(case: Case, line: str) -> None:
    if not any(line.strip().split(" ")[0] == table.name for table in case.tables):
        case.head.append(line.rstrip())


def outcome(rule: Rule, case: Case) -> dict[str, list[list[str]]]:
    """What the real compiler makes of a case."""
    con = reconciled(case, rule)
    order = "break_type, entity_id, field, variance, left_value, right_value, title"
    found = {"breaks": _select(con, "breaks", _BREAKS, order)}
    if "records" in case.expected:
        found["records"] = _select(con, "break_records join recon.breaks using (break_id)", _RECORDS, "all")
    return found | {"proof": _select(con, "proofs", _PROOF, "side, measure, currency")}


def reconciled(case: Case, *rules: Rule) -> duckdb.DuckDBPyConnection:
    """The warehouse of a case after some rules ran on it."""
    con = warehouse()
    as_of = dt.date.fromisoformat(case.settings["as_of"][0])
    pairs = " ".join(case.settings.get("connections", ["kantata:PSA netsuite:ERP salesforce:CRM"])).split()
    roles: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, role = pair.partition(":")
        roles.setdefault(name, []).append(role)
    start = case.settings.get("start_on", [""])[0]
    config = RunConfig(
        base_currency=case.settings.get("base", ["USD"])[0],
        start_on=dt.date.fromisoformat(start) if start else None,
        connections=tuple(Connection(name, name, tuple(found)) for name, found in roles.items()),
        holidays=tuple(
            dt.date.fromisoformat(day) for text in case.settings.get("holidays", []) for day in text.split()
        ),
    )
    _load(con, rules, case, config, as_of)
    run(con, rules, run_id="case", as_of=as_of, config=config, strict=False)
    return con


def _select(con: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], order: str) -> list[list[str]]:
    rows = con.execute(f"select {', '.join(columns.values())} from recon.{table} order by {order}").fetchall()
    return [list(columns), *([_text(value) for value in row] for row in rows)]


def _text(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", text) else text


def _load(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule], case: Case, config: RunConfig, as_of: dt.date) -> None:
    con.execute("create schema raw")
    con.execute("create table raw.watermarks (connection varchar, watermark timestamp)")
    for text in case.settings.get("watermark", []):
        name, _, instant = text.partition(" ")
        con.execute("insert into raw.watermarks values (?, cast(? as timestamp))", [name, instant])
    given = {table.name for table in case.tables}
    mentioned = {name for rule in rules for name in _mentioned(rule, con, config, as_of)}
    for name in sorted(given | mentioned):
        schema = name.split(".")[0]
        con.execute(f"create schema if not exists {schema}")
        tables = [table for table in case.tables if table.name == name]
        types = dict(_contract(name))
        for table in tables:
            types |= {
                c: types.get(c) or _known_types().get(c, "").replace("string", "varchar") or _type(c)
                for c in [*table.columns, *table.defaults]
            }
        con.execute(f"create table if not exists {name} ({', '.join(f'{c} {t}' for c, t in types.items())})")
        for table in tables:
            _insert(con, table, types)


def _mentioned(rule: Rule, con: duckdb.DuckDBPyConnection, config: RunConfig, as_of: dt.date) -> Iterator[str]:
    """Every relation that a rule reads."""
    context = context_of(con, config, as_of)
    texts = [repr(rule), *(build(context) for build in (rule.sql, rule.proof) if build is not None)]
    for text in texts:
        yield from _RELATION.findall(text)


def _insert(con: duckdb.DuckDBPyConnection, table: Table, types: dict[str, str]) -> None:
    names = [*table.defaults, *table.columns]
    fixed = list(table.defaults.values())
    holes = ", ".join(f"cast(? as {types[name]})" for name in names)
    for row in table.rows:
        values = [None if cell == "" else "" if cell == "''" else cell for cell in [*fixed, *row]]
        con.execute(f"insert into {table.name} ({', '.join(names)}) values ({holes})", values)


@cache
def _contract(relation: str) -> tuple[tuple[str, str], ...]:
    """The columns of a relation: those of its entity's contract, and for helper relations what the model names."""
    found = re.fullmatch(r"intermediate\.int_(\w+?)__(\w+)|marts\.(\w+)", relation)
    contract = entities().get((found.group(1) or found.group(3)) if found else "")
    columns: dict[str, str] = {}
    if contract is not None and found is not None:
        listed = contract.claims if found.group(1) else contract.columns
        columns = {column.name: column.type.data_type for column in listed}
    if contract is None or (found is not None and found.group(2) not in (None, "claims")):
        for path in sorted(_MODELS.rglob(f"{relation.split('.')[1]}.sql")):
            for name in sorted(set(_NAMED.findall(path.read_text("utf-8")))):
                columns.setdefault(name, _known_types().get(name) or _type(name))
    return tuple((name, "varchar" if kind == "string" else kind) for name, kind in columns.items())


@cache
def _known_types() -> dict[str, str]:
    """The type of a column name in whichever contract has it."""
    return {column.name: column.type.data_type for one in entities().values() for column in one.claims}


def _type(name: str) -> str:
    return next((kind for pattern, kind in _BY_NAME if re.search(pattern, name)), "varchar")


def render(cases: list[Case], results: list[dict[str, list[list[str]]]], preface: str) -> str:
    """The file with the results as its expectations."""
    parts = [preface.rstrip(), ""]
    for case, result in zip(cases, results, strict=True):
        parts += [f"== {case.name}", *_trimmed(case.head), ""]
        for table in case.tables:
            given = " ".join(f"{key}={value}" for key, value in table.defaults.items())
            parts += [f"{table.name}  {given}".rstrip(), *_drawn([table.columns, *table.rows]), ""]
        for name in _PARTS:
            parts += [name, *_drawn(result[name]), ""] if name in result else []
    return "\n".join(parts).rstrip() + "\n"


def _trimmed(lines: list[str]) -> list[str]:
    text = re.sub(r"\n{2,}", "\n", "\n".join(lines).strip("\n"))
    return text.splitlines()


def _drawn(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
