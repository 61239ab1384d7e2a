"""Noise: costs of a closed month that came late and were posted in the open one, under their own date."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import journal_number, late_costs
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.ns_periods import close_of, period_name
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = 12


def _inject(world: World, share: float) -> list[Truth]:
    period = pl.lit(period_name(close_of(world.firm).open_month))
    chosen = late_costs(world, share, "noise/late_cost_in_open_month", _BLOCK, postingperiod=period)
    return [
        {
            "records": [record("netsuite", "transaction", str(journal_number(_BLOCK, number)))],
            "expected_status": "nothing",
        }
        for number in chosen["number"].to_list()
    ]


FAULT = Fault(
    pattern="late_cost_in_open_month",
    check="K55",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
