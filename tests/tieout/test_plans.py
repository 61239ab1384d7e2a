"""What delivery plans, through the whole pipeline: bookings go in, scheduled backlog by month and its gaps come out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from app.data import Snapshot
from app.publish import snapshots
from app.revenue_data import obligations
from tests.tieout.exports import Line, write
from tests.tieout.loop import Correction, Firm
from tests.tieout.march import END, END_OF_MARCH, PLANNED, SECOND, START, THIRD, booked, quarter_done
from tests.tieout.verdict import assert_scored, assert_verified


def stated(place: int, about: str, method: str, on: str, recorded: str | None = None) -> dict[str, Any]:
    """An entry of the revenue register: by what the line of a deal is earned from a day on."""
    return {
        "entry_id": f"R-{place}", "recorded_at": f"{recorded or on}T12:00:00Z", "agreement_number": about,
        "kind": "method", "obligation": f"{about}/1", "happened_on": on, "currency": "USD", "amount": "",
        "method": method,
    }  # fmt: skip


@pytest.fixture(scope="module")
def by_method(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """The deal as its register says it is earned: by time, by acceptance, by its hours, and by time from April on."""
    folder = tmp_path_factory.mktemp("methods") / "firm"
    service = quarter_done("HOURS")
    service.versions[0] = (1, START, (Line(1, "Managed Service", 1_200_000, START, END, hours=6_000),), True)
    gates = quarter_done("GATES").accept(1, "Design", None, 400_000, dt.date(2026, 5, 15))
    gates.accept(1, "Go-live", None, 800_000, dt.date(2026, 8, 31))
    deals = [quarter_done("TIME"), quarter_done("SWITCHED"), quarter_done("COMING"), gates, service]
    entries = [
        stated(1, "TIME", "ratable", "2026-01-01"),
        # as of January, known in March
        stated(2, "SWITCHED", "ratable", "2026-01-01", "2026-03-20"),
        stated(3, "COMING", "ratable", "2026-04-10", "2026-03-20"),
        stated(4, "GATES", "milestone", "2026-01-01"),
        stated(5, "HOURS", "hours", "2026-01-01"),
    ]
    # 1,000 hours of each are booked in the second quarter, and all that are left of two in both
    bookings = [booked(4000 + place, (SECOND, 1_000)) for place in (1, 2, 4)]
    bookings += [booked(4000 + place, (SECOND, 2_700), (THIRD, 1_800)) for place in (3, 5)]
    more = [*bookings, {"revenue_register.entries": entries}]
    books = "books:\n  primary: {ratable: month}\n"
    one = Firm(write(folder, deals, as_of=END_OF_MARCH, books=books, more=more))
    one.run()
    return one


@pytest.mark.long
def test_backlog_of_a_line_is_scheduled_by_what_earns_it(by_method: Firm) -> None:
    found = by_method.rows("""
        select agreement_number,
               coalesce(sum(amount) filter (period between '2026-04' and '2026-06'), 0),
               coalesce(sum(amount) filter (period between '2026-07' and '2026-09'), 0),
               coalesce(sum(amount) filter (period is null), 0)
        from revenue.scheduled_backlog inner join marts.agreement using (agreement_id) group by 1
        """)
    assert {name: tuple(map(Decimal, amounts)) for name, *amounts in found} == {
        "TIME": (Decimal(400_000), Decimal(400_000), Decimal(0)),
        "SWITCHED": (Decimal(400_000), Decimal(400_000), Decimal(0)),
        "COMING": (Decimal(540_000), Decimal(360_000), Decimal(0)),
        "GATES": (Decimal(400_000), Decimal(800_000), Decimal(0)),
        "HOURS": (Decimal(540_000), Decimal(360_000), Decimal(0)),
    }


@pytest.mark.long
def test_months_before_a_method_was_known_keep_what_they_had_scheduled(by_method: Firm) -> None:
    found = by_method.rows("""
        select period, recognised, backlog, scheduled_backlog
        from revenue.positions inner join marts.agreement using (agreement_id)
        where agreement_number = 'SWITCHED' order by 1
        """)
    assert found == [
        ("2026-01", 100_000, 1_100_000, 1_100_000),
        ("2026-02", 200_000, 1_000_000, 1_000_000),
        ("2026-03", 400_000, 800_000, 800_000),
    ], "by its hours until February; from March on three of nine months"


@pytest.mark.long
def test_nobody_has_to_book_people_for_what_their_work_does_not_earn(by_method: Firm) -> None:
    assert by_method.rows("select agreement_number from recon.breaks where check_id = 'K67'") == []
    planned = "select agreement_number from revenue.evidence join marts.agreement using (agreement_id) "
    assert by_method.rows(f"{planned} where kind = 'scheduled' order by 1") == [("COMING",), ("HOURS",)]


@pytest.mark.long
def test_planned_revenue_follows_the_method_of_each_month(by_method: Firm) -> None:
    found = by_method.rows("""
        select agreement_number, difference, sum(from_amount)
        from revenue.differences inner join marts.agreement using (agreement_id)
        where difference = 'planned' and agreement_number in ('GATES', 'TIME') and book = 'primary' group by all
        order by 1
        """)
    assert found == [("TIME", "planned", Decimal("266666.67"))], "as it is earned; nothing is to be accepted by then"


@pytest.mark.long
def test_backlog_is_scheduled_in_the_quarter_it_is_planned_for(march: Firm) -> None:
    found = march.rows(f"""
        select agreement_number,
               coalesce(sum(amount) filter (period between '2026-04' and '2026-06'), 0),
               coalesce(sum(amount) filter (period between '2026-07' and '2026-09'), 0),
               coalesce(sum(amount) filter (period is null), 0), sum(amount)
        from revenue.scheduled_backlog inner join marts.agreement using (agreement_id)
        where agreement_number in {PLANNED} group by 1
        """)
    assert {name: tuple(map(Decimal, amounts)) for name, *amounts in found} == {
        "PLANNED": (Decimal(540_000), Decimal(360_000), Decimal(0), Decimal(900_000)),
        "MOVED": (Decimal(360_000), Decimal(540_000), Decimal(0), Decimal(900_000)),
        "REMOVED": (Decimal(360_000), Decimal(480_000), Decimal(60_000), Decimal(900_000)),
    }


@pytest.mark.long
def test_the_position_of_an_agreement_says_how_much_of_its_backlog_is_scheduled(march: Firm) -> None:
    found = march.rows(f"""
        select agreement_number, backlog, scheduled_backlog
        from revenue.positions inner join marts.agreement using (agreement_id)
        where period = '2026-03' and agreement_number in {PLANNED} order by 1
        """)
    assert found == [("MOVED", 900_000, 900_000), ("PLANNED", 900_000, 900_000), ("REMOVED", 900_000, 840_000)]


@pytest.mark.long
def test_what_is_contracted_and_unscheduled_goes_to_delivery(march: Firm) -> None:
    told = (
        "select agreement_number, variance, owner, is_root, money_kind from recon.breaks "
        f"where check_id = 'K67' and agreement_number in {PLANNED}"
    )
    found = march.rows(told)
    assert found == [("REMOVED", Decimal(-60_000), "service_delivery", True, "exposure")]


@pytest.mark.long
def test_time_without_an_estimate_is_told(march: Firm) -> None:
    told = f"select count(*), sum(variance) from recon.breaks where check_id = 'K45' and agreement_number in {PLANNED}"
    found = march.rows(told)
    assert found == [(3, Decimal(900_000))]


@pytest.mark.long
def test_a_loss_that_the_estimate_says_is_told_with_what_to_provide_and_put_right(
    routed: Firm, looked_after: Correction
) -> None:
    assert_scored(routed)
    told = routed.rows("""
        select severity, owner, cause, is_root, payload ->> '$.progress_period', a.kind,
            variance = cast(right_value as decimal(18, 4)) - cast(left_value as decimal(18, 4)),
            cast(payload ->> '$.provision_amount' as decimal(18, 4)) between 0.01 and variance,
            contains(reason, 'revenue accounting provides for')
        from recon.breaks as b join recon.actions as a on list_contains(a.breaks, b.break_id) where check_id <> 'K61'
        """)
    assert told == [("S1", "service_delivery", "the estimate says so", True, "2026-02", "ROUTE", True, True, True)]
    margins = routed.rows("""
        with lines as (
            select currency, sum(price_amount - completion_cost_amount) as margin, count(*) filter (is_loss) as losses
            from revenue.line_estimates where completion_cost_amount is not null group by currency
        ),
        shown as (
            select currency, sum(value) as margin from metrics.metric_values
            where metric = 'margin_at_completion' group by currency
        )
        select bool_and(lines.margin = shown.margin), sum(losses) from lines full join shown using (currency)
        """)
    assert margins == [(True, 1)]
    assert_verified(looked_after)


def test_the_plan_of_a_firm_adds_up_to_its_backlog_month_by_month(typical: Firm) -> None:
    wrong = """
        with planned as (
            select agreement_id, book, coalesce(sum(amount) filter (period is not null), 0) as scheduled,
                   sum(amount) as whole
            from revenue.scheduled_backlog group by all
        ),
        latest as (
            select agreement_id, book, backlog, scheduled_backlog from revenue.positions
            qualify row_number() over (partition by agreement_id, book order by period desc) = 1
        )
        select * from planned join latest using (agreement_id, book)
        where scheduled <> scheduled_backlog or whole <> backlog
        """
    assert typical.rows(wrong) == []
    assert typical.rows("select count(distinct period) > 12 from revenue.scheduled_backlog") == [(True,)]


def test_work_priced_by_its_hours_has_no_plan_before_it_has_a_project(typical: Firm) -> None:
    found = typical.rows("""
        with delivered as (select distinct agreement_line_key as line from marts.task where kind = 'task'),
        waiting as (
            select agreement_id from marts.agreement_line left join delivered on line = agreement_line_key
            group by agreement_id having bool_and(billing_type in ('tm', 'fixed_fee') and line is null)
        )
        select count(*), count(period), sum(amount) > 0 from revenue.scheduled_backlog join waiting using (agreement_id)
        """)
    ((lines, planned, is_worth_something),) = found
    assert lines > 0
    assert (planned, is_worth_something) == (0, True)


def test_cost_at_completion_is_proved_for_every_agreement_under_way(typical: Firm) -> None:
    """I11: the estimate is the cost of all time on the line and of what is left; nothing is lost in between."""
    proved = "select sum(tested), sum(failed) from revenue.identities where identity = 'I11'"
    estimated = "select count(distinct agreement_id) from revenue.line_estimates where completion_cost_amount > 0"
    assert typical.rows(proved) == [(typical.rows(estimated)[0][0], 0)]
    assert typical.rows("select bool_or(cost_to_complete_amount > 0) from revenue.line_estimates") == [(True,)]


def test_scheduled_backlog_leads_to_the_bookings_it_is_worth(typical: Firm) -> None:
    snapshot = Snapshot.open(snapshots(typical.project)[0])
    events = snapshot.frame("""
        select *, attributes ->> '$.project' as project_id, null as standing, false as is_adjustment
        from revenue.evidence where kind = 'scheduled' and amount > 0 and book = 'primary'
        order by quantity desc limit 5
        """)
    assert events.height == 5
    for event in events.iter_rows(named=True):
        booked = obligations.entries(snapshot, event)
        assert set(booked["object"]) == {"workspace_allocations"}
        assert booked["hours"].sum() >= event["quantity"]
