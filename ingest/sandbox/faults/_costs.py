"""What the patterns of project cost share: what was posted for whom."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_costs import labour, project_costs
from ingest.sandbox.world import World

__all__ = ["chosen", "costs_of", "labour_posted", "truth"]

_LEAST = 50_000


def costs_of(world: World) -> pl.DataFrame:
    """What was posted (see `project_costs`), of at least a few hundred; `key` names a row."""
    rows = world.once("project costs", project_costs)
    month = pl.col("month").cast(pl.String)
    key = pl.concat_str("subsidiary", "supplier", "job", month, separator="/", ignore_nulls=True)
    return rows.filter(pl.col("worth") > _LEAST * pl.col("step")).with_columns(key=key)


def labour_posted(world: World) -> pl.DataFrame:
    """Labour in the ledger: see `labour`."""
    return labour(costs_of(world))


def chosen(world: World, rows: pl.DataFrame, share: float, salt: str) -> pl.DataFrame:
    """Rows by lot, at most one an agreement."""
    return pick(world, rows, share, salt=salt, key="key", alone="sow")


def truth(
    world: World, row: dict[str, Any], check: str, break_type: str, worth: int, records: list[dict[str, str]], *,
    action_kind: str,
) -> Truth:  # fmt: skip
    """What must be found: the project that lacks the cost, and `records`; the margin of the project follows."""
    project = record("kantata", "workspaces", str(int(row["job"]) // 10))
    follows = () if check == "K73" else ("K73",)
    return fault_row(
        world, check, break_type, hundredth(worth), row["iso"], [project, *records], at_fault="netsuite",
        action_kind=action_kind, consequences=follows,
    )  # fmt: skip
