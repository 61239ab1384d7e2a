"""The flow posts time in another company of the group than the one that employs the person.

Strikes after the integration. Money: the value of the entry; what is not billable is worth nothing. Time of a closed
month, or that an invoice has, is moved by a person.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, with_kind
from ingest.sandbox.faults._terms import shares, stamp
from ingest.sandbox.faults._time import billing_of, choose, entry_truth, received
from ingest.sandbox.ns_links import subsidiary_ids
from ingest.sandbox.ns_periods import close_of, month_number
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    companies = subsidiary_ids(world)["subsidiary"].to_list()
    if len(companies) < 2:
        return []
    following = dict(zip(companies, [*companies[1:], companies[0]], strict=True))
    rows = received(world).filter(pl.col("worth") > 0, pl.col("sow").is_not_null())
    chosen = choose(world, rows, share, "fault/time_in_other_company")
    bills = chosen.select("subsidiary", id="timebill").with_columns(
        wrong=pl.col("subsidiary").replace_strict(following)
    )
    stamp(world, "netsuite.timebill", "id", bills, {"subsidiary": "wrong"})
    return [
        entry_truth(world, row, "K21", "entity", row["worth"], action_kind="ROUTE", timebill=row["timebill"])
        for row in chosen.iter_rows(named=True)
    ]


def _settle(world: World, truth: list[Truth]) -> list[Truth]:
    """What no invoice has, of a month that is open, is reversed and posted again."""
    bills = world["netsuite.timebill"].filter(month_number("trandate") >= close_of(world.firm).open_month)
    open_month = set(bills["id"])
    states = billing_of(world, truth)
    return [
        with_kind(row, "REVERSE_AND_REPOST" if states[one] == "open" and one in open_month else None)
        for row in truth
        for one in (row["root"]["id"],)
    ]


FAULT = Fault(
    pattern="time_in_other_company",
    check="K21",
    stage="integrated",
    rates=shares(0.0005, 0.003, 0.015),
    inject=_inject,
    settle=_settle,
)
