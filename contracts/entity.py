"""What a contract of an entity is made of: columns that say what they mean, a grain in a sentence, a key and rules.

One entity is one file in `contracts/entities/`: a pandera model whose columns are one line each, written with `col`,
`ref` and `link`, and the constant ``CONTRACT``. Everything else - the dbt contract, the Open Data Contract Standard
file, the page in the docs, the claims relation - is derived from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

import pandera.polars as pa
import polars as pl

from contracts.registry import discover

__all__ = [
    "CLAIM_COLUMNS",
    "META",
    "Amount",
    "BigInt",
    "Boolean",
    "Column",
    "Contract",
    "Date",
    "EntityModel",
    "Holds",
    "Hours",
    "Integer",
    "Pii",
    "Rate",
    "Text",
    "Timestamp",
    "TypeFacts",
    "col",
    "entities",
    "link",
    "own",
    "ref",
]

Text: TypeAlias = pl.String
BigInt: TypeAlias = pl.Int64
Integer: TypeAlias = pl.Int32
Date: TypeAlias = pl.Date
Timestamp: TypeAlias = Annotated[pl.Datetime, "us", None]
Boolean: TypeAlias = pl.Boolean
Amount: TypeAlias = Annotated[pl.Decimal, 18, 4]
Rate: TypeAlias = Annotated[pl.Decimal, 18, 6]
Hours: TypeAlias = Annotated[pl.Decimal, 18, 8]

#: Whose data it is: nobody's, a person's, or a person's that could harm (pay, tax number).
Pii = Literal["none", "personal", "sensitive"]

_FACTS = "tieout"


@dataclass(frozen=True)
class TypeFacts:
    """One column type in every spelling: ours, dbt's (names both engines know), Arrow's and the standard's."""

    name: str
    data_type: str
    dtype: pl.DataType
    logical: str
    unit: str = ""
    zone: str = ""


_TYPES = (
    TypeFacts("string", "string", pl.String(), "string"),
    TypeFacts("bigint", "bigint", pl.Int64(), "integer"),
    TypeFacts("integer", "integer", pl.Int32(), "integer"),
    TypeFacts("date", "date", pl.Date(), "date", zone="calendar day, no zone"),
    TypeFacts("timestamp", "timestamp", pl.Datetime("us"), "timestamp", zone="UTC"),
    TypeFacts("boolean", "boolean", pl.Boolean(), "boolean"),
    TypeFacts("amount", "decimal(18,4)", pl.Decimal(18, 4), "number", unit="money"),
    TypeFacts("rate", "decimal(18,6)", pl.Decimal(18, 6), "number"),
    TypeFacts("hours", "decimal(18,8)", pl.Decimal(18, 8), "number", unit="hours"),
)


@dataclass(frozen=True)
class _Said:
    """What the line of a column says beyond its type."""

    meaning: str
    among: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    unit: str = ""
    sign: str = ""
    zone: str = ""
    pii: Pii = "none"
    is_own_id: bool = False
    links_to: str = ""
    refers_to: str = ""


@dataclass(frozen=True)
class Column:
    """One column of an entity, as everything that reads contracts sees it."""

    name: str
    type: TypeFacts
    meaning: str
    is_required: bool = False
    is_own_id: bool = False
    is_provenance: bool = False
    among: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None
    unit: str = ""
    sign: str = ""
    zone: str = ""
    pii: Pii = "none"
    links_to: str = ""
    refers_to: str = ""

    @property
    def is_enterprise_id(self) -> bool:
        """Whether it holds an enterprise id, minted by the crosswalk: the entity's own or that of another."""
        return self.is_own_id or bool(self.links_to)


@dataclass(frozen=True)
class Holds:
    """A rule across the columns of one row, as a portable SQL predicate. NULL holds: nothing was said."""

    name: str
    predicate: str
    fields: tuple[str, ...]
    message: str

    @property
    def expression(self) -> pl.Expr:
        """The predicate as a polars expression, true where it holds or cannot be judged."""
        return pl.sql_expr(self.predicate).fill_null(value=True)


def col(
    meaning: str,
    *,
    key: bool = False,
    among: Sequence[str] = (),
    at_least: int | None = None,
    at_most: int | None = None,
    unit: str = "",
    sign: str = "",
    zone: str = "",
    pii: Pii = "none",
) -> Any:
    """One column: what it means, and what else a reader must know to use it rightly. Only key columns are required."""
    said = _Said(meaning, tuple(among), at_least, at_most, unit, sign, zone, pii)
    return _field(said, required=key)


def own(prefix: str) -> Any:
    """The enterprise id of the entity itself: the key of every master."""
    meaning = f"Enterprise id ({prefix}-000001), minted once, never reused, the same after a change of vendor."
    return _field(_Said(meaning, is_own_id=True), required=True)


def link(entity: str, meaning: str = "") -> Any:
    """The enterprise id of another entity, resolved through the crosswalk."""
    return _field(_Said(meaning or f"Enterprise id of the {_words(entity)}.", links_to=entity), required=False)


def ref(entity: str, meaning: str = "") -> Any:
    """The source id of another record of the same connection, as its system wrote it."""
    said = _Said(meaning or f"Source id of the {_words(entity)} in the same connection.", refers_to=entity)
    return _field(said, required=False)


def _words(entity: str) -> str:
    return entity.replace("_", " ")


