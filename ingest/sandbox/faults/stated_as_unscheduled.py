"""Noise: a project has hours that nobody is booked for yet, and says so: they are shown as unscheduled.

Strikes at the end. The later half of a project's bookings is gone and their hours stand in the field for it.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._plans import BOOKINGS, planned_lines
from ingest.sandbox.faults._terms import shares
from ingest.sandbox.kantata_fields import FIELDS
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_FIELD = "Unscheduled Hours"


def _inject(world: World, share: float) -> list[Truth]:
    chosen = pick(world, planned_lines(world), share, salt="noise/stated_as_unscheduled", key="line_key", alone="sow")
    minutes = dict(world[BOOKINGS].select("id", "minutes").iter_rows())
    removed = {row["project"]: row["bookings"][len(row["bookings"]) // 2 :] for row in chosen.to_dicts()}
    gone = [one for some in removed.values() for one in some]
    fields = world["kantata.custom_field_values"]
    number, kind = FIELDS[_FIELD]
    first = int(fields["id"].cast(pl.Int64).max() or 0) + 1  # type: ignore[arg-type]
    stated = pl.DataFrame(
        {
            "id": [str(first + place) for place in range(len(removed))],
            "subject_id": list(removed),
            "value": [f"{sum(minutes[one] for one in some) / 60:.2f}" for some in removed.values()],
        },
        schema=dict.fromkeys(("id", "subject_id", "value"), pl.String),
    ).with_columns(
        subject_type=pl.lit("Workspace"), custom_field_id=pl.lit(str(number)), custom_field_name=pl.lit(_FIELD),
        type=pl.lit(kind), display_value="value", updated_at=pl.lit(world.firm.watermark, dtype=pl.Datetime("us")),
    )  # fmt: skip
    world["kantata.custom_field_values"] = pl.concat([fields, stated.select(fields.columns)])
    world[BOOKINGS] = world[BOOKINGS].filter(~pl.col("id").is_in(gone))
    return [{"records": [record("kantata", "workspaces", one)], "expected_status": "nothing"} for one in removed]


FAULT = Fault(
    pattern="stated_as_unscheduled",
    check="K67",
    stage="planned",
    rates=shares(0.03, 0.03, 0.03),
    inject=_inject,
    is_noise=True,
)
