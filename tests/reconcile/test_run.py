import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from reconcile import roots
from reconcile.context import Feed
from reconcile.rule import T1, BreakType, Field, MoneyKind, Rule, Severity, Shape, Side, Window
from tests.reconcile.books import AS_OF, CONFIG, breaks, firm, load, reconcile

THERE = Rule(
    check="K14",
    name="there",
    entity="thing",
    shape=Shape.PRESENCE,
    left=Side("PSA", "psa", amount="amount"),
    right=Side("ERP", "erp"),
    on=("thing_key",),
    requires=(("PSA", "thing"), ("ERP", "thing")),
    money_kind=MoneyKind.EXPOSURE,
    title="{entity_id} is not in the ledger ({money})",
)
A, B = {"thing_key": "A", "amount": 10}, {"thing_key": "B", "amount": 1850}


def snapshot(con: duckdb.DuckDBPyConnection) -> str:
    """Keep what a run left as the last published snapshot."""
    con.execute("create schema if not exists last")
    for name in ("runs", "breaks", "break_history", "break_records", "break_sides"):
        con.execute(f"create or replace table last.{name} as from recon.{name}")
    return "last"


def test_a_break_keeps_its_id_and_first_day_and_gets_a_version_when_it_changes() -> None:
    con = firm(psa=[A], erp=[])
    reconcile(con, THERE)
    first = breaks(con, "break_id, version, first_seen, age_days, status")
    load(con, "psa", [{**A, "amount": 11}])
    reconcile(con, THERE, run_id="R2", as_of=AS_OF + dt.timedelta(days=3), previous=snapshot(con))
    second = breaks(con, "break_id, version, first_seen, age_days, status")
    assert first == [(second[0][0], 1, AS_OF, 0, "open")]
    assert second[0][1:] == (2, AS_OF, 3, "open")


def test_what_is_gone_is_cleared_or_verified_and_counts_when_it_returns() -> None:
    con = firm(psa=[A, B], erp=[])
    reconcile(con, THERE)
    ids = dict(breaks(con, "entity_id, break_id"))
    con.execute("create table acted as select ? as break_id, 'ACT-1' as action_id, 'applied' as status", [ids["A"]])
    load(con, "erp", [A, B])
    options = {"previous": snapshot(con), "decisions": {"actions": "acted"}}
    reconcile(con, THERE, run_id="R2", as_of=AS_OF + dt.timedelta(days=1), **options)
    assert breaks(con, "entity_id, status") == [("A", "verified"), ("B", "cleared")]
    load(con, "erp", [])
    con.execute("delete from acted")
    options = {"previous": snapshot(con), "decisions": {"actions": "acted"}}
    reconcile(con, THERE, run_id="R3", as_of=AS_OF + dt.timedelta(days=2), **options)
    assert breaks(con, "entity_id, status, times_reopened, first_seen") == [
        ("A", "open", 1, AS_OF),
        ("B", "open", 1, AS_OF),
    ]
    assert con.execute("select count(*) from recon.break_history").fetchone() == (6,)


def test_runs_of_one_day_follow_each_other_whatever_their_ids() -> None:
    con = firm(psa=[A], erp=[])
    seen = []
    for run_id, amount in (("R-C", 10), ("R-B", 11), ("R-D", 12), ("R-A", None), ("R-0", 12), ("R-Z", 12)):
        before = snapshot(con) if seen else None
        load(con, "psa", [{**A, "amount": amount}] if amount else [])
        reconcile(con, THERE, run_id=run_id, previous=before)
        seen.append(breaks(con, "run_id, version, times_reopened, status"))
    assert seen == [
        [("R-C", 1, 0, "open")],
        [("R-B", 2, 0, "open")],
        [("R-D", 3, 0, "open")],
        [("R-A", 3, 0, "cleared")],
        [("R-0", 3, 1, "open")],
        [("R-Z", 3, 1, "open")],
    ]
    told = con.execute("select sequence, run_id, previous_run_id from recon.runs order by 1").fetchall()
    assert told == [
        (1, "R-C", None), (2, "R-B", "R-C"), (3, "R-D", "R-B"), (4, "R-A", "R-D"), (5, "R-0", "R-A"), (6, "R-Z", "R-0"),
    ]  # fmt: skip


