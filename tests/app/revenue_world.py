"""A published run of four agreements, written by hand: what the pages on revenue and balances are tested against.

SOW-1  fixed fee by hours, USD: 120,000 for 900 hours signed in November, 30,000 for 100 more in January (a catch-up)
SOW-2  time and materials, EUR: billed the month after; the books recognised 2,000 too little in February
SOW-3  managed service, USD: a year billed in advance in December
SOW-4  suspended: its method is not known
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from reconcile.revenue.run import create_tables

__all__ = ["CLOSED", "PERIODS", "RUN", "publish_revenue_world"]

RUN = "RUN-2026-03-06-A1B2C3D4E5F6"
PERIODS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
#: The last month whose revenue run is done.
CLOSED = "2026-02"
_PROJECT = """\
firm: Tiny & Co
base_currency: USD
as_of: 2026-03-06
connections:
  netsuite: {system: netsuite, path: exports}
people:
  ana:  {roles: [analyst]}
  rita: {roles: [revenue_accountant]}
"""


@dataclass(frozen=True)
class Told:
    """What happened to one agreement, month by month."""

    number: str
    customer: str
    entity: str
    currency: str
    method: str
    end_on: str
    signed: tuple[int, ...]
    earned: tuple[int, ...]
    billed: tuple[int, ...]
    paid: tuple[int, ...] = (0, 0, 0, 0, 0)
    catch_up: tuple[int, ...] = (0, 0, 0, 0, 0)
    booked_less: tuple[int, ...] = (0, 0, 0, 0, 0)
    hours: tuple[int, ...] = (0, 0, 0, 0, 0)


FIRM = (
    Told("SOW-1", "Acme", "US", "USD", "hours", "2026-06-30", (120_000, 0, 30_000, 0, 0),
         (12_000, 18_000, 30_000, 15_000, 5_000), (0, 40_000, 0, 40_000, 0), (0, 0, 40_000, 0, 0),
         catch_up=(0, 0, 4_000, 0, 0), hours=(900, 0, 100, 0, 0)),
    Told("SOW-2", "Bruno", "DE", "EUR", "as_charged", "2026-01-31", (60_000, 0, 0, 0, 0),
         (10_000, 11_000, 9_000, 12_000, 1_000), (0, 10_000, 11_000, 9_000, 0), booked_less=(0, 0, 0, 2_000, 0)),
    Told("SOW-3", "Acme", "US", "USD", "ratable_day", "2026-11-30", (0, 24_000, 0, 0, 0),
         (0, 2_000, 2_000, 2_000, 2_000), (0, 24_000, 0, 0, 0)),
)  # fmt: skip
_NAMES = ("billed", "recognised", "unbilled_receivable", "contract_asset", "contract_liability", "refund_liability")


def publish_revenue_world(root: Path) -> Path:
    """Write the project and its one published run; returns the project's folder."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "exports").mkdir(exist_ok=True)
    (root / "tieout.yml").write_text(f"{_PROJECT}act_for: {{{getpass.getuser()}: [ana, rita]}}\n")
    folder = root / ".tieout" / "published"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / f"{RUN}.duckdb")) as con:
        con.begin()
        _frame_of_the_run(con)
        _revenue(con)
        con.commit()
    pointer = {"run_id": RUN, "as_of": "2026-03-06", "fingerprint": "f", "file": f"{RUN}.duckdb"}
    (folder / "current.json").write_text(json.dumps(pointer))
    return root


