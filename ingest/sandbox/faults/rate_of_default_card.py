"""After a change of role the default card prices an entry: delivery freezes the wrong rate, and finance charges it.

Strikes after the integration, before anything is charged. Money: hours x (agreed rate - rate applied).
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._rates import mispriced
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import CONSEQUENCES, entry_truth, once_billed
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = mispriced(world, share, "fault/rate_of_default_card")
    units = chosen.with_columns(cents=pl.when(pl.col("step") == 100).then(pl.col("wrong") // 100).otherwise("wrong"))
    stamp(world, "kantata.time_entries", "id", units, {"rate_in_cents": "cents"})
    return [
        entry_truth(
            world,
            row,
            "K18",
            "rate",
            row["off"],
            at_fault="kantata",
            action_kind="TRUE_UP" if row["off"] > 0 else "CREDIT_AND_REBILL",
            consequences=CONSEQUENCES,
            timebill=row["timebill"],
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="rate_of_default_card",
    check="K18",
    stage="integrated",
    rates=shares(0.0003, 0.0025, 0.01),
    inject=_inject,
    settle=once_billed("RE_RATE"),
)
