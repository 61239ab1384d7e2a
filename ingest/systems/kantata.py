"""Kantata OX (formerly Mavenlink): the PSA. Projects, time, expenses, milestones, and who approved what.

Reads JSON lines, one API object a line, as the API gives them: ids are strings of digits; money is an integer of minor
units (``*_in_cents``) over ``currency_base_unit`` (100 for dollars, 1 for yen); time is an integer of minutes; dates
are ``YYYY-MM-DD``, datetimes ISO 8601 with an offset. Lists and objects stay JSON text. Foreign keys appear only
when the export named them in ``include=``: a column that is absent is unknown, not empty.

There is no delete marker (stories have ``deleted_at``): a record absent from a full export was deleted, a record absent
from a partial one says nothing. The export of workspaces must include archived ones. ``billing_milestones`` has no
cursor and is read in full. The names of custom fields ("SOW Number") are the firm's own and follow ``fields:``.

Sources: Kantata OX API reference (workspaces, stories, time_entries, expenses, invoices, external_references, ...), the
public gem's specification of readable fields, Singer's schema of workspace_allocations. `time_adjustments.time` in
minutes, the id lists of submissions and the fields of `workspace_resources` are unconfirmed.

What people are there for is in streams that a firm need not export (`CAPACITY`): workweeks, time off, holidays. Time
off is in hours, workweeks are in minutes. `account_memberships` gives inactive people only when asked for them.
Unconfirmed: that a workweek membership gives its own minutes when it is read, as it takes them when it is made (else
those of the workweek it names count), the type of `holidays.paid`, and that whom no membership gives a calendar has
none.
"""

from __future__ import annotations

from typing import Any

from ingest.system import (
    Field,
    SourceSystem,
    Stream,
    ValueNames,
    boolean,
    date,
    decimal,
    identifier,
    integer,
    json,
    money,
    needed,
    text,
    timestamp,
)
from ingest.systems._kantata_judges import judge_membership, judge_range, judge_time_off, judge_workweek
from ingest.systems._kantata_writes import WRITES

__all__ = ["SYSTEM"]

_UNIT = "currency_base_unit"
_WEB = "https://{account}.mavenlink.com/"
_AVAILABLE = "billable utilisation, as available hours are not known"
_WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday"
_READ_IN_FULL: dict[str, Any] = {"stamped": False, "optional": _AVAILABLE}
_CUSTOM_FIELDS = (
    "SOW Number",
    "SOW Version",
    "Workstream",
    "Billing Type",
    "NTE Amount",
    "Legal Entity",
    "Project Code",
    "Practice",
    "Unscheduled Hours",
    "SOW Line",
    "Accepted On",
    "Home Entity",
    "Previous Home Entity",
    "Home Entity Since",
)


def _cents(names: str, base_unit: str = _UNIT, currency: str | None = "currency") -> tuple[Field, ...]:
    """Amounts in minor units of the record's currency."""
    return money(names, 0, currency=currency, base_unit=base_unit)


def _priced() -> tuple[Field, ...]:
    """The currency of a record and how many minor units make one of it."""
    return (*needed(text("currency")), *needed(integer(_UNIT)))


def _collection(name: str, meaning: str, *groups: tuple[Field, ...], stamped: bool = True, **facts: Any) -> Stream:
    """One collection of the API: its key, its own fields, and when a record was made and changed."""
    stamps = (*timestamp("created_at"), *needed(timestamp("updated_at"))) if stamped else ()
    return Stream(
        name=name,
        meaning=meaning,
        key=("id",),
        fields=(
            *needed(identifier("id"), filled=True),
            *(item for group in groups for item in group),
            *stamps,
        ),
        **{"cursor": "updated_at" if stamped else None, **facts},
    )


def _submission(name: str, meaning: str, members: str) -> Stream:
    return _collection(
        name,
        meaning,
        needed(identifier("workspace_id user_id")),
        date("start_date end_date"),
        needed(text("status", "new", "approved", "rejected", "cancelled")),
        date("current_resolution_created_at_date"),
        json(members),
    )


def _minutes() -> tuple[Field, ...]:
    """The minutes of a workweek, one field a weekday."""
    return integer(" ".join(f"{day}_minutes" for day in _WEEKDAYS.split()))


