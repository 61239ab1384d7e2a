"""Time in the ledger: what a repeated line is worth, and which month a line counts in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
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
            {"source_id": "12", "twin_key": "1", "hours": "4", "charge_ref": "71", "invoice_line_ref": "812"},
            {"source_id": "21", "time_entry_key": "2", "hours": "0.33"},
            {"source_id": "22", "time_entry_key": "2", "hours": "0.33", "charge_ref": "812"},
            {
                "source_id": "31",
                "likeness": "someone|2026-02-02",
                "hours": "2",
                "charged_amount": "300",
                "charge_currency": "EUR",
            },
            {"source_id": "32", "likeness": "someone|2026-02-02", "hours": "2", "invoice_line_ref": "999"},
        ],
    ),
    # A line of an invoice and a charge that waits for one may have the same number; 999 is on a draft.
    "intermediate.int_billing__limits": (
        "connection varchar, part varchar, source_id varchar, limit_key varchar",
        [
            {"part": "billed", "source_id": "812", "limit_key": "SOW-1/cap"},
            {"part": "ready", "source_id": "812", "limit_key": "SOW-2/1"},
        ],
    ),
}
_ENTRY = (
    "row_id bigint, connection varchar, role varchar, system varchar, object varchar, source_id varchar, "
    "claim_state varchar, updated_at timestamp, time_entry_key varchar, kind varchar, project_ref varchar, "
    "task_ref varchar, person_ref varchar, role_name varchar, agreement_line_key varchar, work_on date, "
    "minutes bigint, hours decimal(18,8), is_billable boolean, state varchar, approved_at timestamp, "
    "hourly_rate decimal(18,6), cost_rate decimal(18,6), currency varchar, legal_entity_ref varchar, "
    "is_invoiced boolean, first_posted_at timestamp, credit_ref varchar, created_at timestamp, "
    "value_amount decimal(18,4), posting_period varchar, approved_period varchar"
)
_PROJECT = "role varchar, connection varchar, source_id varchar, claim_state varchar, agreement_id varchar, "
#: Lines of the ledger on both sides of the cut-off of January, which is at ten in the evening of 2 February.
RECEIVED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "staging.kantata__time_entry_claims": (_ENTRY, []),
    "staging.netsuite__time_entry_claims": (_ENTRY, []),
    "intermediate.int_time_entry__claims": (
        f"{_ENTRY}, project_id varchar, person_id varchar, legal_entity_id varchar, agreement_id varchar, "
        "customer_id varchar",
        [
            # Approved a quarter of an hour before the cut-off, received at it.
            {"source_id": "1", "approved_at": "2026-02-02 21:46", "created_at": "2026-02-02 22:00"},
            {"source_id": "2", "approved_at": "2026-02-02 22:01", "created_at": "2026-02-02 22:15"},
            # Nothing is known of its approval.
            {"source_id": "3", "created_at": "2026-02-02 22:00"},
            # Changed and sent again after it was first received.
            {"source_id": "4", "approved_at": "2026-02-20 09:00", "first_posted_at": "2026-02-01 09:00",
             "created_at": "2026-02-20 09:15"},
        ],
    ),
    "intermediate.int_time_entry__charged": (
        "connection varchar, time_ref varchar, charged_amount decimal(18,4), currency varchar, charge_ref varchar, "
        "invoice_ref varchar, invoice_line_ref varchar, billing_state varchar, is_waived boolean",
        [],
    ),
    "intermediate.int_project__claims": (f"{_PROJECT}legal_entity_code varchar", []),
    "intermediate.int_agreement__keys": ("agreement_id varchar, legal_entity_id varchar", []),
    "intermediate.int_legal_entity__keys": ("legal_entity_id varchar, legal_entity_code varchar", []),
    "intermediate.int_calendar__cut_offs": (
        "day date, cut_off_at timestamp, period_before varchar, period_after varchar",
        [
            {"day": "2026-02-01", "period_before": "2026-01", "period_after": "2026-01"},
            {"day": "2026-02-02", "cut_off_at": "2026-02-02 22:00", "period_before": "2026-01",
             "period_after": "2026-02"},
            {"day": "2026-02-20", "period_before": "2026-02", "period_after": "2026-02"},
        ],
    ),
}  # fmt: skip
#: What every row says unless it says otherwise, where its relation has the column.
USUAL: dict[str, Any] = {
    "connection": "netsuite", "claim_state": "ok", "kind": "actual", "state": "approved", "is_approved": True,
    "is_billable": True, "line_billing_type": "tm", "currency": "USD", "value_currency": "USD",
    "posting_period": "2026-02", "is_at_contract_rate": True, "contract_rate": "168",
}  # fmt: skip


#: What every line of the ledger says unless it says otherwise.
LINE: dict[str, Any] = {
    "connection": "netsuite", "role": "ERP", "claim_state": "ok", "kind": "actual", "state": "approved", "hours": "2",
    "work_on": "2026-01-28",
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


def test_a_copy_names_the_limit_that_what_was_charged_for_it_counts_against(built: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select source_id, limit_key from intermediate.int_time_entry__copies where limit_key is not null order by 1"
    )
    assert built.execute(query).fetchall() == [("12", "SOW-1/cap"), ("22", "SOW-2/1")]


def test_a_line_counts_in_the_month_of_its_approval_as_far_as_the_ledger_was_told(tmp_path: Path, raw: Any) -> None:
    with raw.built(tmp_path, RECEIVED, LINE, "int_time_entry__posted") as con:
        query = "select source_id, approved_period from intermediate.int_time_entry__posted order by 1"
        assert con.execute(query).fetchall() == [("1", "2026-01"), ("2", "2026-02"), ("3", "2026-02"), ("4", "2026-01")]
