"""The terms each system works by, beside the signed ones: the end of a service that was terminated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

_RECORD = (
    "role varchar, claim_state varchar, connection varchar, object varchar, source_id varchar, row_id bigint, "
    "agreement_id varchar, agreement_number varchar"
)
#: SOW-1 is signed for the year and terminated at the end of March; finance ends each of four services on another day.
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_agreement__claims": (
        f"{_RECORD}, customer_id varchar, state varchar, cap_amount decimal(18,4), start_on date, end_on date, "
        "version_no integer, currency varchar, terminated_on date",
        [{"terminated_on": "2026-03-31"}],
    ),
    "intermediate.int_agreement_line__claims": (
        f"{_RECORD}, agreement_line_key varchar, workstream varchar, billing_type varchar, value_amount decimal(18,4), "
        "start_on date, end_on date, currency varchar",
        [{"agreement_line_key": f"SOW-1/{line}", "billing_type": "managed_service"} for line in (1, 2, 3)],
    ),
    "intermediate.int_obligation__claims": (
        f"{_RECORD}, agreement_line_key varchar, start_on date, end_on date, allocation_amount decimal(18,4), "
        "currency varchar, method varchar, is_return boolean, book varchar",
        [
            {"agreement_line_key": f"SOW-1/{line}", "end_on": day, "role": "REVREC", "allocation_amount": "1200"}
            for line, day in ((1, "2026-03-31"), (2, "2026-12-31"), (3, "2026-06-30"))
        ],
    ),
    "intermediate.int_project__survivors": (
        f"{_RECORD}, project_id varchar, workstream varchar, billing_type varchar, cap_amount decimal(18,4), "
        "version_no integer, start_on date, end_on date, is_survivor boolean",
        [{"role": "PSA", "source_id": "501"}],
    ),
    "intermediate.int_project__claims": (
        f"{_RECORD}, project_id varchar, psa_project_ref varchar, billing_type varchar, start_on date, end_on date, "
        "is_active boolean",
        [{"role": "ERP", "psa_project_ref": "501", "end_on": "2026-03-31"}],
    ),
    "intermediate.int_agreement__order_lines": (
        "connection varchar, agreement_line_key varchar, order_ref varchar, order_line_id varchar", [],
    ),
    "intermediate.int_revenue_line__claims": (
        f"{_RECORD}, agreement_line_key varchar, period varchar, revenue_amount decimal(18,4), is_return boolean, "
        "method varchar, book varchar", [],
    ),
    "intermediate.int_calendar__periods": (
        "period varchar, start_on date, end_on date",
        [{"period": "2026-01", "start_on": "2026-01-01", "end_on": "2026-01-31"}],
    ),
    "intermediate.int_project__field_values": (
        "connection varchar, project_ref varchar, field_name varchar, value_ref varchar", [],
    ),
    "intermediate.int_purchase_order__claims": (
        f"{_RECORD}, is_signed boolean, purchase_order_number varchar, version_no integer", [],
    ),
}  # fmt: skip
USUAL: dict[str, Any] = {
    "agreement_id": "AGR-1", "agreement_number": "SOW-1", "connection": "netsuite", "object": "order",
    "source_id": "1", "row_id": 1, "role": "CRM", "claim_state": "ok", "state": "active", "currency": "USD",
    "start_on": "2026-01-01", "end_on": "2026-12-31", "version_no": 1, "method": "straight_line", "is_return": False,
    "book": "primary", "is_survivor": True, "workstream": "Run", "is_active": True, "billing_type": "tm",
}  # fmt: skip


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    with raw.built(tmp_path_factory.mktemp("stated"), RELATIONS, USUAL, "int_agreement__stated_terms") as con:
        yield con


def test_a_terminated_service_ends_on_its_signed_last_day_or_the_one_it_was_terminated_for(
    terms: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select subject, signed_end_on::varchar, end_on::varchar, shift_amount <> 0
        from intermediate.int_agreement__stated_terms where end_on is not null and role <> 'PSA' order by subject
        """
    assert terms.execute(query).fetchall() == [
        ("ERP/1/term", "2026-03-31", "2026-03-31", False),
        ("REVREC/line 1", "2026-03-31", "2026-03-31", False),
        ("REVREC/line 2", "2026-12-31", "2026-12-31", False),
        ("REVREC/line 3", "2026-12-31", "2026-06-30", True),
    ]
