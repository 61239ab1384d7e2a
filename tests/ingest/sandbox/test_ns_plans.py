import datetime as dt

import polars as pl
import pytest

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_plans import Plan, by_days, by_profile, profile_of, replaced

AS_OF = dt.date(2026, 3, 6)
OPEN = 2026 * 12 + 2


def plan(*worth: int, posted: int) -> Plan:
    """A plan whose posted lines end in the month before the open one."""
    months = [OPEN - posted + place for place in range(len(worth))]
    lines = pl.DataFrame(
        {
            "id": [str(place) for place in range(len(worth))],
            "revenueplan": "77",
            "month": months,
            "worth": list(worth),
            "isrecognized": [place < posted for place in range(len(worth))],
        },
        schema_overrides={"month": pl.Int64, "worth": pl.Int64},
    )
    like = pl.DataFrame({"revenueplan": ["77"], "exchangerate": [1]})
    return Plan(lines, like)


def worth(lines: pl.DataFrame) -> list[tuple[int, int]]:
    return sorted(lines.select("month", "worth").iter_rows())


def test_posted_months_stay_and_the_open_month_catches_up() -> None:
    old = plan(300, 300, 300, 300, posted=2)
    new = by_profile(old, 2400, profile_of(old, as_of=AS_OF), as_of=AS_OF)
    assert worth(new) == [(OPEN - 2, 300), (OPEN - 1, 300), (OPEN, 1200), (OPEN + 1, 600)]


def test_a_plan_that_is_all_posted_gets_one_catch_up() -> None:
    old = plan(500, 500, posted=2)
    new = by_profile(old, 900, profile_of(old, as_of=AS_OF), as_of=AS_OF)
    assert worth(new)[2:] == [(OPEN, -100)]


@pytest.mark.parametrize("value", [100_001, 36_500, 7])
def test_a_schedule_by_days_adds_up_to_its_value(value: int) -> None:
    old = plan(0, posted=0)
    new = by_days(old, value, dt.date(2026, 3, 1), dt.date(2026, 12, 31), as_of=AS_OF)
    assert sum(amount for _, amount in worth(new)) == value


def test_whole_currencies_get_whole_amounts() -> None:
    old = plan(0, posted=0)
    new = by_days(old, 100_000, dt.date(2026, 3, 1), dt.date(2026, 5, 31), as_of=AS_OF, step=100)
    assert {amount % 100 for _, amount in worth(new)} == {0}


def test_replacing_a_plan_leaves_the_others() -> None:
    planned = conform("revenueplanplannedrevenue", pl.DataFrame({"id": ["1", "2"], "revenueplan": ["77", "88"]}))
    after = replaced(planned, planned.filter(pl.col("id") == "1"), planned.head(0))
    assert after["id"].to_list() == ["2"]
