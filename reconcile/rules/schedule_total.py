"""K42: the revenue schedule of every obligation adds up to what is allocated to it.

The lines of the actual plan, posted and planned, against the allocation of the obligation: services earned over time,
milestones, and fixed fees with a forecast to the end. What is earned as it is charged has no schedule to its end and
belongs to K46. Forecast plans, other books and returns are left out; the last line carries the rounding. An obligation
whose plan is only made when work or billing begins is not due before that.
Usual cause: a planned amount changed by hand, a line lost when a date was moved, a plan that was not updated after an
amendment (then the amendment, K11, is the root). Where the term has ended and just this rest stays deferred, K60 is the
root.
The fix is the revenue accountant's: posted lines stay, the difference goes to the first month that is not posted yet.
"""

from __future__ import annotations

from reconcile.rule import T1, ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

RULE = Rule(
    check="K42",
    name="schedule_total",
    entity="obligation",
    shape=Shape.TOTAL,
    left=Side("REVREC", "intermediate.int_obligation__scheduled", where="not is_line", amount="scheduled_amount"),
    right=Side("REVREC", "intermediate.int_obligation__scheduled", where="is_line", amount="scheduled_amount"),
    on=("obligation_key",),
    tolerance=T1,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when coalesce(reference.needs_plan_update, false) then 'plan not updated' "
    "when other.obligation_key is null then 'no schedule' else 'schedule changed by hand' end",
    facts={
        "agreement_id": "coalesce(reference.agreement_id, other.agreement_id)",
        "customer_id": "coalesce(reference.customer_id, other.customer_id)",
        "legal_entity_id": "coalesce(reference.legal_entity_id, other.legal_entity_id)",
        "period": "coalesce(reference.next_period, other.next_period)",
    },
    payload={
        "agreement_line_key": "coalesce(reference.agreement_line_key, other.agreement_line_key)",
        "obligation_ref": "coalesce(reference.obligation_ref, other.obligation_ref)",
        "plan_ref": "coalesce(reference.plan_ref, other.plan_ref)",
        "next_line_ref": "coalesce(reference.next_line_ref, other.next_line_ref)",
        "next_amount": "coalesce(reference.next_amount, other.next_amount)",
        "obligation_name": "reference.obligation_name",
    },
    requires=(("REVREC", "obligation"), ("REVREC", "revenue_line")),
    caused_by=(("K11", "agreement_id"), ("K10", "agreement_line_key"), ("K60", "records")),
    title="{agreement_number}, {obligation_name}: {right_value} scheduled of {left_value} allocated ({money})",
    corrections=(
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            target_role="REVREC",
            when="next_line_ref is not null",
            target="obligation_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(
                (
                    "revenueplanplannedrevenue",
                    "next_line_ref",
                    "amount",
                    "cast(next_amount as decimal(18,2))",
                    "cast(cast(next_amount as decimal(18,4)) - variance as decimal(18,2))",
                ),
            ),
            reason="update the revenue plan of {agreement_line_key}: posted months stay, {period} takes the difference",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            variant="catch_up",
            target_role="REVREC",
            when="next_line_ref is null",
            target="obligation_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(
                (
                    "revenueplan",
                    "coalesce(plan_ref, obligation_ref)",
                    "catchup",
                    "cast(right_value as decimal(18,2))",
                    "cast(left_value as decimal(18,2))",
                ),
            ),
            reason="update the revenue plan of {agreement_line_key}: all is posted, the difference is a catch-up",
        ),
    ),
)
