"""A project of the ledger is switched off by a clean-up while people still work on it: its time is turned away.

Strikes after the integration. The job is inactive since six weeks before the day of observation; the time that arrived
since then is not there. Money: the value of that time, hours x rate of each billable entry, rounded entry by entry.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.ns_amounts import hour_parts, quantum, worth_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_DAYS = 42


def _inject(world: World, share: float) -> list[Truth]:
    off_at = dt.datetime.combine(world.as_of() - dt.timedelta(days=_DAYS), dt.time(23, 0))
    late = world["netsuite.timebill"].filter(pl.col("createddate") > off_at)
    entries = world["kantata.time_entries"].select(
        "billable", "rate_in_cents", "currency", "currency_base_unit", "time_in_minutes", entry="id",
    )  # fmt: skip
    price = pl.col("rate_in_cents").fill_null(0) * 100 // pl.col("currency_base_unit")
    worth = worth_of(hour_parts(pl.col("time_in_minutes")), price, quantum("currency"))
    held = late.join(entries, left_on="custcol_psa_time_entry_id", right_on="entry", how="inner").with_columns(
        worth=pl.when("billable").then(worth).otherwise(0)
    )
    sums = held.group_by(id="customer").agg(worth=pl.col("worth").sum(), iso=pl.col("currency").first())
    jobs = world["netsuite.job"].filter(pl.col("custentity_sow_number").is_not_null())
    candidates = jobs.join(sums, on="id", how="inner")
    chosen = pick(world, candidates, share, salt="fault/project_switched_off", alone="custentity_sow_number")
    ids = chosen["id"].to_list()
    set_rows(world, "netsuite.job", ids, "id", {"isinactive": True, "lastmodifieddate": off_at})
    gone = pl.col("customer").is_in(ids) & (pl.col("createddate") > off_at)
    world["netsuite.timebill"] = world["netsuite.timebill"].filter(~gone)
    return [
        fault_row(
            world, "K08", "inactive", hundredth(row["worth"]), row["iso"],
            [record("kantata", "workspaces", row["custentity_psa_project_id"]), record("netsuite", "job", row["id"])],
            at_fault="netsuite", action_kind="LINK", owner="master_data",
            consequences=("K14", "K44", "K46", "K69"), on=off_at.date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="project_switched_off", check="K08", stage="integrated", rates=shares(0.0015, 0.0075, 0.025), inject=_inject
)
