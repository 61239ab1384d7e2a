"""A bill, or a credit memo that takes one back."""

from __future__ import annotations

from contracts.entity import (
    Amount,
    Boolean,
    Contract,
    Date,
    EntityModel,
    Holds,
    Rate,
    Text,
    Timestamp,
    col,
    link,
    ref,
)

_SIGN = "positive on an invoice, negative on a credit memo"


class Invoice(EntityModel):
    """A document sent to a customer: an invoice, or a credit memo that takes one back."""

    document_number: Text = col("Number printed on the document.")
    kind: Text = col("Invoice or credit memo.", among=("invoice", "credit"))
    customer_ref: Text = ref("customer")
    project_ref: Text = ref("project")
    agreement_number: Text = col("Number of the statement of work.")
    legal_entity_ref: Text = ref("legal_entity", "Source id of the company that issued it.")
    issued_on: Date = col("Day on the document.")
    due_on: Date = col("Day it is to be paid.")
    period: Text = col("Accounting month it is posted in.", unit="YYYY-MM")
    state: Text = col(
        "draft: not posted; open: to be paid or applied; applied: a credit used up.",
        among=("draft", "open", "paid", "voided", "applied"),
    )
    is_posted: Boolean = col("In the general ledger; only then it counts as billed.")
    currency: Text = col("Currency of the document.", unit="ISO 4217")
    exchange_rate: Rate = col("Rate from document to functional currency.", at_least=0, unit="functional per document")
    net_amount: Amount = col("Without tax.", sign=_SIGN)
    tax_amount: Amount = col("Sales tax.", sign=_SIGN)
    gross_amount: Amount = col("With tax.", sign=_SIGN)
    paid_amount: Amount = col("Paid in cash; credits are apart.", sign="positive")
    credited_amount: Amount = col("Taken back by credit memos.", sign="positive")
    unpaid_amount: Amount = col("Still to be paid or applied.", sign=_SIGN)
    billing_event_key: Text = col("Event that made the system bill; the same for each repetition of it.")
    credit_reason: Text = col("Why a credit memo was given.")
    invoice_ref: Text = ref("invoice", "Id of the document in the ERP: copies name what they copy.")
    is_cancelled: Boolean = col("A copy that was withdrawn.")
    created_at: Timestamp = col("When the source created it.")
    customer_id: Text = link("customer")
    project_id: Text = link("project")
    agreement_id: Text = link("agreement")
    legal_entity_id: Text = link("legal_entity", "Enterprise id of the company that issued it.")


CONTRACT = Contract(
    Invoice,
    version="1.0.0",
    grain="One row per invoice or credit memo that the ERP holds; copies elsewhere are claims, not rows.",
    key=("connection", "source_id"),
    rules=(
        Holds(
            "gross_is_net_plus_tax",
            "gross_amount = net_amount + tax_amount",
            ("gross_amount", "net_amount", "tax_amount"),
            "Gross is not net plus tax.",
        ),
    ),
)
