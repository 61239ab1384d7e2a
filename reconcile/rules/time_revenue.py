"""K46: recognised revenue of time and materials equals the approved value of the time.

Per agreement, from the beginning to the last month whose revenue run is done: the value of approved time in the month
it reached finance, up to the cap, with adjustments and concessions; against what was recognised for it, corrections
that are planned and not posted yet, and what credit memos took back. Cumulative on purpose: a late month and its
catch-up cancel. Time approved after the cut-off belongs to the next month and is no difference; nor is the accrual of
unapproved time. Often a consequence: time missing in the ledger (K14), unapproved (K15), repeated (K16), charged at
another rate (K18), a credit that never reached revenue (K35). Its own cause: a charge rule that is not on the revenue
rule, so that its charges earn nothing. The fix is the revenue accountant's: the rule, then a catch-up in the open
month.
"""

from __future__ import annotations

from reconcile.rule import T2, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._time import true_up

__all__ = ["RULE"]

_ROWS = "intermediate.int_agreement__earned_time"

RULE = Rule(
    check="K46",
    name="time_revenue",
    entity="agreement",
    shape=Shape.TOTAL,
    left=Side("PSA", _ROWS, where="not is_recognised", amount="amount"),
    right=Side("REVREC", _ROWS, where="is_recognised", amount="amount"),
    on=("agreement_id",),
    tolerance=T2,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count, 0) > 0 then 'quarantined' end",
    facts={
        "customer_id": "coalesce(reference.customer_id, other.customer_id)",
        "period": "coalesce(reference.parted_in, other.parted_in)",
    },
    payload={"obligation_ref": "coalesce(reference.obligation_ref, other.obligation_ref)"},
    requires=(("PSA", "time_entry"), ("REVREC", "revenue_line"), ("REVREC", "obligation")),
    caused_by=(
        ("K08", "agreement_id"),
        ("K07", "agreement_id"),
        ("K01", "customer_id"),
        ("K11", "agreement_id"),
        ("K10", "agreement_id"),
        ("K14", "agreement_id"),
        ("K15", "agreement_id"),
        ("K16", "agreement_id"),
        ("K18", "agreement_id"),
        ("K35", "agreement_id"),
    ),
    title="{agreement_number}: {right_value} recognised of {left_value} earned by time ({money}, since {period})",
    plan=true_up,
)
