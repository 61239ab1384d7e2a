"""A deal, from first talk to won or lost."""

from __future__ import annotations

from contracts.entity import Amount, Contract, Date, EntityModel, Text, col, link, own, ref


class Opportunity(EntityModel):
    """A deal the sales team works on. A won deal is not yet an agreement: that needs signatures."""

    opportunity_id: Text = own("OPP")
    customer_ref: Text = ref("customer")
    opportunity_name: Text = col("Name the sales team gave it.")
    value_amount: Amount = col("Expected or won value, without tax.", sign="positive")
    currency: Text = col("Currency of the value.", unit="ISO 4217")
    closed_on: Date = col("Day it was won or lost; expected day while open.")
    stage_name: Text = col("The vendor's stage, for display only.")
    state: Text = col("Where the deal stands.", among=("open", "won", "lost"))
    agreement_ref: Text = ref("agreement")
    project_ref: Text = col("Source id of the delivery project, as stored by the CRM: an id of the PSA.")
    customer_id: Text = link("customer")
    agreement_id: Text = link("agreement")
    project_id: Text = link("project")


CONTRACT = Contract(
    Opportunity,
    version="1.0.0",
    grain="One row per deal.",
    key=("opportunity_id",),
)