def _frame_of_the_run(con: duckdb.DuckDBPyConnection) -> None:
    """What every page needs: the run, the calendar, entities, customers, agreements and rates."""
    con.execute(
        f"""
        create schema recon; create schema marts; create schema raw; create schema revenue;
        create table recon.runs as select '{RUN}' as run_id, date '2026-03-06' as as_of,
            cast(null as varchar) as previous_run_id, 1 as sequence;
        create table recon.breaks as select 'BRK-1' as break_id, 'K46' as check_id, 'SOW-2: 2,000 too little' as title,
            'A-SOW-2' as agreement_id, 'C-Bruno' as customer_id, 'agreement' as entity, 'open' as status,
            cast(-2000 as decimal(18, 4)) as variance, cast(2400 as decimal(18, 4)) as impact, 'EUR' as currency,
            'revenue_accounting' as owner, 6 as age_days;
        create table marts.accounting_period as
            select strftime(m, '%Y-%m') as period, cast(m as date) as start_on, last_day(cast(m as date)) as end_on
            from range(timestamp '2025-10-01', timestamp '2026-04-01', interval 1 month) as t(m);
        create table marts.firm_position as select '2025-11' as period;
        create table marts.legal_entity as select * from (values ('LE-US', 'US', 'Tiny Inc', false),
            ('LE-DE', 'DE', 'Tiny GmbH', false)) as t(
                legal_entity_id, legal_entity_code, legal_entity_name, is_elimination);
        create table marts.customer as select * from (values ('C-Acme', 'Acme'), ('C-Bruno', 'Bruno'))
            as t(customer_id, customer_name);
        create table marts.exchange_rate as select * from (values ('EUR', 'USD', date '2025-11-01', 1.10),
            ('EUR', 'USD', date '2026-01-15', 1.20), ('EUR', 'USD', date '2026-03-01', 1.15))
            as t(from_currency, to_currency, effective_on, exchange_rate);
        create table marts.agreement (agreement_id varchar, agreement_number varchar, customer_id varchar,
            legal_entity_id varchar, billing_type varchar, currency varchar, start_on date, end_on date);
        create table marts.time_entry as
            select cast(number as varchar) as source_id, 'SOW-1/1' as agreement_line_key,
                'actual' as kind, 'P-1' as project_id, cast(null as varchar) as credit_ref, true as is_billable,
                case when number = 71 then date '2026-01-30' else date '2026-02-03' end as work_on,
                'Consultant' as role_name, timestamp '2026-02-04' as first_posted_at,
                timestamp '2026-02-04' as approved_at, cast(10 as decimal(18, 8)) as hours,
                cast(1500 as decimal(18, 4)) as value_amount, 'USD' as currency, 'approved' as state,
                'kantata' as connection, 'time_entries' as object, cast(7 as bigint) as row_id,
                case when number = 81 then '2026-03' else '2026-02' end as posting_period, '2026-02' as approved_period
            from range(71, 82) as t(number);
        create table marts.agreement_line as select 'SOW-1/1' as agreement_line_key, 'fixed_fee' as billing_type;
        create table marts.invoice (source_id varchar, kind varchar, is_posted boolean, credit_reason varchar,
            agreement_id varchar);
        create table marts.project (project_id varchar, agreement_number varchar, billing_type varchar,
            project_code varchar);
        create table marts.expense (project_id varchar, spent_on date, approved_at timestamp, category varchar,
            expense_amount decimal(18, 4), currency varchar, is_billable boolean, state varchar, connection varchar,
            object varchar, source_id varchar, row_id bigint);
        create table raw.files (connection varchar, stream varchar, system varchar, source varchar, parquet varchar,
            load_id varchar, row_base bigint, row_end bigint);
        """
    )


