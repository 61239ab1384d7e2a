"""Work that someone recorded."""

from __future__ import annotations

from contracts.entity import (
    Amount,
    BigInt,
    Boolean,
    Contract,
    Date,
    EntityModel,
    Holds,
    Hours,
    Rate,
    Text,
    Timestamp,
    col,
    link,
    ref,
)


class TimeEntry(EntityModel):
    """Work of one person on one day, or an adjustment of such work made later."""

    time_entry_key: Text = col("Id of the entry in the PSA, the same on every side.", key=True)
    kind: Text = col("Recorded work, or a correction of it by a credit.", key=True, among=("actual", "adjustment"))
    project_ref: Text = ref("project")
    task_ref: Text = ref("task")
    person_ref: Text = ref("person")
    role_name: Text = col("Role in which the person worked.")
    agreement_line_key: Text = col("Line of the agreement the work belongs to, by its task.")
    work_on: Date = col("Day of the work.", zone="calendar day where the work was done, no zone")
    minutes: BigInt = col("Time worked, as the source holds it.", unit="minutes", sign="negative in adjustments")
    hours: Hours = col("minutes / 60, derived.", sign="negative in adjustments")
    is_billable: Boolean = col("To be billed to the customer.")
    state: Text = col("Approval of the entry.", among=("new", "submitted", "approved", "rejected"))
    approved_at: Timestamp = col("When it was approved.")
    hourly_rate: Rate = col("Rate on the entry itself; the agreement's rate may differ.", unit="money per hour")
    cost_rate: Rate = col("What an hour of the person costs the firm.", unit="money per hour", pii="sensitive")
    currency: Text = col("Currency of the rates.", unit="ISO 4217")
    legal_entity_ref: Text = ref("legal_entity", "Source id of the company it is posted in.")
    is_invoiced: Boolean = col("Locked by an invoice, as the source says.")
    first_posted_at: Timestamp = col("When finance first received it.")
    credit_ref: Text = col("Adjustments: id of the credit memo that caused it.")
    created_at: Timestamp = col("When the source created it.")
    value_amount: Amount = col("Adjustments: value of the correction.", sign="negative when work is taken back")
    posting_period: Text = col("Month of the books it counts in, by when finance received it.", unit="YYYY-MM")
    approved_period: Text = col("Month it would count in by its approval alone.", unit="YYYY-MM")
    project_id: Text = link("project")
    person_id: Text = link("person")
    legal_entity_id: Text = link("legal_entity", "Enterprise id of the company it is posted in.")


CONTRACT = Contract(
    TimeEntry,
    version="1.1.0",
    grain="One row per entry or adjustment recorded in the PSA.",
    key=("connection", "kind", "time_entry_key"),
    rules=(
        Holds(
            "minutes_of_work_fit_a_day",
            "kind <> 'actual' OR (minutes >= 0 AND minutes <= 1440)",
            ("kind", "minutes"),
            "Recorded work lasts between 0 and 1,440 minutes a day.",
        ),
    ),
)
