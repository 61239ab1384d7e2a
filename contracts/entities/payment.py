"""What was paid on a bill."""

from __future__ import annotations

from contracts.entity import Amount, Contract, Date, EntityModel, Text, col, ref


class Payment(EntityModel):
    """The application of cash or of a credit memo to one invoice."""

    invoice_ref: Text = ref("invoice", "Source id of the invoice it is applied to.")
    paid_amount: Amount = col("What was applied.", sign="positive")
    currency: Text = col("Currency of the invoice.", unit="ISO 4217")
    paid_on: Date = col("Day of the application.")
    kind: Text = col("Cash, or a credit memo.", among=("cash", "credit"))
    payment_ref: Text = col("Source id of the payment or credit memo.")


CONTRACT = Contract(
    Payment,
    version="1.0.0",
    grain="One row per application of a payment or credit memo to an invoice.",
    key=("connection", "source_id"),
)
