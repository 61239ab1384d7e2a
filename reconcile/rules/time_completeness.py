"""K14: approved time stands in the ledger.

Every approved entry of the PSA, billable or not, is expected as an approved line of the ERP within fifteen minutes of
its approval: the same hours (to a hundredth), the same work date, the same project. What is missing cannot be billed
or recognised; its value at the agreed rate is the exposure. A line that is there but not approved counts as missing in
money. Lines of the ERP without an approved entry are K15's question, repeated lines K16's.
"""

from __future__ import annotations

from contracts.money import round_sql
from reconcile.rule import BreakType, Field, MoneyKind, Rule, Severity, Shape, Side, Tolerance, Window
from reconcile.rules._time import VALUE_RATE, send_time

__all__ = ["RULE"]

_VALUE_OF_LINE = round_sql("cast(other.hours as decimal(28, 8)) * reference.value_rate", "reference.value_currency")

RULE = Rule(
    check="K14",
    name="time_completeness",
    entity="time_entry",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        "intermediate.int_time_entry__valued",
        where="kind = 'actual' and state = 'approved'",
        amount="value_amount",
        currency="value_currency",
        columns={"value_rate": VALUE_RATE, "is_approved_line": "true"},
    ),
    right=Side(
        "ERP",
        "intermediate.int_time_entry__posted",
        where="kind = 'actual'",
        amount=f"case when other.is_approved_line then {_VALUE_OF_LINE} else 0 end",
        columns={"is_approved_line": "state = 'approved'"},
    ),
    on=("time_entry_key",),
    compare=(
        Field("is_approved_line", break_type=BreakType.STATE, carries=True, cause="'the line is not approved'"),
        Field(
            "hours",
            tolerance=Tolerance.absolute("0.01"),
            break_type=BreakType.QUANTITY,
            title="{person_name}, {posting_date}: {left_value} h approved, {right_value} h in the ledger ({money})",
        ),
        Field(
            "work_on",
            break_type=BreakType.DATE,
            title="{person_name}: worked on {left_value}, in the ledger on {right_value}",
        ),
        Field(
            "project_id",
            break_type=BreakType.CLASSIFICATION,
            title="{person_name}, {posting_date}: the ledger has the time on another project",
        ),
    ),
    window=Window("reference.approved_at", minutes=15),
    extra="K15 asks what stands in the ledger without approval",
    duplicates="K16 asks what stands in the ledger twice",
    keyless="a line without an entry of the PSA is K15's or K16's",
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    payload={
        "hours": "reference.hours",
        "work_on": "reference.work_on",
        "is_billable": "reference.is_billable",
        "time_entry_key": "reference.time_entry_key",
        "erp_id": "other.source_id",
        "erp_hours": "other.hours",
        "task_ref": "reference.task_ref",
        "home_legal_entity_id": "reference.home_legal_entity_id",
    },
    requires=(("PSA", "time_entry"), ("ERP", "time_entry")),
    caused_by=(("K08", "project_id"), ("K07", "project_id"), ("K01", "customer_id")),
    title="{person_name}, {posting_date}: {hours} h on {project_code} are approved but not in the ledger ({money})",
    plan=send_time,
)
