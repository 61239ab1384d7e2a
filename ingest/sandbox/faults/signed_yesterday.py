"""Noise: a prospect signed its first SOW the day before the extract. Delivery and finance have until tomorrow."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._master_data import agreements
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.world import World

#: Keys of what is sold last, above those of all other deals.
_LAST = 900_000


def _inject(world: World, share: float) -> list[Truth]:
    account, signed = world["salesforce.Account"], agreements(world)
    customers = signed["account"]
    prospects = account.filter(
        ~pl.col("IsDeleted") & (pl.col("Type") == "Prospect") & ~pl.col("Id").is_in(customers.implode())
    )
    chosen = pick(world, prospects.rename({"Id": "id"}).sort("id"), share, salt="noise/signed", alone="id")
    smallest = signed.filter(pl.col("is_open") & pl.col("opportunity").is_not_null()).sort("value", "contract")
    model = smallest.row(0, named=True)
    return [_sell(world, model, account_id, _LAST + place) for place, account_id in enumerate(chosen["id"].to_list())]


def _sell(world: World, model: dict[str, Any], account: str, key: int) -> Truth:
    """A copy of an agreement, signed yesterday evening by this account."""
    yesterday = world.as_of() - dt.timedelta(days=1)
    at = dt.datetime.combine(yesterday, dt.time(21, 30))
    number = f"SOW-{yesterday.year}-{key}"
    ids = {prefix: salesforce_ids(prefix, pl.Series([key]).to_numpy())[0] for prefix in ("800", "801", "802", "006")}
    common = {"AccountId": account, "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    start, end = world.as_of() + dt.timedelta(days=10), world.as_of() + dt.timedelta(days=192)
    contract = {
        "Id": ids["800"],
        "ContractNumber": str(key),
        "Status": "Activated",
        "StartDate": start,
        "EndDate": end,
        "ContractTerm": 6,
        "CustomerSignedDate": yesterday,
        "CompanySignedDate": yesterday,
        "ActivatedDate": at,
        "SOW_Number__c": number,
    }
    order = {
        "Id": ids["801"],
        "OrderNumber": str(key),
        "ContractId": ids["800"],
        "OpportunityId": ids["006"],
        "OriginalOrderId": None,
        "EffectiveDate": start,
        "EndDate": end,
        "ActivatedDate": at,
        "Signed_Date__c": yesterday,
    }
    deal = {
        "Id": ids["006"],
        "Name": f"{number} first SOW",
        "CloseDate": yesterday,
        "ContractId": ids["800"],
        "PSA_Project_Id__c": None,
    }
    first = world["salesforce.Order"].filter(
        (pl.col("ContractId") == model["contract"]) & (pl.col("SOW_Version__c") == 1)
    )
    item = world["salesforce.OrderItem"].filter(pl.col("OrderId") == first["Id"][0]).head(1)
    deal["Amount"] = item["TotalPrice"][0]
    line = {
        "Id": ids["802"],
        "OrderId": ids["801"],
        "ServiceDate": start,
        "EndDate": end,
        "Line_Key__c": f"{number}/1",
        "CreatedDate": at,
        "LastModifiedDate": at,
        "SystemModstamp": at,
    }
    _add(
        world,
        "Contract",
        world["salesforce.Contract"].filter(pl.col("Id") == model["contract"]),
        {**common, **contract},
    )
    _add(world, "Order", first.head(1), {**common, **order})
    _add(world, "OrderItem", item, line)
    won = world["salesforce.Opportunity"].filter(pl.col("Id") == model["opportunity"])
    _add(world, "Opportunity", won, {**common, **deal})
    world.taken.update({account, number, *ids.values()})
    records = [record("salesforce", "Account", account), record("salesforce", "Opportunity", ids["006"])]
    records.append(record("salesforce", "Contract", ids["800"]))
    return {"records": records, "expected_status": "timing"}


def _add(world: World, stream: str, model: pl.DataFrame, values: dict[str, object]) -> None:
    name = f"salesforce.{stream}"
    schema = world[name].schema
    row = model.with_columns(pl.lit(value, dtype=schema[column]).alias(column) for column, value in values.items())
    world[name] = pl.concat([world[name], row.select(list(schema))])


FAULT = Fault(
    pattern="signed_yesterday",
    check="K01",
    stage="copied",
    rates={"best": 0.01, "typical": 0.01, "poor": 0.02},
    inject=_inject,
    is_noise=True,
)
