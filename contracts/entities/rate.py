"""What an hour of a role costs the customer."""

from __future__ import annotations

from contracts.entity import Contract, Date, EntityModel, Holds, Integer, Rate, Text, col, link, ref


class RateCard(EntityModel):
    """The price of an hour of one role under one agreement, for a span of days."""

    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    role_name: Text = col("Role the rate is for.")
    hourly_rate: Rate = col("Price of one hour.", at_least=0, unit="money per hour", sign="positive")
    currency: Text = col("Currency of the rate.", unit="ISO 4217")
    effective_from_on: Date = col("First work day it applies to.")
    effective_to_on: Date = col("Last work day it applies to; empty: until further notice.")
    version_no: Integer = col("Version of the agreement that set it.", at_least=0)
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    RateCard,
    version="1.0.0",
    grain="One row per agreement, role and span of days.",
    key=("connection", "source_id"),
    rules=(
        Holds(
            "span_runs_forward",
            "effective_to_on >= effective_from_on",
            ("effective_from_on", "effective_to_on"),
            "The rate ends before it starts.",
        ),
    ),
)
