"""Work of one legal entity for another: what is due on both sides, and the rates it takes."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.project import FILE, Project
from contracts.errors import ConfigError
from contracts.money import round_money
from reconcile.context import Context, RunConfig
from reconcile.coverage import reasons
from reconcile.rules.intercompany_recharge import RULE
from tests.tieout.loop import Firm

DUE = """
select performing_entity, contracting_entity, hours, hourly_rate, currency, payable_currency, payable_exchange_rate,
  receivable_amount, payable_functional_amount
from revenue.recharges where not is_booked order by all
"""


def owed(row: tuple[Any, ...]) -> tuple[Decimal, Decimal]:
    """Receivable and payable of a row of `DUE`: hours x rate, and that x the rate of exchange, each rounded once."""
    _, _, hours, rate, currency, other, exchange, *_ = row
    receivable = round_money(hours * rate, currency)
    return receivable, round_money(receivable * exchange, other)


def test_both_sides_of_a_clean_firm_have_what_is_due(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    assert one.rows(DUE) != []
    wrong = "due_amount <> receivable_amount or difference_amount <> 0 or unrated_hours <> 0"
    assert one.rows(f"select * from revenue.intercompany where {wrong}") == []
    pairs = "select sum(tested), sum(failed) from revenue.identities where identity = 'I14' group by statement"
    months = one.rows("select count(*) from revenue.intercompany")[0][0]
    assert one.rows(pairs) == [(months, 0), (months, 0)]


def test_what_is_due_and_eliminated_is_what_the_formulas_say(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    rows = one.rows(DUE)
    for row in rows:
        assert owed(row) == (row[-2], row[-1]), row
    totals = "select payable_currency, sum(eliminated_amount) from revenue.intercompany group by all order by all"
    for currency, total in one.rows(totals):
        assert sum(owed(row)[1] for row in rows if row[5] == currency) == total


@pytest.mark.parametrize(("settings", "stated"), [(frozenset(), False), (frozenset({"intercompany rates"}), True)])
def test_the_check_asks_for_rates(settings: frozenset[str], stated: bool) -> None:
    config = RunConfig(base_currency="USD", settings=settings)
    context = Context(as_of=dt.date(2026, 3, 6), config=config)
    found = reasons(duckdb.connect(), [RULE], context)
    assert found == ({} if stated else {RULE.name: "tieout.yml states no intercompany rates"})


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ("{performer: US01, rate: 0, currency: USD}", "greater than 0"),
        ("{performer: US01, rate: 120, currency: dollars}", "currency"),
        ("{performer: US01, rate: 120, currency: USD, valid_from: 2026-01-15}", "not the first of a month"),
        ("{performer: US01, rate: 120, currency: USD, contracter: DE01}", "contracter"),
        ("{performer: US01, rate: 1, currency: USD}, {performer: US01, rate: 2, currency: USD}", "two rates for US01"),
    ],
)
def test_a_rate_that_could_mean_two_things_is_refused(
    faultless_firm: Path, tmp_path: Path, rates: str, message: str
) -> None:
    shutil.copy(faultless_firm / FILE, tmp_path / FILE)
    head, _, rest = (tmp_path / FILE).read_text("utf-8").partition("    intercompany:\n")
    listed = f"    intercompany: [{rates}]\n" + rest[rest.index("people:\n") :]
    (tmp_path / FILE).write_text(head + listed, "utf-8")
    with pytest.raises(ConfigError, match=message):
        Project.load(tmp_path)
