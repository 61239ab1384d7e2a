"""What the patterns of recharges between legal entities share: what was recharged, and its lines."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, pick, record
from ingest.sandbox.faults._ledger import ledger_line
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.ns_intercompany import SIDES, line_of, recharges
from ingest.sandbox.world import World

__all__ = ["chosen", "lines_of", "recharge_truth"]

_LEAST = 20_000


def chosen(world: World, share: float, salt: str) -> pl.DataFrame:
    """Recharges by lot, at most one an agreement."""
    rows = recharges(world)
    if rows.is_empty():
        return rows
    rows = rows.filter(pl.col("worth") > _LEAST).with_columns(
        key=pl.concat_str("performer", "contractor", "job", pl.col("month").cast(pl.String), separator="/")
    )
    return pick(world, rows, share, salt=salt, key="key", alone="sow")


def lines_of(rows: pl.DataFrame, sides: tuple[int, ...] = tuple(range(len(SIDES)))) -> pl.DataFrame:
    """transaction, id: lines of recharges, all or those of one company; each company's balance."""
    return pl.concat([rows.select(id=line_of(side), transaction="journal") for side in sides])


def recharge_truth(
    world: World, row: dict[str, Any], break_type: str, worth: int, *, action_kind: str, is_posted: bool = True
) -> Truth:
    """What must be found: the project, and the ledger line of the receivable where it is posted."""
    records = [record("kantata", "workspaces", str(int(row["job"]) // 10))]
    if is_posted:
        line = ledger_line(row["journal"], int(row["job"]) * len(SIDES))
        records.append(record("netsuite", "transactionaccountingline", line))
    return fault_row(
        world, "K22", break_type, hundredth(worth), row["iso"], records, at_fault="netsuite", action_kind=action_kind
    )
