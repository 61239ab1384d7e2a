"""K67: what is contracted and not yet earned is planned, or stated to have no plan.

Per agreement, on lines priced by the hour or at a fixed fee whose service has not ended: contract value less revenue of
the approved work is what the delivery tool has for it: work that waits for its approval or was sent back, bookings of
people and roles from today on, and hours the project states as unscheduled. An hour of a line is worth its price over
its hours; a line off by less than an hour is planned, because plans are kept in hours. Lines earned by time or by
acceptance, by their type or as the revenue register says, are planned by their dates, and hours of a bank are drawn by
the customer. A new or changed agreement has a week to be planned.
Usual cause: roles removed from a plan, so that revenue is contracted and nobody delivers it; or hours booked beyond
what was sold, which nobody will pay. Money: waiting work, bookings and stated hours - (contract value - recognised);
negative is contracted and unscheduled. The fix is the project manager's, before a forecast is published: plan the
hours, or state them as unscheduled; what is too much is taken out or sold.
"""

from __future__ import annotations

from reconcile.rule import (
    T2,
    ActionKind,
    BreakType,
    Correction,
    Evidence,
    Field,
    MoneyKind,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Window,
)

__all__ = ["RULE"]

_ROWS = "revenue.backlog_plans"
_BOOKINGS = """
select b.row_id, b.connection, b.object, b.source_id, p.agreement_id, p.currency, cast(null as decimal(18,4)) as amount
from intermediate.int_assignment__claims as b
join revenue.backlog_plans as p on p.is_plan and p.connection = b.connection and p.project_ref = b.project_ref
where b.role = 'PSA' and b.claim_state = 'ok' and (b.end_on >= :as_of or b.booking = 'none')
"""

RULE = Rule(
    check="K67",
    name="backlog_identity",
    entity="agreement",
    shape=Shape.PAIR,
    left=Side("CRM", _ROWS, where="not is_plan", amount="amount"),
    right=Side("PSA", _ROWS, where="is_plan", amount="amount"),
    on=("agreement_id",),
    compare=(Field("amount", tolerance=T2, break_type=BreakType.AMOUNT, carries=True),),
    window=Window("reference.signed_on", business_days=5),
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.SERVICE_DELIVERY,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' "
    "when other.amount < reference.amount then 'contracted but unscheduled' else 'planned beyond what was sold' end",
    payload={
        "project_ref": "other.project_ref",
        "agreement_line_key": "other.agreement_line_key",
        "contract_value": "reference.price_amount",
        "recognised_amount": "reference.recognised_amount",
        "backlog_amount": "reference.backlog_amount",
        "scheduled_amount": "other.scheduled_amount",
        "stated_amount": "other.stated_amount",
        "planned_hours": "other.planned_hours",
        "wanted_hours": "other.wanted_hours",
    },
    evidence=(Evidence("other", _BOOKINGS, on=("agreement_id",), amount="amount"),),
    requires=(
        ("PSA", "assignment"),
        ("PSA", "task"),
        ("PSA", "time_entry"),
        ("CRM", "agreement"),
        ("CRM", "agreement_line"),
        ("CRM", "agreement_version"),
    ),
    caused_by=(("K07", "agreement_id"),),
    title="{agreement_number}: {left_value} are contracted and not earned, {right_value} planned ({money}, {cause})",
    corrections=(
        Correction(
            kind=ActionKind.ROUTE,
            entity="project",
            target_role="PSA",
            when="cause <> 'quarantined'",
            target="project_ref",
            queue=Queue.SERVICE_DELIVERY,
            changes=(
                (
                    "workspaces",
                    "project_ref",
                    "planned_hours",
                    "cast(planned_hours as decimal(18,2))",
                    "cast(wanted_hours as decimal(18,2))",
                ),
            ),
            reason="plan {agreement_line_key} again: {planned_hours} h are booked, {wanted_hours} h of what was sold "
            "are still to be worked; state what has no plan as unscheduled, take out or sell what is too much",
        ),
    ),
)
