"""A message was lost: an invoice was credited, and its copy in the CRM shows nothing of it.

Strikes the finished copies. Money: the net of the credit.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._credits import given
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    shown = world["salesforce.ERP_Invoice__c"].select(invoice="ERP_Invoice_Id__c", copy="Id")
    rows = given(world).join(shown, on="invoice", how="inner").filter(pl.len().over("invoice") == 1).sort("memo")
    chosen = pick(world, rows, share, salt="fault/credit_not_in_crm", key="memo", alone="mark")
    set_rows(world, "salesforce.ERP_Invoice__c", chosen["copy"].to_list(), "Id", {"Credited_Amount__c": Decimal(0)})
    return [
        fault_row(
            world, "K35", "missing_right", hundredth(row["worth"]), row["iso"],
            [record("netsuite", "transactionline", row["uniquekey"])],
            at_fault="salesforce", action_kind="REFRESH_STATUS", owner="revenue_accounting", on=row["trandate"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(pattern="credit_not_in_crm", check="K35", stage="copied", rates=shares(0.004, 0.03, 0.1), inject=_inject)
