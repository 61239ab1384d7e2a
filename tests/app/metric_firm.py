"""A firm of one agreement, written by hand, whose metrics anybody can work out, relation by relation.

SOW-1 was signed in January 2026: 1,000 of time with a cap of 900, a fixed fee of 2,000, recurring fees of 730 over two
years and a milestone of 400; 4,000 of it with the original and the rest in February, by an upsell of 230 and a
reduction of 100. Everything is in USD and in one legal entity; the day it is judged at is 28 February.
"""

from __future__ import annotations

import duckdb

from contracts.entity import entities
from contracts.metric import terms
from contracts.metric_sql import terms_of

__all__ = ["hand_made_firm"]

_RECORD = ("row_id", "connection", "object", "source_id")
_KEYS = "agreement_id=AGR-1, currency=USD"

#: Relation -> rows, as ``column=value`` pairs; what a row does not say is empty.
_ROWS: dict[str, list[str]] = {
    "marts.agreement": [
        f"{_KEYS}, agreement_number=SOW-1, customer_id=CUS-1, legal_entity_id=LEN-1, signed_at=2026-01-05",
        "agreement_id=AGR-2, currency=USD, agreement_number=SOW-2, customer_id=CUS-1, legal_entity_id=LEN-1, "
        "signed_at=2026-01-05",
    ],
    "marts.customer": ["customer_id=CUS-1, customer_name=Helios"],
    "marts.legal_entity": [
        "legal_entity_id=LEN-1, legal_entity_code=US01, legal_entity_name=Firm Inc",
        "legal_entity_id=LEN-2, legal_entity_code=GB01, legal_entity_name=Firm Ltd",
    ],
    "marts.project": [
        "project_id=PRJ-1, project_code=P-1, agreement_id=AGR-1, customer_id=CUS-1, legal_entity_id=LEN-1",
        "project_id=PRJ-9, project_code=INT-9, legal_entity_id=LEN-1",
    ],
    "marts.agreement_version": [
        f"{_KEYS}, version_no=1, is_signed=true, signed_on=2026-01-05, delta_amount=4000",
        f"{_KEYS}, version_no=2, is_signed=true, signed_on=2026-02-03, delta_amount=230",
        f"{_KEYS}, version_no=3, is_signed=true, signed_on=2026-02-09, delta_amount=-100",
        f"{_KEYS}, version_no=4, is_signed=false, delta_amount=5000",
    ],
    "marts.agreement_line": [
        f"{_KEYS}, agreement_line_key=SOW-1/1, billing_type=tm, value_amount=1000, cap_amount=900, planned_hours=10, "
        "start_on=2026-01-01, end_on=2026-12-31",
        f"{_KEYS}, agreement_line_key=SOW-1/2, billing_type=fixed_fee, value_amount=2000, planned_hours=20, "
        "start_on=2026-01-01, end_on=2026-12-31",
        f"{_KEYS}, agreement_line_key=SOW-1/3, billing_type=managed_service, value_amount=730, "
        "start_on=2026-01-01, end_on=2027-12-31",
        f"{_KEYS}, agreement_line_key=SOW-1/4, billing_type=milestone, value_amount=400, "
        "start_on=2026-01-01, end_on=2026-12-31",
    ],
    "metrics.agreement_values": [
        f"{_KEYS}, role=PSA, value_amount=4100, period=2026-01",
        f"{_KEYS}, role=ERP, value_amount=4130, period=2026-01",
    ],
    "marts.obligation": [
        f"{_KEYS}, book=primary, allocation_amount=4130, is_return=false",
        f"{_KEYS}, book=primary, allocation_amount=-20, is_return=true",
    ],
    "marts.agreement_position": [
        f"{_KEYS}, book=primary, sold_amount=4130, planned_amount=4100, ordered_amount=4130, allocated_amount=4130, "
        "backlog_amount=2980",
        "agreement_id=AGR-2, currency=USD, book=primary, sold_amount=100, planned_amount=100, backlog_amount=100",
    ],
    "marts.revenue_line": [
        f"{_KEYS}, book=primary, status=posted, method=as_charged, period=2026-01, revenue_amount=300",
        f"{_KEYS}, book=primary, status=posted, method=as_charged, period=2026-02, revenue_amount=200",
        f"{_KEYS}, book=primary, status=posted, method=percent_complete, period=2026-02, revenue_amount=500",
        f"{_KEYS}, book=primary, status=posted, method=percent_complete, period=2026-02, revenue_amount=50, "
        "is_catch_up=true",
        f"{_KEYS}, book=primary, status=posted, method=milestone, period=2026-02, revenue_amount=100, journal_ref=J1, "
        "agreement_line_key=SOW-1/4",
        f"{_KEYS}, book=primary, status=planned, method=percent_complete, period=2026-03, revenue_amount=600",
    ],
    "marts.invoice": [
        f"{_KEYS}, kind=invoice, is_posted=true, issued_on=2026-02-05, period=2026-02, gross_amount=330",
        f"{_KEYS}, kind=credit, is_posted=true, issued_on=2026-02-18, period=2026-02, gross_amount=-22",
        f"{_KEYS}, kind=invoice, is_posted=false, issued_on=2026-02-27, period=2026-02, gross_amount=44",
    ],
    "marts.invoice_line": [
        f"{_KEYS}, kind=invoice, is_posted=true, period=2026-02, net_amount=300, agreement_line_key=SOW-1/1",
        f"{_KEYS}, kind=credit, is_posted=true, period=2026-02, net_amount=-20, agreement_line_key=SOW-1/1, "
        "credit_reason=CONCESSION",
        f"{_KEYS}, kind=invoice, is_posted=false, period=2026-02, net_amount=40, agreement_line_key=SOW-1/1",
    ],
    "marts.payment": ["currency=USD, kind=cash, paid_on=2026-02-20, paid_amount=110, invoice_ref=1"],
    "marts.journal_line": [
        *(f"{_KEYS}, book=primary, period=2026-02, document_type=Journal, document_ref=J1, posted_on=2026-02-28, "
          f"account_role={role}, document_amount={amount}, is_revenue_journal={manual}"
          for role, amount, manual in (
              ("revenue", -850, "true"), ("revenue", -40, "false"), ("UR", 100, "true"), ("CA", 50, "true"),
              ("CL", -30, "true"), ("RL", -5, "true"), ("due_from", 60, "false"), ("due_to", -60, "false"))),
        f"{_KEYS}, book=primary, period=2026-02, document_type=CustInvc, account_role=AR, document_amount=308, "
        "is_revenue_journal=false",
        "currency=USD, book=primary, period=2026-02, document_type=CustPymt, account_role=AR, document_amount=-110, "
        "legal_entity_id=LEN-1, is_revenue_journal=false",
        "currency=USD, book=primary, period=2026-02, document_type=CustPymt, account_role=cash, document_amount=110, "
        "legal_entity_id=LEN-1, is_revenue_journal=false",
    ],
    "marts.accounting_period": [
        "period=2026-01, end_on=2026-01-31, is_closed=true, closed_on=2026-02-08",
        "period=2026-02, end_on=2026-02-28, is_closed=false",
    ],
    "marts.billing_event": [
        f"{_KEYS}, kind=time, state=invoiced, event_on=2026-01-10, event_amount=200, invoice_ref=1",
        f"{_KEYS}, kind=time, state=invoiced, event_on=2026-01-20, event_amount=100, invoice_ref=1",
        f"{_KEYS}, kind=time, state=ready, event_on=2026-02-10, event_amount=80",
        f"{_KEYS}, kind=time, state=invoiced, event_on=2026-02-11, event_amount=40, invoice_ref=3",
        f"{_KEYS}, kind=time, state=waived, event_on=2026-02-12, event_amount=10",
        f"{_KEYS}, kind=expense, state=ready, event_on=2026-02-12, event_amount=999",
    ],
    "marts.time_entry": [
        "person_id=PER-1, connection=psa, "
        "project_id=PRJ-1, currency=USD, kind=actual, state=approved, is_billable=true, agreement_line_key=SOW-1/1, "
        "work_on=2026-01-10, hours=2, cost_rate=50, value_amount=200, approved_at=2026-01-12, "
        "first_posted_at=2026-01-13",
        "person_id=PER-1, connection=psa, "
        "project_id=PRJ-1, currency=USD, kind=actual, state=approved, is_billable=true, agreement_line_key=SOW-1/2, "
        "work_on=2026-02-03, hours=1, cost_rate=50, value_amount=100, approved_at=2026-02-05",
        "project_id=PRJ-9, currency=USD, kind=actual, state=approved, is_billable=false, work_on=2026-02-04, hours=1, "
        "cost_rate=50, value_amount=0, approved_at=2026-02-05",
        "person_id=PER-1, connection=psa, "
        "project_id=PRJ-1, currency=USD, kind=actual, state=submitted, is_billable=true, agreement_line_key=SOW-1/1, "
        "work_on=2026-02-06, hours=1, cost_rate=50, value_amount=90",
        "person_id=PER-1, connection=psa, "
        "project_id=PRJ-1, currency=USD, kind=actual, state=rejected, is_billable=true, agreement_line_key=SOW-1/1, "
        "work_on=2026-02-07, hours=9, cost_rate=50, value_amount=810",
    ],
    "marts.expense": [
        "project_id=PRJ-1, currency=USD, state=approved, spent_on=2026-02-10, expense_amount=30",
        "project_id=PRJ-1, currency=USD, state=rejected, spent_on=2026-02-11, expense_amount=10",
    ],
    "marts.milestone": [
        "project_id=PRJ-1, currency=USD, billing_type=upon_completion, milestone_amount=400, accepted_on=2026-02-10, "
        "agreement_line_key=SOW-1/4",
        "project_id=PRJ-1, currency=USD, billing_type=upon_completion, milestone_amount=600",
        "project_id=PRJ-1, currency=USD, billing_type=fixed_date, milestone_amount=730",
    ],
    "metrics.project_setup": [
        "agreement_id=AGR-1, project_id=PRJ-1, won_on=2026-01-05, ready_on=2026-01-08",
        "agreement_id=AGR-1, project_id=PRJ-2, won_on=2026-01-05, ready_on=2026-01-20",
        "agreement_id=AGR-1, project_id=PRJ-3, won_on=2026-01-05, ready_on=2026-01-06",
        "agreement_id=AGR-1, project_id=PRJ-4, won_on=2026-01-05",
    ],
    "marts.person": [
        "person_id=PER-1, home_since_on=2026-02-10, legal_entity_id=LEN-1, legal_entity_code=US01, "
        "previous_legal_entity_code=GB01",
        "person_id=PER-2, legal_entity_id=LEN-1, legal_entity_code=US01, supplier_ref=33001",
    ],
    "metrics.available_time": [
        "person_id=PER-1, legal_entity_id=LEN-1, period=2026-02, scheduled_hours=10, connection=psa",
        "person_id=PER-3, legal_entity_id=LEN-1, period=2026-02, scheduled_hours=6, connection=psa",
    ],
    "metrics.days_off": [
        "person_id=PER-1, legal_entity_id=LEN-1, period=2026-02, is_holiday=true, hours=8",
        "person_id=PER-3, legal_entity_id=LEN-1, period=2026-02, is_holiday=false, hours=3",
    ],
    "metrics.metric_streams": [
        "metric=utilisation_billable, stream=workweeks, status=landed, is_read=true, connection=psa",
    ],
    "revenue.positions": [
        f"{_KEYS}, book=primary, period=2026-02, contract_value=4130, backlog=3000, funded_backlog=1800, "
        "scheduled_backlog=700, rpo=2500, "
        "rpo_next_12=2000, unbilled_receivable=90, contract_asset=60, contract_liability=20, refund_liability=0, "
        "receivable=198, recognised=840",
        f"{_KEYS}, book=primary, period=2026-01, contract_liability=500, recognised=0",
    ],
    "revenue.recognition": [
        f"{_KEYS}, book=primary, obligation_key=SOW-1/1, period=2026-02, period_amount=240",
        f"{_KEYS}, book=primary, obligation_key=SOW-1/2, period=2026-02, period_amount=600, prior_period_amount=45",
        f"{_KEYS}, book=primary, obligation_key=SOW-1/3, period=2026-02, period_amount=0",
    ],
    "revenue.deferred_releases": [
        f"{_KEYS}, book=primary, period=2026-02, release_period=2026-05, is_within_year=true, amount=12",
        f"{_KEYS}, book=primary, period=2026-02, release_period=2027-03, is_within_year=false, amount=5",
        f"{_KEYS}, book=primary, period=2026-02, is_within_year=false, amount=3",
    ],
    "revenue.rpo_disclosed": [
        f"{_KEYS}, book=primary, period=2026-02, is_disclosed=false, amount=2500",
        f"{_KEYS}, book=primary, period=2026-02, is_disclosed=true, amount=2400",
        f"{_KEYS}, book=primary, period=2026-02, is_disclosed=true, amount=300",
    ],
    "revenue.line_estimates": [
        f"{_KEYS}, project_id=PRJ-1, observed_in=2026-02, price_amount=1000, completion_cost_amount=800, "
        "cost_to_date_amount=300, cost_to_complete_amount=500",
        f"{_KEYS}, project_id=PRJ-2, observed_in=2026-02, price_amount=400, completion_cost_amount=450, "
        "cost_to_date_amount=450, cost_to_complete_amount=0",
        f"{_KEYS}, project_id=PRJ-3, observed_in=2026-02, price_amount=700",
    ],
    "recon.runs": ["run_id=R, sequence=1, as_of=2026-02-28"],
    "recon.breaks": [
        *(f"break_id={name}, run_id=R, as_of=2026-02-28, agreement_id=AGR-1, check_id={check}, direction={direction}, "
          f"status={status}, impact={impact}, root_id={root}, money_kind={kind}"
          for name, check, direction, status, impact, root, kind in (
              ("B1", "K14", "under", "proposed", 100, "B1", "exposure"),
              ("B2", "K14", "under", "open", 30, "B1", "exposure"),
              ("B3", "K18", "over", "open", 20, "B3", "misstatement"),
              ("B4", "K31", "under", "timing", 50, "B4", "exposure"),
              ("B5", "K14", "under", "cleared", 70, "B5", "exposure"),
              ("B6", "K34", "none", "open", 500, "B6", "none"),
              ("B7", "K61", "over", "open", 8, "B7", "exposure"))),
    ],
    "recon.actions": [
        "action_id=A1, run_id=R, as_of=2026-02-28, status=proposed",
        "action_id=A2, run_id=R, as_of=2026-02-28, status=rejected",
    ],
    "recon.proofs": [
        "run_id=R, check_id=K14, currency=USD, book=primary, measure=money, residual=0",
        "run_id=R, check_id=K18, currency=USD, book=primary, measure=money, residual=-0.5",
        "run_id=R, check_id=K18, book=primary, measure=rows, residual=2",
    ],
}  # fmt: skip
#: Columns that are read and that no row above says.
_MORE = {
    "recon.breaks": ("book", "customer_id", "project_id", "legal_entity", "left_connection"),
    "metrics.metric_streams": ("message",),
    "revenue.positions": ("customer_id", "legal_entity_id"),
    "revenue.recognition": ("customer_id", "legal_entity_id"),
    "revenue.deferred_releases": ("customer_id", "legal_entity_id"),
    "revenue.rpo_disclosed": ("customer_id", "legal_entity_id"),
    "revenue.line_estimates": ("customer_id", "legal_entity_id"),
}
#: Amounts whose column is called after what they are.
_MONEY = {"contract_value", "backlog", "funded_backlog", "scheduled_backlog", "rpo", "rpo_next_12",
          "unbilled_receivable", "contract_asset", "recognised", "prior_period_amount",
          "contract_liability", "refund_liability", "receivable",
          "impact", "residual", "amount"}  # fmt: skip


