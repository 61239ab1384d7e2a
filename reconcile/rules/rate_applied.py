"""K18: time is charged at the agreed rate.

Approved billable time on time-and-materials lines: what was charged for it, adjustments included, against its hours
at the rate the agreement gives that role on the day of the work. As long as nothing was charged, the rate the entry
itself carries is looked at. Time beyond the cap is waived and left out; the hours themselves are K14's question.
Usual causes: a default card used after a change of role, an expired rate row, a promotion that never reached the PSA
(rates are frozen when time is entered). What is not billed is charged anew; what is billed too high is credited, what
is billed too low gets a further charge.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Field, MoneyKind, Queue, Rule, Severity, Shape, Side, VarianceSign
from reconcile.rules._time import re_rate

__all__ = ["RULE"]

_APPLIED = """
select
    cast(timebill_row_id as bigint) as row_id, timebill_connection as connection, 'ERP' as role, 'timebill' as object,
    timebill_ref as source_id, 'ok' as claim_state, time_entry_key, applied_amount, currency
from intermediate.int_time_entry__rated
"""

RULE = Rule(
    check="K18",
    name="rate_applied",
    entity="time_entry",
    shape=Shape.PAIR,
    left=Side(
        "PSA", "intermediate.int_time_entry__rated", amount="contract_amount", columns={"worth": "contract_amount"}
    ),
    right=Side("ERP", _APPLIED, amount="applied_amount", columns={"worth": "applied_amount"}),
    on=("time_entry_key",),
    compare=(Field("worth", tolerance=T1, break_type=BreakType.RATE),),
    missing="both sides are the same population",
    extra="both sides are the same population",
    duplicates="K16 asks what stands in the ledger twice",
    at_fault="case when reference.hourly_rate <> reference.contract_rate then reference.connection "
    "else other.connection end",
    cause="case when reference.hourly_rate <> reference.contract_rate then 'the entry carries another rate' "
    "else 'charged at another rate' end",
    variance_sign=VarianceSign.REFERENCE_LESS_OTHER,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    payload={
        "hours": "reference.timebill_hours",
        "work_on": "reference.work_on",
        "role_name": "reference.role_name",
        "contract_rate": "reference.contract_rate",
        "entry_rate": "reference.hourly_rate",
        "agreement_line_key": "reference.agreement_line_key",
        "contract_amount": "reference.contract_amount",
        "applied_amount": "other.applied_amount",
        "erp_id": "other.source_id",
    },
    requires=(("PSA", "time_entry"), ("ERP", "time_entry"), ("ERP", "billing_event"), ("CRM", "rate")),
    caused_by=(("K11", "agreement_id"), ("K10", "agreement_line_key")),
    title="{person_name} ({role_name}), {posting_date}: {hours} h charged {right_value}, agreed {left_value} ({money})",
    plan=re_rate,
)
