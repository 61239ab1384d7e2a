"""K60: deferred revenue is earned by the end of its term, and never stands still for a quarter.

Per agreement and currency, at the end of the last month with a revenue run: the contract liability, less contract
assets of the agreement and less what is planned to be earned by the end of the open month. What is deferred on work
earned as it is charged belongs to K46. It is stale when the term of all obligations has ended, or when nothing moved on
it for 90 days although the service has begun. An advance on a service that has not begun is not stale.
Usual cause: the last line of the schedule is missing, so that a service delivered in full keeps part of its price; then
the plan is updated and the open month takes the rest. Where the schedule lacks all that is stale, the break names its
obligation, and K42 of that obligation hangs under it. Otherwise more was billed than the agreement is worth: its owner
decides after a review whether it is earned, refunded or extended.
"""

from __future__ import annotations

from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Evidence,
    MoneyKind,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
)
from reconcile.rules._ledger import STANDING, balance_lines

__all__ = ["RULE"]

_STALE = (
    "least(greatest(contract_liability_amount - contract_asset_amount - planned_amount, 0) - deferred_time_amount, "
    "greatest(run_liability_amount - run_asset_amount - planned_amount, 0) - run_deferred_time_amount)"
)
#: The schedule of one obligation lacks all of it.
_LACKING = f"coalesce(short_allocated_amount - short_scheduled_amount >= {_STALE} - 0.01 * obligation_count, false)"
#: That obligation.
_SHORT = f"""
select o.row_id, o.connection, o.object, o.source_id, s.agreement_id, o.currency, o.scheduled_amount
from {STANDING} as s
join intermediate.int_obligation__scheduled as o
  on o.connection = s.connection and o.obligation_ref = s.short_obligation_ref and not o.is_line
where {_LACKING}
"""
_ENDED = "strftime(ends_on, '%Y-%m') <= last_recognised_period"
_IDLE = "starts_on <= :as_of and planned_amount = 0 and liability_moved_on + interval 90 day < :as_of"

#: What the correction of a schedule names.
_NAMED = ("short_obligation_ref", "short_plan_ref", "short_line_key")

#: What leaves more billed, or less earned, than it should: corrections of these settle what no schedule lacks.
_ROOTS = ("K58", "K29", "K28", "K30", "K33", "K09")

RULE = Rule(
    check="K60",
    name="stale_deferred",
    entity="agreement",
    shape=Shape.SEQUENCE,
    left=Side(
        "ERP",
        STANDING,
        amount=f"greatest({_STALE}, 0)",
        columns={name: f"case when {_LACKING} then {name} end" for name in _NAMED},
    ),
    on=("agreement_id",),
    broken=f"{_STALE} > 0.01 * obligation_count and ({_ENDED} or ({_IDLE}))",
    break_type=BreakType.STALE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when reference.short_obligation_ref is not null then 'final schedule line missing' "
    "when strftime(reference.ends_on, '%Y-%m') <= reference.last_recognised_period then 'billed beyond what is earned' "
    "else 'no movement for 90 days' end",
    facts={"period": "reference.last_recognised_period"},
    payload={
        "ends_on": "reference.ends_on",
        "liability_moved_on": "reference.liability_moved_on",
        "overbilled_id": "case when reference.short_obligation_ref is null then reference.agreement_id end",
        "short_obligation_ref": "reference.short_obligation_ref",
        "short_plan_ref": "reference.short_plan_ref",
        "short_line_key": "reference.short_line_key",
        "short_allocated_amount": "reference.short_allocated_amount",
        "short_scheduled_amount": "reference.short_scheduled_amount",
    },
    evidence=(
        Evidence("reference", balance_lines("CL"), on=("agreement_id",), amount="document_amount"),
        Evidence("reference", _SHORT, on=("agreement_id",), amount="scheduled_amount"),
    ),
    requires=(("ERP", "journal_line"), ("REVREC", "revenue_line"), ("REVREC", "obligation")),
    caused_by=(("K11", "agreement_id"), *((check, "overbilled_id=agreement_id") for check in _ROOTS)),
    title="{agreement_number}, term to {ends_on}: {money} stay deferred, moved last on {liability_moved_on} ({cause})",
    corrections=(
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            variant="catch_up",
            target_role="REVREC",
            when="short_obligation_ref is not null",
            target="short_obligation_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(
                (
                    "revenueplan",
                    "coalesce(short_plan_ref, short_obligation_ref)",
                    "catchup",
                    "cast(short_scheduled_amount as decimal(18,2))",
                    "cast(short_allocated_amount as decimal(18,2))",
                ),
            ),
            reason="review {agreement_number}, then update the plan of {short_line_key}: its last line is missing, the "
            "open month takes it; refund what was not delivered",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="agreement",
            target_role="REVREC",
            when="short_obligation_ref is null",
            queue=Queue.REVENUE_ACCOUNTING,
            reason="review {agreement_number}: recognise, refund or extend what is still deferred",
        ),
    ),
)
