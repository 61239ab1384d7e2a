"""A Kantata project points at the NetSuite project of another one: its reference was copied with the template.

NetSuite still points at the right project. Money: what is owed on the agreement of the project with the wrong reference
and what of it is still to be billed.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, expected, pick, record
from ingest.sandbox.faults._master_data import agreements
from ingest.sandbox.faults._terms import hundredth
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_links import workspaces
from ingest.sandbox.world import World


def _inject(world: World, share: float) -> list[Truth]:
    open_ones = (
        agreements(world).filter("is_open").select("account", "value", agreement_currency="currency", sow_number="sow")
    )
    active = workspaces(world).filter(~pl.col("archived")).join(open_ones, on="sow_number", how="inner").sort("id")
    active = active.filter(~pl.any_horizontal(world.is_taken(name) for name in ("id", "account", "sow_number")))
    chosen = pick(world, active, share, salt="K77/job", alone="sow_number")
    world.taken.update(chosen["id"].to_list())
    others = active.filter(~pl.col("sow_number").is_in(chosen["sow_number"].implode())).sort("id")
    if others.is_empty():
        return []
    return [
        _point(world, row, others.row(place % others.height, named=True))
        for place, row in enumerate(chosen.iter_rows(named=True))
    ]


def _point(world: World, row: dict[str, object], other: dict[str, object]) -> Truth:
    mine = (
        (pl.col("subject_type") == "Workspace")
        & (pl.col("subject_id") == row["id"])
        & (pl.col("service_name") == "netsuite")
    )
    world["kantata.external_references"] = world["kantata.external_references"].with_columns(
        service_model_ref=pl.when(mine).then(pl.lit(other["job"])).otherwise("service_model_ref")
    )
    holder = record("kantata", "workspaces", str(row["id"]))
    return {
        "root": holder,
        "injected_on": world.as_of(),
        "visible_from": world.as_of(),
        "expected": [
            expected(
                "K77",
                "many_to_one",
                hundredth(_at_stake(world, row)),
                str(row["agreement_currency"]),
                [holder, record("netsuite", "job", str(other["job"]))],
                at_fault="kantata",
                owner="master_data",
                action_kind="LINK",
            )
        ],
        "consequences": ["K08", "K14", "K46"],
    }


def _at_stake(world: World, row: dict[str, object]) -> int:
    """What is owed on an agreement plus what of it is still to be billed."""
    posted = world["netsuite.transaction"].filter(
        pl.col("type").is_in(["CustInvc", "CustCred"])
        & pl.col("posting")
        & ~pl.col("voided")
        & (pl.col("custbody_sow_number") == row["sow_number"])
    )
    lines = world["netsuite.transactionline"].filter(
        ~pl.col("mainline") & ~pl.col("taxline") & pl.col("transaction").is_in(posted["id"].implode())
    )
    owed = posted.filter(pl.col("type") == "CustInvc").select(hundredths("foreignamountunpaid")).to_series().sum()
    billed = lines.select(-hundredths("foreignamount")).to_series().sum()
    return int(str(row["value"])) - int(billed or 0) + int(owed or 0)


FAULT = Fault(
    pattern="job_of_another_project",
    check="K77",
    stage="copied",
    rates={"best": 0.0005, "typical": 0.003, "poor": 0.012},
    inject=_inject,
)
