"""Success fees: clean books have what counts of each, and which faults strike what nobody looked after."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingest.sandbox import grow
from ingest.sandbox.ns_variable import counted
from tests.tieout.causes import UNCARRIED, UNSUMMED
from tests.tieout.exports import Deal, Line, day, write
from tests.tieout.loop import Firm

PATTERNS = {"estimate_not_reviewed", "outcome_not_in_books"}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7, 11])
def test_both_patterns_strike_a_typical_firm_and_stay_apart(seed: int) -> None:
    world, truth, noise = grow(size=80, seed=seed, faults="typical", only=("K52",))
    assert {row["pattern"] for row in truth} == PATTERNS
    assert noise == []
    fees = world["salesforce.SOW_Variable__c"].select(id="Id", key="Line_Key__c")
    struck = [row["expected"][0]["records"][0]["id"] for row in truth]
    keys = fees.filter(pl.col("id").is_in(struck))["key"]
    assert keys.n_unique() == len(truth)
    assert all(Decimal(row["expected"][0]["money"]) > 0 for row in truth)


def test_a_success_fee_earns_what_counts_of_it_and_no_more() -> None:
    """What the months add is the last estimate where it is likely, and the outcome once it is known."""
    world, _, _ = grow(size=80, seed=7)
    fees = world["salesforce.SOW_Variable__c"].sort("Line_Key__c", "Estimated_On__c")
    last = fees.unique("Line_Key__c", keep="last", maintain_order=True)
    likely = pl.when(pl.col("Likelihood__c") == "Probable").then("Estimate__c").otherwise(0)
    wanted = last.select(key="Line_Key__c", worth=pl.coalesce("Resolved_Amount__c", likely).cast(pl.Decimal(18, 2)))
    sums = counted(world).group_by("key").agg(worth=pl.col("worth").sum()).sort("key")
    assert sums["key"].to_list() == wanted["key"].to_list()
    assert sums["worth"].to_list() == [int(amount * 100) for amount in wanted["worth"]]
    resolved = last.filter(pl.col("Resolved_On__c").is_not_null())
    assert 0 < resolved.height < last.height
    assert set(last["Likelihood__c"]) == {"Possible", "Probable"}


def test_the_books_of_a_typical_firm_have_what_counts(typical: Firm) -> None:
    struck = "(select entity_id from recon.breaks where check_id = 'K52' and field = 'price')"
    wrong = f"included_amount is distinct from booked_amount and agreement_line_key not in {struck}"
    assert typical.rows(f"select agreement_line_key from revenue.variable_elements where {wrong}") == []
    kinds = "count(*) filter (where resolved_on is null), count(*) filter (where resolved_on is not null)"
    open_, resolved = typical.rows(f"select {kinds} from revenue.variable_elements")[0]
    assert open_ > 0
    assert resolved > 0
    fees = "select count(*) from revenue.recognition where method = 'success_fee' and cumulative_amount > 0"
    assert typical.rows(fees)[0][0] > 0


@pytest.mark.long
def test_a_penalty_on_charged_work_lowers_what_its_hours_earn(tmp_path: Path) -> None:
    """120,000 for 600 hours at 200: in February a penalty of 6,000 is expected, a twentieth of what is worked."""
    start, end = dt.date(2026, 1, 1), dt.date(2026, 6, 30)
    deal = Deal("LATE", start, end).sign(1, start, Line(1, "T&M", 120_000, start, end, hours=600))
    for month in ("2026-01", "2026-02", "2026-03"):
        deal.work(1, month, 100, in_finance=True)
    deal.invoice(1, day("2026-01-31"), 20_000)
    at = "2026-02-10T15:00:00.000Z"
    penalty = {
        "Id": "a0X000000000001AAA", "Name": "Late delivery", "Contract__c": "800000000000001AAA",
        "Line_Key__c": "LATE/penalty", "Kind__c": "Penalty", "Estimate__c": "6000.00", "Likelihood__c": "Possible",
        "Estimated_On__c": "2026-02-10", "Due_On__c": "2026-06-30", "CurrencyIsoCode": "USD", "CreatedDate": at,
        "LastModifiedDate": at, "SystemModstamp": at, "IsDeleted": "false",
    }  # fmt: skip
    more = [{"salesforce.SOW_Variable__c": [penalty]}]
    one = Firm(write(tmp_path / "firm", [deal], as_of=dt.date(2026, 3, 31), more=more))
    one.run()
    names = "period, transaction_price, recognised, unbilled_receivable, refund_liability, rpo, rpo_exempt"
    assert one.rows(f"select {names} from revenue.positions order by period") == [
        ("2026-01", 120_000, 20_000, 0, 0, 0, 100_000),
        ("2026-02", 114_000, 38_000, 19_000, 1_000, 76_000, 0),
        ("2026-03", 114_000, 57_000, 38_000, 1_000, 57_000, 0),
    ]
    assert one.rows("select * from revenue.problems") == []
    assert one.rows("select * from revenue.identity_residuals where of_what = 'recomputed'") == []
    assert one.rows(UNSUMMED) == []
    assert one.rows(UNCARRIED) == []
    told = "select difference, sum(amount) from revenue.explanations where cause = 'penalty' group by all order by 1"
    assert one.rows(told) == [("delivered", 2_000), ("planned", 2_000)]
