"""K44: revenue of a fixed fee agrees with the progress that delivery shows.

Per agreement line, cumulative to the last month whose revenue run is done: its price x progress, where progress is
approved hours over planned hours (or cost over expected cost), in the months in which they reached finance; against
what was recognised, what credit memos took back, and what is planned since to correct it. Lines earned by time, by
milestones or as charged are asked by K50, K49 and K46, and an amendment treated otherwise than decided by K51.
Tolerated is a hundredth of a point of progress, at least 1.00, since hours are rounded when they are sent. The tenth of
a point with which two stated percentages are often compared is no measure for revenue: on a fee of 500,000 it would
leave 500.00 that the books have otherwise and no break names, and a balance that is off without its cause.
Usual cause: a percentage typed by hand; then hours and plan agree and revenue does not. Often a consequence: hours that
are missing, unapproved or doubled in the ledger (K14, K15, K16), an amendment that never reached the order (K11), a
price keyed or allocated wrong (K09, K43). Money: recognised - should be. The fix is the revenue accountant's: take the
progress from the hours and update the plan; posted months stay, the open month takes the difference as a catch-up.
"""

from __future__ import annotations

from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._recognised import CAUSE, FACTS, PAYLOAD, PROGRESS, REQUIRES, UNSCHEDULED, caught_up, either, sides

__all__ = ["RULE"]

_PERCENT = "case when {1} <> 0 then cast(round(100 * least({0} / {1}, 1), 1) as decimal(9, 1)) end"

RULE = Rule(
    check="K44",
    name="progress_agreement",
    entity="agreement_line",
    shape=Shape.TOTAL,
    sides=sides("progress"),
    on=("obligation_key",),
    tolerance=PROGRESS,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    at_fault=either("ledger_connection"),
    cause=f"case {CAUSE}"
    f"when {either('needs_plan_update')} then 'plan behind the amendment' "
    f"when {either('allocated_amount')} <> {either('price_amount')} then 'another price' "
    "else 'progress is not that of the hours' end",
    facts=FACTS,
    payload=PAYLOAD
    | {
        "progress": _PERCENT.format(either("done_value"), either("total_value")),
        "booked_progress": _PERCENT.format(either("booked_amount"), either("allocated_amount")),
        "done": either("done_value"),
        "total": either("total_value"),
    },
    requires=(*REQUIRES, ("PSA", "time_entry")),
    caused_by=(
        ("K01", "customer_id"),
        ("K05", "agreement_id"),
        ("K48", "agreement_id"),
        ("K08", "agreement_id"),
        ("K07", "agreement_id"),
        ("K11", "agreement_id"),
        ("K09", "agreement_id"),
        ("K43", "agreement_id"),
        ("K14", "agreement_id"),
        ("K15", "agreement_id"),
        ("K16", "agreement_id"),
        ("K10", "agreement_id"),
        ("K35", "agreement_id"),
        UNSCHEDULED,
    ),
    title="{agreement_line_key}: {booked_amount} recognised, {earned_amount} earned at {progress} % ({money}, {cause})",
    corrections=(caught_up("take the progress of {agreement_line_key} from its hours: a catch-up in the open month"),),
)
