"""Noise: an invoice was sent twice, and the copy was credited in full as a duplicate. Nothing is left of it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose, documents, lines_of
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.faults.invoice_sent_twice import copy_of
from ingest.sandbox.ns_documents import append
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.ns_settlement import credits_for, settled
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_BLOCK = 1_000_000_000_000


def _inject(world: World, share: float) -> list[Truth]:
    latest = close_of(world.firm).last_day - dt.timedelta(days=20)
    lines = lines_of(world)
    single = lines.filter(pl.len().over("transaction") == 1)["transaction"].implode()
    candidates = bills(world).filter(
        ~pl.col("is_credited"), pl.col("trandate") <= latest, pl.col("invoice").is_in(single)
    )
    rows: list[Truth] = []
    chosen = choose(world, candidates, share, salt="noise/duplicate_taken_back")
    for row in world.each(chosen, documents(chosen["invoice"])):
        copy = copy_of(world, row, _BLOCK)
        wanted = pl.DataFrame(
            {
                "invoice": [copy], "line": ["1"], "reason": ["DUPLICATE"], "worth": [row["net"]],
                "credit_on": [row["trandate"] + dt.timedelta(days=7)], "timerecord": [None],
            },
            schema_overrides={"timerecord": pl.String},
        )  # fmt: skip
        memo = credits_for(world, wanted, pl.col("invoice").cast(pl.Int64) + _BLOCK)
        append(world, memo)
        records = [record("netsuite", "transaction", one) for one in (copy, memo.transactions["id"][0])]
        rows.append({"records": records, "expected_status": "nothing"})
    world["netsuite.transaction"] = settled(world["netsuite.transaction"], world["netsuite.nexttransactionlinelink"])
    return rows


FAULT = Fault(
    pattern="duplicate_taken_back",
    check="K29",
    stage="billed",
    rates=shares(0.002, 0.002, 0.002),
    inject=_inject,
    is_noise=True,
)
