"""Noise: some references hold a Salesforce id in its short form, 15 characters instead of 18. It is the same id."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.world import World

_HOLDERS = {"WorkspaceGroup": "workspace_groups", "Workspace": "workspaces"}


def _inject(world: World, share: float) -> list[Truth]:
    references = world["kantata.external_references"]
    linked = references.filter((pl.col("service_name") == "salesforce") & pl.col("subject_type").is_in(list(_HOLDERS)))
    chosen = pick(world, linked.sort("id"), share, salt="noise/short")
    short = pl.col("id").is_in(chosen["id"].to_list())
    world["kantata.external_references"] = references.with_columns(
        service_model_ref=pl.when(short)
        .then(pl.col("service_model_ref").str.slice(0, 15))
        .otherwise("service_model_ref")
    )
    return [
        {"records": [record("kantata", _HOLDERS[row["subject_type"]], row["subject_id"])], "expected_status": "nothing"}
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="short_ids",
    check="K77",
    stage="copied",
    rates={"best": 0.01, "typical": 0.03, "poor": 0.06},
    inject=_inject,
    is_noise=True,
)
