"""Links and custom fields of Kantata objects: rows of ``external_references`` and ``custom_field_values``."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.frames import typed
from ingest.sandbox.kantata_people import Staff
from ingest.sandbox.kantata_projects import Projects
from ingest.sandbox.kantata_schema import SCHEMAS
from ingest.sandbox.ns_ids import supplier_id

__all__ = ["custom_fields", "references", "with_ids"]

REFERENCE_ID = 70_000_000
FIELD_VALUE_ID = 80_000_000
#: Custom field of the firm -> its id and type, by object.
FIELDS: dict[str, tuple[int, str]] = {
    "SOW Number": (9001, "string"),
    "SOW Version": (9002, "number"),
    "Workstream": (9003, "string"),
    "Billing Type": (9004, "single"),
    "NTE Amount": (9005, "currency"),
    "Legal Entity": (9006, "single"),
    "Project Code": (9007, "string"),
    "Practice": (9008, "single"),
    "Unscheduled Hours": (9009, "number"),
    "SOW Line": (9011, "string"),
    "Accepted On": (9012, "date"),
    "Home Entity": (9021, "single"),
    "Previous Home Entity": (9022, "single"),
    "Home Entity Since": (9023, "date"),
    "Supplier": (9024, "string"),
}
_REFERENCES = ("subject_type", "subject_id", "service_model", "service_model_ref", "created_at")


def references(plan: Projects) -> pl.DataFrame:
    """Links to Salesforce: groups to accounts, projects to opportunities, billing milestones to order items."""
    groups = plan.groups.filter("company").select(
        subject_type=pl.lit("WorkspaceGroup"), subject_id=pl.col("id").cast(pl.String), service_model=pl.lit("Account"),
        service_model_ref="account_id", created_at="created_at",
    )  # fmt: skip
    spaces = plan.workspaces.filter(pl.col("signed") & pl.col("opportunity_id").is_not_null()).select(
        subject_type=pl.lit("Workspace"), subject_id=pl.col("workspace_id").cast(pl.String),
        service_model=pl.lit("Opportunity"), service_model_ref="opportunity_id",
        created_at=pl.col("created_at") + pl.duration(seconds=5),
    )  # fmt: skip
    milestones = plan.milestones.select(
        subject_type=pl.lit("BillingMilestone"), subject_id=pl.col("id").cast(pl.String),
        service_model=pl.lit("OrderItem"), service_model_ref="item_id", created_at="created_at",
    )  # fmt: skip
    rows = pl.concat([groups, spaces, milestones]).select(_REFERENCES)
    rows = rows.select(
        (REFERENCE_ID + pl.int_range(0, pl.len())).cast(pl.String).alias("id"), "subject_type", "subject_id",
        pl.lit("salesforce").alias("service_name"), "service_model", "service_model_ref",
        pl.lit("successful").alias("status"), pl.lit(False).alias("locked"),
        pl.col("created_at").alias("last_synced_at"),
        "created_at", pl.col("created_at").alias("updated_at"),
    )  # fmt: skip
    return typed(rows, SCHEMAS["external_references"])


def custom_fields(plan: Projects, people: Staff) -> pl.DataFrame:
    """All custom field values, one row a value that is set."""
    spaces = plan.workspaces.filter(~pl.col("internal")).with_columns(
        subject_id=pl.col("workspace_id").cast(pl.String),
        code=pl.lit("PRJ-") + pl.col("workspace_id").cast(pl.String).str.slice(2),
    )
    internal = plan.workspaces.filter("internal").with_columns(
        subject_id=pl.col("workspace_id").cast(pl.String),
        code=pl.lit("INT-") + pl.col("workspace_id").cast(pl.String).str.slice(2),
    )
    capped = spaces.filter(pl.col("nte").is_not_null())
    stories = plan.stories.with_columns(subject_id=pl.col("id").cast(pl.String))
    users = people.users.with_columns(subject_id="id")
    moved = users.filter("moved")
    versioned = pl.max_horizontal("created_at", pl.col("versioned_at") + pl.duration(minutes=4))
    made = pl.col("created_at")
    text = pl.String
    rows = [
        _values(spaces, "Workspace", "SOW Number", pl.col("sow"), made),
        _values(spaces, "Workspace", "SOW Version", pl.col("version").cast(text), versioned),
        _values(spaces, "Workspace", "Workstream", pl.col("workstream"), made),
        _values(spaces, "Workspace", "Billing Type", pl.col("line_type"), made),
        _values(capped, "Workspace", "NTE Amount", pl.col("nte").cast(text), versioned),
        _values(spaces, "Workspace", "Legal Entity", pl.col("entity"), made),
        _values(spaces, "Workspace", "Project Code", pl.col("code"), made),
        _values(spaces, "Workspace", "Practice", pl.col("practice"), made),
        _values(internal, "Workspace", "Legal Entity", pl.col("entity"), made),
        _values(internal, "Workspace", "Project Code", pl.col("code"), made),
        _values(internal, "Workspace", "Practice", pl.col("practice"), made),
        _values(stories.filter(pl.col("line_key").is_not_null()), "Story", "SOW Line", pl.col("line_key"), made),
        _values(
            stories.filter(pl.col("accepted_on").is_not_null()), "Story", "Accepted On",
            pl.col("accepted_on").cast(text), pl.col("updated_at"),
        ),
        _values(users, "User", "Home Entity", pl.col("home"), pl.col("updated_at")),
        _values(moved, "User", "Previous Home Entity", pl.col("previous"), pl.col("updated_at")),
        _values(moved, "User", "Home Entity Since", pl.col("since").cast(text), pl.col("updated_at")),
        _values(
            users.filter(pl.col("supplier") >= 0), "User", "Supplier", supplier_id("supplier"), made,
            shown=pl.col("supplier_name"),
        ),
    ]  # fmt: skip
    table = pl.concat(rows)
    table = table.with_columns(id=(FIELD_VALUE_ID + pl.int_range(0, pl.len())).cast(pl.String))
    return typed(table, SCHEMAS["custom_field_values"])


def _values(
    subjects: pl.DataFrame, kind: str, name: str, value: pl.Expr, updated: pl.Expr, *, shown: pl.Expr | None = None
) -> pl.DataFrame:
    """The values of one custom field; `shown` is what a person sees in their place."""
    number, datatype = FIELDS[name]
    return subjects.select(
        subject_type=pl.lit(kind), subject_id="subject_id", custom_field_id=pl.lit(str(number)),
        custom_field_name=pl.lit(name), type=pl.lit(datatype), value=value,
        display_value=value if shown is None else shown, updated_at=updated,
    )  # fmt: skip


def with_ids(frame: pl.DataFrame, links: pl.DataFrame, fields: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The objects with the ids of their references and custom field values as lists, empty where they have none."""
    empty = pl.lit([], dtype=pl.List(pl.String))
    for column, rows in (("external_reference_ids", links), ("custom_field_value_ids", fields)):
        mine = (
            rows.filter(pl.col("subject_type") == kind)
            .group_by("subject_id", maintain_order=True)
            .agg(pl.col("id").alias(column))
        )
        frame = frame.join(mine, left_on="id", right_on="subject_id", how="left", maintain_order="left")
        frame = frame.with_columns(
            pl.when(pl.col(column).is_null()).then(empty).otherwise(pl.col(column)).alias(column)
        )
    return frame
