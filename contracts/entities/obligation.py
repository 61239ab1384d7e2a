"""A promise to the customer on which revenue is earned."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Holds, Integer, Rate, Text, col, link, ref

_METHODS = ("as_charged", "percent_complete", "straight_line", "milestone", "on_outcome")


class Obligation(EntityModel):
    """A performance obligation with its share of the transaction price; a return takes part of another back."""

    obligation_key: Text = col("Connection and vendor id of the element.", key=True)
    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    agreement_line_key: Text = col("Line of the agreement it stems from.")
    obligation_name: Text = col("Name of the obligation.")
    method: Text = col("How revenue is earned.", among=_METHODS)
    allocation_amount: Amount = col("Share of the transaction price.", sign="positive; negative for a return")
    currency: Text = col("Currency of the share.", unit="ISO 4217")
    exchange_rate: Rate = col("Rate from document to functional currency.", at_least=0, unit="functional per document")
    start_on: Date = col("First day of recognition.")
    end_on: Date = col("Last day of recognition.")
    legal_entity_ref: Text = ref("legal_entity")
    book: Text = col("Accounting book.")
    is_return: Boolean = col("Made by a credit memo: it takes revenue back.")
    returned_obligation_ref: Text = ref("obligation", "Source id of the obligation that a return takes back.")
    credit_line_ref: Text = ref("invoice_line", "Vendor key of the credit line that made the return.")
    needs_plan_update: Boolean = col("The system says its plan is behind its price.")
    version_no: Integer = col("Version of the agreement that made it.", at_least=0)
    is_rpo_exempt: Boolean = col("Left out of remaining performance obligations as disclosed.")
    agreement_id: Text = link("agreement")
    legal_entity_id: Text = link("legal_entity")


CONTRACT = Contract(
    Obligation,
    version="1.2.0",
    grain="One row per obligation and book.",
    key=("obligation_key",),
    rules=(
        Holds(
            "recognition_runs_forward",
            "end_on >= start_on",
            ("start_on", "end_on"),
            "Recognition ends before it starts.",
        ),
    ),
)