#: What people are there for. Each is read in full: what is taken back vanishes from it.
CAPACITY = (
    _collection(
        "workweeks",
        "The minutes of each weekday that people of the account work unless told otherwise, from a Sunday on.",
        boolean("default"),
        needed(date("start_date"), _minutes(), filled=True),
        date("end_date"),
        judge=judge_workweek,
        **_READ_IN_FULL,
    ),
    _collection(
        "workweek_memberships",
        "Another workweek of one person, from a Sunday on: part time, or a day off every week.",
        identifier("workweek_id"),
        needed(identifier("user_id"), date("start_date"), filled=True),
        date("end_date"),
        _minutes(),
        judge=judge_workweek,
        **_READ_IN_FULL,
    ),
    _collection(
        "holidays",
        "Days on which the people of some calendars do not work, paid or not.",
        text("name"),
        needed(date("start_date"), filled=True),
        date("end_date"),
        boolean("paid"),
        judge=judge_range,
        **_READ_IN_FULL,
    ),
    _collection(
        "holiday_calendar_associations",
        "A holiday of a calendar.",
        needed(identifier("holiday_id holiday_calendar_id"), filled=True),
        **_READ_IN_FULL,
    ),
    _collection(
        "holiday_calendar_memberships",
        "The calendar of one person from a day on.",
        needed(identifier("holiday_calendar_id user_id"), date("start_date"), filled=True),
        date("end_date"),
        judge=judge_range,
        **_READ_IN_FULL,
    ),
    _collection(
        "time_off_entries",
        "Hours that one person is off on one day.",
        needed(identifier("user_id"), date("requested_date"), decimal("hours", 4), filled=True),
        date("submission_date"),
        judge=judge_time_off,
        **_READ_IN_FULL,
    ),
    _collection(
        "account_memberships",
        "A person in the account: since when, and until when. Inactive ones must be asked for.",
        needed(identifier("user_id"), filled=True),
        needed(timestamp("created_at disabled_at")),
        judge=judge_membership,
        **{**_READ_IN_FULL, "optional": "day on which people came and left but that of their record and of their time"},
    ),
)

