"""The clean world up to delivery: what Kantata holds follows from what was signed."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ingest.sandbox.firm import Firm
from ingest.sandbox.kantata import SCHEMAS, deliver
from ingest.sandbox.kantata_plans import plan
from ingest.sandbox.salesforce import sell
from ingest.sandbox.world import World

#: Streams of later stages: copies of invoices from finance, and plans.
COPIED = {"invoices", "external_payments", "workspace_resources", "workspace_allocations"}


def delivered(size: int, seed: int = 7) -> World:
    world = World(Firm(size, seed))
    sell(world)
    deliver(world)
    return world


ANOTHER = pytest.param((40, 2), marks=pytest.mark.long)


@pytest.fixture(scope="module", params=[(40, 1), ANOTHER, (200, 7)], ids=lambda p: f"{p[0]}-{p[1]}")
def world(request: pytest.FixtureRequest) -> World:
    return delivered(*request.param)


def frame(world: World, stream: str) -> pl.DataFrame:
    return world[f"kantata.{stream}"]


def field(world: World, subject: str, name: str) -> pl.DataFrame:
    values = frame(world, "custom_field_values")
    mine = values.filter((pl.col("subject_type") == subject) & (pl.col("custom_field_name") == name))
    return mine.select(pl.col("subject_id"), pl.col("value").alias(name))


def items(world: World) -> pl.DataFrame:
    """Activated order items of live contracts, with their signed value in hundredths."""
    order = world["salesforce.Order"].filter((pl.col("StatusCode") == "Activated") & ~pl.col("IsDeleted"))
    item = world["salesforce.OrderItem"].join(
        order.select("Id", "ContractId", "IsReductionOrder", "ActivatedDate"), left_on="OrderId", right_on="Id"
    )
    sign = pl.when("IsReductionOrder").then(-1).otherwise(1)
    return item.with_columns(hundredths=(pl.col("TotalPrice") * 100).cast(pl.Int64) * sign)


def entries_on_lines(world: World) -> pl.DataFrame:
    """Time entries with their line, value in minor units and the terms of the line."""
    lines = items(world).group_by("Line_Key__c").agg(
        pl.col("ContractId", "Billing_Type__c").first(), start=pl.col("ServiceDate").min(), end=pl.col("EndDate").max(),
        activated=pl.col("ActivatedDate").min(), hundredths=pl.col("hundredths").sum(),
    )  # fmt: skip
    hours = (pl.col("time_in_minutes") * 10_000 + 30) // 60
    return (
        frame(world, "time_entries")
        .join(field(world, "Story", "SOW Line"), left_on="story_id", right_on="subject_id")
        .join(lines, left_on="SOW Line", right_on="Line_Key__c", how="left")
        .with_columns(value=pl.when("billable").then((hours * pl.col("rate_in_cents") + 5_000) // 10_000).otherwise(0))
    )


def test_every_stream_has_exactly_its_columns_and_unique_ids(world: World) -> None:
    for stream in SCHEMAS.keys() - COPIED:
        held = frame(world, stream)
        assert dict(held.schema) == SCHEMAS[stream], stream
        assert held["id"].n_unique() == held.height, stream
        assert held["id"].null_count() == 0, stream
        assert held["id"].str.contains(r"^\d+$").all(), stream


@pytest.mark.parametrize(
    ("stream", "column", "target"),
    [
        ("stories", "workspace_id", "workspaces"), ("stories", "parent_id", "stories"), ("users", "role_id", "roles"),
        ("time_entries", "workspace_id", "workspaces"), ("time_entries", "story_id", "stories"),
        ("time_entries", "user_id", "users"), ("time_entries", "role_id", "roles"),
        ("time_entries", "active_submission_id", "timesheet_submissions"),
        ("time_entries", "recent_submission_id", "timesheet_submissions"),
        ("timesheet_submissions", "workspace_id", "workspaces"), ("timesheet_submissions", "user_id", "users"),
        ("expenses", "workspace_id", "workspaces"), ("expenses", "story_id", "stories"),
        ("expenses", "user_id", "users"),
        ("expenses", "recent_submission_id", "expense_report_submissions"),
        ("billing_milestones", "workspace_id", "workspaces"), ("billing_milestones", "story_id", "stories"),
        ("workspaces", "primary_workspace_group_id", "workspace_groups"), ("workspaces", "primary_maven_id", "users"),
    ],
)  # fmt: skip
def test_references_resolve(world: World, stream: str, column: str, target: str) -> None:
    ids = frame(world, stream)[column].drop_nulls()
    assert ids.is_in(frame(world, target)["id"].implode()).all()


def test_lists_name_existing_records(world: World) -> None:
    links, values = frame(world, "external_references"), frame(world, "custom_field_values")
    for stream in ("workspaces", "workspace_groups"):
        listed = frame(world, stream)
        assert listed["external_reference_ids"].explode().drop_nulls().is_in(links["id"].implode()).all()
        assert listed["custom_field_value_ids"].explode().drop_nulls().is_in(values["id"].implode()).all()
        assert listed["external_reference_ids"].null_count() == 0


def test_links_to_salesforce_point_at_living_records(world: World) -> None:
    links = frame(world, "external_references")
    assert set(links["service_name"].to_list()) == {"salesforce"}
    assert links.select(pl.struct("subject_type", "subject_id", "service_name").n_unique()).item() == links.height
    for model in ("Account", "Opportunity", "OrderItem"):
        living = world[f"salesforce.{model}"].filter(~pl.col("IsDeleted"))["Id"]
        assert links.filter(pl.col("service_model") == model)["service_model_ref"].is_in(living.implode()).all()


def test_every_signed_deal_has_one_project_a_workstream_and_names_the_first(world: World) -> None:
    expected = items(world).select("ContractId", "Workstream__c").unique().height
    spaces = frame(world, "workspaces").join(
        field(world, "Workspace", "SOW Number"), left_on="id", right_on="subject_id"
    )
    assert spaces.filter(pl.col("stage") == "project").height == expected
    signed = world["salesforce.Contract"].filter(pl.col("CompanySignedDate").is_not_null())
    won = world["salesforce.Opportunity"].filter(pl.col("ContractId").is_in(signed["Id"].implode()))
    assert won["PSA_Project_Id__c"].null_count() == 0
    back = frame(world, "external_references").filter(pl.col("service_model") == "Opportunity")
    pairs = back.select(Id="service_model_ref", PSA_Project_Id__c="subject_id")
    assert won.join(pairs, on=["Id", "PSA_Project_Id__c"], how="anti").height == 0
    others = world["salesforce.Opportunity"].filter(~pl.col("Id").is_in(won["Id"].implode()))
    assert others["PSA_Project_Id__c"].null_count() == others.height


@pytest.mark.long
def test_the_price_of_a_project_is_the_sum_of_its_activated_lines() -> None:
    for size in (40, 2_000):
        world = delivered(size)
        contract = world["salesforce.Contract"].select("Id", "SOW_Number__c")
        sums = (
            items(world)
            .join(contract, left_on="ContractId", right_on="Id")
            .group_by("SOW_Number__c", "Workstream__c")
            .agg(pl.col("hundredths").sum())
        )
        spaces = frame(world, "workspaces").filter(pl.col("stage") == "project")
        for name in ("SOW Number", "Workstream"):
            spaces = spaces.join(field(world, "Workspace", name), left_on="id", right_on="subject_id")
        spaces = spaces.filter(pl.col("client_role_name") != "Internal")
        joined = spaces.join(
            sums, left_on=["SOW Number", "Workstream"], right_on=["SOW_Number__c", "Workstream__c"], how="left"
        )
        assert joined["hundredths"].null_count() == 0
        assert (joined["price_in_cents"] * (100 // joined["currency_base_unit"]) == joined["hundredths"]).all()


def test_time_lies_within_the_term_and_after_signature(world: World) -> None:
    work = entries_on_lines(world)
    assert work.height > 0
    assert work["start"].null_count() == 0
    assert (work["date_performed"] >= work["start"]).all()
    assert (work["date_performed"] <= work["end"]).all()
    assert (work["date_performed"] > work["activated"].dt.date()).all()
    assert (work["date_performed"] < world.firm.as_of).all()


def test_no_time_and_materials_line_is_worked_past_its_value_or_cap(world: World) -> None:
    work = entries_on_lines(world).filter(pl.col("Billing_Type__c") == "T&M")
    spent = work.group_by("SOW Line", "ContractId").agg(
        (pl.col("value") * (100 // pl.col("currency_base_unit"))).sum(), pl.col("hundredths").first()
    )
    assert spent.height > 0
    assert (spent["value"] <= spent["hundredths"]).all()
    caps = world["salesforce.Contract"].select("Id", nte=(pl.col("NTE_Amount__c") * 100).cast(pl.Int64)).drop_nulls()
    total = spent.group_by("ContractId").agg(pl.col("value").sum()).join(caps, left_on="ContractId", right_on="Id")
    assert (total["value"] <= total["nte"]).all()


def test_entries_on_time_and_materials_carry_the_rate_effective_on_the_day(world: World) -> None:
    roles = frame(world, "roles").select(role_id="id", role="name")
    rates = world["salesforce.SOW_Rate__c"].select(
        "Effective_From__c",
        "Effective_To__c",
        ContractId="Contract__c",
        role="Role__c",
        cents=(pl.col("Rate__c") * 100).cast(pl.Int64),
    )
    work = entries_on_lines(world).filter(pl.col("Billing_Type__c") == "T&M").join(roles, on="role_id")
    rated = work.join(rates, on=["ContractId", "role"]).filter(
        (pl.col("date_performed") >= pl.col("Effective_From__c"))
        & (pl.col("Effective_To__c").is_null() | (pl.col("date_performed") <= pl.col("Effective_To__c")))
    )
    assert rated.height == work.height
    assert (rated["rate_in_cents"] * (100 // rated["currency_base_unit"]) == rated["cents"]).all()


def test_internal_time_is_never_billable_and_most_client_time_is(world: World) -> None:
    entries = frame(world, "time_entries").join(
        frame(world, "workspaces").select("id", "client_role_name"), left_on="workspace_id", right_on="id"
    )
    assert not entries.filter(pl.col("client_role_name") == "Internal")["billable"].any()
    share = entries.filter("billable")["time_in_minutes"].sum() / entries["time_in_minutes"].sum()
    assert 0.40 < share < 0.80
    assert 3.0 < entries["time_in_minutes"].mean() / 60 < 3.7


def test_an_entry_is_approved_exactly_when_its_active_sheet_is(world: World) -> None:
    sheets = frame(world, "timesheet_submissions").select("id", "status", sheet_updated="updated_at")
    entries = frame(world, "time_entries").join(sheets, left_on="active_submission_id", right_on="id", how="left")
    assert (entries["approved"] == (entries["status"] == "approved").fill_null(False)).all()
    approved = entries.filter("approved")
    assert (approved["updated_at"] == approved["sheet_updated"]).all()
    assert {"approved", "new", "rejected"} == set(frame(world, "timesheet_submissions")["status"].to_list())


def test_sheets_name_their_entries_of_one_person_project_and_month(world: World) -> None:
    sheets = frame(world, "timesheet_submissions")
    named = sheets.explode("time_entry_ids").join(
        frame(world, "time_entries"), left_on="time_entry_ids", right_on="id", how="left"
    )
    assert (named["user_id"] == named["user_id_right"]).all()
    assert (named["workspace_id"] == named["workspace_id_right"]).all()
    assert (named["date_performed"].is_between(named["start_date"], named["end_date"])).all()
    assert (sheets["start_date"].dt.month() == sheets["end_date"].dt.month()).all()


def test_nothing_happens_after_the_watermark_or_before_it_exists(world: World) -> None:
    stamped = {stream for stream, schema in SCHEMAS.items() if {"created_at", "updated_at"} <= schema.keys()}
    for stream in stamped - COPIED:
        held = frame(world, stream)
        if held.height:
            assert held["updated_at"].max() <= world.firm.watermark, stream
            assert (held["created_at"] <= held["updated_at"]).all(), stream


def test_milestones_of_an_item_sum_to_its_value(world: World) -> None:
    rows = frame(world, "billing_milestones").with_columns(link=pl.col("external_reference_ids").list.first())
    links = frame(world, "external_references").select(link="id", item="service_model_ref")
    spaces = frame(world, "workspaces").select("id", "currency_base_unit")
    sums = (
        rows.join(links, on="link")
        .join(spaces, left_on="workspace_id", right_on="id")
        .group_by("item")
        .agg(amount=(pl.col("amount_in_cents") * (100 // pl.col("currency_base_unit"))).sum())
    )
    due = items(world).filter(pl.col("Billing_Type__c").is_in(["Fixed Fee", "Milestone"]) & (pl.col("hundredths") > 0))
    joined = due.join(sums, left_on="Id", right_on="item", how="left")
    assert joined["amount"].null_count() == 0
    assert (joined["amount"] == joined["hundredths"]).all()
    assert rows.join(links, on="link").height == rows.height


def test_an_accepted_milestone_is_completed_and_not_in_the_future(world: World) -> None:
    accepted = field(world, "Story", "Accepted On").with_columns(on=pl.col("Accepted On").str.to_date())
    stories = accepted.join(frame(world, "stories"), left_on="subject_id", right_on="id")
    assert stories.height > 0
    assert (stories["state"] == "completed").all()
    assert (stories["story_type"] == "milestone").all()
    assert stories["on"].max() < world.firm.as_of
    upon = frame(world, "billing_milestones").filter(pl.col("billing_type") == "upon_completion")
    assert upon["story_id"].null_count() == 0
    assert upon["story_id"].n_unique() == upon.height


def test_people_who_moved_remember_their_previous_home() -> None:
    world = delivered(200)
    moved = field(world, "User", "Home Entity Since").join(
        field(world, "User", "Previous Home Entity"), on="subject_id"
    )
    moved = moved.join(field(world, "User", "Home Entity"), on="subject_id")
    assert moved.height >= 1
    assert (moved["Home Entity"] != moved["Previous Home Entity"]).all()
    assert frame(world, "users").height == field(world, "User", "Home Entity").height


def test_some_people_deliver_for_another_legal_entity() -> None:
    world = delivered(200)
    home = field(world, "User", "Home Entity")
    entity = field(world, "Workspace", "Legal Entity")
    work = (
        frame(world, "time_entries")
        .join(home, left_on="user_id", right_on="subject_id")
        .join(entity, left_on="workspace_id", right_on="subject_id")
    )
    across = (work["Home Entity"] != work["Legal Entity"]).mean()
    assert 0.0 < across < 0.15


def test_the_same_firm_delivers_twice_the_same() -> None:
    one, two = delivered(40), delivered(40)
    assert all(one[name].equals(two[name]) for name in one.frames)


@pytest.mark.long
def test_yen_are_counted_whole() -> None:
    world = delivered(2_000)
    entries = frame(world, "time_entries").filter(pl.col("currency") == "JPY")
    assert entries.height > 0
    assert (entries["currency_base_unit"] == 1).all()
    assert entries.filter("billable")["rate_in_cents"].is_between(5_000, 80_000).all()


def test_history_covers_every_month_up_to_the_observation() -> None:
    world = delivered(40)
    days = frame(world, "time_entries")["date_performed"]
    assert days.min() <= world.firm.start_on + dt.timedelta(days=3)
    assert days.max() == world.firm.as_of - dt.timedelta(days=1)
    assert days.dt.truncate("1mo").n_unique() == world.firm.months + 1


@pytest.fixture(scope="module")
def planned() -> World:
    world = delivered(60, 7)
    plan(world)
    return world


def test_fixed_fees_under_way_are_booked_for_the_hours_still_to_be_worked(planned: World) -> None:
    lines = items(planned).group_by(line="Line_Key__c").agg(
        pl.col("Billing_Type__c").first(), end=pl.col("EndDate").max(), sold=pl.col("Planned_Hours__c").sum() * 60
    )  # fmt: skip
    tasks = field(planned, "Story", "SOW Line").rename({"SOW Line": "line"})
    worked = tasks.join(frame(planned, "time_entries"), left_on="subject_id", right_on="story_id").group_by("line").agg(
        done=pl.col("time_in_minutes").sum()
    )  # fmt: skip
    stories = frame(planned, "stories").select("id", "workspace_id")
    project = (
        tasks.join(stories, left_on="subject_id", right_on="id").group_by("line").agg(pl.col("workspace_id").first())
    )
    booked = frame(planned, "workspace_allocations").group_by("workspace_id").agg(booked=pl.col("minutes").sum())
    under_way = lines.filter(pl.col("Billing_Type__c") == "Fixed Fee", pl.col("end") >= planned.as_of())
    rows = (
        under_way.join(project, on="line").filter(pl.len().over("workspace_id") == 1)
        .join(worked, on="line", how="left").join(booked, on="workspace_id", how="left")
        .with_columns(pl.col("done", "booked").fill_null(0))
    )  # fmt: skip
    off = (pl.col("sold").cast(pl.Float64) - pl.col("done")).clip(lower_bound=0) - pl.col("booked")
    assert rows.height > 5
    assert rows.filter(off.abs() > 1).rows() == []


def test_no_estimate_is_below_the_work_done_and_all_under_way_were_looked_at(planned: World) -> None:
    tasks = frame(planned, "stories").filter(pl.col("story_type") == "task", pl.col("deleted_at").is_null())
    lines = field(planned, "Story", "SOW Line").join(tasks, left_on="subject_id", right_on="id")
    lines = lines.group_by("SOW Line").agg(
        estimate=pl.col("time_estimate_in_minutes").sum(), looked=pl.col("updated_at").max()
    )  # fmt: skip
    worked = entries_on_lines(planned).group_by("SOW Line").agg(
        done=pl.col("time_in_minutes").sum(), end=pl.col("end").max(), kind=pl.col("Billing_Type__c").first()
    )  # fmt: skip
    rows = lines.join(worked, on="SOW Line").filter(
        pl.col("end") >= planned.as_of(), pl.col("kind").is_in(["T&M", "Fixed Fee"])
    )
    assert rows.height > 10
    assert rows.filter(pl.col("estimate") < pl.col("done")).rows() == []
    assert rows.filter(pl.col("looked").dt.date() < planned.as_of() - dt.timedelta(days=35)).rows() == []


def test_a_booking_is_of_a_person_or_of_a_role(planned: World) -> None:
    resources = frame(planned, "workspace_resources")
    assert resources["role_id"].null_count() == 0
    assert 0 < resources["user_id"].null_count() < resources.height
    bookings = frame(planned, "workspace_allocations")
    assert bookings.join(resources, left_on="workspace_resource_id", right_on="id", how="anti").height == 0
    assert bookings.filter(pl.col("start_date") < planned.as_of()).height == 0
