"""A milestone is billed on a fixed date, as agreed; its revenue came with the invoice, its acceptance has not come.

Strikes after billing: nobody wrote an acceptance and the task is still under way; the schedule took the invoice for the
acceptance. Billing in advance is agreed, so nothing is wrong with the invoice. Money: the milestone.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._billing import milestones_billed
from ingest.sandbox.faults._recognised import earned_by, moved, scheduled, told
from ingest.sandbox.faults._terms import set_rows, shares, stamp
from ingest.sandbox.ns_accounts import ON_ACCEPTANCE
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    run = close_of(world.firm).last_run
    own = scheduled(world, ON_ACCEPTANCE).filter(pl.col("elements") == 1)
    lines = story_lines(world).select("line_key", story="story_id")
    billed = milestones_billed(world).select("milestone", "story", "trandate").join(lines, on="story", how="inner")
    rows = own.join(billed, on="line_key", how="inner").sort("element", "milestone").unique("element", keep="last")
    month = pl.col("trandate").dt.year().cast(pl.Int64) * 12 + pl.col("trandate").dt.month() - 1
    rows = rows.filter(month.is_between("made", run)).sort("element")
    chosen = pick(world, rows, share, salt="fault/recognised_when_invoiced", key="element", alone="sow")
    _on_fixed_date(world, chosen)
    as_invoiced = earned_by(world, chosen.select(own.columns))
    _unaccepted(world, chosen["story"].to_list())
    as_accepted = earned_by(world, chosen.select(own.columns)).with_columns(-pl.col("worth"))
    moves = pl.concat([as_invoiced, as_accepted]).group_by("element", "month").agg(pl.col("worth").sum())
    moved(world, [moves.sort("element", "month")])
    early = moves.filter(pl.col("month") <= run).group_by("element").agg(early=pl.col("worth").sum())
    struck = chosen.join(early, on="element", how="left", maintain_order="left")
    return [
        told(world, "K49", "sequence", row, row["early"], record("kantata", "billing_milestones", row["milestone"]))
        for row in struck.iter_rows(named=True)
    ]


def _on_fixed_date(world: World, chosen: pl.DataFrame) -> None:
    """The milestones are billed on a date by agreement, and were recognised as if accepted on the invoice's date."""
    dated = chosen.select(id="milestone", day="trandate", kind=pl.lit("fixed_date"))
    stamp(world, "kantata.billing_milestones", "id", dated, {"billing_type": "kind", "date_to_invoice": "day"})
    accepted = world["kantata.custom_field_values"].filter(pl.col("custom_field_name") == "Accepted On")
    days = chosen.select(subject_id="story", day=pl.col("trandate").cast(pl.String)).unique("subject_id", keep="last")
    shown = accepted.select("id", "subject_id").join(days, on="subject_id", how="inner")
    stamp(world, "kantata.custom_field_values", "id", shown, {"value": "day", "display_value": "day"})


def _unaccepted(world: World, stories: list[str]) -> None:
    """Nobody accepted these tasks: they are under way."""
    undone = {"state": "started", "status": "Started", "percentage_complete": 60}
    set_rows(world, "kantata.stories", stories, "id", undone)
    fields = world["kantata.custom_field_values"]
    gone = (pl.col("custom_field_name") == "Accepted On") & pl.col("subject_id").is_in(stories)
    world["kantata.custom_field_values"] = fields.filter(~gone)


FAULT = Fault(
    pattern="recognised_when_invoiced", check="K49", stage="billed", rates=shares(0.01, 0.06, 0.2), inject=_inject
)
