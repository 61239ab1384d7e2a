"""K08: every project with approved time has a usable counterpart in the ledger.

A project of the PSA and the ERP's project it is booked on, found by the PSA's id: it exists, may be used, carries the
same code, and its practice is one that may still be booked. Time on a project that fails here cannot be posted: the
break is worth the approved time that waits (nothing, when only the practice differs and all time arrived); the lines
that wait are K14's and hang under this break. A new project has a day. Codes may differ in case, blanks and leading
zeros. Internal work may share one project of the ledger as long as its time arrives, and a finished project that was
closed after its last entry is right.
"""

from __future__ import annotations

from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Field,
    MoneyKind,
    Nulls,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Window,
)

__all__ = ["RULE"]

_HELD = "reference.held_amount"
_IN_USE = "reference.is_active or reference.held_count > 0"

RULE = Rule(
    check="K08",
    name="project_dimensions",
    entity="project",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        "intermediate.int_project__dimensions",
        where="role = 'PSA' and approved_count > 0 and (agreement_number is not null or held_count > 0)",
        columns={
            "is_usable": "true",
            "is_class_usable": "true",
            "practice_name": "practice",
        },
    ),
    right=Side(
        "ERP",
        "intermediate.int_project__dimensions",
        where="role = 'ERP'",
        columns={
            "is_usable": "is_active",
            "is_class_usable": "is_class_active",
            "practice_name": "practice",
        },
    ),
    on=("psa_project_ref",),
    compare=(
        Field(
            "is_usable",
            break_type=BreakType.INACTIVE,
            when=_IN_USE,
            money=_HELD,
            cause="'switched off in the ledger'",
            title="{project_code} is switched off in the ledger: {held_count} approved entries wait ({money})",
        ),
        Field(
            "project_code",
            break_type=BreakType.UNMAPPED,
            normalise=("trim", "space", "fold", "zeros", "blank"),
            nulls=Nulls.SKIP,
            money=f"case when other.is_usable then {_HELD} else 0 end",
            cause="'code typed by hand'",
            title="The ledger has project {left_value} under the code {right_value} ({money})",
        ),
        Field(
            "practice_name",
            break_type=BreakType.CLASSIFICATION,
            normalise=("trim", "space", "fold", "blank"),
            nulls=Nulls.SKIP_OTHER,
            when=_IN_USE,
            money=f"case when other.is_usable then {_HELD} else 0 end",
            cause="'another practice in the ledger'",
            title="{project_code} belongs to {left_value}, in the ledger to {right_value} ({money})",
        ),
        Field(
            "is_class_usable",
            break_type=BreakType.INACTIVE,
            nulls=Nulls.SKIP_OTHER,
            when=_IN_USE,
            money=f"case when other.is_usable and other.practice_name = reference.practice_name then {_HELD} "
            "else 0 end",
            cause="'the practice is closed in the ledger'",
            title="The practice of {project_code} is closed in the ledger: {held_count} entries wait ({money})",
        ),
    ),
    window=Window("reference.created_at", days=1),
    extra="a project that only the ledger has is nobody's delivery",
    duplicates="K77 asks for references that are not one to one",
    keyless="a project of the ledger without an id of the PSA is K77's",
    money_kind=MoneyKind.EXPOSURE,
    money=_HELD,
    severity=Severity.S2,
    owner=Queue.MASTER_DATA,
    cause="'never created in the ledger'",
    facts={"project_id": "coalesce(reference.project_id, other.project_id)"},
    payload={
        "held_count": "reference.held_count",
        "wanted_class_ref": "reference.wanted_class_ref",
        "class_ref": "other.class_ref",
        "psa_project_ref": "reference.psa_project_ref",
        "project_name": "reference.project_name",
        "wanted_code": "reference.project_code",
        "agreement_ref": "reference.agreement_number",
        "billing_type": "reference.billing_type",
        "legal_entity_code": "reference.legal_entity_code",
        "currency_code": "reference.currency",
        "is_usable": "other.is_usable",
    },
    requires=(("PSA", "project"), ("ERP", "project"), ("PSA", "time_entry"), ("ERP", "time_entry")),
    caused_by=(("K07", "records"), ("K01", "customer_id")),
    title="{project_code} is missing in the ledger: {held_count} approved entries wait ({money})",
    corrections=(
        Correction(
            kind=ActionKind.LINK,
            entity="project",
            target_role="ERP",
            when="break_type in ('inactive', 'classification') and coalesce(wanted_class_ref, class_ref) is not null",
            values={"practice_id": "coalesce(wanted_class_ref, class_ref)"},
            precondition=(
                ("isinactive", "eq", "case when is_usable = 'false' then 'T' else 'F' end"),
                ("custentity_practice", "eq", "class_ref"),
            ),
            changes=(
                ("isinactive", "case when is_usable = 'false' then 'T' else 'F' end", "'F'"),
                ("custentity_practice", "class_ref", "coalesce(wanted_class_ref, class_ref)"),
            ),
            reason="{project_code} can be booked again, under the practice it belongs to",
        ),
        Correction(
            kind=ActionKind.LINK,
            entity="project",
            variant="code",
            target_role="ERP",
            when="break_type = 'unmapped' and field = 'project_code'",
            values={"project_code": "wanted_code"},
            precondition=(("entityid", "eq", "right_value"),),
            changes=(("entityid", "right_value", "wanted_code"),),
            reason="the ledger takes the project's own code",
        ),
        Correction(
            kind=ActionKind.CREATE,
            entity="project",
            target_role="ERP",
            when="break_type = 'missing_right'",
            external_id="'KAN-' || psa_project_ref",
            values={
                "project_name": "project_name",
                "psa_project_id": "psa_project_ref",
                "agreement_number": "agreement_ref",
                "billing_type": "case billing_type when 'tm' then 'T&M' when 'fixed_fee' then 'Fixed Fee' "
                "when 'managed_service' then 'Managed Service' when 'milestone' then 'Milestone' end",
                "practice_id": "wanted_class_ref",
                "customer_ref": "(select min(c.source_id) from intermediate.int_customer__claims as c "
                "where c.role = 'ERP' and c.customer_id = _plan_breaks.customer_id)",
                "subsidiary_id": "(select min(l.source_id) from intermediate.int_legal_entity__claims as l "
                "where l.role = 'ERP' and l.legal_entity_code = _plan_breaks.legal_entity_code)",
                "currency_id": "(select min(c.currency_id) from intermediate.int_currency__ids as c "
                "where c.currency = _plan_breaks.currency_code)",
            },
            precondition=(("externalid", "absent", "null"),),
            changes=(("externalid", "null", "'KAN-' || psa_project_ref"),),
            reason="{project_code} was never created in the ledger",
        ),
    ),
)
