"""What is at stake with a customer, and since when it is one: from its first signature on, however that one ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

#: CUS-1 signed again a day before the firm is looked at; CUS-2 has a draft beside one agreement; CUS-3 only owes.
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_agreement__claims": (
        "agreement_id varchar, customer_id varchar, role varchar, claim_state varchar, state varchar, "
        "currency varchar, value_amount decimal(18,4), signed_at timestamp",
        [
            {"agreement_id": "AGR-1", "customer_id": "CUS-1", "state": "ended", "signed_at": "2025-12-08"},
            {"agreement_id": "AGR-2", "customer_id": "CUS-1", "state": "signed", "signed_at": "2026-03-30"},
            {"agreement_id": "AGR-3", "customer_id": "CUS-2", "state": "draft", "signed_at": "2026-01-05"},
            {"agreement_id": "AGR-4", "customer_id": "CUS-2", "state": "active", "signed_at": "2026-02-02"},
            {"agreement_id": "AGR-5", "customer_id": "CUS-3", "state": "ended", "signed_at": "2025-03-03"},
        ],
    ),
    "intermediate.int_agreement__positions": (
        "agreement_id varchar, currency varchar, billed_amount decimal(18,4)",
        [{"agreement_id": "AGR-1", "billed_amount": "5000"}, {"agreement_id": "AGR-4", "billed_amount": "1200"}],
    ),
    "intermediate.int_invoice__claims": (
        "customer_id varchar, role varchar, claim_state varchar, kind varchar, currency varchar, "
        "unpaid_amount decimal(18,4), is_posted boolean, is_cancelled boolean",
        [{"customer_id": "CUS-3", "role": "ERP", "kind": "invoice", "unpaid_amount": "700", "is_posted": True}],
    ),
    "intermediate.int_exchange_rate__claims": (
        "role varchar, claim_state varchar, from_currency varchar, to_currency varchar, exchange_rate decimal(18,8), "
        "effective_on date",
        [],
    ),
}
USUAL: dict[str, Any] = {"role": "CRM", "claim_state": "ok", "currency": "USD", "value_amount": "5000"}


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    with raw.built(tmp_path_factory.mktemp("customers"), RELATIONS, USUAL, "int_customer__exposure") as con:
        yield con


def test_a_customer_is_one_since_it_signed_for_the_first_time(customers: duckdb.DuckDBPyConnection) -> None:
    query = "select customer_id, signed_on from intermediate.int_customer__exposure order by all"
    days = [("CUS-1", dt.date(2025, 12, 8)), ("CUS-2", dt.date(2026, 2, 2)), ("CUS-3", dt.date(2025, 3, 3))]
    assert customers.execute(query).fetchall() == days


def test_only_open_agreements_are_at_stake(customers: duckdb.DuckDBPyConnection) -> None:
    columns = "customer_id, agreement_count, signed_amount, backlog_amount, receivable_amount"
    query = f"select {columns} from intermediate.int_customer__exposure order by all"
    assert customers.execute(query).fetchall() == [
        ("CUS-1", 1, Decimal(5000), Decimal(5000), 0),
        ("CUS-2", 1, Decimal(5000), Decimal(3800), 0),
        ("CUS-3", 0, 0, 0, Decimal(700)),
    ]
