"""The columns of every Kantata stream of the sandbox, with their types.

Money is an integer of minor units (``*_in_cents``) over ``currency_base_unit``; time is an integer of minutes; ids are
strings of digits. ``invoices`` and ``external_payments`` are copies written by the finance feedback, not by delivery.
"""

from __future__ import annotations

import polars as pl

__all__ = ["SCHEMAS"]

_ID = pl.String()
_IDS = pl.List(pl.String())
_TEXT = pl.String()
_BOOL = pl.Boolean()
_DATE = pl.Date()
_MOMENT = pl.Datetime("us")
_INT = pl.Int64()
_RATE = pl.Decimal(18, 2)
_SHARE = pl.Decimal(9, 2)
_HOURS = pl.Decimal(9, 2)
_STATUS = pl.Struct({"key": pl.Int64(), "message": pl.String(), "color": pl.String()})

_STAMPS: dict[str, pl.DataType] = {"created_at": _MOMENT, "updated_at": _MOMENT}
_MONEY: dict[str, pl.DataType] = {"currency": _TEXT, "currency_base_unit": _INT}


def _submission(ids: str) -> dict[str, pl.DataType]:
    """A weekly submission of one person on one project, for time or for expenses."""
    return {
        "id": _ID, "workspace_id": _ID, "user_id": _ID, "start_date": _DATE, "end_date": _DATE, "status": _TEXT,
        "current_resolution_created_at_date": _DATE, ids: _IDS, **_STAMPS,
    }  # fmt: skip


