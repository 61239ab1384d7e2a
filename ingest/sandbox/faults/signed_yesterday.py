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
    models = _records(world, model)
    price = models["OrderItem"]["TotalPrice"][0]
    sold = [_sold(world, price, account_id, _LAST + place) for place, account_id in enumerate(chosen["id"].to_list())]
    if sold:
        for stream, one in models.items():
            _add(world, stream, one, [values[stream] for values in sold])
    return [_truth(world, values) for values in sold]


def _records(world: World, model: dict[str, Any]) -> dict[str, pl.DataFrame]:
    """The records of an agreement, its first order and the first line of that: a row of each stream."""
    orders = world["salesforce.Order"].filter(pl.col("ContractId") == model["contract"])
    first = orders.filter(pl.col("SOW_Version__c") == 1)
    items = world["salesforce.OrderItem"].filter(pl.col("OrderId") == first["Id"][0])
    return {
        "Contract": world["salesforce.Contract"].filter(pl.col("Id") == model["contract"]),
        "Order": first.head(1),
        "OrderItem": items.head(1),
        "Opportunity": world["salesforce.Opportunity"].filter(pl.col("Id") == model["opportunity"]),
    }


def _sold(world: World, price: object, account: str, key: int) -> dict[str, dict[str, object]]:
    """What is other in the records of a copy of the agreement, signed yesterday evening by this account."""
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
        "Amount": price,
    }
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
    return {
        "Contract": common | contract, "Order": common | order, "OrderItem": line, "Opportunity": common | deal
    }  # fmt: skip


def _truth(world: World, sold: dict[str, dict[str, object]]) -> Truth:
    ids = {stream: str(values["Id"]) for stream, values in sold.items()}
    account = str(sold["Contract"]["AccountId"])
    world.taken.update({account, str(sold["Contract"]["SOW_Number__c"]), *ids.values()})
    records = [record("salesforce", "Account", account)]
    records += [record("salesforce", stream, ids[stream]) for stream in ("Opportunity", "Contract")]
    return {"records": records, "expected_status": "timing"}


def _add(world: World, stream: str, model: pl.DataFrame, rows: list[dict[str, object]]) -> None:
    name = f"salesforce.{stream}"
    schema = world[name].schema
    own = pl.DataFrame(rows, schema={column: schema[column] for column in rows[0]})
    added = own.join(model.drop(own.columns), how="cross")
    world[name] = pl.concat([world[name], added.select(list(schema))])


FAULT = Fault(
    pattern="signed_yesterday",
    check="K01",
    stage="copied",
    rates={"best": 0.01, "typical": 0.01, "poor": 0.02},
    inject=_inject,
    is_noise=True,
)
