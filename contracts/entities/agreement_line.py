"""One priced part of an agreement."""

from __future__ import annotations

from contracts.entity import Amount, Contract, Date, EntityModel, Holds, Hours, Integer, Text, col, link, ref


class AgreementLine(EntityModel):
    """One priced part of an agreement, delivered in one workstream and billed in one way."""

    agreement_line_key: Text = col("Number of the agreement and of the line, for example SOW-2025-014/3.", key=True)
    agreement_number: Text = col("Number of the statement of work.")
    agreement_ref: Text = ref("agreement")
    line_no: Integer = col("Number of the line within the agreement; the same in all versions.")
    workstream: Text = col("Workstream in which it is delivered; one project each.")
    line_name: Text = col("What was sold.")
    billing_type: Text = col("How it is billed.", among=("tm", "fixed_fee", "managed_service", "milestone", "mixed"))
    value_amount: Amount = col("Signed value over all versions up to `version_no`, without tax.", sign="positive")
    currency: Text = col("Currency of the value.", unit="ISO 4217")
    cap_amount: Amount = col("Not-to-exceed limit of billing of this line; empty: none.", at_least=0, sign="positive")
    planned_hours: Hours = col("Hours the price was made with.", at_least=0)
    start_on: Date = col("First day of service.")
    end_on: Date = col("Last day of service.")
    version_no: Integer = col("Version that last changed the line.", at_least=0)
    order_line_ref: Text = col("Vendor id of the latest order line that carries it.")
    agreement_id: Text = link("agreement")


CONTRACT = Contract(
    AgreementLine,
    version="1.0.0",
    grain="One row per line of an agreement, over all its versions.",
    key=("agreement_line_key",),
    rules=(
        Holds(
            "service_runs_forward",
            "end_on >= start_on",
            ("start_on", "end_on"),
            "The service ends before it starts.",
        ),
    ),
)
