"""K61: what is earned on time and expenses is billed within a quarter.

Per agreement and currency: charges that are on no invoice, by age (to 30, 60, 90 and 180 days, and older), from the day
of the work, or the day the charge was made where that came later. What is older than 90 days is a break, of the highest
severity when anything is older than 180. Fixed fees wait for their milestones (K31); that the balance of unbilled
receivables is what is earned less what is billed is asked for by K63, and that it is not negative by K65.
Usual cause: charges put on hold and forgotten, or a project that nobody bills. The fix releases what is on hold and
bills all of it, dated in the open month; what the customer will not pay is written down by billing and delivery
instead.
"""

from __future__ import annotations

from typing import Any

from reconcile.context import Context
from reconcile.rule import BreakType, MoneyKind, Queue, Rule, Severity, Shape

__all__ = ["RULE"]

_AGES = "intermediate.int_agreement__unbilled_ages"
_CHARGES = "intermediate.int_agreement__unbilled_charges"
_OVERDUE = "billable_on < cast(:as_of as date) - 90"


def _candidates(_: Context) -> str:
    """One break per agreement with something older than 90 days; its records are those charges."""
    return f"""
    with charges as (
        select connection, agreement_id, currency,
            list(struct_pack(side := 'reference', row_id := cast(row_id as bigint), connection := connection,
                object := object, record_id := source_id, amount := cast(event_amount as decimal(18,4)),
                currency := currency) order by billable_on, source_id) as records,
            arg_min(source_id, concat(billable_on, ' ', source_id)) as first_id,
            min(object) as object
        from {_CHARGES} where {_OVERDUE} group by connection, agreement_id, currency
    )
    select
        a.agreement_id as entity_key,
        a.to_180_amount + a.older_amount as variance, a.currency,
        case when a.older_amount <> 0 then 'S1' else 'S2' end as severity,
        'over' as direction,
        'ERP' as left_role, a.connection as left_connection, c.object as left_object, c.first_id as left_record,
        cast(a.oldest_age_days as varchar) as left_value, 0 as left_amount, a.currency as left_currency,
        a.to_180_amount + a.older_amount as right_amount, a.currency as right_currency,
        a.agreement_id, a.customer_id, a.connection as at_fault, a.oldest_on as posting_date,
        case when a.held_count > 0 then 'on hold' else 'never billed' end as cause,
        cast(json_object('oldest_on', a.oldest_on, 'oldest_age_days', a.oldest_age_days,
            'charge_count', a.charge_count, 'unbilled_amount', a.unbilled_amount, 'to_30_amount', a.to_30_amount,
            'to_60_amount', a.to_60_amount, 'to_90_amount', a.to_90_amount, 'to_180_amount', a.to_180_amount,
            'older_amount', a.older_amount) as varchar) as payload,
        c.records
    from {_AGES} as a
    join charges as c on c.connection = a.connection and c.agreement_id = a.agreement_id and c.currency = a.currency
    where a.to_180_amount + a.older_amount <> 0
    """


def _proof(_: Context) -> str:
    """What is old by charge is what is old by break, and every agreement with something unbilled was judged."""
    return f"""
    select 1 as side, 'money' as measure, currency, 0 as reference_total, sum(own) as other_total,
        -sum(found) as breaks, 0 as rows_read, 0 as rows_tested
    from (
        select currency, event_amount as own, 0 as found from {_CHARGES}
        where {_OVERDUE} and agreement_id is not null
        union all
        select currency, 0, variance from _candidates where rule = 'unbilled_ageing'
    ) as terms
    group by currency
    union all
    select 1, 'rows', null, (select count(*) from {_AGES}),
        (select count(*) from {_AGES} where to_180_amount + older_amount = 0),
        (select count(*) from _candidates where rule = 'unbilled_ageing'),
        (select count(*) from {_AGES}), (select count(*) from {_AGES})
    """


def _plan(_con: Any, breaks: str) -> str:
    """What is on hold is released; then one invoice per order bills everything that is overdue."""
    overdue = f"""
  select b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.agreement_number, b.as_of, c.*
  from {breaks} as b
  join {_CHARGES} as c on c.agreement_id = b.agreement_id and c.currency = b.currency
  where coalesce(b.root_id, b.break_id) = b.break_id and c.billable_on < b.as_of - 90
"""
    common = """evidence_hash, correlation_id, '' as compensation, connection, cast(null as json) as line,
  owner as queue, 'single' as policy, 'billing_lead' as required_role"""
    return f"""
with overdue as ({overdue})
select break_id, {common}, 'RELEASE' as kind, 'billing_event' as entity, '' as variant, 'charge' as object,
  source_id as record_id, json_object() as vals,
  json_array(json_object('field', 'stage', 'op', 'eq', 'value', 'Hold')) as precondition,
  json_array(json_object('field', 'stage', 'from', 'Hold', 'to', 'Ready')) as changes,
  'charge ' || source_id || ' of ' || agreement_number || ' is on hold since ' || billable_on as reason,
  cast(event_amount as decimal(18,4)) as impact, currency, cast(null as varchar) as wanted, source_id as bundle,
  0 as correction, cast([] as integer[]) as after
from overdue where state = 'held'
union all by name
select break_id, {common}, 'CREATE' as kind, 'invoice' as entity, 'from_charges' as variant, 'salesOrder' as object,
  order_ref as record_id,
  json_object('order_ref', order_ref, 'lines', to_json(list(json_object('charge', json_object('id', source_id))
    order by billable_on, source_id))) as vals,
  json_array() as precondition,
  to_json(list(json_object('object', 'charge', 'id', source_id, 'field', 'stage', 'from', 'Ready', 'to', 'Processed')
    order by billable_on, source_id)) as changes,
  'bill what ' || max(agreement_number) || ' owes since ' || min(billable_on) as reason,
  cast(sum(event_amount) as decimal(18,4)) as impact, currency, cast(min(billable_on) as varchar) as wanted,
  break_id || '/' || order_ref as bundle, 1 as correction, cast([0] as integer[]) as after
from overdue where order_ref is not null
group by break_id, evidence_hash, correlation_id, connection, owner, order_ref, currency
"""


RULE = Rule(
    check="K61",
    name="unbilled_ageing",
    entity="agreement",
    shape=Shape.SEQUENCE,
    break_type=BreakType.STALE,
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    sql=_candidates,
    proof=_proof,
    payload={"oldest_on": "oldest_on", "oldest_age_days": "oldest_age_days", "charge_count": "charge_count"},
    requires=(("ERP", "billing_event"),),
    caused_by=(("K01", "customer_id"),),
    title="{agreement_number}: {money} earned and unbilled for over 90 days, the oldest since {oldest_on} ({cause})",
    plan=_plan,
)
