"""Revenue of one obligation in one month, posted or planned."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, EntityModel, Rate, Text, col, link, ref


class RevenueLine(EntityModel):
    """Revenue of one obligation in one month: posted, or planned for it. Forecasts are not revenue lines."""

    revenue_line_key: Text = col("Connection and vendor id of the line.", key=True)
    obligation_ref: Text = ref("obligation")
    plan_ref: Text = col("Source id of the revenue plan.")
    is_return: Boolean = col("Of an obligation that takes revenue back.")
    method: Text = col(
        "How it is earned.", among=("as_charged", "percent_complete", "straight_line", "milestone", "on_outcome")
    )
    revenue_amount: Amount = col("In document currency.", sign="positive when earned, negative when taken back")
    currency: Text = col("Document currency.", unit="ISO 4217")
    exchange_rate: Rate = col("Rate from document to functional currency.", at_least=0, unit="functional per document")
    functional_amount: Amount = col(
        "revenue_amount x exchange_rate, rounded once to the minor unit.",
        sign="positive when earned, negative when taken back",
    )
    functional_currency: Text = col("Currency of the company's books.", unit="ISO 4217")
    status: Text = col("In the general ledger, or planned.", among=("posted", "planned"))
    planned_period: Text = col("Month it was planned for.", unit="YYYY-MM")
    period: Text = col("Month it is posted in; while planned, the planned month.", unit="YYYY-MM")
    journal_ref: Text = ref("journal_line", "Source id of the journal that posted it.")
    account_number: Text = col("Revenue account.")
    legal_entity_ref: Text = ref("legal_entity")
    agreement_number: Text = col("Number of the statement of work.")
    agreement_line_key: Text = col("Line of the agreement it is earned on.")
    book: Text = col("Accounting book.")
    plan_type: Text = col("Only plans that post; forecasts are left out.", among=("ACTUAL",))
    is_catch_up: Boolean = col("Makes up for earlier months.")
    agreement_id: Text = link("agreement")
    legal_entity_id: Text = link("legal_entity")


CONTRACT = Contract(
    RevenueLine,
    version="1.1.0",
    grain="One row per obligation, month and event of recognition.",
    key=("revenue_line_key",),
)
