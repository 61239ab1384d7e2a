"""Somebody deletes an entry in delivery that finance has received: nothing backs the time in the ledger any more.

Strikes at the end, when the time was charged. Money: what was charged for it.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import CONSEQUENCES, choose, entry_truth, received
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    charged = world["netsuite.charge"].filter(pl.col("timerecord").is_not_null(), pl.col("stage") != "Non-Billable")
    sums = charged.group_by(timebill="timerecord").agg(charged=hundredths(pl.col("amount").sum()))
    rows = received(world).join(sums, on="timebill", how="inner")
    if rows.is_empty():
        return []
    chosen = choose(world, rows, share, "fault/entry_deleted_after_sync")
    gone = pl.col("id").is_in(chosen["id"].implode())
    world["kantata.time_entries"] = world["kantata.time_entries"].filter(~gone)
    return [
        entry_truth(
            world,
            row,
            "K15",
            "unapproved",
            row["charged"],
            action_kind="REVERSE",
            consequences=CONSEQUENCES,
            with_entry=False,
            timebill=row["timebill"],
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="entry_deleted_after_sync",
    check="K15",
    stage="copied",
    rates=shares(0.00002, 0.0003, 0.002),
    inject=_inject,
)