def test_a_run_repeated_after_it_was_published_finds_what_it_found() -> None:
    """What it cleared and what it carried was there in the run before, not in the one that is published."""
    con = firm(psa=[A, B], erp=[], crm=[A])
    quiet = replace(THERE, check="K15", name="quiet", sides=(), left=Side("CRM", "crm"), right=Side("ERP", "erp"))
    reconcile(con, THERE, quiet)
    first = snapshot(con)
    load(con, "psa", [{**A, "amount": 11}])
    tables = ("breaks", "break_history", "break_records", "runs")
    found = []
    for before in (first, None):
        reconcile(con, THERE, quiet, run_id="R2", checks=["K14"], previous=before or snapshot(con))
        found.append([con.execute(f"select * from recon.{name} order by all").fetchall() for name in tables])
    assert breaks(con, "check_id, entity_id, status, version") == [
        ("K14", "A", "open", 2),
        ("K14", "B", "cleared", 1),
        ("K15", "A", "open", 1),
    ]
    assert found[0] == found[1]


def test_a_run_after_one_without_breaks_knows_the_run_before() -> None:
    con = firm(psa=[A], erp=[A])
    reconcile(con, THERE)
    load(con, "psa", [A, B])
    reconcile(con, THERE, run_id="R2", previous=snapshot(con))
    assert con.execute("select previous_run_id from recon.runs where run_id = 'R2'").fetchone() == ("R1",)


def test_an_acceptance_holds_until_its_day_and_for_the_evidence_it_was_given_for() -> None:
    con = firm(psa=[A, B], erp=[])
    reconcile(con, THERE)
    con.execute(
        "create table accepted as select break_id, evidence_hash, '2026-04-30' as accepted_until from recon.breaks"
    )
    options = {"decisions": {"acceptances": "accepted"}}
    load(con, "psa", [A, {**B, "amount": 1}])
    reconcile(con, THERE, run_id="R2", **options)
    assert breaks(con, "entity_id, status, accepted_until") == [
        ("A", "accepted", dt.date(2026, 4, 30)),
        ("B", "open", None),
    ]
    reconcile(con, THERE, run_id="R3", as_of=dt.date(2026, 5, 1), **options)
    assert breaks(con, "entity_id, status") == [("A", "open"), ("B", "open")]


def test_actions_move_a_break_through_proposed_approved_and_sent() -> None:
    con = firm(psa=[A], erp=[])
    reconcile(con, THERE)
    for status, shown in (
        ("proposed", "proposed"),
        ("approved", "approved"),
        ("emitted", "sent"),
        ("rejected", "open"),
    ):
        con.execute(
            "create or replace table acted as select break_id, 'ACT' as action_id, ? as status from recon.breaks",
            [status],
        )
        reconcile(con, THERE, run_id="R2", decisions={"actions": "acted"})
        assert breaks(con, "status") == [(shown,)]


def test_a_rule_whose_stream_is_missing_does_not_run_and_its_breaks_stay() -> None:
    con = firm(psa=[A], erp=[])
    reconcile(con, THERE)
    con.execute("create schema raw")
    con.execute(
        "create table raw.streams as "
        "select 'kantata' as connection, 'kantata' as system, 'things' as stream, 'landed' as status"
    )
    config = replace(
        CONFIG, feeds=(Feed("PSA", "thing", "kantata", "things"), Feed("ERP", "thing", "netsuite", "lines"))
    )
    load(con, "psa", [A, B])
    found = reconcile(con, THERE, run_id="R2", config=config, previous=snapshot(con))
    assert found.not_run == {"there": "netsuite/lines is missing"}
    assert breaks(con, "run_id, entity_id, status") == [("R2", "A", "open")]
    assert con.execute("select status, reason from recon.coverage where run_id = 'R2'").fetchone() == (
        "not_run",
        "netsuite/lines is missing",
    )
    assert con.execute("select count(*) from recon.break_records").fetchone() == (1,)


