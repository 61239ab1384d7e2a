"""Delivery of the sandbox firm: what its Kantata holds.

`deliver` reads the Salesforce frames, fills the streams ``kantata.<stream>`` (columns: `SCHEMAS`) and writes the link
back into ``salesforce.Opportunity``. Conventions others may rely on:

- one workspace with ``stage`` project per signed agreement and workstream; unsigned drafts are ``estimate``; each legal
  entity has two internal projects without a SOW number (``client_role_name`` Internal, nothing on them is billable);
- ``price_in_cents`` = sum of the activated line values of the workstream. All cents are minor units of the currency:
  divide by ``currency_base_unit`` (1 for JPY);
- all workspaces of a deal refer to its opportunity, ``Opportunity.PSA_Project_Id__c`` is the first of them (the one
  with the lowest line); estimates and internal projects have no reference. Groups refer to accounts, billing milestones
  to the order item that created them. References to NetSuite are added by the integration;
- custom fields are rows of ``custom_field_values`` by name. Every task of an agreement line, its deliverable and its
  milestones have "SOW Line"; time is on tasks, expenses on the deliverable. "NTE Amount" is decimal text, "SOW
  Version" a whole number, dates ``YYYY-MM-DD``;
- billing milestones exist for Fixed Fee lines (instalments on fixed dates, some with a final one upon completion) and
  Milestone lines (all upon completion, each with a story); the amounts of one order item sum exactly to its value. A
  managed service has none;
- an entry is dated within its line's term, after signature, on a business day, and the T&M entries of a line never
  exceed its activated value. ``rate_in_cents``: contract rate effective on the day on T&M lines, list price of the role
  on other lines (also on their non-billable entries), 0 on internal time (never billable). Value = round half up(hours
  x rate), hours = minutes / 60 with four decimals half up. A few entries are not a multiple of a quarter hour;
- a sheet is one person, project and week, cut at month end. Approved: ``updated_at`` of the approved submission and of
  its records. Rejected for now: ``recent_submission_id`` only. Not submitted: neither id;
- a booking (``workspace_allocations``) is of a project, and of a person or (``user_id`` empty) a role; those of a line
  add up to the hours still to be worked of what was sold, from the day of observation on. Estimates of tasks are never
  below what was done and is planned (see `kantata_plans`);
- workweeks, holidays and time off agree with the time that was worked: a day off is a day without time, to the day
  (see `kantata_capacity`). Time off is in hours, workweeks are in minutes;
- ``is_invoiced``, ``invoice_id``, ``invoice_ids``, ``invoices``, ``external_payments`` belong to the feedback from
  finance; ``time_adjustments`` is empty here.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sandbox.firm import CURRENCIES
from ingest.sandbox.frames import typed
from ingest.sandbox.kantata_capacity import capacity
from ingest.sandbox.kantata_deals import deals, signed_items
from ingest.sandbox.kantata_fields import custom_fields, references, with_ids
from ingest.sandbox.kantata_people import Staff, staff
from ingest.sandbox.kantata_plans import remember
from ingest.sandbox.kantata_projects import Projects, projects
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.kantata_staffing import line_arrays
from ingest.sandbox.kantata_time import Workplaces, work
from ingest.sandbox.salesforce_schema import SCHEMAS as SALESFORCE
from ingest.sandbox.world import World

__all__ = ["SCHEMAS", "deliver"]


def deliver(world: World) -> None:
    """Fill the Kantata frames of the world: projects of what was sold, people, time, expenses, milestones."""
    plan, people = projects(world), staff(world)
    items = signed_items(world, deals(world)).filter("signed")
    done = work(world.firm, line_arrays(world, plan.lines, items, plan.workspaces), people, _places(world, plan))
    links, fields = references(plan), custom_fields(plan, people)
    frames = {
        "workspace_groups": with_ids(_groups(plan), links, fields, "WorkspaceGroup"),
        "workspaces": with_ids(_workspaces(plan, people), links, fields, "Workspace"),
        "stories": with_ids(_stories(plan.stories), links, fields, "Story"),
        "users": with_ids(people.users, links, fields, "User"),
        "roles": people.roles,
        "time_entries": done.time_entries,
        "timesheet_submissions": done.timesheet_submissions,
        "expense_report_submissions": done.expense_report_submissions,
        "time_adjustments": pl.DataFrame(schema=SCHEMAS["time_adjustments"]),
        "expenses": done.expenses,
        "billing_milestones": with_ids(_milestones(plan), links, fields, "BillingMilestone"),
        "external_references": links,
        "custom_field_values": fields,
        **capacity(world.firm, people),
    }
    for stream, frame in frames.items():
        world[f"kantata.{stream}"] = typed(frame, SCHEMAS[stream])
    remember(world, plan.lines, plan.stories, done.time_entries)
    world["salesforce.Opportunity"] = _linked(world["salesforce.Opportunity"], plan)


def _places(world: World, plan: Projects) -> Workplaces:
    """Workspaces by position; internal ones by entity and kind."""
    spaces = plan.workspaces
    code = {name: index for index, name in enumerate(CURRENCIES)}
    entities = len(world.firm.entities)
    own = np.flatnonzero(spaces["internal"].to_numpy()).reshape(entities, 2)
    story = plan.stories.filter(pl.col("line_key").is_null()).sort("id")["id"].to_numpy().reshape(entities, 2)
    return Workplaces(
        ids=spaces["workspace_id"].cast(pl.String),
        currency=spaces["currency"].replace_strict(code, return_dtype=pl.Int64).to_numpy(),
        internal=own,
        internal_story=story,
    )


def _groups(plan: Projects) -> pl.DataFrame:
    return plan.groups.with_columns(pl.col("id").cast(pl.String))


def _workspaces(plan: Projects, people: Staff) -> pl.DataFrame:
    """Workspaces in Kantata's words; every project is led by a manager."""
    managers = people.users.filter((pl.col("role") >= 3) & ~pl.col("disabled"))["id"]
    leads = managers if len(managers) else people.users["id"]
    group, none = pl.col("group_id").cast(pl.String), pl.lit([], dtype=pl.List(pl.String))
    over = pl.col("archived")
    status = pl.struct(
        key=pl.when(over).then(400).otherwise(305).cast(pl.Int64),
        message=pl.when(over).then(pl.lit("Completed")).otherwise(pl.lit("In Progress")),
        color=pl.when(over).then(pl.lit("grey")).otherwise(pl.lit("green")),
    )
    return plan.workspaces.with_columns(
        id=pl.col("workspace_id").cast(pl.String), status=status, start_date="start", due_date="end",
        price_in_cents="price", currency_base_unit="unit", primary_workspace_group_id=group,
        workspace_group_ids=pl.when(group.is_not_null()).then(pl.concat_list(group)).otherwise(none),
        primary_maven_id=pl.lit(leads).gather(pl.col("workspace_id") % len(leads)), client_role_name="client",
        require_time_approvals=pl.lit(True),
        stories_are_fixed_fee_by_default=(pl.col("line_type") != "T&M").fill_null(False),
        percentage_complete=pl.when(over).then(100).otherwise(0),
    )  # fmt: skip


