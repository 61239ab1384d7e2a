"""Noise: delivery planned the end of a project anew, inside the signed term. Planning is not a term.

Strikes after delivery. No check may speak.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import projects, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    running = projects(world).filter(pl.col("due_date") > pl.col("start_date").dt.offset_by("20d"))
    chosen = pick(world, running, share, salt="noise/due_date_replanned")
    ids = chosen["id"].to_list()
    set_rows(world, "kantata.workspaces", ids, "id", {"due_date": pl.col("due_date").dt.offset_by("-10d")})
    return [{"records": [record("kantata", "workspaces", one)], "expected_status": "nothing"} for one in ids]


FAULT = Fault(
    pattern="due_date_replanned", check="K10", stage="delivered", rates=shares(0.1, 0.1, 0.1), inject=_inject,
    is_noise=True,
)  # fmt: skip