def test_a_rule_whose_field_nobody_fills_does_not_run_and_says_so() -> None:
    con = firm(psa=[A], erp=[])
    con.execute("create schema raw")
    con.execute("create table raw.streams (connection varchar, stream varchar, status varchar)")
    con.execute("insert into raw.streams values ('netsuite', 'lines', 'landed')")
    con.execute("create schema intermediate")
    con.execute("create table intermediate.int_thing__claims as select 'ERP' as role, cast(null as varchar) as grade")
    config = replace(CONFIG, feeds=(Feed("ERP", "thing", "netsuite", "lines"),))
    rule = replace(THERE, sides=(), left=THERE.sides[0], right=THERE.sides[1], requires=(("ERP", "thing.grade"),))
    assert reconcile(con, rule, config=config).not_run == {"there": "no thing of ERP states grade"}
    con.execute("insert into intermediate.int_thing__claims values ('ERP', 'A')")
    assert reconcile(con, rule, run_id="R2", config=config).not_run == {}


def aside(con: duckdb.DuckDBPyConnection, stream: str, key: str | None, status: str = "open") -> None:
    """Set a row of a stream of the ERP aside; without a key nobody can say which record it is."""
    con.execute("create schema raw")
    con.execute(
        "create table raw.streams as select 'netsuite' as connection, unnest(['lines', 'kinds', 'bills']) as stream"
    )
    con.execute("alter table raw.streams add column status varchar default 'landed'")
    con.execute("insert into raw.streams values ('kantata', 'things', 'landed')")
    con.execute("create schema quarantine")
    con.execute(
        "create table quarantine.rows as select 1 as row_id, 'netsuite' as connection, ? as stream, ? as status",
        [stream, status],
    )
    con.execute("create table quarantine.keys as select 1 as row_id, ? as key where key is not null", [key])


@pytest.mark.parametrize(
    ("stream", "key", "status", "cause"),
    [
        ("lines", None, "open", "quarantined"),
        ("lines", None, "discarded", "quarantined"),
        ("lines", None, "answered", None),
        ("lines", "1", "open", None),  # its record is among the claims as unreadable
        ("kinds", "1", "open", "quarantined"),  # it may be what a record of `lines` is made with
        ("bills", None, "open", None),  # nothing the rule reads
    ],
)
def test_what_seems_absent_may_be_a_row_that_nobody_could_read(
    stream: str, key: str | None, status: str, cause: str | None
) -> None:
    con = firm(psa=[A], erp=[])
    aside(con, stream, key, status)
    feeds = (
        Feed("PSA", "thing", "kantata", "things"),
        Feed("ERP", "thing", "netsuite", "lines", keeps_unreadable=True),
        Feed("ERP", "thing", "netsuite", "kinds"),
        Feed("ERP", "bill", "netsuite", "bills"),
    )
    reconcile(con, THERE, config=replace(CONFIG, feeds=feeds))
    assert breaks(con, "entity_id, cause") == [("A", cause)]


NOTE = Field("note", break_type=BreakType.CLASSIFICATION)
PAIR = {"shape": Shape.PAIR, "extra": "break"}
TOTAL = {"shape": Shape.TOTAL, "right": Side("ERP", "erp", amount="amount")}


@pytest.mark.parametrize(
    ("rule", "key", "cause"),
    [
        (TOTAL, "1", "quarantined"),
        ({"shape": Shape.SEQUENCE, "right": None, "broken": "amount > 0"}, "1", "quarantined"),
        ({**PAIR, "compare": (Field("amount"),)}, None, "quarantined"),  # an amount may be a sum of rows
        ({**PAIR, "compare": (Field("amount"),)}, "1", None),
        ({**PAIR, "compare": (NOTE,)}, None, None),
        ({"compare": (Field("amount"),)}, None, None),
    ],
)
def test_amounts_and_judgements_may_lack_a_row_and_what_both_records_say_lacks_none(
    rule: dict[str, Any], key: str | None, cause: str | None
) -> None:
    con = firm(psa=[A], erp=[{**A, "amount": 9, "note": "x"}])
    aside(con, "lines", key)
    feeds = (
        Feed("PSA", "thing", "kantata", "things"),
        Feed("ERP", "thing", "netsuite", "lines", keeps_unreadable=True),
    )
    sides = {"sides": (), "left": THERE.sides[0], "right": THERE.sides[1], **rule}
    reconcile(con, replace(THERE, **sides), config=replace(CONFIG, feeds=feeds))
    assert breaks(con, "entity_id, cause") == [("A", cause)]


