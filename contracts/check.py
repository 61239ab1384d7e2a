"""Judges a frame by the contract of its entity: good rows, bad rows, and for every bad one which rule it fails and why.

Bad data is an answer, never an exception. Whatever makes the frame unreadable as a whole - a column that is missing or
of another type - makes every row bad and is told once.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandera.errors
import polars as pl
from pandera.config import ValidationDepth, config_context

from contracts.entity import Contract

__all__ = ["VIOLATION_COLUMNS", "Checked", "check"]

#: One row per bad row and rule. `row` is the position in the frame; it and `key` are empty where the whole frame fails.
VIOLATION_COLUMNS: dict[str, pl.DataType] = {
    "row": pl.Int64(),
    "key": pl.String(),
    "rule": pl.String(),
    "field": pl.String(),
    "value": pl.String(),
    "message": pl.String(),
}

_ROW = "__row"

#: What pandera calls a check, and what we call it.
_RULES = {
    "not_nullable": "required",
    "isin": "among",
    "greater_than_or_equal_to": "at_least",
    "less_than_or_equal_to": "at_most",
    "column_in_dataframe": "missing_column",
    "dtype": "type",
}


@dataclass(frozen=True)
class Checked:
    """The verdict: rows that meet the contract, rows that do not, and why."""

    good: pl.DataFrame
    bad: pl.DataFrame
    violations: pl.DataFrame

    @property
    def ok(self) -> bool:
        """Whether nothing was found: no bad row, no unexpected column."""
        return self.violations.is_empty()


def check(frame: pl.DataFrame | pl.LazyFrame, contract: Contract) -> Checked:
    """Splits the frame into good and bad rows. A lazy frame is read: judging its schema alone would pass anything."""
    found = frame.lazy().collect()
    known = [column.name for column in contract.columns if column.name in found.columns]
    unexpected = [name for name in found.columns if name not in known]
    judged = found.select(known)
    violations = pl.concat(
        [
            _unexpected(unexpected, contract),
            _failures(judged, contract),
            _duplicates(judged, contract),
        ]
    ).sort("row", "rule", "field", nulls_last=False)
    condemned = violations.filter(pl.col("rule") != "unexpected_column")
    if condemned["row"].null_count():
        return Checked(judged.clear(), judged, violations)
    bad = judged.with_row_index(_ROW)[_ROW].cast(pl.Int64).is_in(condemned["row"].unique().implode())
    return Checked(judged.filter(~bad), judged.filter(bad), violations)


def _failures(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """What pandera finds, with our names for its rules and the key of the row beside it."""
    try:
        with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
            contract.schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
    else:
        return _none()
    of_row = pl.col("schema_context") == "DataFrameSchema"
    is_missing = pl.col("check") == "column_in_dataframe"
    cases = cases.select(
        row=pl.col("index").cast(pl.Int64),
        # `isin(['invoice'])` is among; across columns pandera gives the message as we worded it
        rule=pl.col("check").str.replace(r"^([a-z_]+)\(.*$", "$1").replace(_RULES | _names_by_message(contract)),
        field=pl.when(is_missing).then(pl.col("failure_case").cast(pl.String)).when(~of_row).then(pl.col("column")),
        value=pl.when(~of_row & (pl.col("check") != "not_nullable")).then(pl.col("failure_case").cast(pl.String)),
    )
    return _worded(cases, frame, contract)


def _names_by_message(contract: Contract) -> dict[str, str]:
    return {rule.message: rule.name for rule in contract.rules}


def _duplicates(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Every row whose key another row has too: which of them is right, nobody here can say."""
    if not set(contract.key) <= set(frame.columns):
        return _none()
    is_whole = pl.all_horizontal(pl.col(name).is_not_null() for name in contract.key)
    repeated = (
        frame.select(contract.key)
        .with_row_index(_ROW)
        .filter(is_whole & pl.struct(contract.key).is_duplicated())
        .select(
            row=pl.col(_ROW).cast(pl.Int64),
            rule=pl.lit("unique"),
            field=pl.lit(", ".join(contract.key)),
            value=pl.lit(None, pl.String),
        )
    )
    return _worded(repeated, frame, contract)


