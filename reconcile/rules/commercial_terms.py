"""K10: every system bills and recognises by the terms that were signed.

Billing type, cap and dates of the signed agreement against the projects of the PSA, the sales order and the projects
of the ERP, and, for services earned over time, the dates of the obligation. Delivery may plan inside the signed term:
only a start before it or an end after it is a break. Lines of different billing types are compared line by line. A
wrong billing type is worth the line it misclassifies; a cap its difference; the dates of a ratable service half of what
its schedule shifts between months (the amount that lands in the wrong month); other dates nothing.
The order has room for one purchase order number, which is printed on invoices: any of those that the customer sent for
the agreement is right. Another one costs nothing by itself; its invoices come back.
Usual cause: a project template left at time and materials, a cap lost when the order was keyed, a go-live that was
moved by mail. Currencies are compared with the value (K09), caps at the version signed last (a gap is K11's).
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
)

__all__ = ["LABELS", "RULE"]

_SIGNED = """
select subject, signed_role as role, signed_connection as connection, signed_object as object,
  signed_source_id as source_id, cast(signed_row_id as bigint) as row_id,
  agreement_id, agreement_number, customer_id, project_id,
  signed_billing_type as billing_type, signed_cap_amount as cap_amount, signed_start_on as start_on,
  signed_end_on as end_on, signed_purchase_order_number as purchase_order_number,
  line_value_amount, shift_amount, currency, is_same_version
from intermediate.int_agreement__stated_terms
"""

#: A billing type in the words of the firm's own fields.
LABELS = (
    "case {0} when 'tm' then 'T&M' when 'fixed_fee' then 'Fixed Fee' when 'managed_service' then 'Managed Service' "
    "when 'milestone' then 'Milestone' when 'mixed' then 'Mixed' end"
)
_RIGHT_TYPE = LABELS.format("left_value")
_WRONG_TYPE = LABELS.format("right_value")


def _moved(role: str, entity: str, variant: str, name: str, field: str, column: str, reason: str) -> Correction:
    """A date of a follower's record set to the signed one."""
    return Correction(
        kind=ActionKind.COMPLETE,
        entity=entity,
        variant=variant,
        target_role=role,
        when=f"right_object = '{name}' and field = '{field}'",
        target="target_ref",
        values={field: "left_value"},
        changes=((column, "right_value", "left_value"),),
        reason=reason,
    )


def _spread(field: str, column: str) -> Correction:
    """A date of an obligation set to the signed one, by the people who own its schedule."""
    return Correction(
        kind=ActionKind.ROUTE,
        entity="obligation",
        target_role="REVREC",
        when=f"right_role = 'REVREC' and field = '{field}'",
        target="target_ref",
        queue=Queue.REVENUE_ACCOUNTING,
        changes=(("revenueelement", "target_ref", column, "right_value", "left_value"),),
        reason="the service of {agreement_line_key} is earned over its signed dates: correct them at the order line, "
        "then update the revenue plan; posted months stay",
    )


def _spoken(billing_type: str) -> str:
    """A billing type as people say it."""
    return f"case {billing_type} when 'tm' then 'T&M' else replace({billing_type}, '_', ' ') end"


