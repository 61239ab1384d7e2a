"""K61: what is earned is billed within a quarter, or waits for a milestone that is still to come.

Time and expenses, per agreement and currency: charges that are on no invoice, by age (to 30, 60, 90 and 180 days, and
older), from the day of the work, or the day the charge was made where that came later. What is older than 90 days is a
break, of the highest severity when anything is older than 180.
Fixed fees: what the books earned ahead of their bills, the contract asset, is of the latest months, and as old as the
end of the month that earned it. Of an agreement that earns more than fixed fees, time and expenses it is what the fixed
fees earned beyond their own bills, as far as the agreement as a whole has an asset; where a bill names no line, nothing
is said of milestones that are missing. By design it waits for its milestones. What is older than 90 days is a break as
far as it waits for milestones that have slipped, which a month after their planned day are neither accepted nor moved,
or for none, as those not billed yet do not add up to it. An accepted milestone without its bill is asked for by K31;
that the balance of unbilled receivables is what is earned less what is billed is asked for by K63, and that it is not
negative by K65.
Usual cause: charges put on hold and forgotten, a project that nobody bills, or an acceptance that delivery does not
ask for. The fix releases what is on hold and bills all of it, dated in the open month; what the customer will not pay
is written down by billing and delivery instead. Delivery has a slipped milestone accepted, or plans another day for it;
billing plans a bill for what has none.
"""

from __future__ import annotations

from typing import Any

from reconcile.context import Context
from reconcile.rule import BreakType, MoneyKind, Queue, Rule, Severity, Shape

__all__ = ["RULE"]

_AGES = "intermediate.int_agreement__unbilled_ages"
_CHARGES = "intermediate.int_agreement__unbilled_charges"
_ASSETS = "revenue.contract_asset_ages"
_MILESTONES = "intermediate.int_billing__milestones"
#: The field that breaks of fixed fees are of; those of charges are of none.
_ASSET = "contract_asset"
_OVERDUE = "billable_on < cast(:as_of as date) - 90"


def _candidates(_: Context) -> str:
    """Breaks of charges and of fixed fees."""
    return f"{_of_charges()} union all by name {_of_fixed_fees()}"


def _of_fixed_fees() -> str:
    """One break per agreement with an overdue contract asset; its records are the milestones that slipped, else all."""
    return f"""
    select
        a.agreement_id as entity_key, '{_ASSET}' as field,
        a.overdue_amount as variance, a.currency,
        case when a.older_amount <> 0 then 'S1' else 'S2' end as severity,
        'over' as direction,
        'PSA' as left_role, min(m.connection) as left_connection, min(m.object) as left_object,
        arg_min(m.source_id, concat(m.invoice_on, ' ', m.source_id)) as left_record,
        cast(a.oldest_age_days as varchar) as left_value, 0 as left_amount, a.currency as left_currency,
        a.overdue_amount as right_amount, a.currency as right_currency,
        a.agreement_id, a.customer_id, min(m.connection) as at_fault, a.oldest_on as posting_date,
        case when a.slipped_count > 0 then 'milestone slipped' else 'no bill planned' end as cause,
        cast(json_object('oldest_on', a.oldest_on, 'oldest_age_days', a.oldest_age_days,
            'milestone_count', a.slipped_count, 'milestone_on', a.slipped_on, 'unbilled_amount', a.asset_amount,
            'to_30_amount', a.to_30_amount, 'to_60_amount', a.to_60_amount, 'to_90_amount', a.to_90_amount,
            'to_180_amount', a.to_180_amount, 'older_amount', a.older_amount, 'slipped_amount', a.slipped_amount,
            'unplanned_amount', a.unplanned_amount) as varchar) as payload,
        list(struct_pack(side := 'reference', row_id := cast(m.row_id as bigint), connection := m.connection,
            object := m.object, record_id := m.source_id, amount := cast(m.milestone_amount as decimal(18,4)),
            currency := m.currency) order by m.invoice_on, m.source_id) as records
    from {_ASSETS} as a
    join {_MILESTONES} as m
        on m.agreement_id = a.agreement_id and m.currency = a.currency and (m.is_slipped or a.slipped_count = 0)
    where a.overdue_amount <> 0
    group by all
    """


def _of_charges() -> str:
    """One break per agreement with something older than 90 days; its records are those charges."""
    return f"""
    select * from (with charges as (
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
    where a.to_180_amount + a.older_amount <> 0)
    """