def test_what_only_the_ledger_has_may_be_a_row_of_the_other_side_that_nobody_could_read() -> None:
    con = firm(psa=[], erp=[A])
    aside(con, "things", None)
    con.execute("update quarantine.rows set connection = 'kantata'")
    rule = replace(
        THERE,
        sides=(),
        left=THERE.sides[0],
        right=THERE.sides[1],
        shape=Shape.PAIR,
        compare=(Field("amount"),),
        extra="break",
    )
    feeds = (Feed("PSA", "thing", "kantata", "things"), Feed("ERP", "thing", "netsuite", "lines"))
    reconcile(con, rule, config=replace(CONFIG, feeds=feeds))
    assert breaks(con, "break_type, cause") == [("missing_left", "quarantined")]


def test_checks_not_asked_for_keep_their_breaks() -> None:
    con = firm(psa=[A], erp=[])
    reconcile(con, THERE)
    found = reconcile(con, THERE, run_id="R2", previous=snapshot(con), checks=["K99"])
    assert found.not_run == {"there": "not asked for in this run"}
    assert breaks(con, "entity_id, status") == [("A", "open")]


def test_a_missing_partner_before_the_first_day_is_history() -> None:
    con = firm(psa=[{**A, "work_on": "2024-12-31"}, {**B, "work_on": "2025-01-01"}], erp=[])
    reconcile(con, THERE, config=replace(CONFIG, start_on=dt.date(2025, 1, 1)))
    assert breaks(con, "entity_id, posting_date, period") == [("B", dt.date(2025, 1, 1), "2025-01")]
    assert con.execute("select excluded from recon.proofs where measure = 'money'").fetchone() == (10,)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-03-27", 1, "2026-03-31"),
        ("2026-03-28", 1, "2026-03-31"),
        ("2026-03-26", 1, "2026-03-28"),
        ("2026-03-27", 2, "2026-04-02"),
    ],
)
def test_a_window_of_business_days_skips_weekends_and_holidays(start: str, days: int, expected: str) -> None:
    rule = replace(THERE, window=Window("reference.work_on", business_days=days))
    con = firm(psa=[{**A, "work_on": start}], erp=[])
    reconcile(con, rule, config=replace(CONFIG, holidays=(dt.date(2026, 3, 31),)))
    due = dt.date.fromisoformat(expected)
    assert breaks(con, "expected_by, status") == [(due, "timing" if due > dt.date(2026, 4, 1) else "open")]


def test_what_was_not_due_before_both_watermarks_is_only_late() -> None:
    rule = replace(THERE, window=Window("cast(reference.work_on as timestamp)", minutes=15))
    con = firm(psa=[{**A, "work_on": "2026-03-31"}], erp=[])
    con.execute("create schema raw")
    con.execute(
        "create table raw.watermarks as select 'netsuite' as connection, timestamp '2026-03-31 00:10' as watermark"
    )
    reconcile(con, rule)
    assert breaks(con, "status") == [("timing",)]
    con.execute("update raw.watermarks set watermark = timestamp '2026-03-31 00:15'")
    reconcile(con, rule, run_id="R2")
    assert breaks(con, "status") == [("open",)]


def test_each_follower_that_deviates_is_a_break_of_its_own() -> None:
    sides = tuple(Side(role, name, amount="amount") for role, name in (("CRM", "crm"), ("PSA", "psa"), ("ERP", "erp")))
    rule = Rule(
        check="K09",
        name="value",
        entity="thing",
        shape=Shape.PAIR,
        sides=sides,
        on=("thing_key",),
        compare=(Field("amount", tolerance=T1),),
        title="{right_role} says {right_value}, {left_role} {left_value}",
    )
    con = firm(crm=[A], psa=[{**A, "amount": 12}], erp=[{**A, "amount": 7}])
    reconcile(con, rule)
    assert breaks(con, "right_role, variance, direction, at_fault, title") == [
        ("ERP", -3, "under", "netsuite", "ERP says 7.00, CRM 10.00"),
        ("PSA", 2, "over", "kantata", "PSA says 12.00, CRM 10.00"),
    ]
    assert len({row[0] for row in breaks(con, "break_id")}) == 2
    assert con.execute("select role, present, value from recon.break_sides order by all").fetchall() == [
        ("CRM", True, "10"),
        ("CRM", True, "10"),
        ("ERP", True, "7"),
        ("PSA", True, "12"),
    ]


