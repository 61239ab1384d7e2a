"""Noise: a milestone the customer accepted yesterday. Its charge and its invoice are not due yet."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.ns_charges import milestones
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    rows = milestones(world, order_lines(world)).filter("on_completion", pl.col("accepted_on").is_null())
    accepted = world["kantata.custom_field_values"].filter(pl.col("custom_field_name") == "Accepted On")
    rows = rows.select(
        "id", "story_id", mark=pl.lit("milestone/") + pl.col("id"), sow=pl.col("line_key").str.extract(r"^(.*)/\d+$")
    )
    charged = world["netsuite.charge"]["externalid"].drop_nulls().str.strip_prefix("KAN-BM-")
    free = rows.filter(
        ~pl.col("id").is_in(charged.implode()),
        ~world.is_taken("sow"),
        pl.len().over("story_id") == 1,
        ~pl.col("story_id").is_in(accepted["subject_id"].implode()),
    ).sort("id")
    if accepted.is_empty():
        return []
    chosen = pick(world, free, share, salt="noise/milestone_accepted_yesterday", alone="mark")
    done = {"state": "completed", "status": "Completed", "percentage_complete": 100}
    set_rows(world, "kantata.stories", chosen["story_id"].to_list(), "id", done)
    day = close_of(world.firm).last_day.isoformat()
    like = accepted.head(1).drop("id", "subject_id", "value", "display_value")
    added = chosen.select(
        id=(pl.col("story_id").cast(pl.Int64) + 880_000_000_000).cast(pl.String),
        subject_id="story_id",
        value=pl.lit(day),
        display_value=pl.lit(day),
    ).join(like, how="cross")
    fields = world["kantata.custom_field_values"]
    world["kantata.custom_field_values"] = pl.concat([fields, added.select(fields.columns).cast(fields.schema)])
    return [
        {"records": [record("kantata", "billing_milestones", one)], "expected_status": "timing"}
        for one in chosen["id"].to_list()
    ]


FAULT = Fault(
    pattern="milestone_accepted_yesterday",
    check="K31",
    stage="billed",
    rates=shares(0.05, 0.05, 0.05),
    inject=_inject,
    is_noise=True,
)
