"""Customers of the sandbox's NetSuite: the merge of two, and what the integration brings once a customer is there.

A merge moves everything that hangs on the copy to the customer that stays, and deletes the copy. When a customer, a
project or a contract that was held back becomes complete, the flow of the firm's integration sends what waited for it:
the projects of the agreement and its sales order. Its revenue arrangement is made by a background job later.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.kantata import refer
from ingest.sandbox.handlers.netsuite import delete, upsert
from ingest.sandbox.ns_links import customer_of_account, workspaces
from ingest.sandbox.ns_masters import jobs_for, signed_contracts
from ingest.sandbox.ns_orders import order_rows
from ingest.sandbox.world import World

__all__ = ["AFTER", "HANDLERS"]

#: Where a customer stands in other records: stream -> columns.
_HOLDERS: dict[str, tuple[str, ...]] = {
    "customer": ("parent",),
    "customersubsidiaryrelationship": ("entity",),
    "job": ("customer", "parent"),
    "transaction": ("entity",),
    "transactionline": ("entity",),
    "revenuearrangement": ("entity",),
    "revenueelement": ("entity",),
}
_READ = {
    "salesforce": ("Account", "Contract", "Order", "OrderItem"),
    "kantata": ("workspaces", "custom_field_values"),
    "netsuite": ("customer", "job", "classification", "transaction", "transactionline"),
}


def _merge(exports: Exports, call: Call) -> str:
    """Merge one customer into another, with everything that hangs on it."""
    copy, kept = str(call.body["id"]), str(call.body["to"])
    connection = call.connection
    if exports.get(f"{connection}.customer", kept) is None:
        raise Refused(f"customer {kept} is not there to merge into")
    for stream, columns in _HOLDERS.items():
        name = f"{connection}.{stream}"
        for column in columns:
            for row in exports.find(name, column, copy):
                key = f"{row['transaction']}/{row['id']}" if stream == "transactionline" else row["id"]
                exports.update(name, key, {column: kept})
    delete(exports, connection, "customer", copy)
    return kept


def _create(exports: Exports, call: Call) -> str:
    """Make or change a customer by its external id; it may buy from the subsidiary the call names."""
    fields = {name: value for name, value in call.body.items() if name != "subsidiary"}
    customer_id = str(
        upsert(exports, Call(call.method, call.path, {"type": "customer", **call.named}, fields, call.action))
    )
    subsidiary = str((call.body.get("subsidiary") or {}).get("id") or "")
    name = f"{call.connection}.customersubsidiaryrelationship"
    known = {row["subsidiary"] for row in exports.find(name, "entity", customer_id)}
    if subsidiary and subsidiary not in known:
        row = {"id": customer_id + subsidiary.zfill(2), "entity": customer_id, "subsidiary": subsidiary}
        exports.add(name, {**row, "isprimarysub": not known})
    return customer_id


def _send_waiting(exports: Exports) -> None:
    """Projects and orders of signed contracts that waited for their customer, their project or a field."""
    news = (
        exports.added["netsuite.customer"]
        or exports.added["kantata.workspaces"]
        or exports.touched["salesforce.Contract"]
    )
    if not news or exports.firm is None:
        return
    world = World(
        exports.firm, {f"{c}.{s}": exports.frame(f"{c}.{s}") for c, streams in _READ.items() for s in streams}
    )
    ordered = world["netsuite.transaction"].filter(pl.col("type") == "SalesOrd")["custbody_sf_contract_id"]
    known = (
        world["netsuite.customer"].filter(pl.col("externalid").is_not_null()).select(AccountId="externalid", real="id")
    )
    waiting = signed_contracts(world).filter(
        ~pl.col("Id").is_in(ordered.implode()) & pl.col("Contracting_Entity__c").is_not_null()
    ).join(known, on="AccountId", how="inner")  # fmt: skip
    if waiting.is_empty():
        return
    named = dict(
        customer_of_account(world)
        .join(known, left_on="account", right_on="AccountId")
        .select("customer", "real")
        .iter_rows()
    )
    _send_jobs(exports, world, waiting["SOW_Number__c"].to_list(), named)
    headers, lines = order_rows(world, waiting["Id"].to_list())
    for stream, rows in (("transaction", headers), ("transactionline", lines)):
        for row in rows.with_columns(pl.col("entity").replace(named)).iter_rows(named=True):
            exports.add(f"netsuite.{stream}", row)


def _send_jobs(exports: Exports, world: World, numbers: list[str], named: dict[str, str]) -> None:
    """The projects of these SOWs that NetSuite does not have, and their ids back into Kantata."""
    there = world["netsuite.job"]["custentity_psa_project_id"].drop_nulls().implode()
    mine = workspaces(world).filter(pl.col("sow_number").is_in(numbers) & ~pl.col("id").is_in(there))["id"]
    missing = jobs_for(world).filter(pl.col("custentity_psa_project_id").is_in(mine.implode()))
    for row in missing.with_columns(pl.col("customer", "parent").replace(named)).iter_rows(named=True):
        exports.add("netsuite.job", row)
        link = {"service_name": "netsuite", "service_model": "job", "service_model_ref": row["id"]}
        refer(exports, "kantata", "Workspace", row["custentity_psa_project_id"], link)


HANDLERS = (
    Handler("PUT", "/services/rest/record/v1/customer/eid:{external}", _create),
    Handler("TASK", "customer.mergedinto", _merge),
)
AFTER = (_send_waiting,)
