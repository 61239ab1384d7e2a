"""A result that is billed when it is there."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Text, col, link, ref


class Milestone(EntityModel):
    """A result with a price, billed on a day or when the customer has accepted it."""

    milestone_key: Text = col("Id of the milestone in the PSA, the same on every side.", key=True)
    milestone_name: Text = col("Name of the milestone.")
    project_ref: Text = ref("project")
    task_ref: Text = ref("task")
    agreement_line_key: Text = col("Line of the agreement it belongs to.")
    milestone_amount: Amount = col("Its price, without tax.", sign="positive")
    currency: Text = col("Currency of the price.", unit="ISO 4217")
    billing_type: Text = col(
        "Billed on its date, accepted or not, or once accepted.", among=("fixed_date", "upon_completion")
    )
    invoice_on: Date = col("Day on which it is to be billed.")
    is_completed: Boolean = col("The work behind it is done.")
    accepted_on: Date = col("Day the customer accepted it.")
    project_id: Text = link("project")


CONTRACT = Contract(
    Milestone,
    version="1.0.0",
    grain="One row per billing milestone.",
    key=("connection", "milestone_key"),
)
