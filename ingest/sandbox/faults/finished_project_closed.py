"""Noise: the ledger's project of finished work was switched off after its last entry had arrived.

Strikes after the integration. No check may speak.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    closed = world["netsuite.job"].filter(
        pl.col("entitystatus") == "Closed", ~pl.col("isinactive"),
        ~world.is_taken("custentity_sow_number"),
    )  # fmt: skip
    booked = world["netsuite.timebill"].filter(pl.col("customer").is_in(closed["id"].implode())).select(
        id=pl.col("custcol_psa_time_entry_id").cast(pl.Int64)
    )  # fmt: skip
    own = pl.col("workspace_id").is_in(closed["custentity_psa_project_id"].implode())
    approved = world["kantata.time_entries"].lazy().filter("approved", own)
    entries = approved.select("workspace_id", id=pl.col("id").cast(pl.Int64)).collect()
    held = entries.join(booked, on="id", how="anti")["workspace_id"].unique()
    jobs = closed.filter(~pl.col("custentity_psa_project_id").is_in(held.implode()))
    chosen = pick(world, jobs, share, salt="noise/finished_project_closed")
    set_rows(world, "netsuite.job", chosen["id"].to_list(), "id", {"isinactive": True})
    return [
        {"records": [record("netsuite", "job", job)], "expected_status": "nothing"} for job in chosen["id"].to_list()
    ]


FAULT = Fault(
    pattern="finished_project_closed", check="K08", stage="integrated", rates=shares(0.3, 0.2, 0.2), inject=_inject,
    is_noise=True,
)  # fmt: skip
