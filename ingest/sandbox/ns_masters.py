"""Master data of the sandbox's NetSuite: entities of the group, calendar, chart, customers, projects and people.

Set-up tables come from the firm; customers, projects and employees are what the integration makes of Salesforce
accounts with a signed SOW, of Kantata projects, and of Kantata users.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.firm import BASE_CURRENCY, CURRENCIES
from ingest.sandbox.netsuite_schema import SCHEMAS, conform
from ingest.sandbox.ns_accounts import account_rows, item_rows
from ingest.sandbox.ns_amounts import micro_rate, money, rate_table
from ingest.sandbox.ns_ids import employee_id
from ingest.sandbox.ns_links import (
    currency_ids,
    customer_of_account,
    homes,
    subsidiary_ids,
    workspaces,
)
from ingest.sandbox.ns_periods import period_id, period_table
from ingest.sandbox.world import World

__all__ = ["build_masters", "customers_for", "employees_for", "jobs_for"]

_GROUP_NAME = "Northway Group"


def build_masters(world: World) -> None:
    """All master frames of NetSuite."""
    world["netsuite.subsidiary"] = _subsidiaries(world)
    world["netsuite.currency"] = _currencies(world)
    world["netsuite.currencyrate"] = _rates(world)
    world["netsuite.accountingperiod"] = _periods(world)
    world["netsuite.account"] = conform("account", account_rows())
    world["netsuite.item"] = conform("item", item_rows())
    world["netsuite.classification"] = _classes(world)
    world["netsuite.customer"] = customers_for(world)
    world["netsuite.entityaddress"] = _addresses(world)
    world["netsuite.customersubsidiaryrelationship"] = _relationships(world)
    world["netsuite.job"] = jobs_for(world)
    world["netsuite.employee"] = employees_for(world)
    world["netsuite.deletedrecord"] = pl.DataFrame(schema=SCHEMAS["deletedrecord"])


def _founded(world: World) -> dt.datetime:
    return dt.datetime.combine(world.firm.start_on - dt.timedelta(days=400), dt.time(15, 0))


def _subsidiaries(world: World) -> pl.DataFrame:
    ids = subsidiary_ids(world).join(currency_ids(world), left_on="base", right_on="iso", how="left")
    entities = world.firm.entities
    rows = ids.with_columns(
        id="subsidiary",
        name=pl.Series([entity.name for entity in entities]),
        country=pl.Series([entity.country for entity in entities]),
        parent=pl.lit("1"),
        iselimination=pl.lit(False),
        externalid="entity_code",
    )
    parent = pl.DataFrame(
        {"id": ["1"], "name": [_GROUP_NAME], "country": ["US"], "currency": ["1"], "iselimination": [False]}
    )
    elimination = parent.with_columns(
        id=pl.lit("99"), name=pl.lit("Elimination"), parent=pl.lit("1"), iselimination=pl.lit(True)
    )
    every = pl.concat([parent, rows, elimination], how="diagonal")
    return conform(
        "subsidiary",
        every.with_columns(
            legalname="name",
            fullname=pl.when(pl.col("parent").is_null())
            .then("name")
            .otherwise(pl.lit(f"{_GROUP_NAME} : ") + pl.col("name")),
            isinactive=pl.lit(False),
            lastmodifieddate=pl.lit(_founded(world)),
        ),
    )


def _currencies(world: World) -> pl.DataFrame:
    ids = currency_ids(world)
    rows = ids.with_columns(
        id="currency",
        symbol="iso",
        name=pl.Series([CURRENCIES[code].name for code in ids["iso"]]),
        isbasecurrency=pl.col("iso") == BASE_CURRENCY,
        currencyprecision=pl.Series([CURRENCIES[code].decimals for code in ids["iso"]]),
    )
    return conform("currency", rows)


def _rates(world: World) -> pl.DataFrame:
    ids = currency_ids(world)
    rates = rate_table(world.firm).filter(pl.col("date") <= world.as_of(), pl.col("currency") != pl.col("base"))
    rows = (
        rates.join(ids.rename({"iso": "currency", "currency": "transactioncurrency"}), on="currency")
        .join(ids.rename({"iso": "base", "currency": "basecurrency"}), on="base")
        .sort("date", "basecurrency", "transactioncurrency")
    )
    number = (
        pl.col("date").dt.to_string("%Y%m%d").cast(pl.Int64) * 10_000
        + pl.col("basecurrency").cast(pl.Int64) * 100
        + pl.col("transactioncurrency").cast(pl.Int64)
    )
    return conform(
        "currencyrate",
        rows.select(
            "basecurrency",
            "transactioncurrency",
            id=number.cast(pl.String),
            effectivedate="date",
            exchangerate=micro_rate("rate_micro"),
        ),
    )


def _periods(world: World) -> pl.DataFrame:
    firm = world.firm
    run_of_last = firm.last_month.year * 12 + firm.last_month.month - 1
    months = period_table(firm)
    closed = pl.col("month") < run_of_last
    base = months.select(
        id=period_id("month"),
        periodname=pl.col("start").dt.to_string("%b %Y"),
        startdate="start",
        enddate="end",
        closed=closed,
        closedondate=pl.when(closed).then(pl.col("run_on") + pl.duration(days=3)),
        isquarter=pl.lit(False),
        isyear=pl.lit(False),
    )
    year = pl.col("startdate").dt.year().cast(pl.String)
    quarter = pl.col("startdate").dt.quarter().cast(pl.String)
    groups = {"isyear": (year, pl.lit("FY ") + year), "isquarter": (year + quarter, pl.lit("Q") + quarter + " " + year)}
    wholes = [
        base.group_by(key.alias("id"), name.alias("periodname"))
        .agg(
            pl.col("startdate").min(),
            pl.col("enddate").max(),
            pl.col("closed").all(),
            pl.when(pl.col("closed").all()).then(pl.col("closedondate").max()).alias("closedondate"),
        )
        .with_columns(isquarter=pl.lit(flag == "isquarter"), isyear=pl.lit(flag == "isyear"))
        for flag, (key, name) in groups.items()
    ]
    rows = pl.concat([base, *wholes], how="diagonal").sort("startdate", "enddate")
    plain = pl.col("isquarter") | pl.col("isyear")
    return conform(
        "accountingperiod",
        rows.with_columns(
            alllocked="closed", arlocked="closed", aplocked="closed", isadjust=pl.lit(False), isposting=~plain
        ),
    )


def _classes(world: World) -> pl.DataFrame:
    practices = workspaces(world)["practice"].drop_nulls().unique().sort()
    ids = [str(number) for number in range(1, len(practices) + 1)]
    return conform(
        "classification", pl.DataFrame({"id": ids, "name": practices}).with_columns(isinactive=pl.lit(False))
    )


def signed_contracts(world: World) -> pl.DataFrame:
    """Contracts with an activated order: what the integration acts on."""
    orders = world["salesforce.Order"].filter((pl.col("StatusCode") == "Activated") & ~pl.col("IsDeleted"))
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted") & pl.col("SOW_Number__c").is_not_null())
    return contracts.filter(pl.col("Id").is_in(orders["ContractId"].unique().implode()))


def customers_for(world: World) -> pl.DataFrame:
    """Customers of all accounts with a signed contract, made when the first of them was activated."""
    contracts = signed_contracts(world).group_by("AccountId").agg(
        first=pl.col("ActivatedDate").min(),
        iso=pl.col("CurrencyIsoCode").sort_by("ActivatedDate", "Id").first(),
        terms=pl.col("Payment_Terms__c").sort_by("ActivatedDate", "Id").first(),
    )  # fmt: skip
    ids = customer_of_account(world)
    accounts = world["salesforce.Account"].join(contracts, left_on="Id", right_on="AccountId", how="inner")
    rows = (
        accounts.join(ids, left_on="Id", right_on="account", how="left")
        .join(ids.select(ParentId="account", parent="customer"), on="ParentId", how="left")
        .join(currency_ids(world), on="iso", how="left")
    )
    known = rows["customer"].implode()
    domain = pl.col("Website").str.replace(r"^https?://(www\.)?", "").str.replace(r"/.*$", "")
    made = pl.col("first").fill_null(_founded(world)) + pl.duration(minutes=7)
    return conform(
        "customer",
        rows.select(
            "currency",
            "terms",
            id="customer",
            entityid=pl.lit("C") + pl.col("customer"),
            companyname="Name",
            altname="Name",
            isperson=pl.lit(False),
            parent=pl.when(pl.col("parent").is_in(known)).then("parent"),
            searchstage=pl.lit("Customer"),
            email=pl.when(domain.is_not_null()).then(pl.lit("accounts.payable@") + domain),
            url="Website",
            defaultbillingaddress=pl.lit("9") + pl.col("customer"),
            externalid="Id",
            isinactive=pl.lit(False),
            datecreated=made,
            lastmodifieddate=made,
            custentity_tax_id="Tax_Id__c",
        ).sort("id"),
    )


def _addresses(world: World) -> pl.DataFrame:
    customers = world["netsuite.customer"].select("externalid", nkey="defaultbillingaddress")
    rows = customers.join(world["salesforce.Account"], left_on="externalid", right_on="Id", how="left")
    return conform(
        "entityaddress",
        rows.select(
            "nkey",
            addr1="BillingStreet",
            city="BillingCity",
            state="BillingState",
            zip="BillingPostalCode",
            country="BillingCountry",
        ).sort("nkey"),
    )


def _relationships(world: World) -> pl.DataFrame:
    """Each customer with every subsidiary that contracts with it; that of its first contract is the primary one."""
    contracts = (
        signed_contracts(world)
        .join(subsidiary_ids(world), left_on="Contracting_Entity__c", right_on="entity_code", how="inner")
        .join(customer_of_account(world), left_on="AccountId", right_on="account", how="inner")
        .sort("ActivatedDate", "Id")
    )
    pairs = contracts.unique(["customer", "subsidiary"], keep="first", maintain_order=True)
    rows = pairs.select(
        "subsidiary",
        id=pl.col("customer") + pl.col("subsidiary").str.zfill(2),
        entity="customer",
        isprimarysub=pl.int_range(pl.len()).over("customer") == 0,
    )
    return conform("customersubsidiaryrelationship", rows.sort("id"))


def jobs_for(world: World) -> pl.DataFrame:
    """One job per Kantata project, with the terms of its SOW."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted")).select(
        "AccountId", "StartDate", "EndDate", sow_number="SOW_Number__c", contract_entity="Contracting_Entity__c"
    )  # fmt: skip
    contracts = contracts.filter(pl.col("sow_number").is_not_null()).unique("sow_number", keep="first")
    rows = (
        workspaces(world)
        .join(contracts, on="sow_number", how="left", maintain_order="left")
        .join(customer_of_account(world), left_on="AccountId", right_on="account", how="left", maintain_order="left")
        .join(currency_ids(world).rename({"currency": "currency_id"}), left_on="currency", right_on="iso", how="left")
        .join(
            world["netsuite.classification"].select(practice="name", class_id="id"), on="practice", how="left"
        )
        .join(subsidiary_ids(world), on="entity_code", how="left")
    )  # fmt: skip
    made = pl.col("created_at") + pl.duration(minutes=5)
    price = pl.col("price_in_cents") * 100 // pl.col("currency_base_unit")
    return conform(
        "job",
        rows.select(
            id="job",
            entityid=pl.coalesce("project_code", pl.lit("P") + pl.col("id")),
            companyname="title",
            customer="customer",
            parent="customer",
            currency="currency_id",
            jobbillingtype=pl.lit("Charge-Based"),
            jobprice=money(price),
            startdate=pl.coalesce("StartDate", "start_date"),
            enddate=pl.coalesce("EndDate", "due_date"),
            projectedenddate="due_date",
            percentcomplete="percentage_complete",
            entitystatus=pl.when(pl.col("archived")).then(pl.lit("Closed")).otherwise(pl.lit("In Progress")),
            externalid=pl.lit("KAN-") + pl.col("id"),
            isinactive=pl.lit(False),
            datecreated=made,
            lastmodifieddate=made,
            custentity_psa_project_id="id",
            custentity_practice="class_id",
            custentity_sow_number="sow_number",
            custentity_billing_type="billing_type",
            custentity_entity="subsidiary",
        ).sort(pl.col("id").cast(pl.Int64)),
    )


def employees_for(world: World) -> pl.DataFrame:
    """One employee per Kantata user, in the entity that employs the person today."""
    users = (
        world["kantata.users"]
        .join(homes(world), left_on="id", right_on="user_id", how="left", maintain_order="left")
        .join(subsidiary_ids(world), left_on="home", right_on="entity_code", how="left", maintain_order="left")
    )
    names = pl.col("full_name").str.splitn(" ", 2)
    return conform(
        "employee",
        users.select(
            "subsidiary",
            id=employee_id("id"),
            entityid=pl.lit("E") + pl.col("id"),
            firstname=names.struct.field("field_0"),
            lastname=names.struct.field("field_1"),
            email="email_address",
            externalid=pl.lit("KAN-U-") + pl.col("id"),
            isinactive="disabled",
        ),
    )