def test_the_money_of_one_cause_counts_once_at_its_root() -> None:
    rows = [
        {**A, "project_id": "PRJ-1"},
        {**B, "project_id": "PRJ-1"},
        {"thing_key": "C", "amount": 5, "project_id": "PRJ-2"},
    ]
    cause = replace(THERE, check="K08", name="cause", left=Side("PSA", "psa", where="thing_key = 'B'", amount="amount"))
    effect = replace(THERE, caused_by=(("K08", "project_id"),))
    con = firm(psa=rows, erp=[])
    reconcile(con, cause, effect)
    root = breaks(con, "break_id", "check_id = 'K08'")[0][0]
    assert breaks(con, "check_id, entity_id, is_root, root_id = ?".replace("?", f"'{root}'")) == [
        ("K08", "B", True, True),
        ("K14", "A", False, True),
        ("K14", "B", False, True),
        ("K14", "C", True, False),
    ]
    assert con.execute("select impact from recon.runs").fetchone() == (1855,)


def test_causes_that_share_a_record_and_chains_lead_to_one_root() -> None:
    one = replace(THERE, check="K01", name="one")
    two = replace(THERE, check="K05", name="two", caused_by=(("K01", "records"),))
    three = replace(THERE, caused_by=(("K05", "entity_key"),))
    con = firm(psa=[A], erp=[])
    reconcile(con, three, two, one)
    assert {row[0] for row in breaks(con, "root_id")} == {breaks(con, "break_id", "check_id = 'K01'")[0][0]}


def test_checks_that_name_each_other_in_a_circle_still_give_a_root() -> None:
    one = replace(THERE, check="K01", name="one", caused_by=(("K02", "entity_key"),))
    two = replace(THERE, check="K02", name="two", caused_by=(("K01", "entity_key"),))
    assert roots.edges([two, one]) == [("K01", "K02", "entity_key", 0)]
    con = firm(psa=[A], erp=[])
    reconcile(con, one, two)
    assert breaks(con, "check_id, is_root") == [("K01", False), ("K02", True)]


def test_a_missing_exchange_rate_is_a_break_and_never_one() -> None:
    con = firm(
        psa=[{**A, "currency": "EUR", "work_on": "2026-03-02"}, {**B, "currency": "GBP", "work_on": "2026-03-02"}],
        erp=[],
    )
    con.execute("create schema marts")
    con.execute(
        "create table marts.exchange_rate as "
        "select 'EUR' as from_currency, 'USD' as to_currency, date '2026-03-01' as effective_on, "
        "1.1::decimal(18,6) as exchange_rate union all select 'EUR', 'USD', date '2026-03-03', 2.0"
    )
    reconcile(con, THERE)
    assert breaks(con, "check_id, entity_id, impact, fx_rate, fx_date") == [
        ("K14", "A", Decimal("11.0000"), Decimal("1.100000"), dt.date(2026, 3, 1)),
        ("K14", "B", None, None, None),
        ("K64", "GBP/USD", Decimal(0), Decimal(1), AS_OF),
    ]


def test_a_missing_exchange_rate_is_one_break_whichever_rules_run() -> None:
    """As long as a break waits for it: of a rule that ran, or of one whose breaks were carried."""
    foreign = {**B, "currency": "GBP"}
    con = firm(psa=[A, foreign], erp=[], crm=[])
    sides = {"left": Side("CRM", "crm", amount="amount"), "right": Side("ERP", "erp")}
    rules = (THERE, replace(THERE, check="K64", name="fx_on_balances", sides=(), **sides))
    reconcile(con, *rules)
    shown = "check_id, status, times_reopened", "rule = 'exchange_rates'"
    for number, checks in enumerate((["K14"], ["K64"], ["K14"], None), start=2):
        reconcile(con, *rules, run_id=f"R{number}", previous=snapshot(con), checks=checks)
        assert breaks(con, *shown) == [("K64", "open", 0)]
    load(con, "psa", [A])
    reconcile(con, *rules, run_id="R6", previous=snapshot(con), checks=["K14"])
    assert breaks(con, *shown) == [("K64", "cleared", 0)]


def test_amounts_of_any_size_are_translated() -> None:
    con = firm(psa=[{**A, "amount": Decimal("99999999999999.99")}], erp=[])
    reconcile(con, THERE)
    assert breaks(con, "variance, impact") == [(Decimal("-99999999999999.99"), Decimal("99999999999999.99"))]


