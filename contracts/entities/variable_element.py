"""What a customer pays only if something happens: success fees, bonuses and penalties, as they were estimated."""

from __future__ import annotations

from contracts.entity import Amount, Contract, Date, EntityModel, Text, col, link, ref


class VariableElement(EntityModel):
    """One estimate of a variable amount of an agreement; each estimate replaces the one before it."""

    agreement_line_key: Text = col("Key of the element: the same in all its estimates and in the books.", key=True)
    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    element_name: Text = col("Name for people.")
    kind: Text = col(
        "What it depends on; a penalty lowers the price of the agreement.", among=("success_fee", "bonus", "penalty")
    )
    estimate_amount: Amount = col("The full amount expected.", sign="positive; negative for a penalty")
    likelihood: Text = col(
        "How likely it is that nothing of it will have to be given back.",
        among=("remote", "possible", "probable", "highly_probable", "certain"),
    )
    estimated_on: Date = col("Day of the estimate.")
    due_on: Date = col("Day by which what it depends on has happened or not.")
    resolved_on: Date = col("Day on which the outcome was known; empty until then.")
    resolved_amount: Amount = col(
        "The outcome: what the customer owes for it.", sign="positive; negative for a penalty"
    )
    currency: Text = col("Currency of the amounts.", unit="ISO 4217")
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    VariableElement,
    version="1.0.0",
    grain="One row per estimate of an element in one connection.",
    key=("connection", "source_id"),
)
