"""Noise: a manual revenue journal that waits for approval. It is in the list of journals, not in the ledger."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import earning, entry, journal_number, ledger_line, typed, units
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "noise/journal_pending"
_BLOCK = 3


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 2, 20)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement")
    proposed = entry(chosen, _BLOCK, ("2400", "4010"), "Proposed true-up", tags=("arrangement",))
    typed(world, proposed, posting=pl.lit(False), status=pl.lit("A"), approvalstatus=pl.lit("1"))
    return [
        {
            "records": [
                record("netsuite", "transactionaccountingline", ledger_line(journal_number(_BLOCK, number), line))
                for line in (0, 1)
            ],
            "expected_status": "nothing",
        }
        for number in chosen["number"].to_list()
    ]


FAULT = Fault(
    pattern="journal_pending",
    check="K54",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
