"""K21: time is posted in the company that employed the person, on a project of the company that signed.

The company of each approved time line of the ERP against the home company of the person on the work date: where
someone moved, the former one before the day of the move. Working for another company's agreement is normal and no
break; the cost still belongs to the employer. Parent and elimination companies are never anyone's home. Nor may the
project in the ERP belong to another company than the agreement: its work would be sold by a company that did not sign.
Usual causes: the flow sent the project's company, the move reached the ERP a month late, or a project was set up where
its people work. The fix reverses the line and posts it again; what is billed, in a closed month, or on such a project
goes to group finance.
"""

from __future__ import annotations

from reconcile.rule import BreakType, Field, MoneyKind, Nulls, Rule, Severity, Shape, Side
from reconcile.rules._time import VALUE_RATE, move_entity, worth_of

__all__ = ["RULE"]

RULE = Rule(
    check="K21",
    name="wrong_legal_entity",
    entity="time_entry",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        "intermediate.int_time_entry__valued",
        where="kind = 'actual' and state = 'approved'",
        amount="value_amount",
        currency="value_currency",
        columns={"legal_entity_id": "home_legal_entity_id", "value_rate": VALUE_RATE, "is_contracted": "true"},
    ),
    right=Side(
        "ERP",
        "intermediate.int_time_entry__posted",
        where="kind = 'actual' and state = 'approved'",
        amount="reference.value_amount",
        currency="charge_currency",
        columns={"is_contracted": "coalesce(is_contracted, true)"},
    ),
    on=("time_entry_key",),
    compare=(
        Field("legal_entity_id", break_type=BreakType.ENTITY, nulls=Nulls.SKIP, money="reference.value_amount"),
        Field(
            "is_contracted",
            break_type=BreakType.ENTITY,
            when="other.legal_entity_id is not distinct from reference.legal_entity_id",
            money="reference.value_amount",
            cause="'the project belongs to another company than the agreement'",
            title="{person_name}, {posting_date}: {hours} h stand on {project_code}, which belongs to a company that "
            "did not sign ({money})",
        ),
    ),
    missing="K14 asks what is approved and not in the ledger",
    extra="K15 asks what stands in the ledger without approval",
    duplicates="K16 asks what stands in the ledger twice",
    keyless="a line without an entry of the PSA is K15's or K16's",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    cause="'posted in another company'",
    payload={
        "hours": "other.hours",
        "work_on": "other.work_on",
        "erp_id": "other.source_id",
        "home_legal_entity_id": "reference.home_legal_entity_id",
        "time_entry_key": "reference.time_entry_key",
        "task_ref": "reference.task_ref",
        "is_billable": "reference.is_billable",
        **worth_of("other"),
    },
    requires=(("PSA", "time_entry"), ("ERP", "time_entry"), ("PSA", "person"), ("ERP", "legal_entity")),
    title="{person_name}, {posting_date}: {hours} h are posted in a company that did not employ them ({money})",
    plan=move_entity,
)
