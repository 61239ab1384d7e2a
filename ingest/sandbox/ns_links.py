"""What the firm's integration reads from Salesforce and Kantata to find its way: custom fields, references, lookups."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_amounts import half_up, hundredths, quantum
from ingest.sandbox.ns_ids import customer_ids, job_id
from ingest.sandbox.world import World, kept

__all__ = [
    "activated_items",
    "currency_ids",
    "customer_of_account",
    "homes",
    "story_lines",
    "subsidiary_ids",
    "suppliers",
    "values",
    "workspaces",
]


def values(world: World, subject: str, name: str, column: str) -> pl.DataFrame:
    """subject_id and the value of one Kantata custom field, as `column`."""
    fields = world["kantata.custom_field_values"]
    named = fields.filter(pl.col("custom_field_name") == name)
    chosen = named.filter(pl.col("subject_type").str.to_lowercase() == subject.lower())
    return chosen.select("subject_id", pl.col("value").alias(column)).unique("subject_id", keep="first")


def _with_values(frame: pl.DataFrame, world: World, subject: str, names: dict[str, str]) -> pl.DataFrame:
    for name, column in names.items():
        found = values(world, subject, name, column)
        frame = frame.join(found, left_on="id", right_on="subject_id", how="left", maintain_order="left")
    return frame


@kept
def workspaces(world: World) -> pl.DataFrame:
    """Projects of Kantata with the firm's custom fields and the id of their job."""
    names = {
        "SOW Number": "sow_number",
        "Workstream": "workstream",
        "Legal Entity": "entity_code",
        "Practice": "practice",
        "Project Code": "project_code",
        "Billing Type": "billing_type",
    }
    projects = world["kantata.workspaces"].filter(pl.col("stage") == "project")
    return _with_values(projects, world, "Workspace", names).with_columns(job=job_id("id"))


@kept
def story_lines(world: World) -> pl.DataFrame:
    """story_id, line_key, accepted_on (a story opened again stays accepted), workspace_id."""
    stories = world["kantata.stories"].select("id", "workspace_id")
    names = {"SOW Line": "line_key", "Accepted On": "accepted"}
    return _with_values(stories, world, "Story", names).select(
        "workspace_id", "line_key", story_id="id", accepted_on=pl.col("accepted").str.to_date(strict=False)
    )


@kept
def homes(world: World) -> pl.DataFrame:
    """user_id, home, previous, since: the legal entity of each person, and the one before a transfer."""
    names = {"Home Entity": "home", "Previous Home Entity": "previous", "Home Entity Since": "since"}
    users = _with_values(world["kantata.users"].select("id"), world, "User", names)
    return users.select("home", "previous", user_id="id", since=pl.col("since").str.to_date(strict=False))


@kept
def suppliers(world: World) -> pl.DataFrame:
    """user_id, supplier: who bills the work of each subcontractor."""
    users = _with_values(world["kantata.users"].select("id"), world, "User", {"Supplier": "supplier"})
    return users.filter(pl.col("supplier").is_not_null()).select("supplier", user_id="id")


@kept
def subsidiary_ids(world: World) -> pl.DataFrame:
    """entity_code, subsidiary, base (ISO code of its currency)."""
    entities = world.firm.entities
    return pl.DataFrame(
        {
            "entity_code": [entity.code for entity in entities],
            "subsidiary": [str(number) for number in range(2, len(entities) + 2)],
            "base": [entity.currency for entity in entities],
        }
    )


@kept
def currency_ids(world: World) -> pl.DataFrame:
    """iso, currency: NetSuite's id of each currency of the firm."""
    codes = world.firm.currencies
    return pl.DataFrame({"iso": list(codes), "currency": [str(number) for number in range(1, len(codes) + 1)]})


@kept
def customer_of_account(world: World) -> pl.DataFrame:
    """account, customer: the customer id of every account, merged accounts included under their own id."""
    return customer_ids(world["salesforce.Account"]["Id"])


@kept
def activated_items(world: World) -> pl.DataFrame:
    """Order lines of activated orders: line_key, version, value in hundredths (reductions negative), dates."""
    orders = world["salesforce.Order"].filter(
        (pl.col("StatusCode") == "Activated") & ~pl.col("IsDeleted")
    ).select(
        "ContractId", "IsReductionOrder", "ActivatedDate", "PoNumber", OrderId="Id", version=pl.col("SOW_Version__c")
    )  # fmt: skip
    items = world["salesforce.OrderItem"].filter(~pl.col("IsDeleted")).join(orders, on="OrderId", how="inner")
    value = half_up(hundredths("Quantity").cast(pl.Int128) * hundredths("UnitPrice"), 100, quantum("CurrencyIsoCode"))
    planned = (pl.col("Planned_Hours__c").fill_null(0) * 100).cast(pl.Int64)
    sign = pl.when(pl.col("IsReductionOrder")).then(-1).otherwise(1)
    return items.select(
        "ContractId",
        "version",
        "ActivatedDate",
        "PoNumber",
        order_item="Id",
        line_key="Line_Key__c",
        workstream="Workstream__c",
        billing_type="Billing_Type__c",
        description="Description",
        start="ServiceDate",
        end="EndDate",
        iso="CurrencyIsoCode",
        value=value * sign,
        quantity=pl.col("Quantity") * sign,
        price="UnitPrice",
        planned_minutes=planned * sign * 60 // 100,
    )
