"""Laws of the recomputation, on random agreements: identities to the cent, any order, no history restated."""

import json
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contracts.methods import FIXED_PRICE
from contracts.money import minor_unit_sql
from reconcile.revenue import Override, Policy, Recomputed, read_events, recompute
from reconcile.revenue.onerous import loss_us, loss_us_sql
from reconcile.revenue.rounding import decimal_of, quantity_decimal, step_of

PERIODS = [f"2025-{month:02d}" for month in range(1, 13)] + ["2026-01", "2026-02", "2026-03"]
METHODS = [
    "as_charged", "hours", "cost", "units", "milestone", "ratable_day", "ratable_month", "hour_bank", "expense",
    "success_fee", "cost_recovery", "fixed_fee",
]  # fmt: skip
CENTS = st.integers(100_000, 50_000_000).map(lambda cents: str(Decimal(cents) / 100))
SMALL = st.integers(1, 2_000_000).map(lambda cents: str(Decimal(cents) / 100))
HOURS = st.integers(1, 4000).map(lambda quarters: str(Decimal(quarters) / 4))
PLACE = st.integers(0, len(PERIODS) - 1)
LAWS = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def row(kind: str, place: int, *, delay: int = 0, day: int = 15, **fields: Any) -> dict[str, Any]:
    attributes = json.dumps(fields.pop("attributes", {}))
    known = PERIODS[min(place + delay, len(PERIODS) - 1)]
    return {
        "agreement_id": "A1", "book": "primary", "legal_entity_id": "US01", "customer_id": "C1", "currency": "USD",
        "kind": kind, "happened_on": f"{PERIODS[place]}-{day:02d}", "period": known, "attributes": attributes,
        "connection": "case", "object": "row", "source_id": kind, **fields,
    }  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, version: int, place: int, keys: list[str]) -> list[dict[str, Any]]:
    """The lines of one version: new obligations, or changes of those there are."""
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=3, unique=True))
    day, delay = draw(st.integers(1, 28)), draw(st.integers(0, 2))
    result = []
    for key in chosen:
        start = draw(st.integers(0, 6))
        attributes = {
            "method": METHODS[int(key[1:])],
            **draw(st.sampled_from([{}, {"ssp": draw(SMALL)}])),
            "start_on": f"{PERIODS[start]}-{draw(st.integers(1, 28)):02d}",
            "end_on": f"{PERIODS[start + draw(st.integers(1, 8))]}-{draw(st.integers(1, 28)):02d}",
        }
        attributes |= draw(st.sampled_from([{}, {}, {"cap": "5000"}, {"distinct": True}, {"distinct": False}]))
        attributes |= draw(st.sampled_from([*[{}] * 6, {"is_signed": False}, {"cancellable": True}]))
        if METHODS[int(key[1:])] == "cost":
            attributes["planned_cost"] = draw(SMALL)
        amount = (
            draw(CENTS)
            if version == 1
            else draw(st.one_of(CENTS, st.integers(-90_000, 0).map(lambda cents: str(Decimal(cents) / 100))))
        )
        result.append(
            row(
                "signed", place, day=day, delay=delay, version_no=version, obligation_key=key, amount=amount,
                quantity=draw(HOURS), attributes=attributes,
            )
        )  # fmt: skip
    return result


@st.composite
def costs(draw: st.DrawFn) -> dict[str, Any]:
    """A cost of the contract, a new estimate of how long it is of use, or what of it cannot be recovered."""
    kind = draw(st.sampled_from(["contract_cost", "contract_cost", "contract_cost", "impaired"]))
    attributes: dict[str, Any] = {
        "name": draw(st.sampled_from(["commission", "set-up"])), "purpose": draw(st.sampled_from(["obtain", "fulfil"])),
        "incremental": draw(st.booleans()), "own_standard": draw(st.sampled_from([False, False, False, True])),
    }  # fmt: skip
    if draw(st.booleans()):
        attributes["benefit_until"] = f"{draw(st.integers(2025, 2027))}-{draw(st.integers(1, 12)):02d}-28"
    amount = draw(st.one_of(SMALL, SMALL, st.just("0")))
    currency = draw(st.sampled_from(["USD", "USD", "EUR", "JPY"]))
    place, delay = draw(PLACE), draw(st.integers(0, 3))
    return row(kind, place, delay=delay, amount=amount, currency=currency, attributes=attributes)


