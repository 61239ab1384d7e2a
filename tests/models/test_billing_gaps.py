"""What of deferred revenue is there because lines bill more than was charged: what they bill beyond what was earned."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

_AGREEMENTS = ("AGR-1", "AGR-2", "AGR-3", "AGR-4")
#: Each agreement earned 10,000 as charged. AGR-1 billed 6,000 of it and sent that invoice twice. AGR-2 did too, and
#: credited the copy a month later. A line of AGR-3, billed whole, was overwritten with 500 more. AGR-4 billed 12,000 by
#: its charges.
_BILLED = (
    ("AGR-1", "11", "6000", "6000"),
    ("AGR-1", "12", "6000", None),
    ("AGR-2", "21", "6000", "6000"),
    ("AGR-2", "22", "6000", None),
    ("AGR-3", "31", "10500", "10000"),
    ("AGR-4", "41", "12000", "12000"),
)
_LINES: list[dict[str, Any]] = [
    {"agreement_id": one, "source_id": line, "amount": amount, "net_amount": amount, "obligation_ref": f"O-{one}"}
    for one, line, amount, _ in _BILLED
]
_CREDIT = {
    "agreement_id": "AGR-2", "source_id": "23", "amount": "-6000", "net_amount": "-6000", "obligation_ref": "O-AGR-2",
    "kind": "credit", "period": "2026-03", "credited_period": "2026-01",
}  # fmt: skip
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_accounting_period__now": ("connection varchar, last_recognised_period varchar", [{}]),
    "intermediate.int_obligation__claims": (
        "connection varchar, source_id varchar, credit_line_ref varchar, method varchar, claim_state varchar, "
        "book varchar, returned_obligation_ref varchar, is_return boolean",
        [{"source_id": f"O-{one}"} for one in _AGREEMENTS],
    ),
    "intermediate.int_revenue_line__claims": (
        "connection varchar, source_id varchar, obligation_ref varchar, agreement_id varchar, legal_entity_id varchar, "
        "currency varchar, period varchar, status varchar, revenue_amount decimal(18,4), claim_state varchar, "
        "book varchar, is_return boolean",
        [{"source_id": f"R-{one}", "obligation_ref": f"O-{one}", "agreement_id": one} for one in _AGREEMENTS],
    ),
    "intermediate.int_invoice_line__obligations": (
        "connection varchar, source_id varchar, kind varchar, agreement_id varchar, legal_entity_id varchar, "
        "currency varchar, period varchar, net_amount decimal(18,4), credited_period varchar, invoice_ref varchar, "
        "line_no integer, obligation_ref varchar, is_named boolean",
        [*_LINES, _CREDIT],
    ),
    "intermediate.int_ledger__balance_lines": (
        "connection varchar, event_ref varchar, document_ref varchar, line_no integer, account_role varchar, "
        "is_at_run boolean, is_corrected boolean",
        [],
    ),
    "intermediate.int_billing__lines": (
        "row_id bigint, connection varchar, side varchar, object varchar, source_id varchar, invoice_line_ref varchar, "
        "agreement_id varchar, period varchar, currency varchar, amount decimal(18,4)",
        [
            *(line | {"invoice_line_ref": line["source_id"]} for line in _LINES),
            _CREDIT | {"invoice_line_ref": "22"},
            *(
                {"side": "charge", "source_id": f"C{line}", "invoice_line_ref": line, "amount": charged}
                for _, line, _, charged in _BILLED
                if charged
            ),
        ],
    ),
}
USUAL: dict[str, Any] = {
    "connection": "netsuite", "last_recognised_period": "2026-02", "method": "as_charged", "claim_state": "ok",
    "book": "primary", "is_return": False, "legal_entity_id": "LE-1", "currency": "USD", "period": "2026-01",
    "status": "posted", "revenue_amount": "10000", "kind": "invoice", "is_named": True, "side": "invoice",
}  # fmt: skip


@pytest.fixture(scope="module")
def gaps(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    models = "int_billing__uncharged int_agreement__billing_gaps"
    with raw.built(tmp_path_factory.mktemp("gaps"), RELATIONS, USUAL, models) as con:
        yield con


def _deferred(con: duckdb.DuckDBPyConnection, *, is_at_run: bool) -> list[tuple[str, Decimal, Decimal]]:
    query = (
        "select agreement_id, deferred_amount, uncharged_deferred_amount from intermediate.int_agreement__billing_gaps "
        "where is_at_run = ? order by all"
    )
    return con.execute(query, [is_at_run]).fetchall()


def test_what_was_earned_and_unbilled_is_not_deferred_by_a_line_that_nobody_charged(
    gaps: duckdb.DuckDBPyConnection,
) -> None:
    assert _deferred(gaps, is_at_run=True) == [
        ("AGR-1", 2000, 2000),
        ("AGR-2", 2000, 2000),
        ("AGR-3", 500, 500),
        ("AGR-4", 2000, 0),
    ]


def test_a_copy_that_was_credited_since_defers_nothing(gaps: duckdb.DuckDBPyConnection) -> None:
    assert _deferred(gaps, is_at_run=False) == [
        ("AGR-1", 2000, 2000),
        ("AGR-2", 0, 0),
        ("AGR-3", 500, 500),
        ("AGR-4", 2000, 0),
    ]
