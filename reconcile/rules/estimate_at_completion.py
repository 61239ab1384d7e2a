"""K45: an estimate at completion is there, is looked at while work goes on, covers the work done, and leaves no loss.

Per agreement line priced by the hour or at a fixed fee whose service has not ended: the estimates of its tasks, added
up, against the time recorded on it, approved or not. A line on which people work has an estimate, and somebody changed
one of its tasks in the last 35 days. No estimate is negative. No fixed fee costs more at completion than its price:
cost so far / hours so far x the larger of the estimate and the hours worked and booked.
Usual cause: the project manager did not touch the plan when the work took longer, or typed an estimate wrong; then what
is left to do, the date it ends and the margin are all told wrong. Progress of a fixed fee is measured against the hours
sold, so an estimate moves no revenue by itself: more hours for more money are an amendment. Money: hours beyond the
estimate at what an hour of the line is worth (its price over its hours). Work without an estimate is worth all its
hours; an old estimate has no money of its own. A loss is told once, whether the work overtook the estimate or the
estimate itself says so, and with the highest severity: the whole of it, cost at completion - price, as it is due as
soon as it is evident (ASC 605-35-25-45 to 25-47; IAS 37.66 to 37.69, per contract and no more than the least cost of
leaving it). The fix is the project manager's, who decides what the work will take: a new estimate. If the loss stands
with it, revenue accounting provides for the part that progress has not taken yet, loss x (1 - progress) at the end of
the last month that is run; the task says how much, and the break is accepted with that as its reason.
"""

from __future__ import annotations

from reconcile.revenue.onerous import loss_us_sql
from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Evidence,
    Field,
    MoneyKind,
    Nulls,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Tolerance,
)

__all__ = ["RULE"]

_ROWS = "revenue.line_estimates"
_LOSS = "other.completion_cost_amount - other.price_amount"
#: What would be provided if the estimate stood.
_PROVISION = loss_us_sql(
    "reference.completion_cost_amount", "reference.price_amount", "reference.done_value", "reference.total_value"
)
_TASKS = """
select t.row_id, t.connection, t.object, t.source_id, t.agreement_line_key, p.currency,
  cast(null as decimal(18,4)) as amount
from intermediate.int_task__planned as t
join revenue.line_estimates as p on p.agreement_line_key = t.agreement_line_key
"""

_SO_FAR = (
    "estimate {agreement_line_key} again: {worked_hours} h are worked and {booked_hours} h booked, the estimate is "
    "{estimated_hours} h of {looked_on}"
)
_PART = "{provision_amount} {currency} of it as of {progress_period}"


def _estimated_again(when: str, reason: str) -> Correction:
    """Ask the project manager what the line will take; the task that is largest takes the difference."""
    return Correction(
        kind=ActionKind.ROUTE,
        entity="task",
        target_role="PSA",
        when=f"cause <> 'quarantined' and {when}",
        target="task_ref",
        queue=Queue.SERVICE_DELIVERY,
        changes=(("stories", "task_ref", "time_estimate_in_minutes", "task_minutes", "wanted_minutes"),),
        reason=reason,
    )


RULE = Rule(
    check="K45",
    name="estimate_at_completion",
    entity="agreement_line",
    shape=Shape.PAIR,
    left=Side(
        "PSA",
        _ROWS,
        where="is_under_way or worked_hours > 0",
        columns={
            "hours": "worked_hours",
            "losing_amount": "case when is_loss then price_amount end",
            "is_negative": "false",
            "is_fresh": "true",
        },
    ),
    right=Side(
        "PSA",
        _ROWS,
        where="is_estimated or is_negative or is_loss",
        columns={"hours": "estimated_hours", "losing_amount": "case when is_loss then completion_cost_amount end"},
    ),
    on=("agreement_line_key",),
    compare=(
        Field(
            "hours",
            tolerance=Tolerance(below="0.25", above="1000000000"),
            break_type=BreakType.OVERRUN,
            when="not other.is_loss",
            money="other.overrun_amount",
            cause="'work beyond the estimate'",
        ),
        Field(
            "losing_amount",
            break_type=BreakType.LOSS,
            severity=Severity.S1,
            money=_LOSS,
            cause="case when not other.is_estimated then 'no estimate' when other.worked_hours > other.estimated_hours "
            "then 'work beyond the estimate' else 'the estimate says so' end",
            title="{agreement_line_key}: {completion_hours} h will cost {right_value}, the price is {left_value}: a "
            "loss of {money} ({cause})",
        ),
        Field(
            "is_fresh",
            break_type=BreakType.STALE,
            money="cast(null as decimal(18,4))",
            cause="'nobody looked at it for 35 days'",
            title="{agreement_line_key}: {worked_hours} h are worked, the estimate of {estimated_hours} h is of "
            "{looked_on}",
        ),
        Field(
            "is_negative",
            break_type=BreakType.NEGATIVE,
            money="cast(null as decimal(18,4))",
            nulls=Nulls.SKIP,
            cause="'a task has a negative estimate'",
            title="{agreement_line_key}: a task is estimated below nothing",
        ),
    ),
    missing_type=BreakType.MISSING_RIGHT,
    extra="a line nobody has worked on needs no estimate yet",
    money="reference.worked_amount",
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.SERVICE_DELIVERY,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' else 'no estimate' end",
    payload={
        "agreement_line_key": "reference.agreement_line_key",
        "task_ref": "reference.source_id",
        "worked_hours": "reference.worked_hours",
        "estimated_hours": "reference.estimated_hours",
        "booked_hours": "reference.planned_hours",
        "completion_hours": "reference.completion_hours",
        "completion_cost_amount": "reference.completion_cost_amount",
        "price_amount": "reference.price_amount",
        "provision_amount": _PROVISION,
        "progress_period": "reference.progress_period",
        "looked_on": "reference.looked_on",
        "task_minutes": "reference.task_minutes",
        "wanted_minutes": "reference.wanted_minutes",
    },
    evidence=(Evidence("other", _TASKS, on=("agreement_line_key",), amount="amount"),),
    requires=(
        ("PSA", "task"),
        ("PSA", "time_entry"),
        ("PSA", "assignment"),
        ("CRM", "agreement_line"),
        ("CRM", "agreement_version"),
    ),
    title="{agreement_line_key}: {worked_hours} h are worked of an estimate of {estimated_hours} h ({money}, {cause})",
    titles={"missing_right": "{agreement_line_key}: {worked_hours} h are worked without an estimate ({money})"},
    corrections=(
        _estimated_again("break_type <> 'loss'", _SO_FAR),
        _estimated_again(
            "break_type = 'loss'", f"{_SO_FAR}; if the loss stands, revenue accounting provides for {_PART}"
        ),
    ),
)
