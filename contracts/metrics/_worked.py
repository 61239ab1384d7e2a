"""Terms of what was delivered: hours and their value, cost, charges, and how long each hand-over took."""

from __future__ import annotations

from contracts.metric import Rows, Term, Unit

__all__ = [
    "APPROVED_BILLABLE_HOURS",
    "APPROVED_HOURS",
    "BILLABLE_HOURS",
    "BILLABLE_STAFF_HOURS",
    "BILLED_DAYS",
    "BILLED_WITH_DATE",
    "CHARGED",
    "CHARGED_DRAFT",
    "CHARGED_INVOICED",
    "CHARGED_WAIVED",
    "COST_TO_COMPLETE",
    "COST_TO_DATE",
    "DELIVERED",
    "DELIVERED_STANDARD",
    "ESTIMATED_PRICE",
    "EXPENSES",
    "FIXED_FEE_HOURS",
    "HOLIDAY_HOURS",
    "INVOICES_FOR_TIME",
    "INVOICE_DAYS",
    "LABOUR_COST",
    "MILESTONES_WITH_REVENUE",
    "MILESTONE_REVENUE_DAYS",
    "POSTED_ENTRIES",
    "POSTED_HOURS",
    "POSTING_DAYS",
    "PROJECTS_SET_UP",
    "RECORDED_HOURS",
    "SCHEDULED_HOURS",
    "SET_UP_DAYS",
    "TIME_NOT_INVOICED",
    "TIME_OFF_HOURS",
]

_TIME = Rows(
    name="time_entries",
    source="marts.time_entry as entry left join marts.project as project on project.project_id = entry.project_id "
    "left join marts.agreement_line as terms on terms.agreement_line_key = entry.agreement_line_key",
    where="entry.state <> 'rejected'",
    role="PSA",
    period="{{ period_of('entry.work_on') }}",
    record="entry",
    currency="entry.currency",
    agreement_id="project.agreement_id",
    customer_id="project.customer_id",
    legal_entity_id="project.legal_entity_id",
    project_id="entry.project_id",
)
_APPROVED = "entry.state = 'approved'"
_WORKED = "entry.kind = 'actual'"
_CLIENT = "project.agreement_id is not null"
RECORDED_HOURS = Term(
    "recorded_hours", "Hours recorded, rejected ones left out.", _TIME, "entry.hours", _WORKED, Unit.HOURS
)
BILLABLE_HOURS = Term(
    "billable_hours", "Recorded hours that are billable.", _TIME, "entry.hours", f"{_WORKED} and entry.is_billable",
    Unit.HOURS,
)  # fmt: skip
APPROVED_HOURS = Term(
    "approved_hours", "Approved hours.", _TIME, "entry.hours", f"{_WORKED} and {_APPROVED}", Unit.HOURS
)
POSTED_HOURS = Term(
    "posted_hours", "Approved hours that stand in the ERP.", _TIME, "entry.hours",
    f"{_WORKED} and {_APPROVED} and entry.first_posted_at is not null", Unit.HOURS,
)  # fmt: skip
APPROVED_BILLABLE_HOURS = Term(
    "approved_billable_hours", "Approved billable hours on work priced by time or at a fixed fee.", _TIME,
    "entry.hours", f"{_WORKED} and {_APPROVED} and entry.is_billable and terms.billing_type in ('tm', 'fixed_fee')",
    Unit.HOURS,
)  # fmt: skip
FIXED_FEE_HOURS = Term(
    "fixed_fee_hours", "Approved hours on fixed fees.", _TIME, "entry.hours",
    f"{_WORKED} and {_APPROVED} and terms.billing_type = 'fixed_fee'", Unit.HOURS,
)  # fmt: skip
DELIVERED = Term(
    "delivered_value", "Approved work at its rate: the agreement's on time and materials, else the entry's own.", _TIME,
    "entry.value_amount", f"{_APPROVED} and {_CLIENT}",
)  # fmt: skip
DELIVERED_STANDARD = Term(
    "standard_value", "Approved billable work at its rate, on lines priced by time or at a fixed fee.", _TIME,
    "entry.value_amount", f"{_APPROVED} and {_CLIENT} and terms.billing_type in ('tm', 'fixed_fee')",
)  # fmt: skip
LABOUR_COST = Term(
    "labour_cost", "Hours x cost rate of the entry, rounded once to four decimals, on work for customers.", _TIME,
    "round(cast(entry.hours as decimal(28, 8)) * entry.cost_rate, 4)", f"{_WORKED} and {_CLIENT}",
)  # fmt: skip
_HANDED_OVER = f"{_WORKED} and {_APPROVED} and entry.is_billable and entry.first_posted_at is not null"
POSTING_DAYS = Term(
    "posting_days", "Days from the approval of an entry until it could be billed: until it stood in the ERP.", _TIME,
    "{{ days_from('cast(entry.approved_at as date)', 'cast(entry.first_posted_at as date)') }}", _HANDED_OVER,
    Unit.DAYS,
)  # fmt: skip
POSTED_ENTRIES = Term("posted_entries", "Approved billable entries that stand in the ERP.", _TIME, "1",
                      f"{_HANDED_OVER} and entry.approved_at is not null", Unit.COUNT)  # fmt: skip

