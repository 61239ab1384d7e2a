"""Somebody typed an allocation by hand: part of the price moved from one obligation of an arrangement to another.

Strikes after recognition, on arrangements with two obligations whose service is under way or ahead: both plans follow,
posted months stay. Money: what was moved, a tenth of the smaller allocation.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp
from ingest.sandbox.ns_accounts import ON_ACCEPTANCE, PERCENT_COMPLETE, STRAIGHT_LINE
from ingest.sandbox.ns_amounts import half_up, hundredths, money, quantum
from ingest.sandbox.ns_plans import actual_plan, by_profile, profile_of, replaced
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_PLANNED = "netsuite.revenueplanplannedrevenue"


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, _candidates(world), share, salt="fault/allocation_typed", key="giver", alone="sow")
    given = chosen.select("step", element="giver", value=pl.col("gives") - pl.col("moved"))
    taken = chosen.select("step", element="taker", value=pl.col("takes") + pl.col("moved"))
    pairs = pl.concat([given.with_row_index("_pair"), taken.with_row_index("_pair")])
    _allocate(world, pairs.sort("_pair", maintain_order=True))
    return [
        fault_row(
            world, "K43", "amount", hundredth(row["moved"]), row["iso"],
            [record("netsuite", "revenueelement", row["giver"]), record("netsuite", "revenueelement", row["taker"])],
            at_fault="netsuite", action_kind="ROUTE", owner="revenue_accounting",
            consequences=("K44", "K49", "K50", "K51", "K69"),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _candidates(world: World) -> pl.DataFrame:
    """Two obligations of an arrangement that still have revenue ahead: giver, gives, taker, takes, moved, currency."""
    own = world["netsuite.revenueelement"].filter(pl.col("returnofelement").is_null())
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    ahead = world[_PLANNED].filter(~pl.col("isrecognized"))["revenueplan"].implode()
    planned = plans.filter(pl.col("id").is_in(ahead))["createdfrom"].implode()
    rows = own.filter(
        pl.len().over("custrecord_line_key") == 1,
        pl.col("revenuerecognitionrule").is_in([PERCENT_COMPLETE, STRAIGHT_LINE, ON_ACCEPTANCE]),
        pl.col("id").is_in(planned), pl.col("allocationamount") > 1000,
    )  # fmt: skip
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    rows = rows.join(iso, on="currency", how="left").with_columns(
        sow=pl.col("custrecord_line_key").str.extract(r"^(.*)/\d+$"),
        worth=hundredths("allocationamount"), step=quantum("iso"),
    )  # fmt: skip
    pairs = rows.sort("sow", "worth", "id").group_by("sow", "iso", "step", maintain_order=True).agg(
        giver=pl.col("id").first(), gives=pl.col("worth").first(),
        taker=pl.col("id").last(), takes=pl.col("worth").last(),
    )  # fmt: skip
    pairs = pairs.filter(pl.col("giver") != pl.col("taker"))
    return pairs.with_columns(moved=half_up(pl.col("gives"), 10, pl.col("step")))


def _allocate(world: World, wanted: pl.DataFrame) -> None:
    """Give elements other allocations (element, value, step); what is ahead of their plans reaches them."""
    amounts = wanted.select(id="element", amount=money("value"))
    stamp(world, "netsuite.revenueelement", "id", amounts, {"allocationamount": "amount"})
    own = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL").select(
        "id", "createdfrom", "totalrecognized"
    ).join(amounts.rename({"id": "createdfrom"}), on="createdfrom", how="inner")  # fmt: skip
    own = own.with_columns(rest=pl.col("amount") - pl.col("totalrecognized"))
    stamp(world, "netsuite.revenueplan", "id", own, {"amount": "amount", "remainingdeferredbalance": "rest"})
    with world.apart({_PLANNED: pl.col("revenueplan").is_in(own["id"].implode())}):
        for element, value, step in wanted.select("element", "value", "step").iter_rows():
            plan = actual_plan(world.frames, element)
            if plan is not None:
                after = by_profile(plan, value, profile_of(plan, as_of=world.as_of()), as_of=world.as_of(), step=step)
                world[_PLANNED] = replaced(world[_PLANNED], plan.lines, after)


FAULT = Fault(
    pattern="allocation_typed", check="K43", stage="recognised", rates=shares(0.01, 0.05, 0.2), inject=_inject
)
