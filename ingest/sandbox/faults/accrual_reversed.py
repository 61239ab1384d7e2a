"""Noise: an accrual of unapproved time at month end that reverses itself on the first of the next month."""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._ledger import accrued, earning, journal_number, ledger_line, units
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "noise/accrual_reversed"
_BLOCK = 4


def _inject(world: World, share: float) -> list[Truth]:
    candidates = units(world, earning(world, _SALT), _SALT, 1, 6)
    chosen = pick(world, candidates, share, salt=_SALT, key="arrangement")
    accrued(world, chosen, _BLOCK)
    return [
        {
            "records": [
                record("netsuite", "transactionaccountingline", ledger_line(journal_number(block, number), 1))
                for block in (_BLOCK, _BLOCK + 1)
            ],
            "expected_status": "nothing",
        }
        for number in chosen["number"].to_list()
    ]


FAULT = Fault(
    pattern="accrual_reversed",
    check="K54",
    stage="recognised",
    rates=shares(0.004, 0.004, 0.004),
    inject=_inject,
    is_noise=True,
)
