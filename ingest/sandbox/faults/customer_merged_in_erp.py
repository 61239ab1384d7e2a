"""A customer was merged in NetSuite: the survivor has another id, and the other systems still hold the old one.

The survivor took over the external id, so that NetSuite points at the account; the account and the Kantata group point
at a customer that is gone. Money: what the customer owes and what of its open agreements is still to be billed, once.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, expected, record
from ingest.sandbox.faults._master_data import accounts, choose_accounts, exposure, renamed_customers
from ingest.sandbox.faults._terms import hundredth
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.world import World

#: Ids of survivors: above all that are given to customers otherwise.
_SURVIVOR = 500_000_000


def _inject(world: World, share: float) -> list[Truth]:
    everyone = accounts(world)
    linked = world["netsuite.customer"].select(id="externalid", customer="id").drop_nulls()
    candidates = everyone.join(linked, on="id", how="inner").sort("id")
    chosen = choose_accounts(world, candidates, share, of=everyone.height, salt="K77/merged")
    truths = [_truth(world, row) for row in chosen.iter_rows(named=True)]
    renamed_customers(world, {old: str(int(old) + _SURVIVOR) for old in chosen["customer"].to_list()})
    gone = chosen.select(
        recordid="customer",
        recordtypeid=pl.lit("-2"),
        type=pl.lit("customer"),
        name="name",
        deleteddate=pl.lit(world.firm.watermark),
    )
    deleted = world["netsuite.deletedrecord"]
    world["netsuite.deletedrecord"] = pl.concat([deleted, conform("deletedrecord", gone)])
    return truths


def _truth(world: World, row: dict[str, object]) -> Truth:
    account, before = str(row["id"]), str(row["customer"])
    money, currency = hundredth(exposure(world, account)), str(row["currency"])
    groups = world["kantata.external_references"].filter(
        (pl.col("subject_type") == "WorkspaceGroup")
        & (pl.col("service_name") == "netsuite")
        & (pl.col("service_model_ref") == before)
    )["subject_id"]
    holder = record("salesforce", "Account", account)
    wrong = [_expected(money, currency, holder, "salesforce")]
    wrong += [
        _expected(hundredth(0), currency, record("kantata", "workspace_groups", one), "kantata") for one in groups
    ]
    return {
        "root": holder,
        "injected_on": world.as_of(),
        "visible_from": world.as_of(),
        "expected": wrong,
        "consequences": ["K01"],
    }


def _expected(money: Decimal, currency: str, holder: dict[str, str], at_fault: str) -> dict[str, object]:
    return expected(
        "K77",
        "orphan",
        money,
        currency,
        [holder],
        at_fault=at_fault,
        owner="master_data",
        action_kind="LINK",
    )


FAULT = Fault(
    pattern="customer_merged_in_erp",
    check="K77",
    stage="copied",
    rates={"best": 0.0005, "typical": 0.004, "poor": 0.015},
    inject=_inject,
)
