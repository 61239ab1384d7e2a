"""Values and names as SQL text: the one place that quotes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

__all__ = ["by_column", "from_lists", "literal", "name"]


def literal(value: object) -> str:
    """A value as SQL: a text is quoted, a number exact, a date and an instant typed, None is null.

    >>> literal("O'Hara")
    "'O''Hara'"
    >>> literal(None)
    'null'
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return f"timestamp '{value.isoformat(sep=' ')}'"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, int | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def name(value: str) -> str:
    """An identifier as SQL.

    >>> name("Order")
    '"Order"'
    """
    return '"' + value.replace('"', '""') + '"'


def from_lists(columns: Mapping[str, str]) -> str:
    """The select of rows that are given as parameters, one list a column (see `by_column`): names and their types.

    >>> from_lists({"place": "integer", "text": "varchar"})
    'select unnest(?::integer[]) as place, unnest(?::varchar[]) as text'
    """
    return "select " + ", ".join(f"unnest(?::{kind}[]) as {column}" for column, kind in columns.items())


def by_column(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows, of which there is one at least, as a list for each column."""
    return [list(values) for values in zip(*rows, strict=True)]