def hand_made_firm() -> duckdb.DuckDBPyConnection:
    """The firm as a snapshot would hold it, with the terms of its metrics."""
    con = duckdb.connect()
    for schema in ("marts", "metrics", "revenue", "recon"):
        con.execute(f"create schema {schema}")
    for relation, rows in _ROWS.items():
        _write(con, relation, [dict(pair.split("=", 1) for pair in row.split(", ")) for row in rows])
    con.execute(f"create table metrics.metric_terms as {terms_of(terms())}")
    return con


def _write(con: duckdb.DuckDBPyConnection, relation: str, rows: list[dict[str, str]]) -> None:
    """One relation, with the columns of its contract where it has one."""
    _, name = relation.split(".")
    contract = entities().get(name)
    types = {column.name: column.type.data_type for column in contract.columns} if contract else {}
    told = [*_RECORD, *_MORE.get(relation, ()), *(column for row in rows for column in row)]
    columns = types | {column: _type(column) for column in dict.fromkeys(told) if column not in types}
    con.execute(f"create table {relation} ({', '.join(f'{column} {type_}' for column, type_ in columns.items())})")
    for number, row in enumerate(rows, 1):
        facts = {"row_id": str(number), "source_id": str(number), "connection": "erp", "object": name, **row}
        con.execute(
            f"insert into {relation} ({', '.join(facts)}) values ({', '.join('?' * len(facts))})", [*facts.values()]
        )


def _type(column: str) -> str:
    """The type of a column no contract describes, by its name."""
    if column in _MONEY or column.endswith("_amount"):
        return "decimal(18, 4)"
    if column == "row_id":
        return "bigint"
    if column in ("is_within_year", "is_disclosed", "is_holiday", "is_read"):
        return "boolean"
    if column == "hours" or column.endswith("_hours"):
        return "decimal(18, 8)"
    return "date" if column == "as_of" or column.endswith("_on") else "varchar"
