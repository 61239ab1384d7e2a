"""The natural links between the three systems, and what projects take over from their contract."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.sandbox import feedback, kantata, netsuite, salesforce
from ingest.sandbox.firm import Firm
from ingest.sandbox.ns_links import workspaces
from ingest.sandbox.world import World


@pytest.fixture(scope="module")
def world() -> World:
    world = World(Firm(size=200, seed=2))
    for stage in (salesforce.sell, kantata.deliver, netsuite.integrate, netsuite.bill, netsuite.recognise):
        stage(world)
    feedback.copy(world)
    return world


def test_links_point_both_ways(world: World) -> None:
    references = world["kantata.external_references"]
    assert not references.select("subject_type", "subject_id", "service_name").is_duplicated().any()
    netsuite_links = references.filter(pl.col("service_name") == "netsuite")
    jobs = world["netsuite.job"].select("externalid", service_model_ref="id")
    linked = netsuite_links.filter(pl.col("service_model") == "job").join(jobs, on="service_model_ref", how="full")
    assert linked.filter(("KAN-" + pl.col("subject_id")).ne_missing(pl.col("externalid"))).is_empty()
    customers = world["netsuite.customer"].select("externalid", customer="id")
    accounts = world["salesforce.Account"].filter(pl.col("ERP_Customer_Id__c").is_not_null())
    both = accounts.join(customers, left_on="Id", right_on="externalid", how="full")
    assert both.filter(pl.col("ERP_Customer_Id__c").ne_missing(pl.col("customer"))).is_empty()
    groups = netsuite_links.filter(pl.col("service_model") == "customer")
    assert sorted(groups["service_model_ref"]) == sorted(customers["customer"])
    held = world["kantata.workspaces"].explode("external_reference_ids")["external_reference_ids"].drop_nulls()
    assert set(held) == set(references.filter(pl.col("subject_type") == "Workspace")["id"])


def test_jobs_have_an_active_practice_and_the_dates_of_the_contract(world: World) -> None:
    jobs = (
        world["netsuite.job"]
        .join(
            world["netsuite.classification"].select(custentity_practice="id", practice="name"),
            on="custentity_practice",
            how="left",
        )
        .join(
            workspaces(world).select("practice", externalid=pl.lit("KAN-") + pl.col("id")), on="externalid", how="full"
        )
    )
    assert jobs.filter(pl.col("practice").ne_missing(pl.col("practice_right"))).is_empty()
    client = jobs.filter(pl.col("custentity_sow_number").is_not_null())
    assert client["customer"].is_not_null().all()
    contracts = world["salesforce.Contract"].select("StartDate", "EndDate", custentity_sow_number="SOW_Number__c")
    dated = client.join(contracts, on="custentity_sow_number")
    assert dated.filter(
        (pl.col("startdate") != pl.col("StartDate")) | (pl.col("enddate") != pl.col("EndDate"))
    ).is_empty()
