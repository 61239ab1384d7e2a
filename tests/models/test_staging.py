"""Staging reads every vendor's text rightly: versions, deletions, ids, money, time zones, and rows set aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from app.build import build_models

ACCOUNT = "0018c00000A1b2C"  # as a report shows it
ACCOUNT_18 = "0018c00000A1b2CAAR"  # as the API does

WORKSPACE = {
    "title": "Rollout",
    "stage": "project",
    "currency": "USD",
    "currency_base_unit": "100",
    "archived": "false",
}
ENTRY = {
    "workspace_id": "7", "story_id": "41", "user_id": "3", "date_performed": "2026-03-02", "time_in_minutes": "20",
    "billable": "true", "approved": "true", "rate_in_cents": "20000", "currency": "USD", "currency_base_unit": "100",
    "created_at": "2026-03-02T18:00:00-05:00", "updated_at": "2026-03-02T18:00:00-05:00",
}  # fmt: skip

ROWS: dict[str, list[dict[str, Any]]] = {
    "salesforce.Account": [
        {"Id": ACCOUNT, "Name": "Helios", "Type": "Customer", "IsDeleted": "false", "Website": "https://www.helios.example/x"},
        {"Id": "0018c00000A1b2DQAR", "Name": "Helios Inc", "IsDeleted": "true", "MasterRecordId": ACCOUNT_18},
        {"Id": "0018c00000A1b2EQAR", "Name": "Helios Ltd", "IsDeleted": "1", "MasterRecordId": "0018c00000A1b2DQAR"},
    ],
    "kantata.workspaces": [
        {"id": "7", **WORKSPACE, "price_in_cents": "1000000"},
        {"id": "8", **WORKSPACE, "price_in_cents": "500", "currency": "JPY", "currency_base_unit": "1"},
        {"id": "9", **WORKSPACE, "price_in_cents": "100"},
        {"id": "7", **WORKSPACE, "price_in_cents": "1250000", "_load_id": "L2"},
        {"id": "9", "_load_id": "L2", "_op": "D"},
    ],
    "kantata.time_entries": [
        {"id": "1", **ENTRY},
        {"id": "2", **ENTRY, "_row_id": 200},
        {"id": "3", **ENTRY, "_row_id": 300, "approved": "false"},
    ],
    "netsuite.timebill": [
        {"id": "51", "timetype": "A", "hours": "0.3333", "approvalstatus": "3", "isbillable": "T",
         "custcol_psa_time_entry_id": "1", "createddate": "2026-03-08 01:30:00"},
        {"id": "52", "timetype": "A", "hours": "7.75", "approvalstatus": "2", "isbillable": "F",
         "externalid": "KAN-TE-2", "createddate": "2026-03-08 03:30:00"},
        {"id": "53", "timetype": "A", "hours": "1", "approvalstatus": "3", "externalid": "TE-2",
         "createddate": "2026-07-01 12:00:00"},
        {"id": "54", "timetype": "B", "hours": "8", "approvalstatus": "3", "createddate": "2026-07-01 12:00:00"},
    ],
    "netsuite.charge": [
        {"id": "1", "amount": "10", "_row_id": 501},
        {"id": "2", "amount": "20", "_row_id": 502},
        {"id": "3", "amount": "30", "_row_id": 503},
        {"id": "1", "amount": "11", "_row_id": 601, "_load_id": "L2"},
        {"id": "2", "_row_id": 602, "_load_id": "L2", "_op": "D"},
        {"id": "1", "amount": "12", "_row_id": 701, "_load_id": "L3"},
    ],
}  # fmt: skip

#: An older row than the one landed, a newer one, and one whose record never landed.
ASIDE = [
    ("kantata", "time_entries", "2", 150),
    ("kantata", "time_entries", "3", 350),
    ("kantata", "time_entries", "4", 400),
]


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> duckdb.DuckDBPyConnection:
    path = tmp_path_factory.mktemp("staging") / "warehouse.duckdb"
    raw.raw_warehouse(path, ROWS, ASIDE)
    wanted = ("salesforce__customer_claims", "salesforce__account_survivors", "kantata__project_claims",
              "kantata__time_entry_claims", "netsuite__time_entry_claims", "stg_netsuite__charges")  # fmt: skip
    build_models(path, raw.VARIABLES, select=" ".join(f"+{name}" for name in wanted))
    return duckdb.connect(str(path), read_only=True)


def test_a_short_id_becomes_the_long_one(staged: duckdb.DuckDBPyConnection) -> None:
    ids = staged.execute("select source_id, domain from staging.salesforce__customer_claims").fetchall()
    assert ids == [(ACCOUNT_18, "helios.example")]


def test_a_merged_account_leads_to_its_survivor(staged: duckdb.DuckDBPyConnection) -> None:
    survivors = staged.execute(
        "select distinct surviving_account_id from staging.salesforce__account_survivors"
    ).fetchall()
    assert survivors == [(ACCOUNT_18,)]


def test_the_latest_version_counts_and_a_deletion_removes(staged: duckdb.DuckDBPyConnection) -> None:
    prices = staged.execute(
        "select source_id, budget_amount from staging.kantata__project_claims order by 1"
    ).fetchall()
    assert prices == [("7", Decimal("12500.0000")), ("8", Decimal("500.0000"))]


def test_of_a_large_stream_too_and_what_was_replaced_is_listed_once(staged: duckdb.DuckDBPyConnection) -> None:
    amounts = staged.execute("select charge_id, charge_amount from staging.stg_netsuite__charges order by 1").fetchall()
    assert amounts == [("1", Decimal("12.0000")), ("3", Decimal("30.0000"))]
    replaced = staged.execute("select _row_id from staging.stg_netsuite__charges__outdated order by 1").fetchall()
    assert replaced == [(501,), (502,), (601,)]


def test_minutes_become_hours_without_losing_any(staged: duckdb.DuckDBPyConnection) -> None:
    row = staged.execute(
        "select minutes, hours, hourly_rate, approved_at from staging.kantata__time_entry_claims where source_id = '1'"
    ).fetchone()
    assert row == (20, Decimal("0.33333333"), Decimal("200.000000"), dt.datetime(2026, 3, 2, 23, 0))


def test_local_times_become_utc_across_the_change_of_clocks(staged: duckdb.DuckDBPyConnection) -> None:
    created = staged.execute(
        "select source_id, created_at from staging.netsuite__time_entry_claims order by 1"
    ).fetchall()
    assert created == [
        ("51", dt.datetime(2026, 3, 8, 6, 30)),
        ("52", dt.datetime(2026, 3, 8, 7, 30)),
        ("53", dt.datetime(2026, 7, 1, 16, 0)),
    ]


def test_time_of_the_erp_finds_the_entry_it_was_made_from(staged: duckdb.DuckDBPyConnection) -> None:
    keys = staged.execute(
        "select source_id, time_entry_key, state, minutes from staging.netsuite__time_entry_claims order by 1"
    ).fetchall()
    assert keys == [("51", "1", "approved", 20), ("52", "2", "submitted", 465), ("53", "2", "approved", 60)]


def test_a_row_set_aside_stays_in_its_population(staged: duckdb.DuckDBPyConnection) -> None:
    states = staged.execute(
        "select source_id, time_entry_key, claim_state, minutes from staging.kantata__time_entry_claims order by 1"
    ).fetchall()
    assert states == [
        ("1", "1", "ok", 20),
        ("2", "2", "ok", 20),  # landed in good order after the bad one
        ("3", "3", "unreadable", None),  # the newest version cannot be read
        ("4", "4", "unreadable", None),
    ]
