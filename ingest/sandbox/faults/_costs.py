"""What the patterns of project cost share: what was posted for whom, and how lines are taken out of it."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_costs import labour, project_costs
from ingest.sandbox.world import World

__all__ = ["chosen", "costs_of", "labour_posted", "take_out", "truth"]

_LEAST = 50_000
_SHARED = "project costs"


def costs_of(world: World) -> pl.DataFrame:
    """What was posted (see `project_costs`), of at least a few hundred; `key` names a row."""
    if _SHARED not in world.shared:
        world.shared[_SHARED] = project_costs(world)
    month = pl.col("month").cast(pl.String)
    key = pl.concat_str("subsidiary", "supplier", "job", month, separator="/", ignore_nulls=True)
    return world.shared[_SHARED].filter(pl.col("worth") > _LEAST * pl.col("step")).with_columns(key=key)


def labour_posted(world: World) -> pl.DataFrame:
    """Labour in the ledger: see `labour`."""
    return labour(costs_of(world))


def chosen(world: World, rows: pl.DataFrame, share: float, salt: str) -> pl.DataFrame:
    """Rows by lot, at most one an agreement."""
    return pick(world, rows, share, salt=salt, key="key", alone="sow")


def take_out(world: World, gone: pl.DataFrame) -> None:
    """Take lines (transaction, id) out of the ledger; what goes of a journal balances."""
    lines, ledger = world["netsuite.transactionline"], world["netsuite.transactionaccountingline"]
    world["netsuite.transactionline"] = lines.join(gone, on=["transaction", "id"], how="anti", maintain_order="left")
    world["netsuite.transactionaccountingline"] = ledger.join(
        gone.rename({"id": "transactionline"}), on=["transaction", "transactionline"], how="anti", maintain_order="left"
    )


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
