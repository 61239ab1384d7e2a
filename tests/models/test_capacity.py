"""Hours that people were there for: the cases a controller would work out by hand, day by day.

The account works Monday to Friday, eight hours a day. March 2026 has 22 working days (176 hours); it begins on a Sunday
and ends on a Tuesday. Somebody records time on 2 and on 31 March, so that the whole of it is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.build import build_models
from contracts.metric import find

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def week(minutes: int = 480, **others: int) -> dict[str, str]:
    """Minutes of a workweek: the same on each weekday, but for those named."""
    stated = dict.fromkeys(WEEKDAYS, minutes) | {"saturday": 0, "sunday": 0} | others
    return {f"{day}_minutes": str(stated[day]) for day in stated}


def user(number: int, **facts: str) -> dict[str, str]:
    return {"id": str(number), "full_name": f"Person {number}", "disabled": "false",
            "created_at": "2020-01-06T09:00:00-05:00", **facts}  # fmt: skip


def entry(number: int, user_id: str, day: str) -> dict[str, str]:
    return {"id": str(number), "workspace_id": "7", "user_id": user_id, "date_performed": day,
            "time_in_minutes": "480", "billable": "true", "approved": "true", "rate_in_cents": "0",
            "currency": "USD", "currency_base_unit": "100"}  # fmt: skip


def off(number: int, user_id: str, day: str, hours: str = "8") -> dict[str, str]:
    return {"id": str(number), "user_id": user_id, "requested_date": day, "hours": hours}


ROWS: dict[str, list[dict[str, Any]]] = {
    "kantata.users": [
        user(1),  # always there: 176 hours
        user(2),  # Monday to Wednesday only: 14 days of March
        user(3),  # Christmas in March: a holiday on the 17th, and half a day of leave on the 19th
        user(4),  # leave from the 16th to the 20th, of which the 17th is a holiday
        user(5, created_at="2026-03-23T09:00:00-04:00"),  # came on Monday the 23rd: 7 working days
        user(6, disabled="true"),  # left on Friday the 13th: 10 working days
        user(7, disabled="true"),  # gone, nobody says since when; last time on the 4th: 3 working days
        user(8),  # a subcontractor
        user(9),  # eight hours a day until the 14th, then four: 10 days of 8, 12 of 4
        user(10),  # asks for more leave than the day has: nine of its six hours
        user(11, disabled="true"),  # gone before, without a trace in time
    ],
    "kantata.account_memberships": [
        {"id": "6", "user_id": "6", "created_at": "2020-01-06T09:00:00-05:00",
         "disabled_at": "2026-03-13T18:00:00-04:00"},
    ],
    "kantata.workweeks": [
        {"id": "1", "default": "true", "start_date": "2019-01-06", **week()},
        {"id": "9", "default": "false", "start_date": "2019-01-06", **week(360)},
    ],
    "kantata.workweek_memberships": [
        {"id": "1", "user_id": "2", "start_date": "2025-01-05", **week(thursday=0, friday=0)},
        {"id": "2", "user_id": "9", "start_date": "2026-03-15", **week(240)},
        {"id": "3", "user_id": "10", "start_date": "2026-03-01", "workweek_id": "9"},
    ],
    "kantata.holidays": [
        {"id": "1", "name": "Founders' Day", "start_date": "2026-03-17", "end_date": "2026-03-17", "paid": "true"},
    ],
    "kantata.holiday_calendar_associations": [{"id": "1", "holiday_id": "1", "holiday_calendar_id": "5"}],
    "kantata.holiday_calendar_memberships": [
        {"id": "1", "holiday_calendar_id": "5", "user_id": "3", "start_date": "2020-01-01"},
        {"id": "2", "holiday_calendar_id": "5", "user_id": "4", "start_date": "2020-01-01"},
        {"id": "3", "holiday_calendar_id": "5", "user_id": "1", "start_date": "2020-01-01", "end_date": "2026-03-16"},
        {"id": "4", "holiday_calendar_id": "5", "user_id": "2", "start_date": "2020-01-01"},
        {"id": "5", "holiday_calendar_id": "8", "user_id": "2", "start_date": "2026-03-01"},
    ],
    "kantata.time_off_entries": [
        off(1, "3", "2026-03-19", "4"),
        *(off(day, "4", f"2026-03-{day}") for day in (16, 17, 18, 19, 20)),
        off(30, "4", "2026-03-21"),  # a Saturday
        off(31, "10", "2026-03-10", "9"),
        off(32, "8", "2026-03-10"),
    ],
    "kantata.time_entries": [
        entry(1, "1", "2026-03-02"),
        entry(2, "1", "2026-03-31"),
        entry(3, "7", "2026-03-04"),
        entry(4, "8", "2026-03-05"),
    ],
    "kantata.workspaces": [
        {"id": "7", "title": "Rollout", "stage": "project", "currency": "USD", "currency_base_unit": "100"}
    ],
    "kantata.custom_field_values": [
        {"id": "1", "subject_type": "User", "subject_id": "8", "custom_field_name": "Supplier", "value": "33001"},
    ],
}  # fmt: skip

#: Person -> hours of the workweek, of holidays, of time off, and what is left.
GOLDEN = {
    "1": ("176", "0", "0", "176"),
    "2": ("112", "0", "0", "112"),
    "3": ("176", "8", "4", "164"),
    "4": ("176", "8", "32", "136"),
    "5": ("56", "0", "0", "56"),
    "6": ("80", "0", "0", "80"),
    "7": ("24", "0", "0", "24"),
    "9": ("128", "0", "0", "128"),
    "10": ("132", "0", "6", "126"),
}
MODELS = "+available_time +days_off +int_person__available_days"


def built(path: Path, raw: Any, rows: dict[str, list[dict[str, Any]]], without: str = "") -> duckdb.DuckDBPyConnection:
    """A reader of the models over these exports, of which one stream may not be there."""
    raw.raw_warehouse(path, rows)
    with duckdb.connect(str(path)) as con:
        con.execute("create table raw.streams (connection varchar, system varchar, stream varchar, status varchar, "
                    "message varchar)")  # fmt: skip
        for stream in find("utilisation_billable").streams:
            state = "absent" if stream == without else "landed"
            con.execute("insert into raw.streams values ('kantata', 'kantata', ?, ?, '')", [stream, state])
    build_models(path, raw.VARIABLES, select=MODELS)
    return duckdb.connect(str(path), read_only=True)


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    con = built(tmp_path_factory.mktemp("capacity") / "warehouse.duckdb", raw, ROWS)
    yield con
    con.close()


def hours(firm: duckdb.DuckDBPyConnection, person: str) -> list[tuple[Decimal, ...]]:
    return firm.execute(
        "select scheduled_hours, holiday_hours, time_off_hours, available_hours from metrics.available_time "
        "where source_id = ? and period = '2026-03'",
        [person],
    ).fetchall()


@pytest.mark.parametrize("person", GOLDEN)
def test_a_person_is_available_for_what_holidays_and_time_off_leave(
    firm: duckdb.DuckDBPyConnection, person: str
) -> None:
    assert hours(firm, person) == [tuple(Decimal(one) for one in GOLDEN[person])]


def test_who_supplies_work_and_who_was_gone_before_is_no_capacity(firm: duckdb.DuckDBPyConnection) -> None:
    assert hours(firm, "8") == hours(firm, "11") == []


def test_only_days_that_time_is_recorded_for_count(firm: duckdb.DuckDBPyConnection) -> None:
    days = firm.execute("select min(day), max(day) from intermediate.int_person__available_days").fetchone()
    assert [str(day) for day in days or ()] == ["2026-03-02", "2026-03-31"]


def test_each_day_off_leads_to_the_record_that_says_so(firm: duckdb.DuckDBPyConnection) -> None:
    rows = firm.execute(
        "select object, source_id, off_on, hours from metrics.days_off where off_on >= '2026-03-16' order by all"
    ).fetchall()
    told = [(kind, record, str(day), hours) for kind, record, day, hours in rows]
    assert told == [
        ("holidays", "1", "2026-03-17", Decimal(8)),
        ("holidays", "1", "2026-03-17", Decimal(8)),
        ("time_off_entries", "1", "2026-03-19", Decimal(4)),
        *(("time_off_entries", str(day), f"2026-03-{day}", Decimal(8)) for day in (16, 18, 19, 20)),
    ]


def test_days_off_are_what_is_taken_from_the_workweek(firm: duckdb.DuckDBPyConnection) -> None:
    taken = "select sum(holiday_hours), sum(time_off_hours) from metrics.available_time"
    days = "select sum(hours) filter (is_holiday), sum(hours) filter (not is_holiday) from metrics.days_off"
    assert firm.execute(taken).fetchall() == firm.execute(days).fetchall() == [(Decimal(16), Decimal(42))]


@pytest.mark.long
def test_without_one_of_the_streams_nothing_is_concluded(tmp_path: Path, raw: Any) -> None:
    """Without time off, people would seem to have been there for more than they were."""
    con = built(
        tmp_path / "warehouse.duckdb", raw, {**ROWS, "kantata.time_off_entries": []}, without="time_off_entries"
    )
    assert con.execute("select count(*) from metrics.available_time").fetchall() == [(0,)]
    con.close()


@pytest.mark.long
def test_a_month_in_which_somebodys_workweek_is_unknown_has_no_capacity(tmp_path: Path, raw: Any) -> None:
    """The account's first workweek begins on 8 February: February is not known, March is."""
    later = [{"id": "1", "default": "true", "start_date": "2026-02-08", **week()}]
    time = [*ROWS["kantata.time_entries"], entry(9, "1", "2026-02-02")]
    con = built(tmp_path / "warehouse.duckdb", raw, {**ROWS, "kantata.workweeks": later, "kantata.time_entries": time,
                                             "kantata.workweek_memberships": []})  # fmt: skip
    assert con.execute("select distinct period from metrics.available_time").fetchall() == [("2026-03",)]
    con.close()


