"""Noise: a project's code stands in the ledger in small letters and with a blank; it is the same code.

Strikes after the integration. No check may speak.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    jobs = world["netsuite.job"].filter(pl.col("custentity_sow_number").is_not_null())
    chosen = pick(world, jobs, share, salt="noise/code_in_other_form")
    written = pl.concat_str(pl.lit(" "), pl.col("entityid").str.to_lowercase())
    set_rows(world, "netsuite.job", chosen["id"].to_list(), "id", {"entityid": written})
    return [
        {"records": [record("netsuite", "job", job)], "expected_status": "nothing"} for job in chosen["id"].to_list()
    ]


FAULT = Fault(
    pattern="code_in_other_form", check="K08", stage="integrated", rates=shares(0.02, 0.05, 0.1), inject=_inject,
    is_noise=True,
)  # fmt: skip
