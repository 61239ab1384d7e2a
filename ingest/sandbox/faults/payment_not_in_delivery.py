"""A message was lost: an invoice is paid in the ledger and open in delivery's copy.

Strikes the finished copies. Money: the invoice with tax, for information.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import choose
from ingest.sandbox.faults._terms import fault_row, shares, stamp
from ingest.sandbox.faults.payment_not_in_crm import paid
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    copies = world["kantata.invoices"].select(there="id", tranid="user_invoice_number")
    numbers = world["netsuite.transaction"].select("tranid", invoice="id")
    rows = paid(world).join(numbers, on="invoice", how="inner").join(copies, on="tranid", how="inner").sort("invoice")
    chosen = choose(world, rows, share, salt="fault/payment_not_in_delivery")
    payments = world["kantata.external_payments"]
    mine = pl.col("invoice_id").is_in(chosen["there"].implode())
    owed = payments.filter(mine).group_by("invoice_id").agg(pl.col("amount_in_cents").sum())
    world["kantata.external_payments"] = payments.filter(~mine)
    with world.apart({"kantata.invoices": pl.col("id").is_in(owed["invoice_id"].implode())}):
        unpaid = world["kantata.invoices"].join(owed.rename({"invoice_id": "id"}), on="id", how="inner").select(
            "id", status=pl.lit("new"), balance=pl.col("balance_in_cents") + pl.col("amount_in_cents")
        )  # fmt: skip
        stamp(world, "kantata.invoices", "id", unpaid, {"status": "status", "balance_in_cents": "balance"})
    return [
        fault_row(
            world, "K34", "state", row["gross"], row["iso"],
            [record("kantata", "invoices", row["there"]), record("netsuite", "transaction", row["invoice"])],
            at_fault="kantata", action_kind="REFRESH_STATUS", on=row["paid_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="payment_not_in_delivery", check="K34", stage="copied", rates=shares(0.002, 0.02, 0.07), inject=_inject
)
