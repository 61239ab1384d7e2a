"""Approved work of the sandbox firm as its finance counts it: by project, month, and who employs or supplies whom.

Approved hours on lines of agreements count in the month whose cut-off was still ahead when they were approved, with
whoever employed the person on the day. A copy of a project counts as the project it is a copy of.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_amounts import hour_parts, nearest
from ingest.sandbox.ns_ids import job_id
from ingest.sandbox.ns_links import story_lines, suppliers, workspaces
from ingest.sandbox.ns_periods import close_of, period_table, posting_month
from ingest.sandbox.ns_time import approved_entries, home_on
from ingest.sandbox.world import World, kept

__all__ = ["approved_work", "work_projects"]

#: The cost of an entry is counted with hours of eight decimals.
_EXACT = 10_000


def approved_work(world: World) -> pl.DataFrame:
    """workspace_id, performer (subsidiary), supplier (null: own staff), iso (of the cost rates), month, time, cost.

    Time and cost in ten-thousandths of an hour and of a currency unit; the cost of each entry is its hours at its own
    cost rate. Counted once: what finance knew when it closed its last month.
    """
    return world.once("approved work", _counted)


def _counted(world: World) -> pl.DataFrame:
    lined = story_lines(world).filter(pl.col("line_key").is_not_null()).select("story_id")
    entries = approved_entries(world, "cost_rate_in_cents", "currency", "currency_base_unit")
    on_lines = entries.lazy().filter(pl.col("story_id").is_in(lined["story_id"].implode()))
    rows = on_lines.drop("id", "story_id", "billable", "updated_at", "active_submission_id").collect()
    rows = rows.with_columns(month=posting_month(rows, "date_performed", "approved_at", period_table(world.firm)))
    rows = rows.filter(pl.col("month") <= close_of(world.firm).last_run)
    rows = home_on(rows, world, "date_performed").join(
        suppliers(world), on="user_id", how="left", maintain_order="left"
    )
    rate = pl.col("cost_rate_in_cents").fill_null(0) * 100 // pl.col("currency_base_unit")
    minutes = pl.col("time_in_minutes")
    rows = rows.with_columns(time=hour_parts(minutes), cost=nearest(hour_parts(minutes * _EXACT) * rate, 100 * _EXACT))
    rows = rows.rename({"subsidiary": "performer", "currency": "iso"})
    return rows.group_by("workspace_id", "performer", "supplier", "iso", "month").agg(pl.col("time", "cost").sum())


@kept
def work_projects(world: World) -> pl.DataFrame:
    """workspace_id, job (of the oldest workspace of its workstream), sow, contracting: the entity that signed."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted")).select(
        sow_number="SOW_Number__c", contracting="Contracting_Entity__c"
    )  # fmt: skip
    spaces = workspaces(world).filter(pl.col("sow_number").is_not_null()).sort("created_at", "id")
    first = pl.col("id").first().over("sow_number", "workstream", "entity_code")
    rows = spaces.with_columns(oldest=first).select("sow_number", "oldest", workspace_id="id")
    joined = rows.join(contracts.unique("sow_number", keep="first"), on="sow_number", how="inner")
    return joined.select("workspace_id", "contracting", sow="sow_number", job=job_id("oldest"))
