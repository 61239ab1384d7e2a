"""One line of a bill or credit memo."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Integer, Rate, Text, col, link, ref


class InvoiceLine(EntityModel):
    """One line of an invoice or credit memo, without tax; tax lines are kept apart on the document."""

    invoice_line_key: Text = col("Connection and the vendor's unique key of the line.", key=True)
    invoice_ref: Text = ref("invoice")
    document_number: Text = col("Number printed on the document.")
    kind: Text = col("Line of an invoice or of a credit memo.", among=("invoice", "credit"))
    is_posted: Boolean = col("In the general ledger; only then it counts as billed.")
    posted_on: Date = col("Day of posting.")
    period: Text = col("Accounting month it is posted in.", unit="YYYY-MM")
    line_no: Integer = col("Position on the document.")
    line_name: Text = col("Text of the line.")
    item_ref: Text = col("Source id of the item sold.")
    project_ref: Text = ref("project")
    agreement_number: Text = col("Number of the statement of work.")
    agreement_line_key: Text = col("Line of the agreement it bills.")
    net_amount: Amount = col("Without tax.", sign="positive on an invoice, negative on a credit memo")
    currency: Text = col("Currency of the document.", unit="ISO 4217")
    exchange_rate: Rate = col("Rate from document to functional currency.", at_least=0, unit="functional per document")
    credit_reason: Text = col("Why a credit memo was given.")
    credited_line_ref: Text = ref("invoice_line", "Vendor key of the invoice line that a credit line takes back.")
    obligation_ref: Text = ref("obligation")
    needs_obligation: Boolean = col("The line must reach revenue through an obligation.")
    expense_key: Text = col("Expense it passes on.")
    legal_entity_ref: Text = ref("legal_entity")
    project_id: Text = link("project")
    agreement_id: Text = link("agreement")
    legal_entity_id: Text = link("legal_entity")


CONTRACT = Contract(
    InvoiceLine,
    version="1.0.0",
    grain="One row per line of an invoice or credit memo, tax lines excluded.",
    key=("invoice_line_key",),
)