def _proof(_: Context) -> str:
    """What is old by charge or overdue by asset is so by break, and every agreement with either was judged."""
    return f"""
    select 1 as side, 'money' as measure, currency, 0 as reference_total, sum(own) as other_total,
        -sum(found) as breaks, 0 as rows_read, 0 as rows_tested
    from (
        select currency, event_amount as own, 0 as found from {_CHARGES}
        where {_OVERDUE} and agreement_id is not null
        union all
        select currency, overdue_amount, 0 from {_ASSETS}
        union all
        select currency, 0, variance from _candidates where rule = 'unbilled_ageing'
    ) as terms
    group by currency
    union all
    select 1, 'rows', null, count(*), count(*) filter (not is_overdue),
        (select count(*) from _candidates where rule = 'unbilled_ageing'), count(*), count(*)
    from (
        select to_180_amount + older_amount <> 0 as is_overdue from {_AGES}
        union all
        select overdue_amount <> 0 from {_ASSETS}
    ) as judged
    """


def _plan(_con: Any, breaks: str) -> str:
    """The calls that bill charges, and the tasks that bring fixed fees to their bills."""
    return f"{_billed(breaks)} union all by name {_asked(breaks)}"


def _asked(breaks: str) -> str:
    """Delivery has slipped milestones accepted or plans them for the month's end; billing plans what has no bill."""
    return f"""
select b.break_id, b.evidence_hash, b.correlation_id, 'ROUTE' as kind, 'milestone' as entity, '' as variant,
  '' as compensation, m.connection, m.object, min(m.source_id) as record_id, json_object() as vals,
  json_array() as precondition,
  to_json(list(json_object('object', m.object, 'id', m.source_id, 'field', 'date_to_invoice', 'from', m.invoice_on,
    'to', last_day(b.as_of)) order by m.invoice_on, m.source_id) filter (m.is_slipped)) as changes,
  case when b.cause = 'milestone slipped' then 'have what was planned since ' || min(m.invoice_on) || ' accepted, or '
  || 'plan another day (' || count(*) || ' milestones): ' else 'plan a bill, or write it down: ' end || b.title
  as reason,
  cast(b.variance as decimal(18,4)) as impact, b.currency, cast(null as varchar) as wanted, b.break_id as bundle,
  cast(null as json) as line,
  case when b.cause = 'milestone slipped' then '{Queue.SERVICE_DELIVERY}' else b.owner end as queue,
  2 as correction, cast([] as integer[]) as after
from {breaks} as b
join {_MILESTONES} as m
  on m.agreement_id = b.agreement_id and m.currency = b.currency and (m.is_slipped or b.cause = 'no bill planned')
where coalesce(b.root_id, b.break_id) = b.break_id and b.field = '{_ASSET}'
group by b.break_id, b.evidence_hash, b.correlation_id, m.connection, m.object, b.cause, b.title, b.variance,
  b.currency, b.owner, b.as_of
"""


def _billed(breaks: str) -> str:
    """What is on hold is released; then one invoice per order bills everything that is overdue."""
    overdue = f"""
  select b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.agreement_number, b.as_of, c.*
  from {breaks} as b
  join {_CHARGES} as c on c.agreement_id = b.agreement_id and c.currency = b.currency
  where coalesce(b.root_id, b.break_id) = b.break_id and b.field is distinct from '{_ASSET}'
    and c.billable_on < b.as_of - 90
"""
    common = """evidence_hash, correlation_id, '' as compensation, connection, cast(null as json) as line,
  owner as queue, 'single' as policy, 'billing_lead' as required_role"""
    return f"""
select * from (with overdue as ({overdue})
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
group by break_id, evidence_hash, correlation_id, connection, owner, order_ref, currency)
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
    requires=(("ERP", "billing_event"), ("PSA", "milestone"), ("REVREC", "revenue_line"), ("ERP", "journal_line")),
    caused_by=(("K01", "customer_id"),),
    title="{agreement_number}: {money} earned and unbilled for over 90 days, the oldest since {oldest_on} ({cause})",
    titles={
        _ASSET: "{agreement_number}: {money} of a fixed fee earned and unbilled for over 90 days, the oldest since "
        "{oldest_on} ({cause})"
    },
    plan=_plan,
)
