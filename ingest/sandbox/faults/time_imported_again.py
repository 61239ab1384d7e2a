"""Time is imported a second time from a file, without the id of the entry, or with another prefix: it stands there
twice.

Strikes after the integration, so that the copies are charged, billed and recognised. Money: the value of the entry.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import CONSEQUENCES, choose, entry_truth, once_billed, received
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_amounts import money
from ingest.sandbox.ns_ids import FREE, identity
from ingest.sandbox.world import World

__all__ = ["COPY", "FAULT"]

#: What a copy's id is above that of the line it repeats; its charge stays below the ids that are given by hand.
COPY = FREE // 2


def _inject(world: World, share: float) -> list[Truth]:
    alike = ["user", "worked_on", "workspace", "story", "minutes"]
    rows = received(world).filter("billable", "is_tm").select("place", "lot", "line_key", *alike).collect()
    stories = rows["story"].unique().cast(pl.String).implode()
    every = world["kantata.time_entries"].lazy().filter(pl.col("story_id").is_in(stories)).select(
        user=pl.col("user_id").cast(pl.Int64), worked_on="date_performed",
        workspace=pl.col("workspace_id").cast(pl.Int64), story=pl.col("story_id").cast(pl.Int64),
        minutes="time_in_minutes",
    )  # fmt: skip
    single = every.group_by(alike).len().filter(pl.col("len") == 1).drop("len").collect()
    rows = rows.join(single, on=alike, how="semi", maintain_order="left")
    chosen = choose(world, rows.lazy(), share, "fault/time_imported_again", with_room=True)
    bills = world["netsuite.timebill"].join(
        chosen.select("price", "id", id_="timebill").rename({"id": "entry", "id_": "id"}),
        on="id",
        how="inner",
        maintain_order="left",
    )
    latest = pl.lit(world.firm.watermark - dt.timedelta(hours=3))
    again = pl.min_horizontal(pl.col("createddate") + dt.timedelta(days=2), latest)
    keyed = pl.col("entry").cast(pl.Int64) % 2 == 0
    copies = bills.with_columns(
        id=identity(pl.col("id").cast(pl.Int64) + COPY),
        externalid=pl.when(keyed).then(pl.concat_str(pl.lit("TE-"), "entry")),
        custcol_psa_time_entry_id=pl.lit(None, dtype=pl.String),
        rate=money("price"),
        createddate=again,
        lastmodifieddate=again,
    )
    world["netsuite.timebill"] = pl.concat([world["netsuite.timebill"], conform("timebill", copies)])
    return [
        entry_truth(
            world,
            row,
            "K16",
            "duplicate",
            row["worth"],
            action_kind="CREDIT_AND_REBILL",
            consequences=CONSEQUENCES,
            with_entry=False,
            timebill=str(int(row["timebill"]) + COPY),
        )
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="time_imported_again",
    check="K16",
    stage="integrated",
    rates=shares(0.00005, 0.0005, 0.004),
    inject=_inject,
    settle=once_billed("REVERSE"),
)