_WEEK: dict[str, pl.DataType] = {
    f"{day}_minutes": _INT
    for day in ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
}  # fmt: skip

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "workspace_groups": {
        "id": _ID, "name": _TEXT, "company": _BOOL, "website": _TEXT, "address": _TEXT, "email": _TEXT,
        "external_reference_ids": _IDS, "custom_field_value_ids": _IDS, **_STAMPS,
    },
    "workspaces": {
        "id": _ID, "title": _TEXT, "stage": _TEXT, "archived": _BOOL, "status": _STATUS, "start_date": _DATE,
        "due_date": _DATE, "price_in_cents": _INT, **_MONEY, "primary_workspace_group_id": _ID,
        "workspace_group_ids": _IDS, "primary_maven_id": _ID, "client_role_name": _TEXT,
        "require_time_approvals": _BOOL, "stories_are_fixed_fee_by_default": _BOOL, "percentage_complete": _INT,
        "external_reference_ids": _IDS, "custom_field_value_ids": _IDS, **_STAMPS,
    },
    "stories": {
        "id": _ID, "workspace_id": _ID, "parent_id": _ID, "title": _TEXT, "story_type": _TEXT, "state": _TEXT,
        "status": _TEXT, "billable": _BOOL, "fixed_fee": _BOOL, "weight": _INT, "start_date": _DATE,
        "due_date": _DATE, "percentage_complete": _INT, "archived": _BOOL, "deleted_at": _MOMENT,
        "time_estimate_in_minutes": _INT, "custom_field_value_ids": _IDS, **_STAMPS,
    },
    "users": {
        "id": _ID, "full_name": _TEXT, "email_address": _TEXT, "role_id": _ID, "disabled": _BOOL,
        "custom_field_value_ids": _IDS, **_STAMPS,
    },
    "roles": {"id": _ID, "name": _TEXT, "deleted_at": _MOMENT},
    "time_entries": {
        "id": _ID, "workspace_id": _ID, "story_id": _ID, "user_id": _ID, "role_id": _ID, "date_performed": _DATE,
        "time_in_minutes": _INT, "billable": _BOOL, "approved": _BOOL, "is_invoiced": _BOOL, "invoice_id": _ID,
        "rate_in_cents": _INT, "cost_rate_in_cents": _INT, **_MONEY, "active_submission_id": _ID,
        "recent_submission_id": _ID, **_STAMPS,
    },
    "timesheet_submissions": _submission("time_entry_ids"),
    "expense_report_submissions": _submission("expense_ids"),
    "time_adjustments": {
        "id": _ID, "workspace_id": _ID, "story_id": _ID, "user_id": _ID, "original_date": _DATE,
        "posted_on_date": _DATE, "time": _INT, "bill_rate_in_cents": _INT, "cost_rate_in_cents": _INT,
        "billable": _BOOL, "is_invoiced": _BOOL, **_MONEY, "external_reference_ids": _IDS, **_STAMPS,
    },
    "expenses": {
        "id": _ID, "workspace_id": _ID, "user_id": _ID, "story_id": _ID, "date": _DATE, "amount_in_cents": _INT,
        **_MONEY, "category": _TEXT, "is_billable": _BOOL, "is_invoiced": _BOOL, "reimbursable": _BOOL,
        "active_submission_id": _ID, "recent_submission_id": _ID, **_STAMPS,
    },
    "billing_milestones": {
        "id": _ID, "workspace_id": _ID, "story_id": _ID, "title": _TEXT, "amount_in_cents": _INT, "currency": _TEXT,
        "date_to_invoice": _DATE, "billing_type": _TEXT, "invoice_ids": _IDS, "external_reference_ids": _IDS,
        **_STAMPS,
    },
    "workspace_resources": {
        "id": _ID, "workspace_id": _ID, "user_id": _ID, "role_id": _ID, **_STAMPS,
    },
    "workspace_allocations": {
        "id": _ID, "workspace_id": _ID, "workspace_resource_id": _ID, "start_date": _DATE, "end_date": _DATE,
        "minutes": _INT, "percentage": _SHARE, "hard": _BOOL, **_STAMPS,
    },
    "invoices": {
        "id": _ID, "workspace_ids": _IDS, "user_invoice_number": _TEXT, "invoice_date": _DATE, "due_date": _DATE,
        "status": _TEXT, "draft": _BOOL, "balance_in_cents": _INT, **_MONEY, "tax_rate": _RATE,
        "time_entry_ids": _IDS, "expense_ids": _IDS, "billing_milestone_ids": _IDS, "external_reference_ids": _IDS,
        **_STAMPS,
    },
    "external_payments": {
        "id": _ID, "invoice_id": _ID, "workspace_id": _ID, "amount_in_cents": _INT, **_STAMPS,
    },
    "external_references": {
        "id": _ID, "subject_type": _TEXT, "subject_id": _ID, "service_name": _TEXT, "service_model": _TEXT,
        "service_model_ref": _TEXT, "status": _TEXT, "locked": _BOOL, "last_synced_at": _MOMENT, **_STAMPS,
    },
    "custom_field_values": {
        "id": _ID, "subject_type": _TEXT, "subject_id": _ID, "custom_field_id": _ID, "custom_field_name": _TEXT,
        "type": _TEXT, "value": _TEXT, "display_value": _TEXT, "updated_at": _MOMENT,
    },
    "workweeks": {"id": _ID, "default": _BOOL, "start_date": _DATE, "end_date": _DATE, **_WEEK},
    "workweek_memberships": {
        "id": _ID, "workweek_id": _ID, "user_id": _ID, "start_date": _DATE, "end_date": _DATE, **_WEEK,
    },
    "holidays": {"id": _ID, "name": _TEXT, "start_date": _DATE, "end_date": _DATE, "paid": _BOOL},
    "holiday_calendar_associations": {"id": _ID, "holiday_id": _ID, "holiday_calendar_id": _ID},
    "holiday_calendar_memberships": {
        "id": _ID, "holiday_calendar_id": _ID, "user_id": _ID, "start_date": _DATE, "end_date": _DATE,
    },
    "time_off_entries": {
        "id": _ID, "user_id": _ID, "requested_date": _DATE, "submission_date": _DATE, "hours": _HOURS,
    },
    "account_memberships": {"id": _ID, "user_id": _ID, "created_at": _MOMENT, "disabled_at": _MOMENT},
}  # fmt: skip
