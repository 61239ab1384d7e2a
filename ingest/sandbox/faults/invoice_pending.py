"""Noise: invoices that wait for approval. They are numbered, their charges say billed, and nothing is posted."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    recent = close_of(world.firm).last_day - dt.timedelta(days=5)
    milestones = world["netsuite.charge"].filter(pl.col("externalid").str.starts_with("KAN-BM-"))["invoice"].implode()
    waiting = bills(world).filter("is_open", pl.col("trandate") > recent, ~pl.col("invoice").is_in(milestones))
    chosen = choose(world, waiting, share, salt="noise/invoice_pending")
    changed = {"status": "D", "approvalstatus": "1", "posting": False}
    set_rows(world, "netsuite.transaction", chosen["invoice"].to_list(), "id", changed)
    return [
        {"records": [record("netsuite", "transaction", one)], "expected_status": "nothing"}
        for one in chosen["invoice"].to_list()
    ]


FAULT = Fault(
    pattern="invoice_pending", check="K28", stage="billed", rates=shares(0.1, 0.1, 0.1), inject=_inject, is_noise=True
)
