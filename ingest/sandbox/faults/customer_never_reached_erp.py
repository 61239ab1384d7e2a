"""A new customer never arrived in NetSuite: the token of the integration's user had expired when its SOW was signed.

The customer is missing, its account has no number of it, and its orders and projects are missing with it. The work has
not begun: no time is booked yet. Money: the signed value of the account's open agreements. New customers are hit.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._master_data import (
    OPEN_CHECKS,
    accounts,
    choose_accounts,
    due_before,
    not_begun,
    without_customer,
)
from ingest.sandbox.faults._terms import fault_row, hundredth
from ingest.sandbox.world import World


def _inject(world: World, share: float) -> list[Truth]:
    everyone = accounts(world)
    known = pl.col("first").is_between(world.firm.start_on, due_before(world, 1), closed="left")
    late = everyone.filter(known).sort("first", "id", descending=[True, False])
    wanted = max(1, round(everyone.height * share))
    newest = late.head(max(8, 4 * wanted)).with_columns(since=-pl.col("first").to_physical())
    chosen = choose_accounts(world, newest, share, of=everyone.height, salt="K01/erp", order=("since",))
    customers = world["netsuite.customer"]
    ids = dict(
        customers.filter(pl.col("externalid").is_in(chosen["id"].to_list())).select("externalid", "id").iter_rows()
    )
    not_begun(world, ids.values())
    without_customer(world, ids.values())
    return [
        fault_row(
            world, "K01", "missing_right", hundredth(row["value"]), row["currency"],
            [record("salesforce", "Account", row["id"])],
            at_fault="netsuite", action_kind="CREATE", owner="master_data", consequences=OPEN_CHECKS,
            on=row["first"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="customer_never_reached_erp",
    check="K01",
    stage="integrated",
    rates={"best": 0.001, "typical": 0.006, "poor": 0.025},
    inject=_inject,
)