RULE = Rule(
    check="K10",
    name="commercial_terms",
    entity="agreement",
    shape=Shape.PAIR,
    left=Side("CRM", _SIGNED),
    right=Side("ERP", "intermediate.int_agreement__stated_terms"),
    on=("agreement_id", "subject"),
    compare=(
        Field(
            "billing_type",
            break_type=BreakType.CLASSIFICATION,
            nulls=Nulls.SKIP,
            money="reference.line_value_amount",
            cause="'another billing type'",
            title="{agreement_number}: signed as {signed_as}, set up as {set_up_as} ({money})",
        ),
        Field(
            "cap_amount",
            break_type=BreakType.TERMS,
            when="reference.is_same_version",
            money="abs(coalesce(other.cap_amount, 0) - coalesce(reference.cap_amount, 0))",
            cause="case when other.cap_amount is null then 'cap lost' else 'another cap' end",
            title="{agreement_number}: billing is not limited by the signed cap of {left_value} ({money})",
        ),
        Field(
            "start_on",
            break_type=BreakType.DATE,
            nulls=Nulls.SKIP_OTHER,
            money="reference.shift_amount",
            cause="'another start'",
            title="{agreement_number}: starts on {left_value}, set up from {right_value} ({money})",
        ),
        Field(
            "end_on",
            break_type=BreakType.DATE,
            nulls=Nulls.SKIP_OTHER,
            money="case when reference.start_on is distinct from other.start_on then 0 else reference.shift_amount end",
            cause="'another end'",
            title="{agreement_number}: ends on {left_value}, set up until {right_value} ({money})",
        ),
        Field(
            "purchase_order_number",
            break_type=BreakType.TERMS,
            normalise=("trim", "fold"),
            when="reference.purchase_order_number is not null",
            money="0",
            severity=Severity.S3,
            cause="case when other.purchase_order_number is null then 'purchase order lost' "
            "else 'another purchase order' end",
            title="{agreement_number}: the customer sent {left_value}, invoices name {right_value}",
        ),
    ),
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    payload={
        "signed_as": _spoken("reference.billing_type"),
        "set_up_as": _spoken("other.billing_type"),
        "agreement_line_key": "other.agreement_line_key",
        "target_ref": "other.target_ref",
        "type_value_ref": "other.type_value_ref",
        "cap_value_ref": "other.cap_value_ref",
        "job_ref": "other.job_ref",
        "job_billing_type": "other.job_billing_type",
        "signed_start_on": "reference.start_on",
        "signed_end_on": "reference.end_on",
    },
    requires=(("CRM", "agreement"), ("CRM", "agreement_line"), ("PSA", "project"), ("ERP", "project")),
    caused_by=(("K11", "agreement_id"),),
    title="{agreement_number}: {field} signed as {left_value}, set up as {right_value} ({money})",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="project",
            variant="custom_field",
            target_role="PSA",
            when="field = 'billing_type' and right_role = 'PSA' and type_value_ref is not null",
            target="type_value_ref",
            values={"value": _RIGHT_TYPE},
            changes=(("custom_field_values", "type_value_ref", "value", _WRONG_TYPE, _RIGHT_TYPE),),
            reason="the project of {agreement_number} is billed as signed",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="project",
            variant="terms",
            target_role="ERP",
            when="field = 'billing_type' and right_role = 'PSA' and job_ref is not null "
            "and job_billing_type is distinct from left_value",
            target="job_ref",
            values={"billing_type": _RIGHT_TYPE},
            changes=(("job", "job_ref", "custentity_billing_type", LABELS.format("job_billing_type"), _RIGHT_TYPE),),
            depends_on=(0,),
            reason="the ledger's project of {agreement_number} follows",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="project",
            variant="terms",
            target_role="ERP",
            when="right_object = 'job' and field = 'billing_type'",
            target="target_ref",
            values={"billing_type": _RIGHT_TYPE},
            changes=(("custentity_billing_type", _WRONG_TYPE, _RIGHT_TYPE),),
            reason="the ledger's project of {agreement_number} is billed as signed",
        ),
        _moved("ERP", "project", "terms", "job", "start_on", "startdate", "the ledger's project starts as signed"),
        _moved("ERP", "project", "terms", "job", "end_on", "enddate", "the ledger's project ends as signed"),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="agreement",
            variant="cap",
            target_role="ERP",
            when="field = 'cap_amount' and right_role = 'ERP'",
            target="target_ref",
            values={"cap_amount": "cast(left_value as decimal(18,2))"},
            precondition=(
                (
                    "custbody_nte_amount",
                    "eq",
                    "cast(right_value as decimal(18,2))",
                ),
            ),
            changes=(
                ("custbody_nte_amount", "cast(right_value as decimal(18,2))", "cast(left_value as decimal(18,2))"),
            ),
            policy="single",
            required_role="finance",
            reason="the signed cap of {agreement_number} limits billing",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="agreement",
            variant="purchase_order",
            target_role="ERP",
            when="field = 'purchase_order_number'",
            target="target_ref",
            values={"purchase_order_number": "left_value"},
            precondition=(("otherRefNum", "eq", "right_value"),),
            changes=(("otherRefNum", "right_value", "left_value"),),
            reason="invoices of {agreement_number} name the customer's purchase order",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="project",
            variant="custom_field",
            target_role="PSA",
            when="field = 'cap_amount' and right_role = 'PSA' and cap_value_ref is not null",
            target="cap_value_ref",
            values={"value": "left_value"},
            changes=(("custom_field_values", "cap_value_ref", "value", "right_value", "left_value"),),
            reason="the signed cap of {agreement_number} is known to delivery",
        ),
        _moved(
            "PSA",
            "project",
            "dates",
            "workspaces",
            "start_on",
            "start_date",
            "the project starts inside the signed term",
        ),
        _moved(
            "PSA", "project", "dates", "workspaces", "end_on", "due_date", "the project ends inside the signed term"
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="agreement_line",
            target_role="ERP",
            when="field = 'billing_type' and right_object = 'transactionline'",
            target="target_ref",
            changes=(("transactionline", "target_ref", "custcol_billing_type", _WRONG_TYPE, _RIGHT_TYPE),),
            reason="line {agreement_line_key} of the order is billed as signed; its item decides how revenue is earned",
        ),
        _spread("start_on", "revrecstartdate"),
        _spread("end_on", "revrecenddate"),
    ),
)