_AVAILABLE = Rows(
    name="available_time",
    source="metrics.available_time as there",
    role="PSA",
    period="there.period",
    record="there",
    legal_entity_id="there.legal_entity_id",
)
SCHEDULED_HOURS = Term(
    "scheduled_hours", "Hours of the workweek of each of the firm's own people, on the days they were there.",
    _AVAILABLE, "there.scheduled_hours", unit=Unit.HOURS,
)  # fmt: skip
_DAYS_OFF = Rows(
    name="days_off",
    source="metrics.days_off as day",
    role="PSA",
    period="day.period",
    record="day",
    legal_entity_id="day.legal_entity_id",
)
HOLIDAY_HOURS = Term(
    "holiday_hours", "What holidays, paid or not, take of them.", _DAYS_OFF, "day.hours", "day.is_holiday", Unit.HOURS
)
TIME_OFF_HOURS = Term(
    "time_off_hours", "What time off takes of what is left: no more than that.", _DAYS_OFF, "day.hours",
    "not day.is_holiday", Unit.HOURS,
)  # fmt: skip
_STAFF_TIME = Rows(
    name="staff_time",
    source="marts.time_entry as entry "
    "inner join marts.person as person on person.person_id = entry.person_id "
    "inner join (select distinct connection, period from metrics.available_time) as known "
    "on known.connection = entry.connection and known.period = {{ period_of('entry.work_on') }} "
    "left join marts.legal_entity as previous on previous.legal_entity_code = person.previous_legal_entity_code",
    where="entry.state <> 'rejected' and person.supplier_ref is null",
    role="PSA",
    period="known.period",
    record="entry",
    legal_entity_id="case when entry.work_on < person.home_since_on "
    "then coalesce(previous.legal_entity_id, person.legal_entity_id) else person.legal_entity_id end",
)
BILLABLE_STAFF_HOURS = Term(
    "billable_staff_hours", "Recorded hours of the firm's own people that are billable, in the entity that employs "
    "them, of months whose available hours are known.", _STAFF_TIME, "entry.hours",
    f"{_WORKED} and entry.is_billable", Unit.HOURS,
)  # fmt: skip

_ESTIMATES = Rows(
    name="estimated_lines",
    source="revenue.line_estimates as estimate",
    where="estimate.completion_cost_amount is not null",
    role="PSA",
    period="estimate.observed_in",
    record="estimate",
    currency="estimate.currency",
    agreement_id="estimate.agreement_id",
    customer_id="estimate.customer_id",
    legal_entity_id="estimate.legal_entity_id",
    project_id="estimate.project_id",
)
COST_TO_DATE = Term(
    "cost_to_date", "Hours recorded on lines under way x cost rate of the entry, each line rounded once.", _ESTIMATES,
    "estimate.cost_to_date_amount",
)  # fmt: skip
COST_TO_COMPLETE = Term(
    "cost_to_complete", "Hours estimated or booked beyond the work so far, at the cost an hour has had so far.",
    _ESTIMATES, "estimate.cost_to_complete_amount",
)  # fmt: skip
ESTIMATED_PRICE = Term(
    "estimated_price", "Signed price of those lines, time and materials no further than its limit.", _ESTIMATES,
    "estimate.price_amount",
)  # fmt: skip

_EXPENSES = Rows(
    name="expenses",
    source="marts.expense as expense inner join marts.project as project on project.project_id = expense.project_id",
    where="expense.state <> 'rejected' and project.agreement_id is not null",
    role="PSA",
    period="{{ period_of('expense.spent_on') }}",
    record="expense",
    currency="expense.currency",
    agreement_id="project.agreement_id",
    customer_id="project.customer_id",
    legal_entity_id="project.legal_entity_id",
    project_id="expense.project_id",
)
EXPENSES = Term(
    "expenses", "Expenses on work for customers, rejected ones left out.", _EXPENSES, "expense.expense_amount"
)