def test_who_moved_counts_in_both_companies_that_employed_them(clean_firm: Path) -> None:
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        moved = con.execute(
            "select count(*), count(distinct legal_entity_id) from metrics.available_time where source_id in "
            "(select source_id from intermediate.int_person__claims where role = 'PSA' and home_since_on is not null "
            "and supplier_ref is null) group by source_id, person_id"
        ).fetchall()
    assert moved
    assert {entities for _, entities in moved} == {2}


def test_hours_worked_count_where_the_people_are_employed(clean_firm: Path) -> None:
    """As the books have it, too: the home of a person on the day of the work."""
    valued = (
        "select strftime(work_on, '%Y-%m') as period, home_legal_entity_id, sum(hours) "
        "from intermediate.int_time_entry__valued where kind = 'actual' and is_billable and state <> 'rejected' "
        "and supplier_ref is null group by all order by all"
    )
    term = (
        "select period, legal_entity_id, sum(amount) from metrics.metric_terms where term = 'billable_staff_hours' "
        "group by all order by all"
    )
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        assert con.execute(valued).fetchall() == con.execute(term).fetchall() != []


def test_nobody_records_time_on_a_day_off(clean_firm: Path) -> None:
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        worked = con.execute(
            "select off.* from metrics.days_off as off inner join marts.time_entry as entry "
            "on entry.person_id = off.person_id and entry.work_on = off.off_on"
        ).fetchall()
        (known,) = con.execute("select count(*) from metrics.days_off").fetchone() or (0,)
    assert worked == []
    assert known > 100


def test_a_firm_is_utilised_as_firms_are(clean_firm: Path) -> None:
    sums = "select sum(value_amount) / sum(divisor_amount) from metrics.metric_values where metric = ?"
    with duckdb.connect(str(clean_firm), read_only=True) as con:
        (utilised,) = con.execute(sums, ["utilisation_billable"]).fetchone() or (0,)
    assert 0.6 < utilised < 0.9
