"""K30: a milestone that is billed when it is accepted is not billed before.

Milestones billed upon completion whose posted invoice still stands (net of credits), and that the customer had not
accepted on the day of the invoice. An acceptance entered late counts from its own date, and a task reopened afterwards
stays accepted. Milestones billed on a fixed date are billed in advance by agreement and no break. Where the agreement
allows billing in advance, it is enough that the revenue is on hold. Worth the milestone.
Usual cause: the biller invoiced on the planned date. The fix holds the revenue where advance billing is allowed;
else the line is credited as a billing mistake and its charge held until the acceptance.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, Correction, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_BEHIND = """
select 'charge' as object, charge_connection as connection, charge_ref as source_id, cast(charge_row_id as bigint) as
row_id, milestone_key,
  milestone_amount, currency
from intermediate.int_billing__milestones where charge_ref is not null
union all
select 'transactionline' as object, charge_connection as connection, invoice_line_ref as source_id,
cast(invoice_line_row_id as bigint) as row_id,
  milestone_key, standing_amount as milestone_amount, currency
from intermediate.int_billing__milestones where invoice_line_ref is not null
"""

RULE = Rule(
    check="K30",
    name="milestone_before_acceptance",
    entity="milestone",
    shape=Shape.SEQUENCE,
    sides=(
        Side(
            "PSA",
            "intermediate.int_billing__milestones",
            where="billing_type = 'upon_completion' and is_billed and standing_amount > 0",
            amount="milestone_amount",
        ),
    ),
    on=("milestone_key",),
    broken="(accepted_on is null or accepted_on > issued_on) and not (is_advance_billing_allowed and is_held)",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    at_fault="reference.charge_connection",
    cause="case when reference.hidden_row_count > 0 then 'quarantined' when reference.accepted_on is null then "
    "'billed, not accepted' else 'billed before it was accepted' end",
    facts={
        "document_number": "reference.document_number",
        "period": "reference.period",
        "posting_date": "reference.issued_on",
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
    },
    payload={
        "milestone_name": "reference.milestone_name",
        "milestone_key": "reference.milestone_key",
        "charge_ref": "reference.charge_ref",
        "invoice_ref": "reference.invoice_ref",
        "invoice_line_ref": "reference.invoice_line_ref",
        "standing_amount": "reference.standing_amount",
        "obligation_ref": "reference.obligation_ref",
        "issued_on": "reference.issued_on",
        "accepted_on": "reference.accepted_on",
        "is_advance_billing_allowed": "reference.is_advance_billing_allowed",
    },
    evidence=(Evidence("reference", _BEHIND, on=("milestone_key",), amount="milestone_amount"),),
    requires=(
        ("PSA", "milestone"),
        ("PSA", "task"),
        ("CRM", "agreement"),
        ("ERP", "billing_event"),
        ("ERP", "invoice_line"),
    ),
    caused_by=(("K29", "document_number"),),
    title="{milestone_name} of {project_code}: billed on {issued_on} ({document_number}) before it was accepted "
    "({money})",
    corrections=(
        Correction(
            kind=ActionKind.HOLD,
            entity="obligation",
            target_role="ERP",
            when="is_advance_billing_allowed = 'true' and obligation_ref is not null",
            target="obligation_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(("revenueelement", "obligation_ref", "holdrevenuerecognition", "false", "true"),),
            reason="{milestone_name} is billed in advance, as agreed: hold its revenue until it is accepted",
        ),
        Correction(
            kind=ActionKind.CREDIT_AND_REBILL,
            entity="milestone",
            target_role="ERP",
            when="is_advance_billing_allowed = 'false'",
            target="invoice_ref",
            values={
                "credit_reason": "'BILLING_ERROR'",
                "lines": "json_array(json_object('custcol_credited_line', invoice_line_ref, "
                "'amount', cast(standing_amount as decimal(18,2))))",
            },
            changes=(
                (
                    "transactionline",
                    "invoice_line_ref",
                    "net of credits",
                    "cast(standing_amount as decimal(18,2))",
                    "0",
                ),
            ),
            posting_period="issued_on",
            reason="{milestone_name} was billed before it was accepted, which the agreement does not allow",
        ),
        Correction(
            kind=ActionKind.HOLD,
            entity="billing_event",
            variant="billed",
            target_role="ERP",
            when="is_advance_billing_allowed = 'false'",
            target="charge_ref",
            changes=(("charge", "charge_ref", "stage", "'Processed'", "'Hold'"),),
            depends_on=(1,),
            reason="{milestone_name} is billed again once it is accepted",
        ),
    ),
)
