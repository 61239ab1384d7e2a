"""Terms of what the books say: invoices, cash, revenue lines, and the general ledger."""

from __future__ import annotations

from contracts.metric import Rows, Term, Unit

__all__ = [
    "AR_LEDGER",
    "BILLED",
    "BILLED_FOR_WORK",
    "CASH",
    "CASH_LEDGER",
    "CATCH_UPS",
    "CATCH_UP_AMOUNT",
    "CA_LEDGER",
    "CLOSED_PERIODS",
    "CLOSING_DAYS",
    "CL_LEDGER",
    "CONCESSIONS",
    "CREDITED",
    "DUE_FROM_LEDGER",
    "DUE_TO_LEDGER",
    "INVOICED",
    "INVOICED_GROSS",
    "MANUAL_REVENUE",
    "MANUAL_REVENUE_AMOUNT",
    "PLANNED_REVENUE",
    "REVENUE",
    "REVENUE_FOR_WORK",
    "REVENUE_LEDGER",
    "RL_LEDGER",
    "UR_LEDGER",
]

_INVOICE_LINES = Rows(
    name="invoice_lines",
    source="marts.invoice_line as line left join marts.agreement_line as terms "
    "on terms.agreement_line_key = line.agreement_line_key",
    where="line.is_posted",
    role="ERP",
    period="line.period",
    record="line",
    currency="line.currency",
    agreement_id="line.agreement_id",
    legal_entity_id="line.legal_entity_id",
    project_id="line.project_id",
)
BILLED = Term("billed", "Posted invoice lines less credit lines, net of tax.", _INVOICE_LINES, "line.net_amount")
INVOICED = Term(
    "invoiced", "Posted invoice lines, net of tax, before credits.", _INVOICE_LINES, "line.net_amount",
    "line.kind = 'invoice'",
)  # fmt: skip
CREDITED = Term(
    "credited", "Posted credit lines, net of tax, as a positive amount.", _INVOICE_LINES, "-line.net_amount",
    "line.kind = 'credit'",
)  # fmt: skip
CONCESSIONS = Term(
    "concessions", "Posted credit lines whose reason is a concession, as a positive amount.", _INVOICE_LINES,
    "-line.net_amount", "line.kind = 'credit' and upper(line.credit_reason) = 'CONCESSION'",
)  # fmt: skip
BILLED_FOR_WORK = Term(
    "billed_for_work", "Billed on lines priced by time or at a fixed fee, less credits.", _INVOICE_LINES,
    "line.net_amount", "terms.billing_type in ('tm', 'fixed_fee')",
)  # fmt: skip

_INVOICES = Rows(
    name="invoices",
    source="marts.invoice as invoice",
    where="invoice.is_posted",
    role="ERP",
    period="invoice.period",
    record="invoice",
    currency="invoice.currency",
    agreement_id="invoice.agreement_id",
    customer_id="invoice.customer_id",
    legal_entity_id="invoice.legal_entity_id",
    project_id="invoice.project_id",
)
INVOICED_GROSS = Term(
    "invoiced_gross", "Posted invoices less credit memos, tax included.", _INVOICES, "invoice.gross_amount"
)

_PAYMENTS = Rows(
    name="payments",
    source="marts.payment as payment inner join marts.invoice as invoice "
    "on invoice.connection = payment.connection and invoice.source_id = payment.invoice_ref",
    where="payment.kind = 'cash'",
    role="ERP",
    period="{{ period_of('payment.paid_on') }}",
    record="payment",
    currency="payment.currency",
    agreement_id="invoice.agreement_id",
    customer_id="invoice.customer_id",
    legal_entity_id="invoice.legal_entity_id",
    project_id="invoice.project_id",
)
CASH = Term("cash_applied", "Cash applied to invoices, tax included.", _PAYMENTS, "payment.paid_amount")

