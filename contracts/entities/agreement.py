"""What was signed: the statement of work or commercial contract."""

from __future__ import annotations

from contracts.entity import (
    Amount,
    Boolean,
    Contract,
    Date,
    EntityModel,
    Holds,
    Integer,
    Text,
    Timestamp,
    col,
    link,
    own,
    ref,
)


class Agreement(EntityModel):
    """The signed commercial contract or statement of work: what the customer bought, at what price, until when."""

    agreement_id: Text = own("AGR")
    agreement_number: Text = col("Number of the statement of work, written on every document.")
    agreement_name: Text = col("Name for people.")
    customer_ref: Text = ref("customer")
    opportunity_ref: Text = ref("opportunity")
    legal_entity_code: Text = col("Code of the contracting company of the firm.")
    state: Text = col(
        "signed: signatures and an activated version; active: signed and started; ended: past its end or terminated.",
        among=("draft", "signed", "active", "ended"),
    )
    billing_type: Text = col(
        "How it is billed; mixed when its lines differ.",
        among=("tm", "fixed_fee", "managed_service", "milestone", "mixed"),
    )
    currency: Text = col("Currency of the agreement.", unit="ISO 4217")
    value_amount: Amount = col(
        "Signed value at `version_no`, without tax: the sum of its lines there.", sign="positive"
    )
    cap_amount: Amount = col("Not-to-exceed limit of billing; empty means none.", at_least=0, sign="positive")
    signed_at: Timestamp = col("When the later of the two parties signed.")
    start_on: Date = col("First day of the term.")
    end_on: Date = col("Last day of the term.")
    payment_terms: Text = col("Terms of payment by name.")
    is_advance_billing_allowed: Boolean = col("Milestones may be billed before they are accepted.")
    is_purchase_order_required: Boolean = col("The customer pays only for what its purchase orders release.")
    is_terminated: Boolean = col("Ended by one of the parties before its term was over.")
    terminated_on: Date = col("Last day of service of an agreement that was ended early; empty where nobody said it.")
    termination_fee_amount: Amount = col(
        "What is due for ending it early, beside what was earned by then.", at_least=0, sign="positive"
    )
    version_no: Integer = col("Highest signed version known there; 1 is the original.", at_least=0)
    customer_id: Text = link("customer")
    opportunity_id: Text = link("opportunity")
    legal_entity_id: Text = link("legal_entity", "Enterprise id of the contracting company of the firm.")


CONTRACT = Contract(
    Agreement,
    version="1.2.0",
    grain="One row per statement of work, over all its versions.",
    key=("agreement_id",),
    rules=(
        Holds(
            "term_runs_forward",
            "end_on >= start_on",
            ("start_on", "end_on"),
            "The term ends before it starts.",
        ),
    ),
)
