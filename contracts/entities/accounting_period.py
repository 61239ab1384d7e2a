"""A month of the books."""

from __future__ import annotations

from contracts.entity import Boolean, Contract, Date, EntityModel, Holds, Text, col


class AccountingPeriod(EntityModel):
    """A month of the books, and whether anything can still be posted in it."""

    period: Text = col("The month.", key=True, unit="YYYY-MM")
    start_on: Date = col("First day.")
    end_on: Date = col("Last day.")
    is_closed: Boolean = col("Nothing can be posted any more.")
    is_ar_locked: Boolean = col("Closed for invoices, credit memos and payments only.")
    closed_on: Date = col("Day it was closed.")


CONTRACT = Contract(
    AccountingPeriod,
    version="1.0.0",
    grain="One row per ERP connection and month; quarters and years are left out.",
    key=("connection", "period"),
    rules=(
        Holds(
            "month_runs_forward",
            "end_on >= start_on",
            ("start_on", "end_on"),
            "The month ends before it starts.",
        ),
    ),
)
