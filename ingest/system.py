"""What a vendor's export offers, as data: a system, its streams, their fields; and a connection, one configured system.

A `SourceSystem` is written once per vendor (``ingest/systems/<vendor>.py``). From it follow the columns of the raw
views, the checks every value passes when it lands, the messages that name the nearest known column, and what counts as
drift. Names a firm chooses itself (custom fields) are marked ``custom``: `Connection.fields` maps the default name, or
its alias, to the firm's own column; everything downstream uses the default names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import polars as pl

from contracts.errors import ConfigError
from contracts.native import Write

__all__ = [
    "Connection",
    "Field",
    "Judge",
    "SourceSystem",
    "Stream",
    "ValueNames",
    "boolean",
    "custom",
    "date",
    "decimal",
    "identifier",
    "integer",
    "json",
    "money",
    "needed",
    "text",
    "timestamp",
]

Kind = Literal["text", "integer", "decimal", "money", "boolean", "date", "timestamp", "json"]
#: Rules across fields: takes one typed batch with `_row_id`, returns (row_id, field, rule, value, message) of bad rows.
Judge = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Field:
    """One column of a stream, under the name models use."""

    name: str
    type: Kind = "text"
    #: The export must have the column; without it the stream stops.
    required: bool = False
    #: The value may be empty.
    nullable: bool = True
    #: Decimals a number may carry; more is a violation, never rounded.
    scale: int = 0
    precision: int = 18
    #: Of a money field: the field that names its currency.
    currency: str | None = None
    #: Of a money field in minor units: the field that says how many make one unit (100 for dollars, 1 for yen), or
    #: that number where no field does.
    base_unit: str | None = None
    #: The values the vendor documents; compared without regard to case.
    values: tuple[str, ...] = ()
    #: Lengths a value may have (ids of 15 or 18 characters).
    lengths: tuple[int, ...] = ()
    #: The firm's own field: its name is configuration.
    custom: bool = False
    #: A second, system-neutral key of `Connection.fields`.
    alias: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class ValueNames:
    """A field whose values are names the firm chose (labels of custom fields), listed under their default spelling."""

    field: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Stream:
    """One object of a system: what its file holds, what identifies a row, what moves when a row changes."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    meaning: str = ""
    cursor: str | None = None
    #: Field that marks a row as deleted in the source (true, or not empty).
    deleted: str | None = None
    #: A growing log: a row missing from a later export was not deleted.
    log: bool = False
    #: The object itself is the firm's own; its name is configuration.
    custom: bool = False
    #: The money field that tells what a quarantined row is worth.
    amount: str | None = None
    named_values: ValueNames | None = None
    #: Where a person opens one record; ``{account}``, ``{id}`` and each field of a key of several are filled in.
    record_url: str = ""
    judge: Judge | None = None
    #: A firm need not export the object: what it then lacks, in words. Nothing else stops.
    optional: str = ""

    def __post_init__(self) -> None:
        names = [item.name for item in self.fields]
        repeated = {name for name in names if names.count(name) > 1}
        unknown = {*self.key, *filter(None, (self.cursor, self.deleted, self.amount))} - set(names)
        if repeated or unknown:
            raise ConfigError(f"Stream {self.name} repeats {sorted(repeated)} or points at unknown {sorted(unknown)}")

    def field(self, name: str) -> Field:
        """The field of that name."""
        for item in self.fields:
            if item.name == name:
                return item
        raise ConfigError(f"Stream {self.name} has no field {name}")

    @property
    def money(self) -> tuple[Field, ...]:
        """The fields whose sums are conserved from file to warehouse."""
        return tuple(item for item in self.fields if item.type == "money")


@dataclass(frozen=True)
class SourceSystem:
    """One vendor: the roles it plays, how its files spell things, and its streams."""

    name: str
    title: str
    roles: tuple[str, ...]
    streams: tuple[Stream, ...]
    #: Spellings of true and false in its exports.
    booleans: tuple[tuple[str, ...], tuple[str, ...]]
    #: How datetimes are written: with an offset, or in the local time of the account.
    clock: Literal["offset", "local"]
    #: The usual file format of its native export.
    format: Literal["csv", "jsonl", "parquet"]
    delimiter: str = ","
    #: Host name piece used in record links when the connection sets no ``account``.
    account: str = ""
    #: The calls it takes as corrections; what none covers becomes a task for a person.
    writes: tuple[Write, ...] = ()

    def stream(self, name: str) -> Stream:
        """The stream of that name, whatever its case."""
        for item in self.streams:
            if item.name.lower() == name.lower():
                return item
        raise ConfigError(
            f"{self.title} has no stream {name}", then=f"It has: {', '.join(s.name for s in self.streams)}."
        )

    def record_url(self, stream: str, record_id: str, account: str = "") -> str:
        """The page of one record in its own system, or '' where the vendor has none.

        The id of a record whose key has several fields holds their values, joined by ``/``.
        """
        found = self.stream(stream)
        key = dict(zip(found.key, record_id.split("/"), strict=False))
        return found.record_url.format(**{**key, "account": account or self.account, "id": record_id})


