"""Where the work is done."""

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


class Project(EntityModel):
    """A workstream of an agreement in delivery: people record time on it, finance posts to it."""

    project_id: Text = own("PRJ")
    project_code: Text = col("Code by which people know it.")
    project_name: Text = col("Name of the project.")
    customer_ref: Text = ref("customer")
    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    opportunity_ref: Text = ref("opportunity")
    workstream: Text = col("Workstream of the agreement it delivers.")
    billing_type: Text = col("How it is billed.", among=("tm", "fixed_fee", "managed_service", "milestone", "mixed"))
    state: Text = col("Where it stands; an estimate is not yet a project.", among=("active", "archived", "estimate"))
    is_active: Boolean = col("Time and postings are accepted.")
    budget_amount: Amount = col("Agreed price, without tax.", sign="positive")
    currency: Text = col("Currency of budget and cap.", unit="ISO 4217")
    cap_amount: Amount = col("Not-to-exceed limit; empty: none.", at_least=0, sign="positive")
    practice: Text = col("Practice that delivers it.")
    legal_entity_code: Text = col("Code of the company of the firm that contracted it.")
    start_on: Date = col("First day of delivery.")
    end_on: Date = col("Last planned day of delivery.")
    version_no: Integer = col("Version of the agreement it was last brought up to.", at_least=0)
    psa_project_ref: Text = col("Id of the PSA project, as stored by a follower.")
    created_at: Timestamp = col("When the source created it.")
    requires_time_approval: Boolean = col("Time counts only once approved.")
    customer_id: Text = link("customer")
    agreement_id: Text = link("agreement")
    opportunity_id: Text = link("opportunity")
    legal_entity_id: Text = link("legal_entity")


CONTRACT = Contract(
    Project,
    version="1.0.0",
    grain="One row per project, archived ones included.",
    key=("project_id",),
    rules=(
        Holds(
            "delivery_runs_forward",
            "end_on >= start_on",
            ("start_on", "end_on"),
            "The project ends before it starts.",
        ),
    ),
)
