"""One line of the general ledger."""

from __future__ import annotations

from contracts.entity import Amount, Boolean, Contract, Date, EntityModel, Holds, Integer, Text, col, link, ref

ACCOUNT_ROLES = (
    "cash",
    "AR",
    "CA",
    "UR",
    "IC",
    "tax",
    "deposits",
    "CL",
    "RL",
    "revenue",
    "accrued_time",
    "accrued_revenue",
    "due_from",
    "due_to",
    "recharge_income",
    "recharge_cost",
    "labour_cost",
    "labour_absorbed",
    "subcontractor_cost",
    "accrued_bills",
    "payable",
    "overhead",
    "cost",
    "FX",
    "suspense",
    "other",
)


class JournalLine(EntityModel):
    """One posted line of the general ledger, whichever document wrote it."""

    journal_line_key: Text = col("Connection, book, document and line.", key=True)
    document_ref: Text = col("Source id of the document that posted it.")
    document_number: Text = col("Number of that document.")
    document_type: Text = col("The vendor's type of document, for example CustInvc or Journal.")
    line_no: Integer = col("Line of the document.")
    account_number: Text = col("Account.")
    account_name: Text = col("Name of the account.")
    account_role: Text = col("What the account is for, from the chart of accounts.", among=ACCOUNT_ROLES)
    debit_amount: Amount = col("Debit, in functional currency.", sign="positive")
    credit_amount: Amount = col("Credit, in functional currency.", sign="positive")
    amount: Amount = col("In functional currency.", sign="debit minus credit")
    functional_currency: Text = col("Currency of the company's books.", unit="ISO 4217")
    document_amount: Amount = col("In document currency.", sign="debit minus credit")
    currency: Text = col("Document currency.", unit="ISO 4217")
    posted_on: Date = col("Day of posting.")
    period: Text = col("Accounting month.", unit="YYYY-MM")
    agreement_number: Text = col("Statement of work it belongs to; empty: unassigned.")
    agreement_ref: Text = ref("agreement")
    legal_entity_ref: Text = ref("legal_entity")
    is_revenue_journal: Boolean = col("Written by revenue recognition.")
    reversal_ref: Text = col("Source id of the document that it reverses or that reverses it.")
    is_reversed_pair: Boolean = col("Half of a pair that cancels out: an entry and its reversal.")
    book: Text = col("Accounting book.")
    memo: Text = col("Text of the line.")
    agreement_id: Text = link("agreement")
    legal_entity_id: Text = link("legal_entity")


CONTRACT = Contract(
    JournalLine,
    version="1.3.0",
    grain="One row per posted line, account and book.",
    key=("journal_line_key",),
    rules=(
        Holds(
            "amount_is_debit_minus_credit",
            "amount = debit_amount - credit_amount",
            ("amount", "debit_amount", "credit_amount"),
            "The amount is not debit minus credit.",
        ),
    ),
)