def _revenue(con: duckdb.DuckDBPyConnection) -> None:
    """The computed tables, and the models beside the books."""
    create_tables(con)
    amounts = ", ".join(f"{name}_amount decimal(18,4), booked_{name}_amount decimal(18,4), "
                        f"{name}_difference_amount decimal(18,4)" for name in _NAMES)  # fmt: skip
    whose = "agreement_id varchar, book varchar, legal_entity_id varchar, customer_id varchar, currency varchar"
    con.execute(
        f"""
        create table revenue.evidence ({whose}, kind varchar, happened_on date, period varchar, version_no integer,
            obligation_key varchar, amount decimal(18,4), quantity decimal(18,8), unit varchar, attributes varchar,
            connection varchar, object varchar, source_id varchar, row_id bigint, records bigint);
        create table revenue.line_balances ({whose}, obligation_key varchar, period varchar,
            period_amount decimal(18,4),
            booked_period_amount decimal(18,4), cumulative_amount decimal(18,4), booked_cumulative_amount decimal(18,4),
            difference_amount decimal(18,4));
        create table revenue.balances ({whose}, period varchar, {amounts});
        create table revenue.movements ({whose}, period varchar, roll_forward varchar, cause varchar,
            amount decimal(18,4));
        create table revenue.deferred_releases ({whose}, period varchar, release_period varchar,
            is_within_year boolean, amount decimal(18,4));
        create table revenue.scheduled_backlog ({whose}, period varchar, amount decimal(18,4));
        create table revenue.line_estimates as select * from (values
            ('A-SOW-1', 'LE-US', 'C-Acme', 'USD', 'SOW-1/1', 'fixed_fee', 150000.0000, 90000.0000, 75000.0000,
             165000.0000),
            ('A-SOW-2', 'LE-DE', 'C-Bruno', 'EUR', 'SOW-2/1', 'as_charged', 60000.0000, 30000.0000, 10000.0000,
             40000.0000),
            ('A-SOW-3', 'LE-US', 'C-Acme', 'USD', 'SOW-3/1', 'fixed_fee', 24000.0000, null, null, null)
            ) as t(agreement_id, legal_entity_id, customer_id, currency, agreement_line_key, method, price_amount,
            cost_to_date_amount, cost_to_complete_amount, completion_cost_amount);
        create table revenue.intercompany as select * from (values
            ('primary', 'UK', 'US', '2026-01', 'GBP', 300.0000, 0.0000, 30000.0000, 30000.0000, 30000.0000, 0.0000),
            ('primary', 'UK', 'US', '2026-02', 'GBP', 100.0000, 0.0000, 10000.0000, 10000.0000, 9500.0000, 500.0000),
            ('primary', 'DE', 'US', '2026-02', null, 8.0000, 8.0000, 0.0000, 0.0000, 0.0000, 0.0000)
            ) as t(book, performing_entity, contracting_entity, period, currency, hours, unrated_hours, due_amount,
            receivable_amount, payable_amount, difference_amount);
        create table revenue.recharges as select * from (values
            ('primary', 'UK', 'US', '2026-02', 'GBP', 'P-1', 'A-SOW-1', false, 100.0, 100.0, 10000.0000, 10000.0000),
            ('primary', 'UK', 'US', '2026-02', 'GBP', 'P-1', 'A-SOW-1', true, null, null, 10000.0000, 9500.0000)
            ) as t(book, performing_entity, contracting_entity, period, currency, project_id, agreement_id, is_booked,
            hours, hourly_rate, receivable_amount, payable_amount);
        create table revenue.bridges ({whose}, period varchar, bridge varchar, cause varchar, amount decimal(18,4));
        create table revenue.rpo_disclosed ({whose}, obligation_key varchar, period varchar, is_disclosed boolean,
            is_flagged boolean, amount decimal(18,4));
        create table revenue.backlog_causes ({whose}, period varchar, version_key varchar, cause_of_version varchar,
            movement_label varchar, is_explained boolean, moved_amount decimal(18,4));
        create table revenue.differences ({whose}, period varchar, difference varchar, from_amount decimal(18,4),
            to_amount decimal(18,4), amount decimal(18,4));
        create table revenue.explanations ({whose}, period varchar, difference varchar, cause varchar,
            amount decimal(18,4), owner varchar);
        create table revenue.explanation_records ({whose}, obligation_key varchar, period varchar, cause varchar,
            about varchar, happened_on date, amount decimal(18,4), hours decimal(18,8), connection varchar,
            object varchar, source_id varchar, row_id bigint);
        create table revenue.identities (identity varchar, of_what varchar, statement varchar, book varchar,
            legal_entity_id varchar, currency varchar, period varchar, residual_amount decimal(18,4), tested bigint,
            failed bigint);
        insert into revenue.identities values
            ('I3', 'recomputed', 'what is billed and not earned is deferred', 'primary', 'LE-US', 'USD', '2026-02',
             0, 3, 0), ('I13', 'books', 'subledger = ledger', 'primary', 'LE-DE', 'EUR', '2026-02', 2000, 1, 1);
        """
    )
    for told in FIRM:
        _agreement(con, told)
    _costs(con)
    con.execute(
        "insert into marts.agreement values ('A-SOW-4', 'SOW-4', 'C-Acme', 'LE-US', 'other', 'USD', null, null)"
    )
    _put(con, "obligations", agreement_id="A-SOW-4", book="primary", legal_entity_id="LE-US", customer_id="C-Acme",
         currency="USD", obligation_key="SOW-4/1", obligation_name="Outcome fee", status="suspended", method="barter",
         allocated_amount=Decimal(5_000))  # fmt: skip
    _put(con, "problems", agreement_id="A-SOW-4", book="primary", obligation_key="SOW-4/1", period="2026-01",
         code="unknown_method", message="The method barter is not known", advice="Choose a method for the line",
         at_fault="netsuite", amount=Decimal(5_000))  # fmt: skip


