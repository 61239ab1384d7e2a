"""A piece of work within a project."""

from __future__ import annotations

from contracts.entity import BigInt, Boolean, Contract, Date, EntityModel, Text, col, link, ref


class Task(EntityModel):
    """A piece of work within a project; it tells which line of the agreement the time on it belongs to."""

    project_ref: Text = ref("project")
    task_name: Text = col("Name of the task.")
    agreement_line_key: Text = col("Line of the agreement it delivers.")
    kind: Text = col("The vendor's kind of task, for example task, deliverable, milestone or issue.")
    state: Text = col("The vendor's state of the task, for example not started, started or completed.")
    is_billable: Boolean = col("Time on it is billable unless the entry says otherwise.")
    is_fixed_fee: Boolean = col("Time on it is covered by a fixed price.")
    planned_minutes: BigInt = col("Estimate.", at_least=0, unit="minutes")
    accepted_on: Date = col("Day the customer accepted it.")
    start_on: Date = col("Planned first day.")
    due_on: Date = col("Planned last day.")
    project_id: Text = link("project")


CONTRACT = Contract(
    Task,
    version="1.0.0",
    grain="One row per task of one connection.",
    key=("connection", "source_id"),
)
