"""Noise: a second copy of a time record that somebody noticed and rejected. It is charged nowhere."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults._time import choose, received
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_ids import FREE, identity
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, received(world), share, "noise/rejected_copy")
    if chosen.is_empty():
        return []
    bills = world["netsuite.timebill"].join(chosen.select(id="timebill"), on="id", how="semi", maintain_order="left")
    copies = bills.with_columns(
        id=identity(pl.col("id").cast(pl.Int64) + FREE // 2),
        externalid=pl.lit(None, dtype=pl.String),
        approvalstatus=pl.lit("4"),
    )
    world["netsuite.timebill"] = pl.concat([world["netsuite.timebill"], conform("timebill", copies)])
    records = [record("netsuite", "timebill", one) for one in copies["id"].to_list()]
    return [{"records": records, "expected_status": "nothing"}]


FAULT = Fault(
    pattern="rejected_copy",
    check="K16",
    stage="integrated",
    rates=shares(0.0003, 0.0003, 0.0003),
    inject=_inject,
    is_noise=True,
)