def test_names_come_from_the_marts_and_titles_are_sentences() -> None:
    con = firm(psa=[{**B, "project_id": "PRJ-000001"}], erp=[])
    con.execute("create schema marts")
    con.execute("create table marts.project as select 'PRJ-000001' as project_id, 'NW-7' as project_code")
    reconcile(con, THERE)
    assert breaks(con, "project_code, title, owner") == [
        ("NW-7", "B is not in the ledger (1,850.00 USD)", "finance_operations")
    ]


def test_a_break_above_materiality_rises_one_step() -> None:
    con = firm(psa=[A, B], erp=[])
    reconcile(con, replace(THERE, severity=Severity.S3), config=replace(CONFIG, materiality=Decimal(1000)))
    assert breaks(con, "entity_id, severity") == [("A", "S3"), ("B", "S2")]


def test_a_break_goes_to_whom_its_check_or_queue_is_routed_until_somebody_says_otherwise() -> None:
    con = firm(psa=[A, B], erp=[])
    other = replace(THERE, check="K15", name="also_there")
    config = replace(CONFIG, assignees={"K14": "ana", "finance_operations": "carl"})
    reconcile(con, THERE, other, config=config)
    assert breaks(con, "check_id, owner, assignee") == [
        ("K14", "finance_operations", "ana"), ("K14", "finance_operations", "ana"),
        ("K15", "finance_operations", "carl"), ("K15", "finance_operations", "carl"),
    ]  # fmt: skip
    con.execute(
        "create table assigned as select break_id, case entity_id when 'A' then 'cleo' end as assignee, "
        "'2026-04-30' as due_on from recon.breaks where check_id = 'K14'"
    )
    reconcile(con, THERE, run_id="R2", config=config, decisions={"assignments": "assigned"})
    assert breaks(con, "entity_id, assignee") == [("A", "cleo"), ("B", None)]


def test_tolerated_differences_that_add_up_are_a_break() -> None:
    rule = Rule(
        check="K09",
        name="value",
        entity="thing",
        shape=Shape.PAIR,
        left=Side("PSA", "psa", amount="amount"),
        right=Side("ERP", "erp", amount="amount"),
        on=("thing_key",),
        compare=(Field("amount", tolerance=T1),),
    )
    one = [{"thing_key": str(n), "amount": Decimal("10.01"), "period": "2026-03"} for n in range(5)]
    con = firm(psa=one, erp=[{**row, "amount": 10} for row in one])
    con.execute("create schema marts")
    con.execute(
        "create table marts.revenue_line as select 'USD' as currency, '2026-03' as period, "
        "100.00::decimal(18,4) as revenue_amount, 'posted' as status"
    )
    reconcile(con, rule)
    assert breaks(con, "break_type, entity_id, right_value, title") == [
        ("limit", "tolerated/2026-03/USD", "0.05", "Differences within tolerance add up to 0.05 USD in 2026-03")
    ]
    reconcile(con, rule, run_id="R2", config=replace(CONFIG, accumulated_limit=Decimal("0.01")))
    assert breaks(con, "entity_id", "status = 'open'") == []


def test_a_rule_may_bring_its_own_sql_and_its_own_proof() -> None:
    rule = Rule(
        check="K77",
        name="own",
        entity="link",
        shape=Shape.PRESENCE,
        break_type=BreakType.HALF,
        sql=lambda context: (
            "select thing_key as entity_key, amount as variance, currency, 'orphan' as break_type, "
            "amount as left_amount, currency as left_currency from psa"
        ),
        proof=lambda context: (
            "select 'USD' as currency, sum(amount) as reference_total, 0 as other_total, sum(amount) as breaks, "
            "count(*) as rows_read, count(*) as rows_tested from psa"
        ),
    )
    con = firm(psa=[A], erp=[])
    assert reconcile(con, rule).is_proved
    assert breaks(con, "check_id, break_type, entity_id, variance") == [("K77", "orphan", "A", 10)]


def test_the_same_run_twice_writes_the_same_tables() -> None:
    con = firm(psa=[A, B], erp=[])
    reconcile(con, THERE)
    tables = ("runs", "rules", "coverage", "proofs", "breaks", "break_history", "break_sides", "break_records")
    first = [con.execute(f"from recon.{name}").fetchall() for name in tables]
    reconcile(con, THERE)
    assert [con.execute(f"from recon.{name}").fetchall() for name in tables] == first
