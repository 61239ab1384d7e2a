"""The instalments of a fixed fee were agreed upon acceptance, and delivery asks nobody to accept: none is billed.

Strikes before billing, on agreements with nothing but one fixed fee that works on and was never amended: its
instalments of the past, but for the last month's, hang at the deliverable, which is not done, and their planned days
stay as they are. Money: what the books earned more than 90 days ago ahead of the bills, as far as those instalments
would bill it. Nothing is told of a line that earned nothing so long ago, or that is billed ahead beside a success fee.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._balances import standing_asset
from ingest.sandbox.faults._billing import struck
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_charges import milestones
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import month_of, period_table
from ingest.sandbox.salesforce_variable import VARIABLE_LINE
from ingest.sandbox.world import World

__all__ = ["FAULT"]

#: A milestone has slipped when its planned day is longer ago; what was earned longer ago is overdue.
_SLIPPED, _OVERDUE = dt.timedelta(days=31), dt.timedelta(days=90)
#: A bill since the last revenue run would be of the oldest part: such lines are left alone.
_JUST_NOW = dt.timedelta(days=14)
_CHOSEN = "faults/acceptance_never_asked"


def _inject(world: World, share: float) -> list[Truth]:
    lines = order_lines(world).with_columns(sow=pl.col("line_key").str.extract(r"^(.*)/\d+$"))
    once = pl.len().over("sow") == 1  # one line, and nothing amended it
    alone = lines.filter(once, pl.col("element").is_not_null())
    stories = world["kantata.stories"].filter(pl.col("story_type") == "deliverable", pl.col("state") != "completed")
    open_stories = story_lines(world).join(stories.select(story_id="id"), on="story_id", how="semi")
    planned = milestones(world, order_lines(world)).filter(
        pl.col("event") == "fixed_date", pl.col("billing_type") == "Fixed Fee", pl.col("worth") > 0
    )
    just_now = planned.filter(pl.col("date_to_invoice").is_between(world.as_of() - _JUST_NOW, world.as_of()))
    due = planned.filter(
        ~pl.col("line_key").is_in(just_now["line_key"].implode()),
        pl.col("date_to_invoice") < world.as_of() - _SLIPPED,
    ).drop("story_id").join(open_stories.select("line_key", "story_id"), on="line_key", how="inner")  # fmt: skip
    due = due.join(alone.select("line_key", "sow").unique(), on="line_key", how="inner")
    rows = due.group_by("sow", "line_key", "story_id").agg(
        pl.col("id").sort_by("date_to_invoice", "id"), pl.col("worth").sum(), first=pl.col("date_to_invoice").min()
    ).filter(pl.col("first") < world.as_of() - _OVERDUE - _SLIPPED)  # fmt: skip
    chosen = pick(world, rows, share, salt="fault/acceptance_never_asked", key="line_key", alone="sow")
    world.taken.update(struck(sow) for sow in chosen["sow"].to_list())
    changed = chosen.select("id", "story_id", event=pl.lit("upon_completion")).explode("id")
    stamp(world, "kantata.billing_milestones", "id", changed, {"billing_type": "event", "story_id": "story_id"})
    world.shared[_CHOSEN] = chosen
    return []


def _settle(world: World, _: list[Truth]) -> list[Truth]:
    """What the books make of it, once they are written."""
    earned = _earned(world)
    fees = earned.filter(pl.col("line_key").str.ends_with(f"/{VARIABLE_LINE}")).select("arrangement", fee="earned")
    chosen = world.shared[_CHOSEN].join(earned, on="line_key", how="inner")
    standing = chosen.join(standing_asset(world), on="arrangement", how="inner")
    fee = pl.col("fee").fill_null(0)  # nobody has billed it yet: what it earned is an asset of its own
    own = standing.join(fees, on="arrangement", how="left").with_columns(
        asset=pl.min_horizontal(pl.col("asset") - fee, "earned")
    )
    chosen = own.with_columns(overdue=pl.min_horizontal(pl.col("asset") - pl.min_horizontal("asset", "late"), "worth"))
    return [
        fault_row(
            world, "K61", "stale", hundredth(row["overdue"]), row["iso"],
            [record("kantata", "billing_milestones", one) for one in row["id"]],
            at_fault="kantata", action_kind="ROUTE",
        )
        for row in chosen.filter(pl.col("overdue") > 0).sort("line_key").iter_rows(named=True)
    ]  # fmt: skip


def _earned(world: World) -> pl.DataFrame:
    """line_key, arrangement, iso, earned and late: what the books recognised, in all and in the last 90 days."""
    elements = world["netsuite.revenueelement"].select(
        "currency", arrangement="revenuearrangement", createdfrom="id", line_key="custrecord_line_key"
    )
    plans = world["netsuite.revenueplan"].filter(pl.col("revenueplantype") == "ACTUAL")
    late = period_table(world.firm).filter(pl.col("end") >= world.as_of() - _OVERDUE)["month"].implode()
    lines = world["netsuite.revenueplanplannedrevenue"].filter("isrecognized").with_columns(
        month=month_of("postingperiod"), worth=hundredths("amount")
    )  # fmt: skip
    rows = lines.join(plans.select("createdfrom", revenueplan="id"), on="revenueplan", how="inner").join(
        elements, on="createdfrom", how="inner"
    )  # fmt: skip
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    return rows.join(iso, on="currency", how="left").group_by("line_key", "arrangement", "iso").agg(
        earned=pl.col("worth").sum(), late=pl.col("worth").filter(pl.col("month").is_in(late)).sum()
    )  # fmt: skip


FAULT = Fault(
    pattern="acceptance_never_asked",
    check="K61",
    stage="integrated",
    rates=shares(0.02, 0.05, 0.1),
    inject=_inject,
    settle=_settle,
)
