"""Noise: costs of a closed month that came late and were posted in the open one, under their own date."""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._ledger import late_costs
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_periods import close_of, period_name
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    period = period_name(close_of(world.firm).open_month)
    rows = []
    for _, number, _ in late_costs(world, share, "noise/late_cost_in_open_month", 12):
        set_rows(world, "netsuite.transaction", [str(number)], "id", {"postingperiod": period})
        rows.append({"records": [record("netsuite", "transaction", str(number))], "expected_status": "nothing"})
    return rows


FAULT = Fault(
    pattern="late_cost_in_open_month",
    check="K55",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