_CHARGES = Rows(
    name="charges",
    source="marts.billing_event as charge left join marts.invoice as invoice "
    "on invoice.connection = charge.connection and invoice.source_id = charge.invoice_ref",
    where="charge.kind = 'time'",
    role="ERP",
    period="{{ period_of('charge.event_on') }}",
    record="charge",
    currency="charge.currency",
    agreement_id="charge.agreement_id",
    project_id="charge.project_id",
)
_FINAL = "charge.state = 'invoiced' and coalesce(invoice.is_posted, true)"
CHARGED = Term("charged", "Charges for time, wherever they stand.", _CHARGES, "charge.event_amount")
CHARGED_INVOICED = Term(
    "charged_invoiced", "Charges for time on a posted invoice.", _CHARGES, "charge.event_amount", _FINAL
)
CHARGED_DRAFT = Term(
    "charged_draft", "Charges for time on a draft.", _CHARGES, "charge.event_amount",
    "charge.state = 'invoiced' and not invoice.is_posted",
)  # fmt: skip
CHARGED_WAIVED = Term(
    "charged_waived", "Charges for time that were waived.", _CHARGES, "charge.event_amount", "charge.state = 'waived'"
)
TIME_NOT_INVOICED = Term(
    "charged_open", "Charges for time that are ready or held.", _CHARGES, "charge.event_amount",
    "charge.state in ('ready', 'held')",
)  # fmt: skip
BILLED_DAYS = Term(
    "billed_amount_days", "Amount of each invoiced charge x days from its work to the invoice.", _CHARGES,
    "cast(charge.event_amount as decimal(28, 4)) * {{ days_from('charge.event_on', 'invoice.issued_on') }}",
    "charge.state = 'invoiced' and invoice.is_posted", Unit.DAYS,
)  # fmt: skip
BILLED_WITH_DATE = Term(
    "billed_with_date", "Amount of the charges on posted invoices.", _CHARGES, "charge.event_amount",
    "charge.state = 'invoiced' and invoice.is_posted",
)  # fmt: skip

_TIME_INVOICES = Rows(
    name="invoices_for_time",
    source="(select connection, invoice_ref, max(event_on) as last_work_on from marts.billing_event "
    "where kind = 'time' and invoice_ref is not null group by connection, invoice_ref) as billed "
    "inner join marts.invoice as invoice "
    "on invoice.connection = billed.connection and invoice.source_id = billed.invoice_ref",
    where="invoice.is_posted",
    role="ERP",
    period="invoice.period",
    record="invoice",
    agreement_id="invoice.agreement_id",
    customer_id="invoice.customer_id",
    legal_entity_id="invoice.legal_entity_id",
    project_id="invoice.project_id",
)
INVOICE_DAYS = Term(
    "invoicing_days", "Days from the end of the month last worked until the invoice for it was issued.", _TIME_INVOICES,
    "{{ days_from('last_day(billed.last_work_on)', 'invoice.issued_on') }}", unit=Unit.DAYS,
)  # fmt: skip
INVOICES_FOR_TIME = Term("invoices_for_time", "Posted invoices that bill time.", _TIME_INVOICES, "1", unit=Unit.COUNT)

_SET_UP = Rows(
    name="projects_set_up",
    source="metrics.project_setup as project",
    where="project.ready_on is not null and project.won_on is not null",
    role="ERP",
    period="{{ period_of('project.ready_on') }}",
    record="project",
    agreement_id="project.agreement_id",
    project_id="project.project_id",
)
SET_UP_DAYS = Term(
    "set_up_days", "Days from the day a deal was won until its project stood in PSA and ERP.", _SET_UP,
    "{{ days_from('project.won_on', 'project.ready_on') }}", unit=Unit.DAYS, by_record=True,
)  # fmt: skip
PROJECTS_SET_UP = Term("projects_set_up", "Projects that became billable-ready.", _SET_UP, "1", unit=Unit.COUNT)

_MILESTONE_REVENUE = Rows(
    name="milestone_revenue",
    source="(select milestone.agreement_line_key, milestone.accepted_on, milestone.project_id, milestone.row_id, "
    "milestone.connection, milestone.object, milestone.source_id, line.agreement_id, min(journal.posted_on) as "
    "posted_on "
    "from marts.milestone as milestone "
    "inner join marts.revenue_line as line on line.agreement_line_key = milestone.agreement_line_key "
    "and line.status = 'posted' and line.method = 'milestone' and line.revenue_amount > 0 "
    "inner join (select connection, document_ref, min(posted_on) as posted_on from marts.journal_line "
    "where is_revenue_journal group by connection, document_ref) as journal "
    "on journal.connection = line.connection and journal.document_ref = line.journal_ref "
    "and journal.posted_on >= milestone.accepted_on "
    "where milestone.accepted_on is not null "
    "group by milestone.agreement_line_key, milestone.accepted_on, milestone.project_id, milestone.row_id, "
    "milestone.connection, milestone.object, milestone.source_id, line.agreement_id) as earned",
    role="REVREC",
    period="{{ period_of('earned.posted_on') }}",
    record="earned",
    agreement_id="earned.agreement_id",
    project_id="earned.project_id",
)
MILESTONE_REVENUE_DAYS = Term(
    "revenue_posting_days", "Days from the acceptance of a milestone to its first revenue journal after it.",
    _MILESTONE_REVENUE, "{{ days_from('earned.accepted_on', 'earned.posted_on') }}", unit=Unit.DAYS,
)  # fmt: skip
MILESTONES_WITH_REVENUE = Term(
    "milestones_with_revenue", "Accepted milestones whose revenue is posted.", _MILESTONE_REVENUE, "1", unit=Unit.COUNT
)
