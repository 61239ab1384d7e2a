"""A won and signed deal has no project: its contract names no contracting entity and the flow refused it.

Nobody read the error mail, so there is no project, no time on it, no order, and the deal has no project id. Money, per
workstream: its signed value x full days since the end of the first day / days of the term, rounded once.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, expected, record
from ingest.sandbox.faults._master_data import agreements
from ingest.sandbox.faults._terms import hundredth
from ingest.sandbox.firm import CURRENCIES
from ingest.sandbox.ns_links import activated_items
from ingest.sandbox.world import World, draw

#: Refused deals are found within this many days, by the client if by nobody else.
_UNNOTICED = 75


def _inject(world: World, share: float) -> list[Truth]:
    signed = agreements(world)
    deadline = world.firm.watermark - dt.timedelta(days=2)
    recent = signed.filter(
        pl.col("opportunity").is_not_null()
        & (pl.col("ready_at") < deadline)
        & (pl.col("ready_at") > world.firm.watermark - dt.timedelta(days=_UNNOTICED))
    )
    recent = recent.filter(~pl.any_horizontal(world.is_taken(name) for name in ("sow", "contract", "account")))
    recent = recent.with_columns(_draw=pl.Series(draw(recent["contract"], "K05", world.firm.seed))).sort(
        "_draw", "contract"
    )
    chosen = recent.head(max(1, round(signed.height * share)) if share > 0 else 0).sort("contract")
    if chosen.is_empty():
        return []
    for name in ("sow", "contract", "opportunity"):
        world.taken.update(chosen[name].to_list())
    _empty_field(world, chosen["contract"].to_list())
    _take_projects(world, chosen["sow"].to_list())
    _unlink(world, chosen["opportunity"].to_list())
    items = activated_items(world).filter(pl.col("ContractId").is_in(chosen["contract"].implode()))
    return [_truth(world, row, items) for row in chosen.iter_rows(named=True)]


def _empty_field(world: World, contracts: list[str]) -> None:
    world["salesforce.Contract"] = world["salesforce.Contract"].with_columns(
        Contracting_Entity__c=pl.when(~pl.col("Id").is_in(contracts)).then("Contracting_Entity__c")
    )


def _unlink(world: World, deals: list[str]) -> None:
    world["salesforce.Opportunity"] = world["salesforce.Opportunity"].with_columns(
        PSA_Project_Id__c=pl.when(~pl.col("Id").is_in(deals)).then("PSA_Project_Id__c")
    )


def _take_projects(world: World, numbers: list[str]) -> None:
    """Kantata without the projects of these SOWs and without anything on them."""
    fields = world["kantata.custom_field_values"]
    spaces = fields.filter((pl.col("custom_field_name") == "SOW Number") & pl.col("value").is_in(numbers))[
        "subject_id"
    ].to_list()
    stories = world["kantata.stories"].filter(pl.col("workspace_id").is_in(spaces))["id"].to_list()
    milestones = world["kantata.billing_milestones"].filter(pl.col("workspace_id").is_in(spaces))["id"].to_list()
    kind = pl.col("subject_type")
    of_them = (
        ((kind == "Workspace") & pl.col("subject_id").is_in(spaces))
        | ((kind == "Story") & pl.col("subject_id").is_in(stories))
        | ((kind == "BillingMilestone") & pl.col("subject_id").is_in(milestones))
    )
    for name in ("custom_field_values", "external_references"):
        world[f"kantata.{name}"] = world[f"kantata.{name}"].filter(~of_them)
    world["kantata.workspaces"] = world["kantata.workspaces"].filter(~pl.col("id").is_in(spaces))
    for name in (
        "stories",
        "billing_milestones",
        "time_entries",
        "timesheet_submissions",
        "expenses",
        "expense_report_submissions",
    ):
        world[f"kantata.{name}"] = world[f"kantata.{name}"].filter(~pl.col("workspace_id").is_in(spaces))


def _truth(world: World, row: dict[str, object], items: pl.DataFrame) -> Truth:
    deal = record("salesforce", "Opportunity", str(row["opportunity"]))
    ready, start, end = row["ready_at"], row["start"], row["end"]
    assert isinstance(ready, dt.datetime) and isinstance(start, dt.date) and isinstance(end, dt.date)  # noqa: S101, PT018
    term = (end - start).days + 1
    late = min(max((world.firm.watermark - ready - dt.timedelta(days=1)).days, 0), term)
    streams = (
        items.filter(pl.col("ContractId") == row["contract"])
        .group_by("workstream")
        .agg(pl.col("value").sum())
        .sort("workstream")
    )
    currency = str(row["currency"])
    smallest = Decimal(1) / CURRENCIES[currency].base_unit
    return {
        "root": deal,
        "injected_on": ready.date(),
        "visible_from": ready.date() + dt.timedelta(days=2),
        "expected": [
            expected(
                "K05",
                "missing_right",
                (hundredth(value) * late / term).quantize(smallest, ROUND_HALF_UP),
                currency,
                [deal],
                at_fault="salesforce",
                owner="service_delivery",
                action_kind="COMPLETE",  # the contract first, then the project is created
            )
            for _, value in streams.iter_rows()
        ],
        "consequences": ["K08", "K09", "K10", "K11", "K31", "K42", "K44", "K46", "K49", "K50", "K69", "K77"],
    }


FAULT = Fault(
    pattern="won_deal_refused",
    check="K05",
    stage="delivered",
    rates={"best": 0.005, "typical": 0.04, "poor": 0.12},
    inject=_inject,
)
