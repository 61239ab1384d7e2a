"""Causes of the backlog and disclosed obligations: clean firms agree with policy, and which faults strike."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm
from tests.tieout.verdict import assert_apart

CHECKS = ("K68", "K69")
PATTERNS = {"amendment_unlabelled", "upsell_called_renewal", "exemption_not_flagged", "fixed_fee_flagged"}


@pytest.mark.long
@pytest.mark.parametrize(("seed", "size"), [(7, 60), (1, 120)])
def test_every_pattern_strikes_a_typical_firm_and_faults_stay_apart(seed: int, size: int) -> None:
    _, truth, _ = grow(size=size, seed=seed, faults="typical", only=CHECKS)
    assert {row["pattern"] for row in truth} == PATTERNS
    assert_apart(truth)


def test_policy_and_the_revenue_system_agree_on_a_clean_firm(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    differing = "group by obligation_key having sum(case when is_disclosed then amount else -amount end) <> 0"
    assert one.rows(f"select obligation_key from revenue.rpo_disclosed {differing}") == []
    exempt = one.rows("select count(*) from revenue.rpo_disclosed where is_flagged and rpo_exemption is not null")
    assert exempt[0][0] > 0
    assert one.rows("select version_key from revenue.backlog_causes where not is_explained") == []


def test_labelled_causes_close_the_roll_forward_of_a_clean_firm(faultless_firm: Path) -> None:
    """What signatures move by legal entity and month is what their labels explain."""
    open_months = Firm(faultless_firm).rows(
        """
        with moved as (
            select legal_entity_id, currency, period, sum(amount) as amount from revenue.movements
            where roll_forward = 'backlog' and cause in ('new', 'upsell', 'reduction') and book = 'primary' group by all
        ), labelled as (
            select legal_entity_id, currency, period, sum(explained_amount) as amount from revenue.backlog_causes
            where period <= (select max(period) from moved) group by all
        )
        select * from moved full join labelled using (legal_entity_id, currency, period)
        where coalesce(moved.amount, 0) <> coalesce(labelled.amount, 0)
        """
    )
    assert open_months == []
