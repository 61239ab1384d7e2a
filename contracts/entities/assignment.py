"""Work that is planned: who, or which role, for how long and when."""

from __future__ import annotations

from contracts.entity import BigInt, Contract, Date, EntityModel, Holds, Text, col, link, ref


class Assignment(EntityModel):
    """Planned work on a project: a booking of a person or a role over some days, or hours stated as not planned yet."""

    booking: Text = col(
        "How firm it is; none: hours of the project that are stated to have no plan yet, without days.",
        key=True,
        among=("hard", "soft", "none"),
    )
    project_ref: Text = ref("project")
    agreement_line_key: Text = col("Line of the agreement it is for, where the plan says so.")
    person_ref: Text = ref("person")
    role_name: Text = col("Role that is planned; alone, where nobody is named yet.")
    start_on: Date = col("First day.")
    end_on: Date = col("Last day.")
    planned_minutes: BigInt = col("Work planned over all its days.", at_least=0, unit="minutes")
    project_id: Text = link("project")
    person_id: Text = link("person")


CONTRACT = Contract(
    Assignment,
    version="1.0.0",
    grain="One row per booking, and one per project that states hours without a plan.",
    key=("connection", "booking", "source_id"),
    rules=(
        Holds(
            "assignment_runs_forward",
            "booking = 'none' OR end_on >= start_on",
            ("booking", "start_on", "end_on"),
            "The booking ends before it starts.",
        ),
    ),
)
