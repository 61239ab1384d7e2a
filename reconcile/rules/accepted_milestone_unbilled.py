"""K31: an accepted milestone is billed.

Every milestone billed upon completion that the customer accepted is expected on a posted invoice within three business
days. Milestones without a price are left out. Worth the milestone.
Usual causes: the task was completed and no charge was made, or the charge was left on hold. The fix makes or
releases the charge, then bills it from the sales order.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side, Window

__all__ = ["RULE"]

_MILESTONES = "intermediate.int_billing__milestones"
_EVENT = "'KAN-BM-' || milestone_key"

RULE = Rule(
    check="K31",
    name="accepted_milestone_unbilled",
    entity="milestone",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        _MILESTONES,
        where="billing_type = 'upon_completion' and accepted_on is not null and milestone_amount > 0",
        amount="milestone_amount",
    ),
    right=Side(
        "ERP",
        f"select * replace (charge_connection as connection, 'ERP' as role, 'charge' as object, charge_ref as "
        f"source_id, "
        f"cast(charge_row_id as bigint) as row_id) from {_MILESTONES} where is_billed",
    ),
    on=("milestone_key",),
    window=Window("reference.accepted_on", business_days=3),
    duplicates="a milestone with two charges is asked for by K28 and K29",
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' when reference.charge_state = 'held' "
    "then 'charge on hold' "
    "when reference.charge_state = 'ready' then 'charge not billed' when reference.charge_state = 'invoiced' "
    "then 'invoice not posted' "
    "else 'no charge' end",
    facts={
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
        "posting_date": "reference.accepted_on",
    },
    payload={
        "milestone_name": "reference.milestone_name",
        "milestone_key": "reference.milestone_key",
        "accepted_on": "reference.accepted_on",
        "agreement_line_key": "reference.agreement_line_key",
        "charge_ref": "reference.charge_ref",
        "charge_state": "reference.charge_state",
        "order_ref": "reference.order_ref",
        "order_line_no": "reference.order_line_no",
        "job_ref": "reference.job_ref",
        "currency_ref": "reference.currency_ref",
    },
    requires=(("PSA", "milestone"), ("PSA", "task"), ("ERP", "billing_event"), ("ERP", "invoice")),
    caused_by=(("K08", "project_id"), ("K01", "customer_id"), ("K11", "agreement_id")),
    title="{milestone_name} of {project_code}: accepted on {accepted_on}, not billed ({money})",
    corrections=(
        Correction(
            kind=ActionKind.CREATE,
            entity="billing_event",
            target_role="ERP",
            when="charge_ref is null and order_ref is not null",
            external_id=_EVENT,
            values={
                "stage": "'Ready'",
                "event_on": "accepted_on",
                "event_amount": "cast(abs(variance) as decimal(18,2))",
                "quantity": "1",
                "hourly_rate": "cast(abs(variance) as decimal(18,2))",
                "job_id": "job_ref",
                "currency_id": "currency_ref",
                "order_ref": "order_ref",
                "order_line_ref": "order_line_no",
            },
            precondition=(("externalid", "absent", "null"),),
            changes=(("stage", "null", "'Ready'"),),
            policy="single",
            required_role="billing_lead",
            reason="{milestone_name} was accepted on {accepted_on} and no charge was made",
        ),
        Correction(
            kind=ActionKind.RELEASE,
            entity="billing_event",
            target_role="ERP",
            when="charge_state = 'held'",
            target="charge_ref",
            precondition=(("stage", "eq", "'Hold'"),),
            changes=(("charge", "charge_ref", "stage", "'Hold'", "'Ready'"),),
            reason="{milestone_name} was accepted on {accepted_on}; its charge is still on hold",
        ),
        Correction(
            kind=ActionKind.CREATE,
            entity="invoice",
            variant="from_order",
            target_role="ERP",
            when="order_ref is not null and coalesce(charge_state, 'held') in ('held', 'ready')",
            target="order_ref",
            values={
                "order_ref": "order_ref",
                "billing_event_key": _EVENT,
                "lines": "json_array(json_object('orderLine', order_line_no, "
                "'amount', cast(abs(variance) as decimal(18,2))))",
            },
            changes=(("billing_milestones", "milestone_key", "billed", "0", "cast(abs(variance) as decimal(18,2))"),),
            posting_period="accepted_on",
            depends_on=(0, 1),
            policy="single",
            required_role="billing_lead",
            reason="{milestone_name} is billed as accepted",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="milestone",
            target_role="ERP",
            when="order_ref is null or charge_state in ('invoiced', 'waived')",
            target="coalesce(charge_ref, milestone_key)",
            reason="{milestone_name} is accepted: post its invoice, or bring its agreement to the ledger first",
        ),
    ),
)
