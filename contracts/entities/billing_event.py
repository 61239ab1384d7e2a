"""Something that is to be billed: time, a milestone, an expense."""

from __future__ import annotations

from contracts.entity import Amount, Contract, Date, EntityModel, Hours, Rate, Text, Timestamp, col, link, ref


class BillingEvent(EntityModel):
    """A charge: something ready to be billed, held, or billed already, and on which invoice."""

    billing_event_key: Text = col("Id of the milestone or time entry it bills, the same on every side.")
    kind: Text = col("What is billed.", among=("time", "milestone", "expense", "other"))
    milestone_key: Text = col("Milestone it bills.")
    time_entry_key: Text = col("Time entry it bills.")
    time_ref: Text = ref("time_entry", "Source id of the posted time line it bills.")
    project_ref: Text = ref("project")
    agreement_number: Text = col("Number of the statement of work.")
    agreement_line_key: Text = col("Line of the agreement it counts against.")
    event_on: Date = col("Day of the charge.")
    quantity: Hours = col("Hours or units.", unit="hours or units")
    hourly_rate: Rate = col("Price of one unit.", unit="money per unit")
    event_amount: Amount = col("What is to be billed, without tax.", sign="positive")
    currency: Text = col("Currency of the charge.", unit="ISO 4217")
    state: Text = col("Where it stands.", among=("held", "ready", "invoiced", "waived"))
    invoice_ref: Text = ref("invoice")
    invoice_line_ref: Text = ref("invoice_line", "Line of that invoice.")
    order_ref: Text = col("Source id of the sales order.")
    order_line_ref: Text = col("Line of that sales order.")
    created_at: Timestamp = col("When the source created it.")
    project_id: Text = link("project")
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    BillingEvent,
    version="1.0.0",
    grain="One row per charge.",
    key=("connection", "source_id"),
)
