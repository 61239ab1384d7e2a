"""What the patterns of remaining performance obligations share: what each obligation still has to earn, and its flag.

They strike after recognition and change nothing but the flag, so that revenue, schedules and balances stay right.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows
from ingest.sandbox.faults._time import STRUCK
from ingest.sandbox.ns_accounts import TIME_ONLY_RULES
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_periods import close_of, month_number
from ingest.sandbox.ns_revenue import recognised
from ingest.sandbox.world import World, draw

__all__ = ["flagged"]

_ELEMENTS = "netsuite.revenueelement"
_FLAG = "custrecord_rpo_exempt"


def flagged(world: World, share: float, *, exempt: bool, salt: str) -> list[Truth]:
    """Set the flag of some obligations, or leave it out: those that carry the other one and have revenue to come.

    Chosen are lines of one element that were in the books before the month of the last revenue run; of fixed prices
    those whose time no other pattern strikes, so that what they have earned is what it was.
    """
    run = close_of(world.firm).last_run
    charged = pl.col("revenuerecognitionrule").is_in(list(TIME_ONLY_RULES))
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    own = world[_ELEMENTS].filter(pl.col("returnofelement").is_null(), pl.col("custrecord_line_key").is_not_null())
    rows = own.filter(
        pl.len().over("custrecord_line_key") == 1, charged.not_() if exempt else charged,
        month_number("elementdate") < run,
    )  # fmt: skip
    rows = rows.join(recognised(world), left_on="id", right_on="element", how="inner").join(
        iso, on="currency", how="left"
    )
    rows = rows.with_columns(
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$"),
        rest=hundredths("allocationamount") - pl.col("recognised"),
    )  # fmt: skip
    apart = pl.Series(draw(rows["sow"], "time/struck", world.firm.seed), dtype=pl.Float64) >= STRUCK
    rows = rows.filter(pl.col("rest") > 100_000, apart | pl.lit(not exempt))
    chosen = pick(world, rows, share, salt=salt, key="id", alone="sow")
    set_rows(world, _ELEMENTS, chosen["id"].to_list(), "id", {_FLAG: exempt})
    return [
        fault_row(
            world, "K69", "amount", hundredth(row["rest"]), row["iso"],
            [record("netsuite", "revenueelement", row["id"])],
            at_fault="netsuite", action_kind="ROUTE", owner="revenue_accounting",
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip
