"""What someone spent for a project."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Text, Timestamp, col, link, ref


class Expense(EntityModel):
    """What one person spent on one project, in the currency it was spent in."""

    expense_key: Text = col("Id of the expense in the PSA, the same on every side.", key=True)
    project_ref: Text = ref("project")
    person_ref: Text = ref("person")
    spent_on: Date = col("Day it was spent.")
    expense_amount: Amount = col("What was spent, tax included.", sign="positive; negative when taken back")
    currency: Text = col("Currency it was spent in.", unit="ISO 4217")
    category: Text = col("Kind of expense.")
    is_billable: Boolean = col("To be passed on to the customer.")
    state: Text = col("Approval of the expense.", among=("new", "submitted", "approved", "rejected"))
    approved_at: Timestamp = col("When it was approved.")
    report_ref: Text = col("Report it was filed in.")
    report_state: Text = col("State of that report, as the vendor says.")
    is_posted: Boolean = col("In the general ledger.")
    created_at: Timestamp = col("When the source created it.")
    project_id: Text = link("project")
    person_id: Text = link("person")


CONTRACT = Contract(
    Expense,
    version="1.0.0",
    grain="One row per expense recorded in the PSA.",
    key=("connection", "expense_key"),
)
