"""Somebody deletes an entry in delivery that finance has received: nothing backs the time in the ledger any more.

Strikes at the end, when the time was charged and its cost posted: work of months before the last, at most one entry an
agreement. Money: what was charged for it.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import CONSEQUENCES, choose, entry_truth, once_billed, received
from ingest.sandbox.kantata_plans import retimed
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_ids import number_of
from ingest.sandbox.world import World, draw

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    charged = (
        world["netsuite.charge"].lazy().filter(pl.col("timerecord").is_not_null(), pl.col("stage") != "Non-Billable")
    )
    timebills = charged.select(number_of("timerecord")).collect().to_series()
    free = received(world).filter(
        pl.col("worked_on") < world.firm.last_month, pl.col("timebill").is_in(timebills.implode())
    )
    rows = _one_an_agreement(world, free.select("id", "place", "lot", "sow", "workspace").collect())
    chosen = choose(world, rows.lazy(), share, "fault/entry_deleted_after_sync")
    mine = charged.filter(pl.col("timerecord").is_in(chosen["timebill"].implode()))
    sums = mine.group_by(timebill="timerecord").agg(charged=hundredths(pl.col("amount").sum()))
    chosen = chosen.join(sums.collect(), on="timebill", how="left", maintain_order="left")
    retimed(world, chosen.select("line_key", "step", before="minutes", after=pl.lit(0), more=-pl.col("worth")))
    gone = pl.col("id").is_in(chosen["id"].implode())
    world["kantata.time_entries"] = world["kantata.time_entries"].filter(~gone)
    return [
        entry_truth(
            world,
            row,
            "K15",
            "unapproved",
            row["charged"],
            action_kind="CREDIT_AND_REBILL",
            consequences=(*CONSEQUENCES, "K22", "K71", "K72", "K73"),
            with_entry=False,
            timebill=row["timebill"],
        )
        for row in chosen.iter_rows(named=True)
    ]


def _one_an_agreement(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """An entry of each agreement by lot; what is no agreement's, of each project."""
    lot = pl.Series("_draw", draw(rows["lot"].to_numpy(), "fault/entry_deleted_after_sync/alone", world.firm.seed))
    whose = pl.coalesce("sow", pl.col("workspace").cast(pl.String)).alias("_whose")
    ranked = rows.with_columns(lot, whose).sort("_draw", "id").unique("_whose", keep="first", maintain_order=True)
    return ranked.select("place", "lot")


FAULT = Fault(
    pattern="entry_deleted_after_sync",
    check="K15",
    stage="copied",
    rates=shares(0.00002, 0.0003, 0.002),
    inject=_inject,
    settle=once_billed("REVERSE"),
)
