"""The month-end reclassification left an arrangement out: it was not compliant. Revenue ahead of billing stays a debit
in deferred revenue.

Strikes after recognition, on agreements with a contract asset: the adjustments of the arrangement are gone. Money: the
contract asset that should be there, in document currency.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick
from ingest.sandbox.faults._balances import arrangement_record, standing
from ingest.sandbox.faults._billing import billed_right
from ingest.sandbox.faults._ledger import take_out
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_SALT = "fault/left_out_of_reclass"


def _inject(world: World, share: float) -> list[Truth]:
    candidates = standing(world, _SALT).filter(pl.col("asset") > 0, pl.col("deferred") == 0, pl.col("receivable") == 0)
    chosen = pick(world, billed_right(world, candidates), share, salt=_SALT, key="arrangement", alone="sow")
    _leave_out(world, chosen["arrangement"])
    set_rows(world, "netsuite.revenuearrangement", chosen["arrangement"].to_list(), "id", {"compliant": False})
    return [
        fault_row(
            world, "K57", "negative", hundredth(row["asset"]), row["iso"], [arrangement_record(row)],
            at_fault="netsuite", action_kind="RECLASS", owner="revenue_accounting", consequences=("K56",), on=row["on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _leave_out(world: World, arrangements: pl.Series) -> None:
    """Take the adjustments of arrangements out of the month-end journals: each pair of lines balances."""
    heads = world["netsuite.transaction"].filter(pl.col("memo") == "Unbilled receivable adjustment")
    gone = world["netsuite.transactionline"].filter(
        pl.col("createdfrom").is_in(arrangements.implode()), pl.col("transaction").is_in(heads["id"].implode())
    )
    take_out(world, gone.select("transaction", "id"))


FAULT = Fault(
    pattern="left_out_of_reclass", check="K57", stage="recognised", rates=shares(0.001, 0.008, 0.03), inject=_inject
)
