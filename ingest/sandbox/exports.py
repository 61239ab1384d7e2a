"""The export files of a sandbox as records that can be read and changed one by one, and written back as streams.

Streams are named ``"<connection>.<Stream>"`` and loaded when first asked for. Single records are found by an index and
changed in memory; `frame` gives the whole stream with every change in it, `put` replaces it. A changed record carries
the new time of change; `save` writes the changed streams and moves the watermark.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.writer import read_stream, schemas, write_manifest, write_stream

__all__ = ["Exports", "NoSuchRecord", "Row", "coerced", "key_of"]

Row = dict[str, Any]

#: Columns that say when a record was last changed, in whichever stream has them.
_STAMPS = ("SystemModstamp", "LastModifiedDate", "updated_at", "lastmodifieddate", "linelastmodifieddate")
#: Streams whose key is not `id` (or `Id`).
_KEYS: dict[str, tuple[str, ...]] = {
    "netsuite.transactionline": ("transaction", "id"),
    "netsuite.transactionaccountingline": ("transaction", "transactionline"),
    "netsuite.nexttransactionlinelink": ("previousdoc", "previousline", "nextdoc", "nextline", "linktype"),
    "netsuite.entityaddress": ("nkey",),
    "netsuite.deletedrecord": ("recordid", "type"),
}


class NoSuchRecord(LookupError):
    """A record that a call names is not there."""


class Exports:
    """The records of one sandbox. `now` is when the changes happen; `as_of` the day the firm is observed."""

    def __init__(self, folder: Path, firm: Firm | None = None) -> None:
        self.folder = folder
        self.firm = firm or _firm(folder)
        self.connections = sorted(path.name for path in (folder / "exports").iterdir() if path.is_dir())
        self.watermark = max(_watermark(folder / "exports" / name) for name in self.connections)
        self.now = self.watermark + dt.timedelta(seconds=1)
        self.as_of: dt.date = self.watermark.date()
        #: Names of streams -> keys of records changed, added or taken away since they were loaded.
        self.touched: dict[str, set[str]] = defaultdict(set)
        self.added: dict[str, set[str]] = defaultdict(set)
        self.removed: dict[str, dict[str, Row]] = defaultdict(dict)
        self._frames: dict[str, pl.DataFrame] = {}
        self._patches: dict[str, dict[str, Row]] = defaultdict(dict)
        self._new: dict[str, dict[str, Row]] = defaultdict(dict)
        self._gone: dict[str, set[str]] = defaultdict(set)
        self._rows: dict[str, dict[str, int]] = {}
        self._values: dict[tuple[str, str], dict[str, set[str]]] = {}
        self._changed: set[str] = set()

    def frame(self, name: str) -> pl.DataFrame:
        """The whole stream with every change made so far."""
        self._flush(name)
        return self._load(name)

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Replace a whole stream."""
        self._flush(name)
        self._frames[name] = frame.select(pl.col(column).cast(dtype) for column, dtype in self.schema(name).items())
        self._forget(name)
        self._changed.add(name)

    def schema(self, name: str) -> dict[str, pl.DataType]:
        """The typed columns of a stream."""
        connection, stream = name.split(".", 1)
        return schemas(connection)[stream]

    def get(self, name: str, record_id: str) -> Row | None:
        """One record by its key; None when it is not there."""
        record_id = str(record_id)
        if record_id in self._gone[name]:
            return None
        if record_id in self._new[name]:
            return dict(self._new[name][record_id])
        position = self._index(name).get(record_id)
        if position is None:
            return None
        return {**self._load(name).row(position, named=True), **self._patches[name].get(record_id, {})}

    def must(self, name: str, record_id: str) -> Row:
        """One record by its key."""
        found = self.get(name, record_id)
        if found is None:
            raise NoSuchRecord(f"{name} has no record {record_id}")
        return found

    def find(self, name: str, column: str, value: object) -> list[Row]:
        """The records whose `column` has a value, in the order of their keys."""
        index = self._value_index(name, column)
        return [self.must(name, record_id) for record_id in sorted(index.get(str(value), ()), key=_natural)]

    def update(self, name: str, record_id: str, values: Row) -> None:
        """Change fields of one record, and say when."""
        before = self.must(name, str(record_id))
        record_id, schema = str(record_id), self.schema(name)
        stamped = {column: self.now for column in _STAMPS if column in schema}
        patch = {column: coerced(value, schema[column]) for column, value in values.items()} | stamped
        for column in patch:
            self._reindex(name, column, record_id, before.get(column), patch[column])
        if record_id in self._new[name]:
            self._new[name][record_id].update(patch)
        else:
            self._patches[name].setdefault(record_id, {}).update(patch)
        self.touched[name].add(record_id)
        self._changed.add(name)

    def add(self, name: str, values: Row) -> str:
        """Add one record and return its key. Columns that are not given are empty; times of creation are now."""
        schema = self.schema(name)
        row: Row = {column: coerced(values.get(column), dtype) for column, dtype in schema.items()}
        for column in (*_STAMPS, "CreatedDate", "created_at", "createddate", "datecreated"):
            if column in schema and row[column] is None:
                row[column] = self.now
        record_id = "/".join(str(row[column]) for column in key_of(name))
        if self.get(name, record_id) is not None:
            raise ValueError(f"{name} has a record {record_id} already")
        self._gone[name].discard(record_id)
        self._new[name][record_id] = row
        for stream, column in self._values:
            if stream == name:
                self._reindex(name, column, record_id, None, row.get(column))
        self.added[name].add(record_id)
        self._changed.add(name)
        return record_id

    def remove(self, name: str, record_id: str) -> Row:
        """Take one record away and return it as it was."""
        record_id = str(record_id)
        before = self.must(name, record_id)
        if self._new[name].pop(record_id, None) is None or record_id in self._index(name):
            self._gone[name].add(record_id)
        self._patches[name].pop(record_id, None)
        for stream, column in self._values:
            if stream == name:
                self._reindex(name, column, record_id, before.get(column), None)
        self.removed[name][record_id] = before
        self._changed.add(name)
        return before

    def next_id(self, *names: str) -> str:
        """The next free number among the ids of some streams."""
        return str(max((self._highest(name) for name in names), default=0) + 1)

    def save(self) -> list[str]:
        """Write every changed stream and move the watermark of all connections; returns the streams written."""
        written = sorted(self._changed)
        for name in written:
            connection, stream = name.split(".", 1)
            write_stream(self.folder / "exports" / connection, connection, stream, self.frame(name))
        if written:
            moved = self.now + dt.timedelta(seconds=1)
            for connection in self.connections:
                write_manifest(self.folder / "exports" / connection, moved, account=f"{connection}-sandbox")
        self._changed.clear()
        return written

    def _load(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            connection, stream = name.split(".", 1)
            self._frames[name] = read_stream(self.folder / "exports" / connection, connection, stream)
        return self._frames[name]

    def _index(self, name: str) -> dict[str, int]:
        if name not in self._rows:
            frame = self._load(name)
            keys = frame.select(pl.concat_str([pl.col(one).cast(pl.String) for one in key_of(name)], separator="/"))
            self._rows[name] = {key: position for position, key in enumerate(keys.to_series().to_list())}
        return self._rows[name]

    def _value_index(self, name: str, column: str) -> dict[str, set[str]]:
        if (name, column) not in self._values:
            frame = self.frame(name)
            keys = frame.select(pl.concat_str([pl.col(one).cast(pl.String) for one in key_of(name)], separator="/"))
            index: dict[str, set[str]] = defaultdict(set)
            for key, value in zip(keys.to_series().to_list(), frame[column].to_list(), strict=True):
                if value is not None:
                    index[str(value)].add(key)
            self._values[(name, column)] = index
        return self._values[(name, column)]

    def _reindex(self, name: str, column: str, record_id: str, before: object, after: object) -> None:
        index = self._values.get((name, column))
        if index is None:
            return
        if before is not None:
            index.get(str(before), set()).discard(record_id)
        if after is not None:
            index.setdefault(str(after), set()).add(record_id)

    def _highest(self, name: str) -> int:
        column = key_of(name)[-1]
        highest = self._load(name)[column].cast(pl.Int64, strict=False).max()
        added = [int(row[column]) for row in self._new[name].values() if str(row[column]).isdigit()]
        return max([int(str(highest or 0)), *added])

    def _flush(self, name: str) -> None:
        """Bring single changes into the frame."""
        patches, added, gone = self._patches.pop(name, {}), self._new.pop(name, {}), self._gone.pop(name, set())
        if not (patches or added or gone):
            return
        frame, index, schema = self._load(name), dict(self._index(name)), self.schema(name)
        if patches:
            positions = sorted(index[record_id] for record_id in patches)
            by_position = {index[record_id]: patch for record_id, patch in patches.items()}
            rows = [{**row, **by_position[at]} for at, row in zip(positions, frame[positions].to_dicts(), strict=True)]
            changed = pl.DataFrame(rows, schema=schema).with_columns(_at=pl.Series(positions, dtype=pl.UInt32))
            frame = frame.with_row_index("_at").filter(~pl.col("_at").is_in(positions))
            frame = pl.concat([frame, changed.select(frame.columns)]).sort("_at").drop("_at")
        if gone:
            drop = [index[record_id] for record_id in gone if record_id in index]
            frame = frame.with_row_index("_at").filter(~pl.col("_at").is_in(drop)).drop("_at")
        if added:
            frame = pl.concat([frame, pl.DataFrame(list(added.values()), schema=schema)])
        self._frames[name] = frame
        self._rows.pop(name, None)

    def _forget(self, name: str) -> None:
        self._rows.pop(name, None)
        for key in [key for key in self._values if key[0] == name]:
            del self._values[key]


def key_of(name: str) -> tuple[str, ...]:
    """The key columns of a stream."""
    return _KEYS.get(name, ("Id",) if name.startswith("salesforce.") else ("id",))


def coerced(value: object, dtype: pl.DataType) -> object:
    """A value of a native call as the column holds it: text, numbers, dates, ``T``/``F``, ``{"id": ..}``."""
    if isinstance(value, dict) and set(value) <= {"id", "refName"}:
        value = value.get("id")
    if value is None or value == "":
        return None
    if isinstance(dtype, pl.Decimal):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-dtype.scale))
    read = next((read for kind, read in _READ if dtype == kind), None)
    if dtype.is_integer():
        read = _integer
    return read(value) if read else value


def _boolean(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "t", "1")


def _date(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])


def _instant(value: object) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value)).replace(tzinfo=None)


def _integer(value: object) -> int:
    return int(str(value))


#: Type of a column -> how a value of a call is read into it.
_READ: tuple[tuple[type[pl.DataType], Callable[[object], object]], ...] = (
    (pl.Boolean, _boolean),
    (pl.Datetime, _instant),
    (pl.Date, _date),
    (pl.String, str),
)


def _firm(folder: Path) -> Firm | None:
    """The firm that a sandbox was made from."""
    path = folder / ".sandbox" / "firm.json"
    return Firm(**json.loads(path.read_text("utf-8"))) if path.is_file() else None


def _watermark(folder: Path) -> dt.datetime:
    content = json.loads((folder / "_manifest.json").read_text("utf-8"))
    return dt.datetime.fromisoformat(content["extracted_at"].removesuffix("Z"))


def _natural(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdigit() else (0, key)
