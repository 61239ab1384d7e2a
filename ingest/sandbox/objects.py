"""Which stream of an export holds the records of an object, and which column a field of a native call.

A call speaks the vendor's interface (``invoice``, ``isInactive``, ``price``), an export the vendor's query language
(``transaction``, ``isinactive``, ``price_in_cents``).
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TRANSACTION_TYPES", "column_of", "singular", "stream_of"]

#: NetSuite record type -> type of the transaction that holds it.
TRANSACTION_TYPES: dict[str, str] = {
    "invoice": "CustInvc",
    "creditmemo": "CustCred",
    "customerpayment": "CustPymt",
    "salesorder": "SalesOrd",
    "journalentry": "Journal",
    "advintercompanyjournalentry": "Journal",
    "expensereport": "ExpRept",
}

#: (system, field in lower case) -> column, where the two differ by more than case.
_COLUMNS: dict[tuple[str, str], str] = {
    ("netsuite", "trandate"): "trandate",
    ("netsuite", "subsidiary"): "subsidiary",
    ("kantata", "price"): "price_in_cents",
    ("kantata", "rate"): "rate_in_cents",
}


def stream_of(connection: str, system: str, name: str) -> str:
    """The stream that holds an object's records: ``netsuite.transaction`` for an invoice."""
    if system == "netsuite":
        lower = name.lower()
        return f"{connection}.{'transaction' if lower in TRANSACTION_TYPES else lower}"
    return f"{connection}.{name}"


def column_of(system: str, field: str, schema: Mapping[str, object]) -> str:
    """The column of a field, whatever its case; raises `KeyError` for one the stream does not have."""
    wanted = _COLUMNS.get((system, field.lower()), field)
    for column in schema:
        if column.lower() == wanted.lower():
            return column
    raise KeyError(f"no field {field}")


def singular(collection: str) -> str:
    """Kantata names a body by the singular of the collection: ``time_entries`` -> ``time_entry``."""
    return f"{collection[:-3]}y" if collection.endswith("ies") else collection.removesuffix("s")
