"""Values and names as SQL text: the one place that quotes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

__all__ = ["literal", "name"]


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