SYSTEM = SourceSystem(
    name="kantata",
    title="Kantata",
    roles=("PSA",),
    booleans=(("true",), ("false",)),
    clock="offset",
    format="jsonl",
    account="app",
    writes=WRITES,
    streams=(
        _collection(
            "workspace_groups",
            "A client, when company is true.",
            needed(text("name"), boolean("company")),
            text("website address email"),
            json("external_reference_ids custom_field_value_ids"),
            record_url=_WEB + "workspace_groups/{id}",
        ),
        _collection(
            "workspaces",
            "A project, or an estimate of one.",
            needed(text("title")),
            text("stage", "estimate", "project"),
            needed(boolean("archived")),
            json("status"),
            date("start_date due_date"),
            _cents("price_in_cents"),
            text("currency"),
            integer(_UNIT),
            identifier("primary_workspace_group_id"),
            json("workspace_group_ids"),
            identifier("primary_maven_id"),
            text("client_role_name"),
            boolean("require_time_approvals stories_are_fixed_fee_by_default"),
            decimal("percentage_complete", 4),
            json("external_reference_ids custom_field_value_ids"),
            amount="price_in_cents",
            record_url=_WEB + "workspaces/{id}",
        ),
        _collection(
            "stories",
            "A task, deliverable, milestone or issue of a project.",
            needed(identifier("workspace_id")),
            identifier("parent_id"),
            needed(text("title")),
            text("story_type", "task", "deliverable", "milestone", "issue"),
            text("state status"),
            boolean("billable fixed_fee"),
            decimal("weight", 4),
            date("start_date due_date"),
            decimal("percentage_complete", 4),
            boolean("archived"),
            timestamp("deleted_at"),
            integer("time_estimate_in_minutes"),
            json("custom_field_value_ids"),
            deleted="deleted_at",
            record_url=_WEB + "stories/{id}",
        ),
        _collection(
            "workspace_resources",
            "A person, or a role nobody is named for yet, that a project plans with.",
            identifier("workspace_id user_id role_id"),
        ),
        _collection(
            "workspace_allocations",
            "Minutes of one resource over some days, firm or not. The project is there only when it was included.",
            identifier("workspace_id"),
            needed(identifier("workspace_resource_id")),
            needed(date("start_date end_date"), integer("minutes")),
            decimal("percentage", 4),
            boolean("hard"),
        ),
        _collection(
            "users",
            "A person who books time.",
            needed(text("full_name")),
            text("email_address"),
            identifier("role_id"),
            boolean("disabled"),
            json("custom_field_value_ids"),
            record_url=_WEB + "users/{id}",
        ),
        _collection(
            "roles",
            "The role an hour is priced by.",
            needed(text("name")),
            timestamp("deleted_at"),
            stamped=False,
            deleted="deleted_at",
        ),
        _collection(
            "time_entries",
            "Minutes of one person on one task on one day. Rates are frozen copies per hour.",
            needed(identifier("workspace_id"), filled=True),
            identifier("story_id"),
            needed(identifier("user_id"), filled=True),
            identifier("role_id"),
            needed(date("date_performed"), integer("time_in_minutes"), filled=True),
            needed(boolean("billable approved")),
            boolean("is_invoiced"),
            identifier("invoice_id"),
            needed(integer("rate_in_cents")),
            integer("cost_rate_in_cents"),
            _priced(),
            identifier("active_submission_id recent_submission_id"),
            record_url=_WEB + "time_entries/{id}",
        ),
        _submission("timesheet_submissions", "One week of one person's time on one project.", "time_entry_ids"),
        _submission("expense_report_submissions", "One report of one person's expenses on one project.", "expense_ids"),
        _collection(
            "time_adjustments",
            "A correction of time that is locked.",
            needed(identifier("workspace_id")),
            identifier("story_id user_id"),
            date("original_date"),
            needed(date("posted_on_date"), integer("time")),
            integer("bill_rate_in_cents cost_rate_in_cents"),
            boolean("billable is_invoiced"),
            _priced(),
            json("external_reference_ids"),
        ),
        _collection(
            "expenses",
            "An expense of one person on one project.",
            needed(identifier("workspace_id")),
            identifier("user_id story_id"),
            needed(date("date"), _cents("amount_in_cents")),
            _priced(),
            text("category"),
            boolean("is_billable is_invoiced reimbursable"),
            identifier("active_submission_id recent_submission_id"),
            amount="amount_in_cents",
        ),
        _collection(
            "billing_milestones",
            "A billing schedule entry. It has no base unit: the one of its workspace counts.",
            needed(identifier("workspace_id")),
            identifier("story_id"),
            text("title"),
            needed(_cents("amount_in_cents", base_unit="100"), text("currency")),
            date("date_to_invoice"),
            text("billing_type", "fixed_date", "upon_completion"),
            json("invoice_ids external_reference_ids"),
            cursor=None,
            amount="amount_in_cents",
        ),
        _collection(
            "invoices",
            "An invoice; in a firm that bills elsewhere, a copy made so that billed entries lock.",
            json("workspace_ids"),
            text("user_invoice_number"),
            date("invoice_date due_date"),
            needed(text("status", "new", "accepted payment", "cancelled")),
            boolean("draft"),
            _cents("balance_in_cents"),
            _priced(),
            decimal("tax_rate", 6),
            json("time_entry_ids expense_ids billing_milestone_ids external_reference_ids"),
            amount="balance_in_cents",
            record_url=_WEB + "invoices/{id}",
        ),
        _collection(
            "external_payments",
            "A payment booked on an invoice.",
            needed(identifier("invoice_id")),
            identifier("workspace_id"),
            needed(_cents("amount_in_cents", base_unit="100", currency=None)),
            amount="amount_in_cents",
        ),
        _collection(
            "external_references",
            "The id of the same thing in another system.",
            needed(
                text("subject_type"), identifier("subject_id"), text("service_name service_model service_model_ref")
            ),
            text("status", "pending", "successful", "failed"),
            boolean("locked"),
            timestamp("last_synced_at"),
        ),
        _collection(
            "custom_field_values",
            "One value of one custom field of one record.",
            needed(text("subject_type"), identifier("subject_id")),
            identifier("custom_field_id"),
            needed(text("custom_field_name")),
            text("type"),
            needed(text("value")),
            text("display_value"),
            timestamp("updated_at"),
            stamped=False,
            cursor="updated_at",
            named_values=ValueNames("custom_field_name", _CUSTOM_FIELDS),
        ),
        *CAPACITY,
    ),
)
