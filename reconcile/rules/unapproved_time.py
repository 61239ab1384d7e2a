"""K15: only approved time stands in the ledger.

Every approved time line of the ERP against the approval of its entry in the PSA. A line whose entry was rejected or
withdrawn after it was sent, or whose entry is gone from a full export, must not be billed or recognised; its value is
misstated until it is reversed. Projects that need no approval count as approved, and a timesheet submitted again and
approved is approved.
Usual causes: a timesheet rejected after the transfer, an entry deleted, a filter of the export that asks whether the
flag is there instead of whether it is set. The fix rejects the line; what was billed is credited first.
"""

from __future__ import annotations

from reconcile.rule import BreakType, Field, MoneyKind, Rule, Severity, Shape, Side
from reconcile.rules._time import take_back, worth_of

__all__ = ["RULE"]

RULE = Rule(
    check="K15",
    name="unapproved_time",
    entity="time_entry",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        "intermediate.int_time_entry__valued",
        where="kind = 'actual'",
        amount="case when state = 'approved' then value_amount else 0 end",
        currency="value_currency",
        columns={"is_backed": "state = 'approved'"},
    ),
    right=Side(
        "ERP",
        "intermediate.int_time_entry__posted",
        where="kind = 'actual' and state = 'approved' and twin_key is null",
        amount="coalesce(reference.value_amount, other.charged_amount, 0)",
        currency="charge_currency",
        columns={"is_backed": "true"},
    ),
    on=("time_entry_key",),
    compare=(
        Field(
            "is_backed",
            break_type=BreakType.UNAPPROVED,
            cause="'the entry is ' || reference.state",
            carries=True,
        ),
    ),
    missing="K14 asks what is approved and not in the ledger",
    extra="break",
    extra_type=BreakType.UNAPPROVED,
    duplicates="K16 asks what stands in the ledger twice",
    keyless="break",
    cause="'no such entry'",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    payload={
        "hours": "other.hours",
        "work_on": "other.work_on",
        "entry_state": "coalesce(reference.state, 'gone')",
        "erp_id": "other.source_id",
        "gone_month": "case when reference.time_entry_key is null then other.project_id || '/' "
        "|| other.approved_period end",
        **worth_of("other"),
    },
    requires=(("PSA", "time_entry"), ("ERP", "time_entry")),
    caused_by=(("K16", "records"), ("K07", "project_id")),
    title="{person_name}, {posting_date}: {hours} h on {project_code} stand in the ledger, "
    "the entry is {entry_state} ({money})",
    plan=take_back("REVERSE", "", "entry {entity_id} is {entry_state} and its {hours} h stand in the ledger"),
)
