"""What patterns on customers, projects and references share: what is signed, what is at stake, who is still free."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.ns_links import activated_items
from ingest.sandbox.world import World, draw, kept

__all__ = [
    "OPEN_CHECKS",
    "accounts",
    "agreements",
    "choose_accounts",
    "due_before",
    "exposure",
    "names",
    "not_begun",
    "renamed_customers",
    "without_customer",
]

#: What may hang on a customer that finance does not have: projects, orders and billing of its agreements.
OPEN_CHECKS = ("K05", "K08", "K09", "K10", "K11", "K31", "K42", "K44", "K49", "K50", "K69", "K77")

_SENT_ON = ("entity", "customer", "parent", "billto")


@kept
def agreements(world: World) -> pl.DataFrame:
    """Signed agreements: their records, sow, currency, value (hundredths), term, ready_at, signed_on, is_open."""
    lines = (
        activated_items(world)
        .group_by("ContractId")
        .agg(value=pl.col("value").sum(), ready=pl.col("ActivatedDate").min())
    )
    contracts = world["salesforce.Contract"].filter(
        ~pl.col("IsDeleted") & pl.col("CustomerSignedDate").is_not_null() & pl.col("CompanySignedDate").is_not_null()
    )
    deals = world["salesforce.Opportunity"].filter(~pl.col("IsDeleted") & pl.col("ContractId").is_not_null())
    deals = deals.sort("CreatedDate", "Id").group_by("ContractId").agg(opportunity=pl.col("Id").first())
    signed_on = pl.max_horizontal("CustomerSignedDate", "CompanySignedDate")
    over = pl.col("Status").is_in(["Terminated", "Expired"]) | (pl.col("EndDate") < world.as_of())
    return (
        contracts.join(lines, left_on="Id", right_on="ContractId", how="inner")
        .join(deals, left_on="Id", right_on="ContractId", how="left")
        .select(
            "opportunity",
            "value",
            contract="Id",
            account="AccountId",
            sow="SOW_Number__c",
            currency="CurrencyIsoCode",
            start="StartDate",
            end="EndDate",
            signed_on=signed_on,
            is_open=~over,
            ready_at=pl.max_horizontal("ready", signed_on.cast(pl.Datetime("us"))),
        )
        .sort("contract")
    )


def accounts(world: World) -> pl.DataFrame:
    """Accounts of one currency with open agreements: id, name, their value and currency, first, open_since."""
    every = agreements(world)
    first = every.group_by("account").agg(first=pl.col("signed_on").min(), currencies=pl.col("currency").n_unique())
    owing = (
        every.filter("is_open")
        .group_by("account")
        .agg(pl.col("value").sum(), pl.col("currency").first(), open_since=pl.col("signed_on").min())
    )
    known = owing.join(first, on="account").filter(pl.col("currencies") == 1)
    live = world["salesforce.Account"].filter(~pl.col("IsDeleted")).select(account="Id", name="Name")
    return known.join(live, on="account").rename({"account": "id"}).sort("id")


def names(world: World) -> pl.DataFrame:
    """account, name: every key under which a pattern may strike something of a customer."""
    signed = agreements(world)
    found = [signed.select("account", name=column) for column in ("account", "contract", "sow", "opportunity")]
    if "kantata.custom_field_values" in world.frames:
        fields = world["kantata.custom_field_values"].filter(pl.col("custom_field_name") == "SOW Number")
        spaces = fields.select(sow="value", name="subject_id").join(signed.select("account", "sow"), on="sow")
        found.append(spaces.select("account", "name"))
    return pl.concat(found).drop_nulls().unique()


def choose_accounts(
    world: World, candidates: pl.DataFrame, share: float, *, of: int, salt: str, order: Sequence[str] = ()
) -> pl.DataFrame:
    """`share` of the `of` customers, at least one: free ones, in `order` and else by lot. They are reserved."""
    if share <= 0 or candidates.is_empty():
        return candidates.clear()
    known = names(world)
    struck = known.filter(world.is_taken("name"))["account"].unique()
    lot = pl.Series("_draw", draw(candidates["id"], salt, world.firm.seed))
    ranked = candidates.with_columns(lot).filter(~pl.col("id").is_in(struck.implode())).sort(*order, "_draw", "id")
    chosen = ranked.head(max(1, round(of * share))).drop("_draw").sort("id")
    world.taken.update(known.filter(pl.col("account").is_in(chosen["id"].implode()))["name"].to_list())
    return chosen


def exposure(world: World, account: str) -> int:
    """What a customer owes plus what of its open agreements is still to be billed, in hundredths."""
    transactions = world["netsuite.transaction"]
    lines = world["netsuite.transactionline"].filter(~pl.col("mainline") & ~pl.col("taxline"))
    mine = agreements(world).filter((pl.col("account") == account) & pl.col("is_open"))
    posted = transactions.filter(pl.col("type").is_in(["CustInvc", "CustCred"]) & pl.col("posting") & ~pl.col("voided"))
    of_mine = posted.filter(pl.col("custbody_sow_number").is_in(mine["sow"].to_list()))
    billed = (
        lines.filter(pl.col("transaction").is_in(of_mine["id"].to_list()))
        .select(-hundredths("foreignamount"))
        .to_series()
        .sum()
    )
    customer = world["netsuite.customer"].filter(pl.col("externalid") == account)["id"].to_list()
    owing = posted.filter((pl.col("type") == "CustInvc") & pl.col("entity").is_in(customer))
    owed = owing.select(hundredths("foreignamountunpaid")).to_series().sum()
    return int(mine["value"].sum()) - int(billed or 0) + int(owed or 0)


def without_customer(world: World, customers: Iterable[str]) -> None:
    """NetSuite as it is where a customer never arrived: no address, project, order, time or expenses of it either."""
    gone = list(customers)
    addresses = world["netsuite.customer"].filter(pl.col("id").is_in(gone))["defaultbillingaddress"].to_list()
    jobs = world["netsuite.job"].filter(pl.col("customer").is_in(gone))["id"].to_list()
    lines = world["netsuite.transactionline"]
    held = lines.filter(pl.col("entity").is_in([*gone, *jobs]))["transaction"].unique().to_list()
    for frame, column, values in (
        ("customer", "id", gone),
        ("entityaddress", "nkey", addresses),
        ("customersubsidiaryrelationship", "entity", gone),
        ("job", "id", jobs),
        ("timebill", "customer", jobs),
        ("transaction", "id", held),
        ("transactionline", "transaction", held),
    ):
        name = f"netsuite.{frame}"
        world[name] = world[name].filter(~pl.col(column).is_in(values))


def not_begun(world: World, customers: Iterable[str]) -> None:
    """Kantata as it is where the projects of these customers have not begun: no time, no expenses, nothing accepted."""
    spaces = (
        world["netsuite.job"].filter(pl.col("customer").is_in(list(customers)))["custentity_psa_project_id"].to_list()
    )
    gates = world["kantata.stories"].filter(
        pl.col("workspace_id").is_in(spaces) & (pl.col("story_type") == "milestone")
    )
    for name in ("time_entries", "timesheet_submissions", "expenses", "expense_report_submissions"):
        world[f"kantata.{name}"] = world[f"kantata.{name}"].filter(~pl.col("workspace_id").is_in(spaces))
    mine = pl.col("id").is_in(gates["id"].to_list())
    world["kantata.stories"] = world["kantata.stories"].with_columns(
        state=pl.when(mine).then(pl.lit("not started")).otherwise("state"),
        status=pl.when(mine).then(pl.lit("Not Started")).otherwise("status"),
        percentage_complete=pl.when(mine).then(0).otherwise("percentage_complete"),
    )
    fields = world["kantata.custom_field_values"]
    accepted = (pl.col("custom_field_name") == "Accepted On") & pl.col("subject_id").is_in(gates["id"].to_list())
    world["kantata.custom_field_values"] = fields.filter(~accepted)


def renamed_customers(world: World, ids: Mapping[str, str]) -> None:
    """NetSuite with everything of some customers under other ids."""
    for name, frame in list(world.frames.items()):
        columns = [column for column in _SENT_ON if column in frame.columns] if name.startswith("netsuite.") else []
        if name == "netsuite.customer":
            columns.append("id")
        if columns:
            world[name] = frame.with_columns(pl.col(column).replace(dict(ids)) for column in columns)


def due_before(world: World, days: int) -> dt.date:
    """The last day on which something could be signed and be overdue at the day of observation."""
    day = world.as_of()
    while days:
        day -= dt.timedelta(days=1)
        days -= day.weekday() < 5
    return day
