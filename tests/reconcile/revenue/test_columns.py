"""Evidence read in columns is what it is row by row, wrong rows and their words included."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from reconcile.revenue import read_events
from reconcile.revenue.columns import events_of

SCHEMA = {
    "agreement_id": pl.String, "book": pl.String, "legal_entity_id": pl.String, "customer_id": pl.String,
    "currency": pl.String, "kind": pl.String, "happened_on": pl.Date, "period": pl.String, "version_no": pl.Int32,
    "obligation_key": pl.String, "amount": pl.Decimal(18, 4), "quantity": pl.Decimal(18, 8), "unit": pl.String,
    "attributes": pl.String, "connection": pl.String, "object": pl.String, "source_id": pl.String, "row_id": pl.Int64,
    "records": pl.Int64,
}  # fmt: skip

GOOD: dict[str, Any] = {
    "agreement_id": "A1", "book": "primary", "legal_entity_id": "US01", "customer_id": "C1", "currency": "USD",
    "kind": "invoiced", "happened_on": date(2026, 1, 31), "period": "2026-01", "version_no": 1, "obligation_key": "L1",
    "amount": Decimal("-1234.5678"), "quantity": Decimal("0.12345678"), "unit": "hours",
    "attributes": '{"tax": 1.25, "document": "INV-1"}', "connection": "netsuite", "object": "transaction",
    "source_id": "77", "row_id": 9, "records": 1,
}  # fmt: skip

READABLE: list[dict[str, Any]] = [
    {},
    {"version_no": None, "obligation_key": None, "amount": None, "quantity": None, "row_id": None},
    {"obligation_key": "", "unit": None, "legal_entity_id": None, "customer_id": None, "connection": None},
    {"object": None, "source_id": None},
    {"attributes": None},
    {"attributes": ""},
    {"attributes": "{}"},
    {"attributes": "{ }"},
    {"attributes": '{"tax": "", "due_on": null}'},
    {"amount": Decimal("99999999999999.9999"), "quantity": Decimal("-9999999999.99999999")},
]
UNREADABLE: list[dict[str, Any]] = [
    *({name: empty} for name in ("agreement_id", "book", "currency", "kind") for empty in ("", None)),
    {"kind": "unusable"},
    {"kind": "invoice"},
    {"happened_on": None},
    {"period": None},
    {"period": "2026-13"},
    {"period": "2026", "obligation_key": ""},
    {"attributes": "{"},
    {"attributes": "[1]"},
    {"attributes": '{"tax": 1.00001}'},
    {"attributes": '{"tax": true}', "object": None},
    {"attributes": '{"due_on": "soon", "cost": [1]}', "connection": None},
    {"attributes": '{"rate": 1e40}', "kind": "invoice"},
]


@pytest.mark.parametrize("change", [*READABLE, *UNREADABLE], ids=str)
def test_a_row_is_the_same_event_read_either_way(change: dict[str, Any]) -> None:
    row = GOOD | change
    (expected,) = read_events([row])
    assert events_of(pl.DataFrame([row], schema=SCHEMA)) == [expected]
    assert (expected.kind == "unusable") == (change in UNREADABLE)


def test_a_wrong_row_spoils_none_of_its_neighbours() -> None:
    rows = [GOOD | change for pair in zip(UNREADABLE, READABLE * 2, strict=False) for change in pair]
    assert events_of(pl.DataFrame(rows, schema=SCHEMA)) == read_events(rows)


def test_no_rows_are_no_events() -> None:
    assert events_of(pl.DataFrame(schema=SCHEMA)) == []