def _stories(stories: pl.DataFrame) -> pl.DataFrame:
    return stories.with_columns(
        pl.col("id").cast(pl.String), pl.col("workspace_id").cast(pl.String),
        parent_id=pl.col("parent").cast(pl.String), billable=pl.col("line_key").is_not_null(),
        fixed_fee=(pl.col("line_type") != "T&M").fill_null(False),
        weight=pl.when(pl.col("story_type") == "milestone").then(1), start_date="start", due_date="due",
        percentage_complete="percentage", archived=pl.lit(False),
        time_estimate_in_minutes=(pl.col("estimate").fill_null(0.0) * 60).round(0),
    )  # fmt: skip


def _milestones(plan: Projects) -> pl.DataFrame:
    kind = pl.when("upon").then(pl.lit("upon_completion")).otherwise(pl.lit("fixed_date"))
    return plan.milestones.with_columns(
        pl.col("id").cast(pl.String), pl.col("workspace_id").cast(pl.String), pl.col("story_id").cast(pl.String),
        amount_in_cents="amount", date_to_invoice="planned_on", billing_type=kind, updated_at="created_at",
        invoice_ids=pl.lit([], dtype=pl.List(pl.String)),
    )  # fmt: skip


def _linked(opportunity: pl.DataFrame, plan: Projects) -> pl.DataFrame:
    """Opportunities with the id of their first workspace, changed a minute after it was created."""
    first = plan.workspaces.filter(pl.col("signed") & pl.col("first")).select(
        Id="opportunity_id",
        project=pl.col("workspace_id").cast(pl.String),
        linked_at=pl.col("created_at") + pl.duration(minutes=1),
    )
    frame = opportunity.join(first, on="Id", how="left", maintain_order="left")
    return typed(
        frame.with_columns(
            PSA_Project_Id__c="project",
            LastModifiedDate=pl.max_horizontal("LastModifiedDate", "linked_at"),
            SystemModstamp=pl.max_horizontal("SystemModstamp", "linked_at"),
        ),
        SALESFORCE["Opportunity"],
    )
