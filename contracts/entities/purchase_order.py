"""What a customer has released money for: its purchase orders."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Integer, Text, col, link, ref


class PurchaseOrder(EntityModel):
    """The customer's purchase order behind a version of an agreement, as one system holds it."""

    purchase_order_number: Text = col("The customer's number of it; empty where money was released without one.")
    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    version_no: Integer = col("Version of the agreement it pays for; 1 is the original.", at_least=0)
    is_signed: Boolean = col("It stands on a signed version: only then it counts.")
    ordered_on: Date = col("Day of the purchase order.")
    funded_amount: Amount = col(
        "Money it releases, without tax; where no system states it, the value of the version.", sign="positive"
    )
    currency: Text = col("Currency of the money.", unit="ISO 4217")
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    PurchaseOrder,
    version="1.0.0",
    grain="One row per purchase order and version of an agreement in one connection.",
    key=("connection", "source_id"),
)