@st.composite
def agreements(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A random agreement: signatures, work, estimates, acceptances, invoices, credits, receipts, an end."""
    keys = draw(st.lists(st.sampled_from([f"k{n}" for n in range(len(METHODS))]), min_size=1, max_size=4, unique=True))
    rows: list[dict[str, Any]] = []
    for version in range(1, draw(st.integers(1, 4)) + 1):
        rows += draw(lines(version, draw(st.integers(0, 3)) + 3 * (version - 1), keys))
    key, delay = st.sampled_from(keys), st.integers(0, 3)
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["worked", "cost", "accepted", "invoiced", "received", "credited", "estimate"]))
        fields: dict[str, Any] = {"obligation_key": draw(key), "amount": draw(SMALL)}
        if kind in ("worked", "estimate"):
            fields["quantity"] = draw(HOURS)
        if kind in ("invoiced", "credited"):
            fields["obligation_key"] = draw(st.one_of(key, st.none()))
            fields["attributes"] = draw(
                st.sampled_from(
                    [
                        {}, {"tax": "19.99"}, {"reason": "concession"}, {"reason": "rebate"},
                        {"advance": True, "cancellable": True, "document": "D1"},
                        {"advance": True, "due_on": "2025-11-30", "document": "D2"},
                    ]
                )
            )  # fmt: skip
        rows.append(row(kind, draw(PLACE), delay=draw(delay), day=draw(st.integers(1, 28)), **fields))
    for document in draw(st.lists(st.sampled_from(["D1", "D2"]), max_size=3)):
        said = {"document": document, "cancellable": draw(st.booleans())}
        rows.append(row("right_to_consideration", draw(PLACE), delay=draw(delay), attributes=said))
    for _ in range(draw(st.integers(0, 3))):
        place, said = draw(st.integers(0, 8)), draw(st.sampled_from([{}, {"ssp_low": "1", "ssp_high": "2000"}]))
        rows.append(
            row("ssp", place, delay=draw(delay), day=1, obligation_key=draw(key), amount=draw(SMALL), attributes=said)
        )
    for _ in range(draw(st.integers(0, 2))):
        said = {"method": draw(st.sampled_from(FIXED_PRICE))}
        rows.append(row("method", draw(PLACE), delay=draw(delay), obligation_key=draw(key), attributes=said))
    for name in draw(st.lists(st.sampled_from(["bonus", "rebate"]), min_size=1, max_size=3)):
        sign = "-" if name == "rebate" else ""
        amount = f"{sign}{draw(st.integers(0, 5000))}"
        target = draw(st.one_of(key, st.none()))
        rows.append(row("variable", draw(PLACE), obligation_key=target, amount=amount, attributes={"element": name}))
    for _ in range(draw(st.integers(0, 4))):
        rows.append(draw(costs()))
    for kind in draw(st.lists(st.sampled_from(["completed", "terminated"]), max_size=1)):
        rows.append(row(kind, draw(st.integers(6, 14)), obligation_key=draw(st.one_of(key, st.none())), amount="100"))
    return [one | {"row_id": str(place)} for place, one in enumerate(rows)]


POLICIES = st.builds(
    Policy,
    ssp=st.sampled_from(["stated", "list"]),
    standard=st.sampled_from(["us_gaap", "ifrs"]),
    over_time_completion=st.sampled_from(["service_end", "evidence"]),
    hour_bank=st.sampled_from(["ratable", "usage"]),
    short_costs=st.sampled_from(["capitalise", "expense"]),
    advance_due=st.sampled_from(["when_due", "when_invoiced"]),
)


def result(rows: list[dict[str, Any]], policy: Policy, through: str = PERIODS[-1]) -> Recomputed:
    return recompute(read_events(rows), policy, through=through)


@LAWS
@given(rows=agreements(), policy=POLICIES)
def test_every_period_end_keeps_the_identities_to_the_cent(rows: list[dict[str, Any]], policy: Policy) -> None:
    found = result(rows, policy)
    prices: dict[str, Decimal] = defaultdict(Decimal)
    earned: dict[str, Decimal] = defaultdict(Decimal)
    for row_ in found.recognition:
        prices[row_.period] += row_.price_amount
        earned[row_.period] += row_.cumulative_amount
    before = None
    for at in found.positions:
        left = at.billed + at.unbilled_receivable - at.recognised
        right = at.contract_liability - at.contract_asset + at.refund_liability
        assert left == right, f"I3 at {at.period}"
        assert at.contract_asset * at.contract_liability == 0, f"I4 at {at.period}"
        assert min(at.contract_asset, at.contract_liability, at.unbilled_receivable, at.refund_liability) >= 0
        assert prices[at.period] == at.transaction_price, f"I1 at {at.period}: parts"
        assert earned[at.period] == at.recognised
        assert at.rpo + at.rpo_exempt == (at.transaction_price - at.billed) + (at.billed - at.recognised), "I5"
        assert at.rpo == at.rpo_next_12 + at.rpo_next_24 + at.rpo_later
        held_back = at.constrained_estimates + at.expected_concessions + at.cancellable_value + at.reallocated_price
        assert at.contract_value == at.transaction_price + held_back, "I2"
        assert at.constrained_amount == held_back
        assert at.rpo_exempt == at.exempt_right_to_invoice + at.exempt_one_year
        for amount in (at.recognised, at.billed, at.contract_asset, at.rpo_next_12, at.transaction_price):
            assert amount == round(amount, 2), f"more digits than cents at {at.period}"
        if before is not None:
            moved = right - at.unbilled_receivable - before[0]
            assert moved == (at.billed - before[1]) - (at.recognised - before[2]), f"I16 at {at.period}"
        before = (right - at.unbilled_receivable, at.billed, at.recognised)


@LAWS
@given(rows=agreements(), policy=POLICIES)
def test_periods_add_up_to_the_cumulative_amount(rows: list[dict[str, Any]], policy: Policy) -> None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for at in result(rows, policy).recognition:
        sums[at.obligation_key] += at.period_amount
        assert sums[at.obligation_key] == at.cumulative_amount, f"I17 of {at.obligation_key} at {at.period}"


FINER_THAN_YEN = [
    row("signed", 0, version_no=1, obligation_key="k0", amount="1000", quantity="1", row_id="0", attributes={
        "method": METHODS[0], "ssp": "1", "start_on": "2025-01-01", "end_on": "2025-04-01",
    }),
    row("contract_cost", 0, amount="0.5", currency="JPY", row_id="1", attributes={
        "name": "commission", "purpose": "obtain", "incremental": True,
    }),
]  # fmt: skip


@LAWS
@example(rows=FINER_THAN_YEN, policy=Policy())
@given(rows=agreements(), policy=POLICIES)
def test_what_is_capitalised_is_amortised_impaired_or_left(rows: list[dict[str, Any]], policy: Policy) -> None:
    found = result(rows, policy)
    stood: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for at in found.contract_costs:
        key = (at.obligation_key, at.cost_name, at.currency, at.purpose, at.treatment, at.rule)
        assert at.opening_amount == stood[key], at
        stood[key] += at.capitalised_amount - at.amortised_amount - at.impaired_amount
        assert at.closing_amount == stood[key] >= 0, at
        assert at.capitalised_amount == (at.incurred_amount if at.treatment == "capitalise" else 0)
    spent = sum(Decimal(one["amount"]) for one in rows if one["kind"] == "contract_cost")
    assert sum(at.incurred_amount for at in found.contract_costs) == spent


@LAWS
@given(rows=agreements(), policy=POLICIES)
def test_costs_change_nothing_of_revenue(rows: list[dict[str, Any]], policy: Policy) -> None:
    without = [one for one in rows if one["kind"] not in ("contract_cost", "impaired")]
    now, then = result(rows, policy), result(without, policy)
    for table in ("obligations", "allocations", "decisions", "recognition", "accruals", "positions"):
        assert getattr(now, table) == getattr(then, table), table


@LAWS
@given(rows=agreements(), policy=POLICIES, seed=st.integers(0, 9))
def test_the_order_of_arrival_does_not_matter(rows: list[dict[str, Any]], policy: Policy, seed: int) -> None:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    assert result(shuffled, policy) == result(rows, policy)


@LAWS
@given(rows=agreements(), policy=POLICIES, place=st.integers(0, len(PERIODS) - 2))
def test_history_is_never_restated(rows: list[dict[str, Any]], policy: Policy, place: int) -> None:
    through = PERIODS[place]
    then = result([one for one in rows if one["period"] <= through], policy, through)
    now = result(rows, policy)
    for table in ("recognition", "positions", "accruals", "decisions", "contract_costs"):
        later = [one for one in getattr(now, table) if one.period <= through]
        assert later == list(getattr(then, table)), table


@LAWS
@given(rows=agreements(), policy=POLICIES)
def test_the_first_split_adds_up_to_the_price(rows: list[dict[str, Any]], policy: Policy) -> None:
    found = result(rows, policy)
    suspended = {one.obligation_key for one in found.obligations if one.status == "suspended"}
    first = [one for one in found.allocations if one.version_no == 1]
    if not suspended and first and not any(one.method == "targeted_variable" for one in first):
        day = min(one.effective_on for one in first)
        keys = {one.obligation_key for one in first if one.effective_on == day}
        stated = {one["obligation_key"]: Decimal(one["amount"]) for one in rows if one.get("version_no") == 1}
        given_ = sum(one.price_amount for one in first if one.effective_on == day)
        assert given_ == sum(stated[key] for key in keys)


@LAWS
@given(rows=agreements(), policy=POLICIES, version=st.integers(2, 4), place=st.integers(3, 14), data=st.data())
def test_an_override_changes_nothing_before_it_was_decided(
    rows: list[dict[str, Any]], policy: Policy, version: int, place: int, data: st.DataObject
) -> None:
    period = PERIODS[place]
    treatment = data.draw(st.sampled_from(["separate", "prospective", "catch_up"]))
    override = Override(
        "A1", "primary", version, None, treatment, date.fromisoformat(f"{period}-20"), period, "B", "So"
    )
    without = result(rows, policy)
    found = recompute(read_events(rows), policy, through=PERIODS[-1], decisions=[override])
    for table in ("recognition", "positions"):
        assert [one for one in getattr(found, table) if one.period < period] == [
            one for one in getattr(without, table) if one.period < period
        ]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for at in found.recognition:
        sums[at.obligation_key] += at.period_amount
        assert sums[at.obligation_key] == at.cumulative_amount, f"I17 of {at.obligation_key} at {at.period}"
    for held in found.positions:
        assert held.billed + held.unbilled_receivable - held.recognised == (
            held.contract_liability - held.contract_asset + held.refund_liability
        )


@LAWS
@given(rows=agreements(), policy=POLICIES)
def test_at_a_constant_rate_functional_revenue_is_revenue(rows: list[dict[str, Any]], policy: Policy) -> None:
    rate = row("rate", 0, day=1, quantity="1", attributes={"functional_currency": "EUR"}, row_id="rate")
    for at in result([rate, *rows], policy).recognition:
        assert (at.functional_amount, at.functional_currency) == (at.period_amount, "EUR")


@LAWS
@given(
    cost=st.integers(0, 10**9), price=st.integers(0, 10**9), done=st.integers(0, 10**9), total=st.integers(0, 10**9),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)  # fmt: skip
def test_the_provision_that_a_rule_names_is_the_one_that_is_made(
    cost: int, price: int, done: int, total: int, currency: str
) -> None:
    step = step_of(currency)
    cost, price, size = cost * step, price * step, total * 100_000
    done = min(done, total) * 100_000
    named = loss_us_sql("cost", "price", "done", "total", minor_unit_sql("currency"))
    amounts = ", ".join(
        f"{decimal_of(amount)}::decimal(18,4) as {name}" for name, amount in (("cost", cost), ("price", price))
    )
    sizes = ", ".join(
        f"{quantity_decimal(part)}::decimal(38,8) as {name}" for name, part in (("done", done), ("total", size))
    )
    with duckdb.connect() as con:
        found = con.execute(f"select {named} from (select {amounts}, {sizes}, '{currency}' as currency)").fetchone()
    assert found == (decimal_of(loss_us(cost, price, done, size, step)),)


JUNK = st.one_of(st.none(), st.text(max_size=8), st.integers(-5, 5), st.just(float("nan")), st.just("2025-13"))


@LAWS
@given(rows=agreements(), policy=POLICIES, data=st.data())
def test_nothing_in_the_evidence_makes_it_crash(
    rows: list[dict[str, Any]], policy: Policy, data: st.DataObject
) -> None:
    broken = [dict(one) for one in rows]
    for _ in range(data.draw(st.integers(1, 3))):
        target = data.draw(st.sampled_from(broken))
        name = data.draw(st.sampled_from(sorted(target)))
        target[name] = data.draw(JUNK)
    found = result(broken, policy)
    for at in found.positions:
        assert at.billed + at.unbilled_receivable - at.recognised == (
            at.contract_liability - at.contract_asset + at.refund_liability
        )