def _costs(con: duckdb.DuckDBPyConnection) -> None:
    """A commission of 1,200 that is spread over a year from December on, and a journey that is expensed."""
    whose: dict[str, Any] = {
        "agreement_id": "A-SOW-3", "book": "primary", "legal_entity_id": "LE-US", "customer_id": "C-Acme",
        "currency": "USD", "purpose": "obtain", "policy": "primary: us_gaap", "evidence": "{}",
    }  # fmt: skip
    _put(con, "contract_costs", **whose, cost_name="journey", treatment="expense", period="2025-12",
         incurred_amount=300, opening_amount=0, capitalised_amount=0, amortised_amount=0, impaired_amount=0,
         closing_amount=0, rule="ASC 340-40-25-3")  # fmt: skip
    for place, period in enumerate(PERIODS[1:]):
        spent = 0 if place else 1_200
        _put(con, "contract_costs", **whose, cost_name="commission", treatment="capitalise", period=period,
             incurred_amount=spent, opening_amount=1_200 - 100 * place if place else 0, capitalised_amount=spent,
             amortised_amount=100, impaired_amount=0, closing_amount=1_100 - 100 * place,
             benefit_until=dt.date(2026, 11, 30), rule="ASC 340-40-25-1")  # fmt: skip


def _put(con: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    marks = ", ".join("?" * len(values))
    con.execute(f"insert into revenue.{table} ({', '.join(values)}) values ({marks})", list(values.values()))


def _agreement(con: duckdb.DuckDBPyConnection, told: Told) -> None:
    key = f"{told.number}/1"
    whose: dict[str, Any] = {
        "agreement_id": f"A-{told.number}", "book": "primary", "legal_entity_id": f"LE-{told.entity}",
        "customer_id": f"C-{told.customer}", "currency": told.currency,
    }  # fmt: skip
    con.execute(
        "insert into marts.agreement values (?, ?, ?, ?, ?, ?, ?, ?)",
        [whose["agreement_id"], told.number, whose["customer_id"], whose["legal_entity_id"], "fixed_fee",
         told.currency, dt.date(2025, 11, 1), told.end_on],
    )  # fmt: skip
    price = sum(told.signed)
    _put(con, "obligations", **whose, obligation_key=key, obligation_name=f"{told.number} delivery", method=told.method,
         start_on=dt.date(2025, 11, 1), end_on=told.end_on, status="open", allocated_amount=price, ssp_amount=price,
         rule="606-10-55-17", policy="stated price")  # fmt: skip
    before: dict[str, Decimal] = {}
    booked = Decimal(0)
    for place, period in enumerate(PERIODS):
        now = _standing(told, place)
        booked += told.earned[place] - told.booked_less[place]
        _put(con, "positions", **whose, period=period, **now)
        _releases(con, whose, told, place, now["contract_liability"])
        _evidence(con, whose, told, key, place)
        _earned(con, whose, told, key, place, now, booked)
        _moves(con, whose, told, place, now, before)
        before = now
    half = before["backlog"] / 2
    parts = (("2026-06", half), (None, half)) if told.number == "SOW-2" else (("2026-05", 2 * half),)
    for month, amount in parts:
        if amount:
            _put(con, "scheduled_backlog", **whose, period=month, amount=amount)


def _standing(told: Told, place: int) -> dict[str, Decimal]:
    """Cumulative figures at a month's end."""
    earned, billed, signed, paid = (
        Decimal(sum(amounts[: place + 1])) for amounts in (told.earned, told.billed, told.signed, told.paid)
    )
    ahead, charged, zero = max(earned - billed, Decimal(0)), told.method == "as_charged", Decimal(0)
    rest = signed - earned
    return {
        "contract_value": signed, "transaction_price": signed, "constrained_amount": zero, "billed": billed,
        "recognised": earned, "unbilled_receivable": ahead if charged else zero,
        "contract_asset": zero if charged else ahead, "contract_liability": max(billed - earned, zero),
        "refund_liability": zero, "receivable": billed - paid, "cash": paid, "rpo": rest, "rpo_next_12": rest,
        "rpo_next_24": zero, "rpo_later": zero, "rpo_exempt": zero, "backlog": rest, "funded_backlog": zero,
        "scheduled_backlog": rest, "tm_reestimate": zero,
        "constrained_estimates": zero, "expected_concessions": zero, "cancellable_value": zero,
        "reallocated_price": zero, "exempt_right_to_invoice": zero, "exempt_one_year": zero,
    }  # fmt: skip


def _releases(con: duckdb.DuckDBPyConnection, whose: dict[str, Any], told: Told, place: int, held: Decimal) -> None:
    """A year's service releases the same every month up to November; for what else is deferred no plan says when."""
    monthly = told.earned[-1] if told.method == "ratable_day" else 0
    months = (
        [f"2026-{month:02d}" for month in range(1, 12) if f"2026-{month:02d}" > PERIODS[place]] if monthly else [None]
    )
    for month in months if held else []:
        _put(con, "deferred_releases", **whose, period=PERIODS[place], release_period=month,
             is_within_year=month is not None, amount=monthly or held)  # fmt: skip


def _evidence(con: duckdb.DuckDBPyConnection, whose: dict[str, Any], told: Told, key: str, place: int) -> None:
    period = PERIODS[place]
    first, last = dt.date.fromisoformat(f"{period}-01"), dt.date.fromisoformat(f"{period}-28")
    common = {**whose, "period": period, "obligation_key": key}
    if told.signed[place]:
        is_first = place < 2
        _put(con, "backlog_causes", **whose, period=period, version_key=f"{told.number}/{1 if is_first else 2}",
             cause_of_version="new" if is_first else "upsell", movement_label="New" if is_first else "Renewal",
             is_explained=is_first, moved_amount=told.signed[place])  # fmt: skip
        _put(con, "evidence", **common, kind="signed", happened_on=first, version_no=1 if place < 2 else 2,
             amount=told.signed[place], quantity=told.hours[place], unit="hours",
             attributes=f'{{"is_signed": "true", "name": "Delivery", "method": "{told.method}"}}',
             connection="salesforce", object="OrderItem", source_id=f"801{place}", row_id=3, records=1)  # fmt: skip
    if told.earned[place]:
        _put(con, "evidence", **common, kind="worked", happened_on=last, quantity=Decimal(told.earned[place]) / 150,
             amount=told.earned[place] if told.method == "as_charged" else 0, unit="hours",
             attributes='{"approved": "true"}', object="int_time_entry__valued", source_id=f"{key}@{period}",
             records=10)  # fmt: skip
    if told.billed[place]:
        _put(con, "evidence", **common, kind="invoiced", happened_on=last, amount=told.billed[place],
             attributes=json.dumps({"document": f"INV-{told.number}-{period}"}), connection="netsuite",
             object="transactionline", source_id=f"900{place}", row_id=5, records=1)  # fmt: skip


def _earned(con: duckdb.DuckDBPyConnection, whose: dict[str, Any], told: Told, key: str, place: int,
            now: dict[str, Decimal], booked: Decimal) -> None:  # fmt: skip
    period, earned = PERIODS[place], told.earned[place]
    if told.signed[place]:
        more = place == 2
        _put(con, "decisions", decision_id=f"{key}-{place}", agreement_id=whose["agreement_id"], book="primary",
             version_no=2 if more else 1, decided_on=dt.date.fromisoformat(f"{period}-01"), period=period,
             obligation_key=key, treatment="catch_up" if more else "original",
             reason="more hours of the same work are not distinct" if more else "signed by both parties",
             rule="606-10-25-13(b)" if more else "606-10-25-1", policy="stated price",
             effect_amount=told.catch_up[place], currency=told.currency, decided_by="policy")  # fmt: skip
        _put(con, "allocations", agreement_id=whose["agreement_id"], book="primary", version_no=2 if more else 1,
             effective_on=dt.date.fromisoformat(f"{period}-01"), obligation_key=key, ssp_amount=now["contract_value"],
             price_amount=now["contract_value"], method="stated", rule="606-10-32-28")  # fmt: skip
    _put(con, "recognition", **whose, obligation_key=key, period=period, method=told.method,
         price_amount=now["transaction_price"], done=now["recognised"] / 150, total=now["transaction_price"] / 150,
         cumulative_amount=now["recognised"], period_amount=earned, catch_up_amount=told.catch_up[place],
         prior_period_amount=told.catch_up[place], provision_amount=0, rule="606-10-55-17", policy="fixed fee by hours",
         evidence='{"worked": 10}')  # fmt: skip
    if period > CLOSED:
        return
    if period == CLOSED:
        _disclosed(con, {**whose, "obligation_key": key, "period": period}, told, now["rpo"])
    off = now["recognised"] - booked
    _put(con, "line_balances", **whose, obligation_key=key, period=period, period_amount=earned,
         booked_period_amount=earned - told.booked_less[place], cumulative_amount=now["recognised"],
         booked_cumulative_amount=booked, difference_amount=off)  # fmt: skip
    _expected(con, whose, told, key, place)
    wrong = {"recognised": off, "unbilled_receivable": off}
    _put(con, "balances", **whose, period=period, **{
        column: amount for name in _NAMES for column, amount in (
            (f"{name}_amount", now[name]), (f"booked_{name}_amount", now[name] - wrong.get(name, 0)),
            (f"{name}_difference_amount", wrong.get(name, 0)))
    })  # fmt: skip


def _disclosed(con: duckdb.DuckDBPyConnection, line: dict[str, Any], told: Told, rest: Decimal) -> None:
    """Charged work is flagged exempt; of the managed service 100 too little is disclosed."""
    is_flagged = told.method == "as_charged"
    due = Decimal(0) if is_flagged else rest
    _put(con, "rpo_disclosed", **line, is_disclosed=False, amount=due)
    short = Decimal(100) if told.method == "ratable_day" else Decimal(0)
    _put(con, "rpo_disclosed", **line, is_disclosed=True, is_flagged=is_flagged, amount=due - short)


def _expected(con: duckdb.DuckDBPyConnection, whose: dict[str, Any], told: Told, key: str, place: int) -> None:
    """Planned is what was earned, and 3,000 more where the books are off: two timesheets nobody approved."""
    off, period = Decimal(told.booked_less[place]), PERIODS[place]
    waiting = Decimal(3_000) if off else Decimal(0)
    first, second = told.earned[place] + waiting, told.earned[place] - off
    _put(con, "differences", **whose, period=period, difference="planned", from_amount=first, to_amount=second,
         amount=first - second)  # fmt: skip
    causes = (("time_not_approved", waiting, "service_delivery"), ("books_differ", off, "revenue_accounting"))
    for cause, amount, owner in causes:
        if amount:
            _put(con, "explanations", **whose, period=period, difference="planned", cause=cause, amount=amount,
                 owner=owner)  # fmt: skip
            for number in ("71", "72") if cause == "time_not_approved" else (key,):
                _put(con, "explanation_records", **whose, obligation_key=key, period=period, cause=cause,
                     about="Consultant", happened_on=dt.date(2026, 2, 3 if number == "71" else 24),
                     amount=amount / 2 if number != key else amount, hours=10, connection="kantata",
                     object="time_entries", source_id=number, row_id=int(number) if number != key else 3)  # fmt: skip


def _moves(con: duckdb.DuckDBPyConnection, whose: dict[str, Any], told: Told, place: int,
           now: dict[str, Decimal], before: dict[str, Decimal]) -> None:  # fmt: skip
    """Movements and bridges of a month, as the models derive them from the positions."""
    moved = {name: amount - before.get(name, Decimal(0)) for name, amount in now.items()}
    ahead, caught = moved["unbilled_receivable"], Decimal(told.catch_up[place])
    signed, first = Decimal(told.signed[place]), sum(told.signed[:place]) == 0
    rolls = {
        "contract_liability": {
            "billed": moved["billed"], "released": caught - moved["recognised"], "catch_up": -caught,
            "unbilled_receivable": ahead, "netted_with_contract_asset": moved["contract_asset"],
        },
        "contract_asset": {
            "recognised": moved["recognised"] - caught, "catch_up": caught, "billed": -moved["billed"],
            "unbilled_receivable": -ahead, "netted_with_contract_liability": moved["contract_liability"],
        },
        "unbilled_receivable": {"recognised": moved["recognised"], "billed": ahead - moved["recognised"]},
        "receivable": {"invoiced": moved["billed"], "cash": -moved["cash"]},
        "backlog": {
            "new": signed if first else Decimal(0), "upsell": Decimal(0) if first else signed,
            "revenue": -moved["recognised"],
        },
    }  # fmt: skip
    for roll, causes in rolls.items():
        stood, stands = before.get(roll, Decimal(0)), now[roll]
        if stood or stands or roll in ("backlog", "receivable"):
            for cause, amount in {"opening": stood, **causes, "closing": stands}.items():
                if amount:
                    _put(
                        con, "movements", **whose, period=PERIODS[place], roll_forward=roll, cause=cause, amount=amount
                    )
    cause = {"as_charged": "tm_lag", "ratable_day": "advance_billing"}.get(told.method, "milestone_timing")
    bridges = {
        "billing_to_revenue": {
            "billed": moved["billed"], cause: moved["recognised"] - moved["billed"], "recognised": moved["recognised"],
        },
        "rpo_to_backlog": {"rpo": now["rpo"], "backlog": now["backlog"]},
    }  # fmt: skip
    for bridge, amounts in bridges.items():
        for cause, amount in amounts.items():
            if amount:
                _put(con, "bridges", **whose, period=PERIODS[place], bridge=bridge, cause=cause, amount=amount)
