"""Finance prices an entry from an expired row of the rate card, although delivery sent the right rate.

Strikes after the integration, before anything is charged. Money: hours x (agreed rate - rate applied).
"""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._rates import mispriced
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import CONSEQUENCES, entry_truth, once_billed
from ingest.sandbox.ns_amounts import money
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = mispriced(world, share, "fault/rate_of_expired_row")
    bills = chosen.drop("id").rename({"timebill": "id"}).with_columns(rate_=money("wrong"))
    stamp(world, "netsuite.timebill", "id", bills, {"rate": "rate_"})
    return [
        entry_truth(
            world,
            row,
            "K18",
            "rate",
            row["off"],
            action_kind="TRUE_UP" if row["off"] > 0 else "CREDIT_AND_REBILL",
            consequences=CONSEQUENCES,
            timebill=row["timebill"],
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="rate_of_expired_row",
    check="K18",
    stage="integrated",
    rates=shares(0.0001, 0.001, 0.004),
    inject=_inject,
    settle=once_billed("RE_RATE"),
)
