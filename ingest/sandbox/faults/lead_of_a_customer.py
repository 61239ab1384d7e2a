"""Noise: a lead in NetSuite has the name and domain of a customer. Leads and prospects are no customers."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.world import World


def _inject(world: World, share: float) -> list[Truth]:
    customers = world["netsuite.customer"]
    chosen = pick(world, customers.filter(pl.col("searchstage") == "Customer").sort("id"), share, salt="noise/lead")
    number = (pl.col("id").cast(pl.Int64) + 4).cast(pl.String)
    leads = chosen.with_columns(
        id=number,
        entityid=pl.lit("L") + number,
        searchstage=pl.lit("Lead"),
        externalid=pl.lit(None, dtype=pl.String),
        parent=pl.lit(None, dtype=pl.String),
    )
    world["netsuite.customer"] = conform("customer", pl.concat([customers, leads]))
    return [
        {"records": [record("netsuite", "customer", one)], "expected_status": "nothing"}
        for one in leads["id"].to_list()
    ]


FAULT = Fault(
    pattern="lead_of_a_customer",
    check="K02",
    stage="integrated",
    rates={"best": 0.02, "typical": 0.05, "poor": 0.1},
    inject=_inject,
    is_noise=True,
)
