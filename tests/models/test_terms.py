"""What is agreed, and since when it is known: rates by role that later versions change, and caps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

_VERSION = (
    "agreement_id varchar, version_no integer, connection varchar, object varchar, source_id varchar, row_id bigint, "
    "is_signed boolean, signed_on date, activated_at timestamp, updated_at timestamp, role varchar, claim_state varchar"
)
#: SOW-1 is signed in January, amended in June and in August; a fourth version is a draft. Two roles get other rates.
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_agreement_version__claims": (
        _VERSION,
        [
            {"version_no": number, "is_signed": number < 4, "signed_on": day, "activated_at": day, "updated_at": day}
            for number, day in enumerate(("2026-01-05", "2026-06-10", "2026-08-03", "2026-09-01"), start=1)
        ],
    ),
    "intermediate.int_calendar__cut_offs": (
        "day date, cut_off_at timestamp, period_before varchar, period_after varchar",
        [
            {"day": day, "period_before": month, "period_after": month}
            for day, month in (("2026-01-05", "2026-01"), ("2026-06-10", "2026-06"), ("2026-08-03", "2026-08"))
        ],
    ),
    "intermediate.int_rate__claims": (
        "agreement_id varchar, agreement_number varchar, role_name varchar, hourly_rate decimal(18,4), "
        "currency varchar, effective_from_on date, effective_to_on date, version_no integer, row_id bigint, "
        "connection varchar, source_id varchar, role varchar, claim_state varchar",
        [
            {"role_name": role, "hourly_rate": rate, "effective_from_on": since, "version_no": version}
            for role, rate, since, version in (
                ("Analyst", "100", "2026-01-05", 1),
                ("Architect", "200", "2026-01-05", 1),
                ("Architect", "220", "2026-05-10", 2),
                ("Analyst", "110", "2026-05-01", 3),
                ("Architect", "240", "2026-06-01", 3),
                ("Architect", "300", "2026-05-01", 4),
            )
        ],
    ),
    "intermediate.int_agreement__version_lines": (
        "agreement_id varchar, agreement_line_key varchar, version_no integer, delta_amount decimal(18,4), "
        "delta_hours decimal(18,8), billing_type varchar, line_name varchar, start_on date, end_on date, "
        "cap_amount decimal(18,4), standalone_amount decimal(18,4), connection varchar, object varchar, "
        "source_id varchar, row_id bigint",
        [{"version_no": 1, "delta_amount": "90000"}, {"version_no": 2, "delta_amount": "0"}],
    ),
    "intermediate.int_time_entry__valued": (
        "agreement_id varchar, agreement_line_key varchar, role_name varchar, value_currency varchar, work_on date, "
        "posting_period varchar, minutes bigint, hourly_rate decimal(18,4), kind varchar, claim_state varchar, "
        "is_approved boolean, is_billable boolean, line_billing_type varchar",
        [
            {"role_name": role, "work_on": day, "posting_period": period}
            for role, day, period in (
                ("Analyst", "2026-05-20", "2026-05"),
                ("Architect", "2026-05-04", "2026-05"),
                ("Architect", "2026-05-20", "2026-05"),
                ("Architect", "2026-05-21", "2026-06"),  # approved late: known by then
                ("Architect", "2026-06-15", "2026-06"),
            )
        ],
    ),
    "intermediate.int_agreement_line__terms": (
        "agreement_id varchar, agreement_line_key varchar, version_no integer, value_amount decimal(18,4), "
        "billing_type varchar, start_on date, end_on date, line_cap_amount decimal(18,4), connection varchar, "
        "source_id varchar, row_id bigint",
        [{}],
    ),
    "intermediate.int_expense__claims": ("agreement_id varchar, claim_state varchar, is_billable boolean", []),
    "marts.agreement": (
        "agreement_id varchar, agreement_number varchar, cap_amount decimal(18,4), start_on date, end_on date, "
        "connection varchar, object varchar, source_id varchar, row_id bigint",
        [{"cap_amount": "200000"}],
    ),
    "marts.agreement_history": (
        "agreement_id varchar, version_no integer, cap_amount decimal(18,4), valid_from timestamp, is_deleted boolean",
        [
            {"version_no": 1, "cap_amount": "150000", "valid_from": "2026-01-02"},
            {"version_no": 2, "cap_amount": "200000", "valid_from": "2026-06-10 08:00:00"},  # before it was activated
        ],
    ),
    "intermediate.int_agreement__terminations": ("agreement_id varchar, terminated_on date", []),
}
USUAL: dict[str, Any] = {
    "agreement_id": "AGR-1", "agreement_number": "SOW-1", "agreement_line_key": "SOW-1/1", "connection": "salesforce",
    "object": "Order", "source_id": "1", "row_id": 1, "role": "CRM", "claim_state": "ok", "billing_type": "tm",
    "line_billing_type": "tm", "currency": "USD", "value_currency": "USD", "minutes": 600, "hourly_rate": "90",
    "kind": "actual", "is_approved": True, "is_billable": True, "is_deleted": False, "start_on": "2026-01-05",
    "end_on": "2026-12-31",
}  # fmt: skip


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    models = "int_agreement__versions int_rate__known int_rate__effective int_time_entry__rerated evidence_terms"
    with raw.built(tmp_path_factory.mktemp("terms"), RELATIONS, USUAL, models) as con:
        yield con


def test_rates_of_a_draft_are_not_agreed(terms: duckdb.DuckDBPyConnection) -> None:
    query = """
        select role_name, hourly_rate, effective_from_on::varchar, effective_to_on::varchar
        from intermediate.int_rate__effective order by all
        """
    assert terms.execute(query).fetchall() == [
        ("Analyst", Decimal(100), "2026-01-05", "2026-04-30"),
        ("Analyst", Decimal(110), "2026-05-01", "9999-12-31"),
        ("Architect", Decimal(200), "2026-01-05", "2026-05-09"),
        ("Architect", Decimal(220), "2026-05-10", "2026-05-31"),
        ("Architect", Decimal(240), "2026-06-01", "9999-12-31"),
    ]


def test_what_a_version_makes_earlier_work_worth_more_is_told_role_by_role(terms: duckdb.DuckDBPyConnection) -> None:
    """Ten hours each: in June an architect of May; in August an analyst of May, and an architect of June."""
    query = """
        select agreed_in, version_no, counted_in, since_on::varchar, amount
        from intermediate.int_time_entry__rerated order by all
        """
    assert terms.execute(query).fetchall() == [
        ("2026-06", 2, "2026-05", "2026-05-20", Decimal(200)),
        ("2026-08", 3, "2026-05", "2026-05-20", Decimal(100)),
        ("2026-08", 3, "2026-06", "2026-06-15", Decimal(200)),
    ]


def test_a_version_says_its_cap_and_what_earlier_work_is_worth_more(terms: duckdb.DuckDBPyConnection) -> None:
    query = "select version_no, period, attributes from intermediate.evidence_terms order by version_no"
    told = [(number, period, json.loads(facts)) for number, period, facts in terms.execute(query).fetchall()]
    said = [
        (number, period, *map(facts.get, ("is_signed", "agreement_cap", "rate_worth")))
        for number, period, facts in told
    ]
    assert said == [
        (1, "2026-01", "true", "150000.0000", None),
        (2, "2026-06", "true", "200000.0000", "200.0000"),
        (3, "2026-08", "true", None, "300.0000"),  # names no line: a row of its own for the line it re-rates
        (4, "2026-09", "false", None, None),
    ]