def _worded(cases: pl.DataFrame, frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Puts key, value and sentence beside each case."""
    rules = {rule.name: rule for rule in contract.rules}
    keys = _texts(frame, contract.key).alias("key")
    looked_up = frame.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"),
        keys,
        *(_named_values(frame, rule.fields).alias(f"{_ROW}_{name}") for name, rule in rules.items()),
    )
    values = [pl.when(pl.col("rule") == name).then(pl.col(f"{_ROW}_{name}")) for name in rules]
    fields = {name: ", ".join(rule.fields) for name, rule in rules.items()}
    return (
        cases.join(looked_up, on="row", how="left", maintain_order="left")
        .with_columns(
            field=pl.coalesce("field", pl.col("rule").replace_strict(fields, default=None, return_dtype=pl.String)),
            value=pl.coalesce("value", *values, pl.when(pl.col("rule") == "unique").then(pl.col("key"))),
        )
        .with_columns(message=_message(contract))
        .select(*VIOLATION_COLUMNS)
        .cast(VIOLATION_COLUMNS)  # type: ignore[arg-type]
    )


def _message(contract: Contract) -> pl.Expr:
    """One sentence per case: what is wrong, with the value it is about."""
    among = {column.name: ", ".join(column.among) for column in contract.columns}
    least = {column.name: str(column.at_least) for column in contract.columns}
    most = {column.name: str(column.at_most) for column in contract.columns}
    types = {column.name: column.type.data_type for column in contract.columns}
    field, value = pl.col("field"), pl.col("value")

    def of_field(facts: dict[str, str]) -> pl.Expr:
        return field.replace_strict(facts, default="", return_dtype=pl.String)

    sentences = {
        "required": pl.format("{} is empty; every {} needs one.", field, pl.lit(contract.name)),
        "among": pl.format("{} is '{}'; known are {}.", field, value, of_field(among)),
        "at_least": pl.format("{} is {}; the least is {}.", field, value, of_field(least)),
        "at_most": pl.format("{} is {}; the most is {}.", field, value, of_field(most)),
        "unique": pl.format("{} is there more than once: {}.", field, value),
        "missing_column": pl.format("The column {} is missing.", field),
        "type": pl.format("{} is {}; the contract says {}.", field, value, of_field(types)),
    }
    worded = [pl.when(pl.col("rule") == rule).then(sentence) for rule, sentence in sentences.items()]
    crossing = {rule.name: rule.message for rule in contract.rules}
    own = pl.col("rule").replace_strict(crossing, default=None, return_dtype=pl.String)
    return pl.coalesce(*worded, own, pl.format("{} fails {}.", field.fill_null("The row"), pl.col("rule")))


def _texts(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.Expr:
    """The values of some columns as one text, slashes between; columns the frame lacks are left out."""
    there = [pl.col(name).cast(pl.String).fill_null("") for name in names if name in frame.columns]
    return pl.concat_str(there, separator="/") if there else pl.lit(None, pl.String)


def _named_values(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.Expr:
    """`gross_amount=110.0000, net_amount=100.0000`."""
    there = [
        pl.format("{}={}", pl.lit(name), pl.col(name).cast(pl.String).fill_null(""))
        for name in names
        if name in frame.columns
    ]
    return pl.concat_str(there, separator=", ") if there else pl.lit(None, pl.String)


def _unexpected(names: list[str], contract: Contract) -> pl.DataFrame:
    """Columns nobody agreed on: told, and left out of what is handed on."""
    messages = [f"{contract.name} has no column {name}: it is left out." for name in names]
    rows = [
        (None, None, "unexpected_column", name, None, message) for name, message in zip(names, messages, strict=True)
    ]
    return pl.DataFrame(rows, schema=VIOLATION_COLUMNS, orient="row")


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=VIOLATION_COLUMNS)
