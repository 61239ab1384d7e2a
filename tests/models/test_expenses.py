"""Reimbursable expenses as evidence of revenue: what was spent in another currency counts at the rate of its day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

#: Three expenses of one agreement in USD: in USD, in EUR (a rate is known), in JPY (none is known before the day).
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_expense__claims": (
        "role varchar, claim_state varchar, state varchar, is_billable boolean, is_posted boolean, "
        "agreement_id varchar, expense_key varchar, expense_amount decimal(18,4), currency varchar, spent_on date, "
        "approved_at timestamp, created_at timestamp",
        [
            {"expense_key": "1", "expense_amount": "80", "currency": "USD"},
            {"expense_key": "2", "expense_amount": "100", "currency": "EUR"},
            {"expense_key": "3", "expense_amount": "9000", "currency": "JPY"},
        ],
    ),
    "intermediate.int_exchange_rate__claims": (
        "role varchar, connection varchar, source_id varchar, claim_state varchar, from_currency varchar, "
        "to_currency varchar, effective_on date, exchange_rate decimal(18,6)",
        [
            {"source_id": "1", "from_currency": "EUR", "effective_on": "2026-01-02", "exchange_rate": "1.1"},
            {"source_id": "2", "from_currency": "JPY", "effective_on": "2026-01-20", "exchange_rate": "0.0065"},
        ],
    ),
    "marts.agreement": ("agreement_id varchar, agreement_number varchar, currency varchar", [{"currency": "USD"}]),
    "intermediate.int_calendar__periods": (
        "period varchar, end_on date",
        [{"period": "2026-01", "end_on": "2026-01-31"}],
    ),
    "intermediate.int_calendar__cut_offs": (
        "day date, cut_off_at timestamp, period_before varchar, period_after varchar",
        [],
    ),
    "intermediate.int_billing__milestones": (
        "agreement_id varchar, agreement_line_key varchar, accepted_on date, currency varchar, is_completed boolean, "
        "milestone_amount decimal(18,4), milestone_name varchar, connection varchar, object varchar, "
        "source_id varchar, row_id bigint",
        [],
    ),
    "intermediate.int_agreement_line__terms": (
        "agreement_id varchar, agreement_line_key varchar, billing_type varchar, end_on date, connection varchar, "
        "source_id varchar, row_id bigint",
        [],
    ),
    "intermediate.int_time_entry__valued": (
        "agreement_line_key varchar, is_approved boolean, posting_period varchar, state varchar, is_billable boolean, "
        "claim_state varchar, line_billing_type varchar, kind varchar, minutes bigint",
        [],
    ),
    "intermediate.int_task__claims": (
        "role varchar, claim_state varchar, kind varchar, agreement_line_key varchar, state varchar, "
        "updated_at timestamp, connection varchar, source_id varchar, row_id bigint",
        [],
    ),
    "intermediate.evidence_terms": ("kind varchar, obligation_key varchar, period varchar, quantity decimal(18,8)", []),
    "intermediate.int_agreement__terminations": ("agreement_id varchar, terminated_on date", []),
}
USUAL: dict[str, Any] = {
    "connection": "netsuite", "claim_state": "ok", "state": "approved", "is_billable": True, "agreement_id": "AGR-1",
    "agreement_number": "SOW-1", "spent_on": "2026-01-12", "to_currency": "USD",
}  # fmt: skip


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    tables = {
        name: (columns, [{"role": "PSA" if "expense" in name else "ERP", **row} for row in rows])
        for name, (columns, rows) in RELATIONS.items()
    }
    with raw.built(tmp_path_factory.mktemp("expenses"), tables, USUAL, "evidence_deliveries") as con:
        yield con


def test_an_expense_in_another_currency_counts_at_the_rate_of_its_day(evidence: duckdb.DuckDBPyConnection) -> None:
    query = "select amount, records from intermediate.evidence_deliveries where amount is not null"
    assert evidence.execute(query).fetchall() == [(Decimal(190), 2)]  # 80 + 100 x 1.1


def test_an_expense_without_a_rate_is_said_and_not_left_out(evidence: duckdb.DuckDBPyConnection) -> None:
    query = "select obligation_key, attributes from intermediate.evidence_deliveries where amount is null"
    [(line, attributes)] = evidence.execute(query).fetchall()
    told = json.loads(attributes)
    assert (line, told["problem"]) == ("SOW-1/expenses", "rate_missing")
    assert told["message"] == "Expenses in JPY have no exchange rate to USD on or before 2026-01-12"
