"""Time in the ledger: what a repeated line is worth."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

#: What the models read, as far as the cases below need it: columns of a relation, and its rows by name.
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_time_entry__valued": (
        "time_entry_key varchar, kind varchar, claim_state varchar, is_approved boolean, is_billable boolean, "
        "line_billing_type varchar, agreement_id varchar, agreement_line_key varchar, posting_period varchar, "
        "hours decimal(18,8), is_at_contract_rate boolean, contract_rate decimal(18,6), hourly_rate decimal(18,6), "
        "value_amount decimal(18,4), value_currency varchar, currency varchar",
        [
            # Half an hour was added after the entry was sent: the ledger holds four hours, twice.
            {
                "time_entry_key": "1",
                "agreement_id": "AGR-1",
                "agreement_line_key": "SOW-1/1",
                "hours": "4.5",
                "value_amount": "756",
            },
            # A third of an hour, sent in two decimals.
            {
                "time_entry_key": "2",
                "agreement_id": "AGR-2",
                "agreement_line_key": "SOW-2/1",
                "hours": "0.33333333",
                "value_amount": "56",
            },
        ],
    ),
    "intermediate.int_time_entry__posted": (
        "row_id bigint, connection varchar, role varchar, object varchar, source_id varchar, claim_state varchar, "
        "time_entry_key varchar, twin_key varchar, likeness varchar, kind varchar, work_on date, "
        "hours decimal(18,8), "
        "is_billable boolean, state varchar, created_at timestamp, project_id varchar, agreement_id varchar, "
        "customer_id varchar, person_id varchar, legal_entity_id varchar, charged_amount decimal(18,4), "
        "charge_currency varchar, charge_ref varchar, invoice_ref varchar, invoice_line_ref varchar, "
        "billing_state varchar",
        [
            {"source_id": "11", "time_entry_key": "1", "hours": "4"},
            {"source_id": "12", "twin_key": "1", "hours": "4"},
            {"source_id": "21", "time_entry_key": "2", "hours": "0.33"},
            {"source_id": "22", "time_entry_key": "2", "hours": "0.33"},
            {
                "source_id": "31",
                "likeness": "someone|2026-02-02",
                "hours": "2",
                "charged_amount": "300",
                "charge_currency": "EUR",
            },
            {"source_id": "32", "likeness": "someone|2026-02-02", "hours": "2"},
        ],
    ),
}
#: What every row says unless it says otherwise, where its relation has the column.
USUAL: dict[str, Any] = {
    "connection": "netsuite", "claim_state": "ok", "kind": "actual", "state": "approved", "is_approved": True,
    "is_billable": True, "line_billing_type": "tm", "currency": "USD", "value_currency": "USD",
    "posting_period": "2026-02", "is_at_contract_rate": True, "contract_rate": "168",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    with raw.built(
        tmp_path_factory.mktemp("time"), RELATIONS, USUAL, "int_time_entry__repeated int_time_entry__copies"
    ) as con:
        yield con


def test_a_repeated_line_is_worth_its_own_hours_at_the_rate_of_its_entry(built: duckdb.DuckDBPyConnection) -> None:
    worth = dict(
        built.execute("select source_id, line_amount from intermediate.int_time_entry__copies order by 1").fetchall()
    )
    assert worth["11"] == worth["12"] == Decimal(672)  # 4 h at 168, although the entry says 4.5 h by now


def test_hours_cut_to_two_decimals_are_worth_what_the_entry_is(built: duckdb.DuckDBPyConnection) -> None:
    query = "select distinct line_amount from intermediate.int_time_entry__copies where line_key = '2'"
    assert built.execute(query).fetchall() == [(Decimal(56),)]


def test_a_repeated_line_of_no_entry_is_worth_what_was_charged(built: duckdb.DuckDBPyConnection) -> None:
    query = "select line_amount, line_currency from intermediate.int_time_entry__copies where source_id = '31'"
    assert built.execute(query).fetchall() == [(Decimal(300), "EUR")]
