"""How NetSuite takes a correction: REST records by id or external id (``eid:``), and transforms of transactions.

Creates carry an external id, so that a repetition finds what it made. Schedules of revenue (plans, planned lines) are
not writable by REST: those corrections are tasks for the revenue accountant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.actions import ActionKind
from contracts.native import Safety, Write

__all__ = ["WRITES"]

_RECORD = "/services/rest/record/v1"
_TIME: dict[str, Any] = {
    "employee": {"id": "{employee_id}"},
    "customer": {"id": "{job_id}"},
    "caseTaskEvent": {"id": "{task_id?}"},
    "item": {"id": "{item_id?}"},
    "hours": "{hours}",
    "tranDate": "{work_on}",
    "isBillable": "{is_billable}",
    "subsidiary": {"id": "{subsidiary_id}"},
    "custcol_psa_time_entry_id": "{time_entry_id}",
    "custcol_first_posted_on": "{first_posted_on?}",
}
_JOURNAL: dict[str, Any] = {
    "externalId": "TIE-{idempotency_key}",
    "subsidiary": {"id": "{subsidiary_id}"},
    "currency": {"id": "{currency_id}"},
    "exchangeRate": "{exchange_rate?}",
    "tranDate": "{posting_on}",
    "memo": "{memo?}",
    "custbody_reverses": "{reverses?}",
    "line": {"items": "{lines}"},
}

#: Cost of a month on projects: dated on its last day, posted there or, when that month is closed, in the open one.
_COST: dict[str, Any] = {**_JOURNAL, "tranDate": "{cost_on}", "postingPeriod": {"id": "{period_ref}"}}

#: An advanced intercompany journal: lines of several companies, each pair of lines balanced in its own books.
_RECHARGE: dict[str, Any] = {
    "externalId": "TIE-{idempotency_key}",
    "subsidiary": {"id": "{subsidiary_id}"},
    "currency": {"id": "{currency_id}"},
    "tranDate": "{recharged_on}",
    "postingPeriod": {"id": "{period_ref}"},
    "memo": "{memo?}",
    "line": {"items": "{lines}"},
}


def _call(
    kind: ActionKind, entity: str, variant: str, method: str, path: str, name: str,
    body: Mapping[str, Any] | None = None, safety: Safety = "upsert",
) -> Write:  # fmt: skip
    return Write(
        kind, entity, variant, method=method, path=f"{_RECORD}/{path}", body=body or {}, object=name, safety=safety
    )


def _patch(kind: ActionKind, entity: str, name: str, variant: str = "", /, **body: Any) -> Write:
    return _call(kind, entity, variant, "PATCH", f"{name}/{{record_id}}", name, body)


def _keyed(kind: ActionKind, entity: str, name: str, variant: str = "", /, **body: Any) -> Write:
    """A create or update by external id."""
    return _call(kind, entity, variant, "PUT", f"{name}/eid:{{external_id}}", name, body, "keyed")


def _credit(entity: str, variant: str = "", /, **more: Any) -> Write:
    """A credit memo made from an invoice, with only the lines given."""
    body = {
        "externalId": "TIE-{idempotency_key}",
        "tranDate": "{posting_on}",
        "memo": "{memo?}",
        "custbody_credit_reason": "{credit_reason}",
        "item": {"items": "{lines}"},
        **more,
    }
    path = "invoice/{record_id}/!transform/creditMemo?replace=item"
    return _call(ActionKind.CREDIT_AND_REBILL, entity, variant, "POST", path, "invoice", body, "read_back")


_K = ActionKind

WRITES: tuple[Write, ...] = (
    _keyed(_K.CREATE, "customer", "customer", companyName="{customer_name}", subsidiary={"id": "{subsidiary_id}"},
           currency={"id": "{currency_id}"}, terms={"id": "{terms_id?}"}, email="{email?}",
           custentity_tax_id="{tax_id?}"),
    _patch(_K.DEACTIVATE, "customer", "customer", isInactive=True),
    _patch(_K.COMPLETE, "customer", "customer", "activate", isInactive=False),
    _patch(_K.LINK, "customer", "customer", externalId="{link_external_id}"),
    _patch(_K.UNLINK, "customer", "customer", externalId=None),
    _keyed(_K.CREATE, "project", "job", companyName="{project_name}", parent={"id": "{customer_ref}"},
           subsidiary={"id": "{subsidiary_id}"}, currency={"id": "{currency_id}"},
           custentity_psa_project_id="{psa_project_id}", custentity_practice={"id": "{practice_id}"},
           custentity_sow_number="{agreement_number?}", custentity_billing_type="{billing_type?}",
           custentity_entity={"id": "{subsidiary_id}"}),
    _patch(_K.LINK, "project", "job", isInactive=False, custentity_practice={"id": "{practice_id}"}),
    _patch(_K.LINK, "project", "job", "external_id", externalId="{link_external_id}"),
    _patch(_K.LINK, "project", "job", "code", entityId="{project_code}"),
    _patch(_K.LINK, "project", "job", "psa_project", externalId="{link_external_id}",
           custentity_psa_project_id="{psa_project_id}"),
    _patch(_K.COMPLETE, "project", "job", "terms", custentity_billing_type="{billing_type?}", startDate="{start_on?}",
           endDate="{end_on?}"),
    _patch(_K.DEACTIVATE, "project", "job", isInactive=True),
    _keyed(_K.REPLAY, "time_entry", "timebill", **_TIME),
    _call(_K.REPLAY, "time_entry", "approve", "POST", "timebill/{record_id}/@approve", "timebill"),
    _call(_K.REVERSE, "time_entry", "", "POST", "timebill/{record_id}/@reject", "timebill"),
    _call(_K.REVERSE, "time_entry", "delete", "DELETE", "timebill/{record_id}", "timebill", safety="read_back"),
    _call(_K.REVERSE, "time_entry", "delete_by_key", "DELETE", "timebill/eid:{external_id}", "timebill",
          safety="read_back"),
    _call(_K.REVERSE_AND_REPOST, "time_entry", "delete", "DELETE", "timebill/{record_id}", "timebill",
          safety="read_back"),
    _keyed(_K.REVERSE_AND_REPOST, "time_entry", "timebill", "repost", **_TIME),
    _patch(_K.RE_RATE, "billing_event", "charge", rate="{hourly_rate}", amount="{event_amount}"),
    _keyed(_K.TRUE_UP, "billing_event", "charge", timeRecord={"id": "{time_ref}"}, billTo={"id": "{job_id}"},
           quantity="{hours}", rate="{hourly_rate}", amount="{event_amount}", currency={"id": "{currency_id}"},
           chargeDate="{posting_on}", salesOrder={"id": "{order_ref?}"}, salesOrderLine="{order_line_ref?}",
           memo="{memo?}"),
    _keyed(_K.CREATE, "billing_event", "charge", billTo={"id": "{job_id}"}, stage="{stage}", chargeDate="{event_on}",
           quantity="{quantity}", rate="{hourly_rate}", amount="{event_amount}", currency={"id": "{currency_id}"},
           salesOrder={"id": "{order_ref?}"}, salesOrderLine="{order_line_ref?}"),
    _patch(_K.HOLD, "billing_event", "charge", stage="Hold"),
    _patch(_K.RELEASE, "billing_event", "charge", stage="Ready"),
    _call(_K.CREATE, "invoice", "from_order", "POST", "salesOrder/{order_ref}/!transform/invoice", "salesOrder",
          {"externalId": "TIE-{idempotency_key}", "tranDate": "{posting_on}", "memo": "{memo?}",
           "custbody_billing_event_key": "{billing_event_key}", "item": {"items": "{lines}"}}, "read_back"),
    _call(_K.CREATE, "invoice", "from_charges", "POST", "salesOrder/{order_ref}/!transform/invoice", "salesOrder",
          {"externalId": "TIE-{idempotency_key}", "tranDate": "{posting_on}", "memo": "{memo?}",
           "item": {"items": "{lines}"}}, "read_back"),
    _keyed(_K.REPLAY, "expense", "expenseReport", entity={"id": "{employee_id}"}, tranDate="{posting_on}",
           memo="{memo?}", expense={"items": "{lines}"}),
    _credit("invoice"),
    _credit("invoice", "apply", apply={"items": "{applied}"}),
    _credit("invoice_line"),
    _credit("time_entry"),
    _credit("milestone"),
    _credit("agreement_line"),
    *(_patch(kind, entity, "salesOrder", "value", item={"items": "{lines}"})
      for kind in (_K.COMPLETE, _K.REPLAY) for entity in ("agreement", "agreement_line")),
    _patch(_K.COMPLETE, "agreement", "salesOrder", "purchase_order", otherRefNum="{purchase_order_number}"),
    *(_patch(kind, entity, "salesOrder", "cap", custbody_nte_amount="{cap_amount}")
      for kind in (_K.COMPLETE, _K.REPLAY) for entity in ("agreement", "agreement_line")),
    *(_patch(_K.REPLAY, entity, "salesOrder", "version", custbody_sow_version="{version_no}",
             custbody_nte_amount="{cap_amount?}", item={"items": "{lines}"})
      for entity in ("agreement", "agreement_version")),
    _patch(_K.COMPLETE, "invoice_line", "creditMemo", item={"items": "{lines}"}),
    _call(_K.REVERSE, "journal_line", "", "POST", "journalEntry", "journalEntry", _JOURNAL, "read_back"),
    *(_call(_K.RECLASS, entity, "", "POST", "journalEntry", "journalEntry", _JOURNAL, "read_back")
      for entity in ("journal_line", "agreement")),
    _call(_K.ACCRUE, "journal_line", "", "POST", "journalEntry", "journalEntry",
          {**_JOURNAL, "tranDate": "{accrued_on}", "reversalDate": "{reversal_on}"}, "read_back"),
    *(_call(kind, "journal_line", "recharge", "POST", "advInterCompanyJournalEntry", "advInterCompanyJournalEntry",
            _RECHARGE, "read_back") for kind in (_K.REPLAY, _K.REVERSE_AND_REPOST)),
    *(_call(kind, "journal_line", "cost", "POST", "journalEntry", "journalEntry", _COST, "read_back")
      for kind in (_K.REPLAY, _K.REVERSE_AND_REPOST, _K.RECLASS)),
    _call(_K.ACCRUE, "journal_line", "cost", "POST", "journalEntry", "journalEntry",
          {**_COST, "reversalDate": "{reversal_on}"}, "read_back"),
    _call(_K.REVERSE, "revenue_line", "", "POST", "journalEntry", "journalEntry", _JOURNAL, "read_back"),
    _call(_K.TRUE_UP, "obligation", "allocate", "POST", "revenueArrangement/{arrangement_ref}/@allocate",
          "revenueArrangement"),
)  # fmt: skip
