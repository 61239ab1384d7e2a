"""When deferred revenue is planned to be earned, worked out by hand: nine agreements at the end of March 2026."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

#: Agreement: what is deferred, and its lines - method, start, end, price, recognised.
HELD: dict[str, tuple[str, list[tuple[str, str | None, str | None, int, int]]]] = {
    "a year by month": ("9000", [("ratable_month", "2026-01-01", "2026-12-31", 12_000, 3_000)]),
    "from mid-June on": ("12000", [("ratable_month", "2026-06-16", "2027-06-15", 12_000, 0)]),
    "by day": ("450", [("ratable_day", "2026-01-01", "2026-05-15", 1_350, 900)]),
    "in yen": ("1000", [("ratable_day", "2026-01-01", "2026-06-30", 2_000, 1_000)]),
    "billed far ahead": ("2000", [("hours", "2026-01-01", "2026-06-30", 10_000, 1_000)]),
    "by acceptance": ("3000", [("milestone", "2026-01-01", "2026-08-31", 5_000, 0)]),
    "past its end": ("1000", [("hours", "2025-11-01", "2026-02-28", 4_000, 3_000)]),
    "charged, billed ahead": ("1000", [("as_charged", "2026-01-01", "2026-06-30", 50_000, 8_000)]),
    "charged, not ahead": (
        "700",
        [("as_charged", "2026-01-01", "2026-06-30", 50_000, 8_000), ("hours", "2026-01-01", None, 900, 200)],
    ),
}
BILLED = [
    {"agreement_id": "charged, billed ahead", "kind": "invoiced", "amount": "10000", "period": "2026-02"},
    {"agreement_id": "charged, billed ahead", "kind": "credited", "amount": "1000", "period": "2026-03"},
    {"agreement_id": "charged, not ahead", "kind": "invoiced", "amount": "6000", "period": "2026-03"},
    {"agreement_id": "charged, billed ahead", "kind": "invoiced", "amount": "777", "period": "2026-04"},
]
THOUSANDS = {f"2026-{month:02d}": "1000" for month in range(4, 13)}
#: When each is earned; None: no plan says when.
EXPECTED: dict[str, dict[str | None, str]] = {
    "a year by month": {**THOUSANDS},
    "from mid-June on": {
        "2026-06": "500", **{month: "1000" for month in THOUSANDS if month > "2026-06"},
        **{f"2027-{month:02d}": "1000" for month in range(1, 6)}, "2027-06": "500",
    },
    "by day": {"2026-04": "300", "2026-05": "150"},
    "in yen": {"2026-04": "330", "2026-05": "340", "2026-06": "330"},  # 30, 61 and 91 of 91 days
    "billed far ahead": {"2026-04": "2000"},  # 9,000 to earn in 91 days, 2,967 of them in April
    "by acceptance": {"2026-08": "3000"},
    "past its end": {None: "1000"},
    "charged, billed ahead": {"2026-04": "329.67", "2026-05": "340.66", "2026-06": "329.67"},
    "charged, not ahead": {None: "700"},  # more hours are billed as they are worked, and release nothing
}  # fmt: skip


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    whose = "agreement_id varchar, book varchar, legal_entity_id varchar, customer_id varchar, currency varchar"
    starts = [dt.date(2026 + number // 12, number % 12 + 1, 1) for number in range(25)]
    months = [
        {"period": f"{start:%Y-%m}", "start_on": start, "end_on": following - dt.timedelta(days=1)}
        for start, following in itertools.pairwise(starts)
    ]
    of = {name: {"agreement_id": name, "currency": "JPY" if name == "in yen" else "USD"} for name in HELD}
    lines = [
        {**of[name], "obligation_key": f"{name}/{place}", "method": method, "start_on": start, "end_on": end,
         "price_amount": price, "cumulative_amount": recognised}
        for name, (_, promised) in HELD.items()
        for place, (method, start, end, price, recognised) in enumerate(promised)
    ]  # fmt: skip
    with raw.built(
        tmp_path_factory.mktemp("releases"),
        {
            "intermediate.int_calendar__periods": ("period varchar, start_on date, end_on date", months),
            "revenue.positions": (
                f"{whose}, period varchar, contract_liability decimal(18,4)",
                [{**of[name], "contract_liability": amount} for name, (amount, _) in HELD.items()],
            ),
            "revenue.recognition": (
                f"{whose}, obligation_key varchar, period varchar, method varchar, price_amount decimal(18,4), "
                "cumulative_amount decimal(18,4)",
                lines,
            ),
            "revenue.obligations": (f"{whose}, obligation_key varchar, start_on date, end_on date", lines),
            "revenue.evidence": (
                f"{whose}, obligation_key varchar, kind varchar, period varchar, amount decimal(18,4)",
                [{**row, "obligation_key": f"{row['agreement_id']}/0"} for row in BILLED],
            ),
        },
        {"book": "primary", "legal_entity_id": "US", "customer_id": "C", "currency": "USD", "period": "2026-03"},
        "deferred_releases",
    ) as con:
        yield con


@pytest.mark.parametrize("agreement", HELD)
def test_deferred_revenue_is_planned_by_month(released: duckdb.DuckDBPyConnection, agreement: str) -> None:
    query = "select release_period, amount from revenue.deferred_releases where agreement_id = ? and period = '2026-03'"
    found = dict(released.execute(query, [agreement]).fetchall())

    assert found == {month: Decimal(amount) for month, amount in EXPECTED[agreement].items()}
    assert sum(found.values()) == Decimal(HELD[agreement][0])


def test_twelve_months_are_a_year(released: duckdb.DuckDBPyConnection) -> None:
    query = """
        select max(release_period) filter (is_within_year), min(release_period) filter (not is_within_year)
        from revenue.deferred_releases
        """
    assert released.execute(query).fetchall() == [("2027-03", "2027-04")]
