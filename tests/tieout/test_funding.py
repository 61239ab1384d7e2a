"""Purchase orders: what they release is what the backlog counts as funded, and which faults strike them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm

PATTERNS = {"purchase_order_never_came", "purchase_order_in_parts"}


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7, 11])
def test_both_patterns_strike_a_typical_firm_and_stay_apart(seed: int) -> None:
    _, truth, noise = grow(size=80, seed=seed, faults="typical", only=("K70",))
    assert {row["pattern"] for row in truth} == PATTERNS
    assert noise == []
    contracts = [row["expected"][0]["records"][0]["id"] for row in truth]
    assert len(contracts) == len(set(contracts))
    money = {row["pattern"]: Decimal(row["expected"][0]["money"]) for row in truth}
    assert money["purchase_order_in_parts"] == 0 < money["purchase_order_never_came"]


def test_funded_backlog_is_what_purchase_orders_release_and_nothing_else(typical: Firm) -> None:
    """The last month of each agreement, worked out again from the purchase orders themselves."""
    wrong = typical.rows("""
        with last as (select * from revenue.positions qualify period = max(period) over (partition by agreement_id)),
        released as (
            select agreement_id, sum(funded_amount) as amount from marts.purchase_order
            where is_signed and strftime(ordered_on, '%Y-%m') <= (select max(period) from last) group by agreement_id
        )
        select agreement_id, funded_backlog, backlog from last
        join marts.agreement as a using (agreement_id)
        left join released as r using (agreement_id)
        where funded_backlog <> case
            when a.is_purchase_order_required and a.state <> 'draft'
            then least(backlog, greatest(coalesce(r.amount, 0) - recognised, 0)) else backlog end
    """)
    assert wrong == []
    kinds = typical.rows("select count(*) > 0 from revenue.positions where funded_backlog < backlog")
    assert kinds == [(True,)]