@dataclass(frozen=True)
class Connection:
    """One configured instance of a system: `netsuite_emea`."""

    name: str
    system: str
    path: str = ""
    mode: str = "files"
    #: Default (or alias, or ``Stream.field``) name of a custom field -> the firm's own column.
    fields: Mapping[str, str] = field(default_factory=dict)
    #: Zone of datetimes written without an offset.
    time_zone: str = "UTC"
    #: ``encoding``, ``delimiter``, ``account``, ``files`` ({stream: name of its files without ending}), ``may_shrink``
    #: and ``may_be_old`` (streams), ``stale_after`` (days), ``values`` ({"Stream.field": [more values]}).
    options: Mapping[str, Any] = field(default_factory=dict)

    def column(self, stream: Stream, item: Field) -> str:
        """The column of the firm's export that holds `item`."""
        for key in (f"{stream.name}.{item.name}", item.name, item.alias):
            if key and key in self.fields:
                return self.fields[key]
        return item.name

    def file_stem(self, stream: Stream) -> str:
        """The file name, without its ending, of a stream in this firm."""
        own = self.fields.get(stream.name, stream.name) if stream.custom else stream.name
        return str(self.options.get("files", {}).get(stream.name, own))

    def values(self, stream: Stream, item: Field) -> tuple[str, ...]:
        """The values allowed in a field: the vendor's and those the firm added."""
        if not item.values:
            return ()
        more = self.options.get("values", {})
        return (*item.values, *more.get(f"{stream.name}.{item.name}", ()), *more.get(item.name, ()))


def _named(names: str, **facts: Any) -> tuple[Field, ...]:
    return tuple(Field(name, **facts) for name in names.split())


def text(names: str, *values: str, **facts: Any) -> tuple[Field, ...]:
    """Text fields, one per word of `names`; with `values`, an enumeration."""
    return _named(names, type="text", values=values, **facts)


def identifier(names: str, *, lengths: tuple[int, ...] = (), **facts: Any) -> tuple[Field, ...]:
    """Keys of records: text that is compared, never computed with."""
    return _named(names, type="text", lengths=lengths, **facts)


def integer(names: str, **facts: Any) -> tuple[Field, ...]:
    """Whole numbers."""
    return _named(names, type="integer", **facts)


def decimal(names: str, scale: int, **facts: Any) -> tuple[Field, ...]:
    """Quantities and rates with at most `scale` decimals."""
    return _named(names, type="decimal", scale=scale, **facts)


def money(names: str, scale: int = 2, **facts: Any) -> tuple[Field, ...]:
    """Amounts with at most `scale` decimals, whose sums are conserved."""
    return _named(names, type="money", scale=scale, **facts)


def boolean(names: str, **facts: Any) -> tuple[Field, ...]:
    """Flags in the system's spelling."""
    return _named(names, type="boolean", **facts)


def date(names: str, **facts: Any) -> tuple[Field, ...]:
    """Dates without zone, ``YYYY-MM-DD``."""
    return _named(names, type="date", **facts)


def timestamp(names: str, **facts: Any) -> tuple[Field, ...]:
    """Instants in the system's clock."""
    return _named(names, type="timestamp", **facts)


def json(names: str, **facts: Any) -> tuple[Field, ...]:
    """Lists and objects, kept as JSON text."""
    return _named(names, type="json", **facts)


def custom(*groups: Iterable[Field], alias: str = "") -> tuple[Field, ...]:
    """Marks fields as the firm's own; `alias` gives a single one a second key in ``fields:``."""
    return tuple(replace(item, custom=True, alias=alias or item.alias) for group in groups for item in group)


def needed(*groups: Iterable[Field], filled: bool = False) -> tuple[Field, ...]:
    """Marks fields the export must have; `filled` ones must also hold a value in every row."""
    return tuple(replace(item, required=True, nullable=not filled) for group in groups for item in group)