_REVENUE_LINES = Rows(
    name="revenue_lines",
    source="marts.revenue_line as line",
    role="REVREC",
    period="line.period",
    record="line",
    currency="line.currency",
    book="line.book",
    agreement_id="line.agreement_id",
    legal_entity_id="line.legal_entity_id",
)
REVENUE = Term(
    "recognised", "Posted revenue lines of actual plans.", _REVENUE_LINES, "line.revenue_amount",
    "line.status = 'posted'",
)  # fmt: skip
REVENUE_FOR_WORK = Term(
    "recognised_for_work", "Posted revenue of obligations earned as charged or by progress of work.", _REVENUE_LINES,
    "line.revenue_amount", "line.status = 'posted' and line.method in ('as_charged', 'percent_complete')",
)  # fmt: skip
PLANNED_REVENUE = Term(
    "planned_revenue", "Revenue lines that are planned and not posted.", _REVENUE_LINES, "line.revenue_amount",
    "line.status = 'planned'",
)  # fmt: skip
_IS_CATCH_UP = "line.status = 'posted' and line.is_catch_up"
CATCH_UPS = Term("catch_ups", "Posted revenue lines that make up for earlier months.", _REVENUE_LINES, "1",
                 _IS_CATCH_UP, Unit.COUNT)  # fmt: skip
CATCH_UP_AMOUNT = Term(
    "catch_up_amount", "Revenue of those lines.", _REVENUE_LINES, "line.revenue_amount", _IS_CATCH_UP
)

_LEDGER = Rows(
    name="ledger_lines",
    source="marts.journal_line as line",
    role="GL",
    period="line.period",
    record="line",
    currency="line.currency",
    book="line.book",
    agreement_id="line.agreement_id",
    legal_entity_id="line.legal_entity_id",
)


def _account(name: str, role: str, what: str, *, credit: bool) -> Term:
    sign = "-" if credit else ""
    return Term(name, f"Postings to {what}, document currency.", _LEDGER, f"{sign}line.document_amount",
                f"line.account_role = '{role}'")  # fmt: skip


REVENUE_LEDGER = _account("recognised_ledger", "revenue", "revenue accounts", credit=True)
AR_LEDGER = _account("receivable_ledger", "AR", "billed receivables", credit=False)
UR_LEDGER = _account("unbilled_receivable_ledger", "UR", "unbilled receivables", credit=False)
CA_LEDGER = _account("contract_asset_ledger", "CA", "contract assets", credit=False)
CL_LEDGER = _account("contract_liability_ledger", "CL", "contract liabilities", credit=True)
RL_LEDGER = _account("refund_liability_ledger", "RL", "refund liabilities", credit=True)
DUE_FROM_LEDGER = _account("due_from_ledger", "due_from", "amounts due from other legal entities", credit=False)
DUE_TO_LEDGER = _account("due_to_ledger", "due_to", "amounts due to other legal entities", credit=True)
CASH_LEDGER = _account("cash_ledger", "cash", "cash accounts", credit=False)

_IS_MANUAL = "line.account_role = 'revenue' and not line.is_revenue_journal and line.document_type = 'Journal'"
MANUAL_REVENUE = Term(
    "manual_revenue_postings", "Journal lines on revenue accounts that revenue recognition did not write.", _LEDGER,
    "1", _IS_MANUAL, Unit.COUNT,
)  # fmt: skip
MANUAL_REVENUE_AMOUNT = Term(
    "manual_revenue_amount", "Revenue of those lines.", _LEDGER, "-line.document_amount", _IS_MANUAL
)

_PERIODS = Rows(
    name="closed_periods",
    source="marts.accounting_period as closed",
    where="closed.is_closed and closed.closed_on is not null",
    role="ERP",
    period="closed.period",
    record="closed",
)
CLOSING_DAYS = Term(
    "closing_days", "Days from the end of a month to the day its books were closed.", _PERIODS,
    "{{ days_from('closed.end_on', 'closed.closed_on') }}", unit=Unit.DAYS,
)  # fmt: skip
CLOSED_PERIODS = Term("closed_periods", "Months closed.", _PERIODS, "1", unit=Unit.COUNT)