def _field(said: _Said, *, required: bool) -> Any:
    checks: dict[str, Any] = {}
    if said.among:
        checks["isin"] = list(said.among)
    if said.at_least is not None:
        checks["ge"] = said.at_least
    if said.at_most is not None:
        checks["le"] = said.at_most
    return pa.Field(nullable=not required, description=said.meaning, metadata={_FACTS: said}, **checks)


class EntityModel(pa.DataFrameModel):
    """What every canonical record carries: where it was taken from, down to the raw row."""

    connection: Text = col("Connection whose claim was chosen.", key=True)
    role: Text = col("Role of that connection for this entity.")
    system: Text = col("Vendor of that connection.")
    object: Text = col("The vendor's own object, for example timebill.")
    source_id: Text = col("The vendor's id of the record; a natural key as text where it has none.", key=True)
    row_id: BigInt = col("Raw row it was read from; empty for records made of several rows.")
    updated_at: Timestamp = col("When the source last changed it.")

    class Config:
        """A mart holds exactly what its contract says."""

        strict = True
        ordered = False


#: Provenance every claim carries, in the order of the claims relations.
META: tuple[str, ...] = ("row_id", "connection", "role", "system", "object", "source_id", "claim_state", "updated_at")

_CLAIM_STATE = Column(
    "claim_state",
    _TYPES[0],
    "ok, or unreadable: quarantined with a readable key, everything else empty.",
    among=("ok", "unreadable"),
)

#: What a column of the claims relations alone means; the others are those of the entity.
CLAIM_COLUMNS: dict[str, Column] = {_CLAIM_STATE.name: _CLAIM_STATE}


@dataclass(frozen=True)
class Contract:
    """One canonical entity: its model, what one row is, what makes a row the same row, and its version (semver).

    `is_mart` is False for what exists as claims only. A change of meaning is a breaking change even where types stay.
    """

    model: type[EntityModel]
    version: str
    grain: str
    key: tuple[str, ...]
    rules: tuple[Holds, ...] = ()
    is_mart: bool = True
    name: str = field(default="")

    def __post_init__(self) -> None:
        """Takes the name from the file of the model, and refuses a key or rule that names no column."""
        if not self.name:
            object.__setattr__(self, "name", self.model.__module__.rpartition(".")[2])
        names = {column.name for column in self.columns}
        named = {*self.key, *(name for rule in self.rules for name in rule.fields)}
        if unknown := sorted(named - names):
            raise ValueError(f"The contract of {self.name} names columns it does not have: {', '.join(unknown)}.")
        if empty := [column.name for column in self.columns if column.name in self.key and not column.is_required]:
            raise ValueError(f"The key of {self.name} may not be empty: say key=True at {', '.join(empty)}.")

    @property
    def summary(self) -> str:
        """The first sentence about the entity: the docstring of its model."""
        return (self.model.__doc__ or "").strip()

    @cached_property
    def schema(self) -> pa.DataFrameSchema:
        """The pandera schema, cross-field rules included."""
        schema = self.model.to_schema()
        checks = [pa.Check(_judge(rule.expression), name=rule.name, error=rule.message) for rule in self.rules]
        return pa.DataFrameSchema(
            columns=schema.columns, checks=checks, name=self.name, strict=True, description=self.summary
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the mart: own id, what the entity says, links to others, then where it was taken from."""
        provenance = EntityModel.to_schema().columns
        found = [
            _column(name, spec, is_provenance=name in provenance)
            for name, spec in self.model.to_schema().columns.items()
        ]
        return tuple(sorted(found, key=_place))

    @cached_property
    def claims(self) -> tuple[Column, ...]:
        """The columns of the claims relation: provenance first, then the entity's columns, then the enterprise ids."""
        by_name = {column.name: column for column in self.columns}
        meta = [by_name.get(name) or CLAIM_COLUMNS[name] for name in META]
        said = [column for column in self.columns if not column.is_provenance and not column.is_enterprise_id]
        ids = [column for column in self.columns if column.is_enterprise_id]
        return (*meta, *said, *ids)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def empty(self) -> pl.DataFrame:
        """A frame without rows that meets the contract."""
        return pl.DataFrame(schema={column.name: column.type.dtype for column in self.columns})


def entities() -> dict[str, Contract]:
    """Every contract of `contracts/entities/`, by entity."""
    return discover("contracts.entities", "CONTRACT")


def _judge(expression: pl.Expr) -> Any:
    def judge(data: pa.PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(expression)

    return judge


def _place(column: Column) -> int:
    """Own id 0, what the entity says 1, links 2, provenance 3; the order of the file within each."""
    if column.is_own_id:
        return 0
    if column.is_provenance:
        return 3
    return 2 if column.links_to else 1


def _column(name: str, spec: Any, *, is_provenance: bool) -> Column:
    said: _Said = spec.metadata[_FACTS]
    kind = next(facts for facts in _TYPES if facts.dtype == spec.dtype.type)
    return Column(
        name=name,
        type=kind,
        meaning=said.meaning,
        is_required=not spec.nullable,
        is_own_id=said.is_own_id,
        is_provenance=is_provenance,
        among=said.among,
        at_least=said.at_least,
        at_most=said.at_most,
        unit=said.unit or kind.unit,
        sign=said.sign,
        zone=said.zone or kind.zone,
        pii=said.pii,
        links_to=said.links_to,
        refers_to=said.refers_to,
    )
