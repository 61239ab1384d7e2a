"""A message was lost: an invoice is paid in the ledger and still open in the CRM.

Strikes the finished copies. Money: the invoice with tax, for information.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose
from ingest.sandbox.faults._terms import fault_row, set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT", "paid"]


def paid(world: World) -> pl.DataFrame:
    """Invoices paid in full by cash, with their copy in the CRM: copy, gross and the columns of `bills`."""
    done = (
        world["netsuite.transaction"]
        .filter(pl.col("status") == "B")
        .select(invoice="id", gross="foreigntotal", paid_on="closedate")
    )
    copies = world["salesforce.ERP_Invoice__c"].select(invoice="ERP_Invoice_Id__c", copy="Id")
    rows = bills(world).filter(~pl.col("is_credited")).join(done, on="invoice", how="inner")
    return rows.join(copies, on="invoice", how="inner").sort("invoice")


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, paid(world), share, salt="fault/payment_not_in_crm")
    missed = {"Status__c": "Open", "Paid_Amount__c": Decimal(0)}
    set_rows(world, "salesforce.ERP_Invoice__c", chosen["copy"].to_list(), "Id", missed)
    return [
        fault_row(
            world, "K34", "state", row["gross"], row["iso"],
            [record("salesforce", "ERP_Invoice__c", row["copy"]), record("netsuite", "transaction", row["invoice"])],
            at_fault="salesforce", action_kind="REFRESH_STATUS", on=row["paid_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="payment_not_in_crm", check="K34", stage="copied", rates=shares(0.003, 0.02, 0.08), inject=_inject
)
