"""The new customer's number was never written back to its account: half a link.

NetSuite points at the account, the account at nothing. It costs nothing yet; the next order finds no customer.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, expected, record
from ingest.sandbox.faults._master_data import accounts, choose_accounts
from ingest.sandbox.world import World


def _inject(world: World, share: float) -> list[Truth]:
    everyone = accounts(world)
    linked = world["netsuite.customer"].select(id="externalid", customer="id").drop_nulls()
    candidates = everyone.join(linked, on="id", how="inner").sort("id")
    chosen = choose_accounts(world, candidates, share, of=everyone.height, salt="K77/half")
    lost = pl.col("Id").is_in(chosen["id"].to_list())
    world["salesforce.Account"] = world["salesforce.Account"].with_columns(
        ERP_Customer_Id__c=pl.when(~lost).then("ERP_Customer_Id__c")
    )
    return [_truth(world, row) for row in chosen.iter_rows(named=True)]


def _truth(world: World, row: dict[str, object]) -> Truth:
    account, customer = (
        record("salesforce", "Account", str(row["id"])),
        record("netsuite", "customer", str(row["customer"])),
    )
    return {
        "root": account,
        "injected_on": row["first"],
        "visible_from": world.as_of(),
        "expected": [
            expected(
                "K77",
                "half",
                0,
                str(row["currency"]),
                [account, customer],
                at_fault="salesforce",
                owner="master_data",
                action_kind="LINK",
            )
        ],
        "consequences": [],
    }


FAULT = Fault(
    pattern="id_not_written_back",
    check="K77",
    stage="copied",
    rates={"best": 0.0005, "typical": 0.003, "poor": 0.013},
    inject=_inject,
)
