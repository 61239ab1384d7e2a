"""A firm of one folder: tiny exports written by the test itself, and a warehouse beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts.registry import discover
from ingest.land import Landing, land
from ingest.system import Connection, Stream


@dataclass
class Exports:
    """Writes exports of one connection and lands them."""

    root: Path
    warehouse: duckdb.DuckDBPyConnection
    connection: Connection
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / self.connection.path

    def stream(self, name: str) -> Stream:
        return discover("ingest.systems", "SYSTEM")[self.connection.system].stream(name)

    def rows(self, stream: str, count: int, start: int = 0, **values: Any) -> list[dict[str, Any]]:
        """Rows that every rule of the stream accepts, with the given values in place of the made-up ones."""
        made = []
        for number in range(start, start + count):
            row = {item.name: self._value(item, number) for item in self.stream(stream).fields}
            row |= {name: value(number) if callable(value) else value for name, value in values.items()}
            made.append(row)
        return made

    def _value(self, item: Any, number: int) -> Any:
        if item.values:
            return item.values[0]
        if item.lengths:
            return f"{number:015d}AAA"
        local = self.connection.system == "netsuite"
        kinds = {
            "text": f"{number}",
            "integer": number,
            "decimal": "1.5" if item.scale else "1",
            "money": f"{number}.25" if item.scale else number,
            "boolean": "F" if local else "false",
            "date": "2026-03-01",
            "timestamp": "2026-03-01 08:00:00" if local else "2026-03-01T08:00:00.000Z",
            "json": "[]",
        }
        return kinds[item.type]

    def csv(self, file: str, rows: list[dict[str, Any]], **dialect: Any) -> Path:
        """Writes rows as CSV, all quoted."""
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\n", **dialect)
        writer.writeheader()
        writer.writerows(rows)
        return self.text(file, text.getvalue())

    def jsonl(self, file: str, rows: list[dict[str, Any]]) -> Path:
        """Writes rows as JSON lines."""
        return self.text(file, "".join(json.dumps(row) + "\n" for row in rows))

    def text(self, file: str, content: str, encoding: str = "utf-8") -> Path:
        """Writes a file as it stands."""
        path = self.folder / file
        path.write_bytes(content.encode(encoding))
        return path

    def land(self, **options: Any) -> Landing:
        """Lands everything."""
        return land(self.warehouse, self.connection, root=self.root, **options)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What the warehouse says."""
        return self.warehouse.execute(sql).fetchall()

    def conserved(self) -> bool:
        """Both laws hold for every load in the books."""
        lines = self.query(
            "select count(*) from raw.loads where lines <> headers + rows_new + rejected + rows_unchanged"
        )
        money = self.query("select count(*) from raw.load_money where read <> landed + quarantined + unchanged")
        return lines == money == [(0,)]


@pytest.fixture
def exports(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Exports]:
    """Exports of Salesforce, or of the system a test names by indirect parametrisation."""
    system = getattr(request, "param", "salesforce")
    (tmp_path / "exports").mkdir()
    with duckdb.connect() as warehouse:
        yield Exports(tmp_path, warehouse, Connection(system, system, "exports"))
