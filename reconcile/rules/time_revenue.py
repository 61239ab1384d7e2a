"""K46: recognised revenue of time and materials equals the approved value of the time.

Per agreement, from the beginning to the last month whose revenue run is done: the value of approved time in the month
it reached finance, up to the cap, with adjustments and concessions; against what was recognised for it, corrections
that are planned and not posted yet, and what credit memos took back. Cumulative on purpose: a late month and its
catch-up cancel. Time approved after the cut-off belongs to the next month and is no difference; nor is the accrual of
unapproved time. Reimbursed expenses are asked beside it, as they are spent, billed or not. Often a consequence: time
missing in the ledger (K14), unapproved (K15), repeated (K16), charged at another rate (K18), a credit that never
reached revenue (K35), more than the cap allows (K47), an expense that is missing or twice (K24). Its own cause: a
charge rule that is not on the revenue rule, so that its charges earn nothing. The fix is the revenue accountant's: the
rule, then a catch-up in the open month.
"""

from __future__ import annotations

from reconcile.rule import T2, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._recognised import REQUIRES
from reconcile.rules._time import true_up

__all__ = ["RULE"]

#: Lines earned as they are charged, told per agreement, and its reimbursed expenses, which are no line of it.
_ROWS = """
with charged as (
  select *, method = 'expense' as is_expense,
    case when method = 'expense' then obligation_key else agreement_id end as earned_key
  from revenue.line_revenue where question = 'charged' and book = 'primary'
),
wholes as (
  select earned_key, currency, max_by(obligation_ref, booked_amount) as obligation_ref, min(first_off) as parted_in
  from charged group by earned_key, currency
),
named as (
  select agreement_id, min(connection) as connection, min(row_id) as row_id, min(source_id) as source_id
  from intermediate.int_agreement__claims where role = 'PSA' and claim_state = 'ok' group by agreement_id
)
select c.earned_key, c.agreement_id, case when c.is_expense then c.agreement_id end as expenses_of,
  case when not c.is_expense then c.agreement_id end as time_of, c.customer_id, c.currency, c.is_booked, c.amount,
  c.hidden_row_count, c.status, w.obligation_ref, w.parted_in,
  case when c.is_booked or n.row_id is null then c.role else 'PSA' end as role,
  case when c.is_booked or n.row_id is null then c.row_id else n.row_id end as row_id,
  case when c.is_booked or n.row_id is null then c.connection else n.connection end as connection,
  case when c.is_booked or n.row_id is null then c.object else 'workspaces' end as object,
  case when c.is_booked or n.row_id is null then c.source_id else n.source_id end as source_id
from charged as c
join wholes as w on w.earned_key = c.earned_key and w.currency = c.currency
left join named as n on n.agreement_id = c.agreement_id
"""

RULE = Rule(
    check="K46",
    name="time_revenue",
    entity="agreement",
    shape=Shape.TOTAL,
    left=Side("PSA", _ROWS, where="not is_booked", amount="amount"),
    right=Side("REVREC", _ROWS, where="is_booked", amount="amount"),
    on=("earned_key",),
    tolerance=T2,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count, 0) > 0 then 'quarantined' "
    "when coalesce(reference.status, other.status) = 'suspended' then 'the evidence cannot be used' end",
    facts={
        "agreement_id": "coalesce(reference.agreement_id, other.agreement_id)",
        "customer_id": "coalesce(reference.customer_id, other.customer_id)",
        "period": "coalesce(reference.parted_in, other.parted_in)",
    },
    payload={
        "obligation_ref": "coalesce(reference.obligation_ref, other.obligation_ref)",
        "expenses_of": "coalesce(reference.expenses_of, other.expenses_of)",
        "time_of": "coalesce(reference.time_of, other.time_of)",
    },
    requires=(*REQUIRES, ("CRM", "rate"), ("PSA", "time_entry"), ("PSA", "expense")),
    caused_by=(
        ("K24", "expenses_of=agreement_id"),
        ("K08", "agreement_id"),
        ("K07", "agreement_id"),
        ("K01", "customer_id"),
        ("K11", "agreement_id"),
        *((check, "time_of=agreement_id") for check in ("K14", "K15", "K16", "K18")),
        ("K10", "time_of=agreement_id"),
        ("K35", "agreement_id"),
        ("K47", "time_of=agreement_id"),
    ),
    title="{agreement_number}: {right_value} recognised of {left_value} earned as charged ({money}, since {period})",
    plan=true_up,
)
