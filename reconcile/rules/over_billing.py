"""K33: nothing is billed beyond what was agreed.

Posted invoice lines less all credits, plus charges ready to be billed, against the cap of the line, else for time
the cap of the whole agreement, else the signed value of the line at the versions activated in the CRM. Expenses and
tax are outside. To a minor unit per line.
Usual causes: the cap never reached the charge rule (K10), a duplicate invoice (K29), or a charge nobody agreed. The fix
holds the charges that are not billed yet and credits the billed excess as a billing mistake, the latest first; where
the customer did order more, the amendment is missing. Hours beyond a cap are written down; they are never revenue.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import T1, MoneyKind, Rule, Severity, Shape, Side

__all__ = ["RULE"]

#: The latest charges first, until the excess is covered: what is ready is held, what is billed is credited and its
#: charge
#: brought down by as much.
_EXCESS = """
with excess as (
  select b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.currency, b.entity_id as limit_key, cast(b.variance
  as decimal(18,4)) as variance
  from {breaks} as b
  where coalesce(b.root_id, b.break_id) = b.break_id
),
charges as (
  select e.*, c.connection, c.source_id as charge_ref, c.state, c.event_amount, c.invoice_line_ref, c.hourly_rate,
    l.invoice_ref, l.document_number, l.posted_on, c.event_on,
    sum(c.event_amount) over (partition by e.break_id order by case c.state when 'ready' then 1 else 2 end,
      coalesce(l.posted_on, c.event_on) desc, length(c.source_id) desc, c.source_id desc
      rows between unbounded preceding and current row) - c.event_amount as before
  from excess as e
  join (select distinct limit_key, agreement_line_key from intermediate.int_billing__limits) as t on t.limit_key =
  e.limit_key
  join intermediate.int_billing_event__claims as c
    on c.role = 'ERP' and c.claim_state = 'ok' and c.agreement_line_key = t.agreement_line_key and c.event_amount > 0
  left join intermediate.int_invoice_line__claims as l
    on l.role = 'ERP' and l.is_posted and l.connection = c.connection and l.source_id = c.invoice_line_ref
  where c.state = 'ready' or (c.state = 'invoiced' and l.source_id is not null)
),
parts as (
  select *, cast(least(event_amount, variance - before) as decimal(18,2)) as part,
    break_id || '/' || charge_ref as bundle
  from charges where before < variance
)
select break_id, evidence_hash, correlation_id, 'HOLD' as kind, 'billing_event' as entity, '' as variant, '' as
compensation,
  connection, 'charge' as object, charge_ref as record_id, json_object() as vals,
  json_array(json_object('field', 'stage', 'op', 'eq', 'value', 'Ready')) as precondition,
  json_array(json_object('object', 'charge', 'id', charge_ref, 'field', 'stage', 'from', 'Ready', 'to', 'Hold')) as
  changes,
  'charge ' || charge_ref || ' would go beyond what was agreed' as reason, cast(part as decimal(18,4)) as impact,
  currency,
  cast(null as varchar) as wanted, bundle, cast(null as json) as line, owner as queue, 0 as correction, cast([] as
  integer[]) as after
from parts where state = 'ready'
union all
select break_id, evidence_hash, correlation_id, 'CREDIT_AND_REBILL', 'agreement_line', '', '', connection, 'invoice',
invoice_ref,
  json_object('credit_reason', 'BILLING_ERROR', 'lines', json_array(json_object('custcol_credited_line',
  invoice_line_ref, 'amount', part))),
  json_array(json_object('field', 'posting', 'op', 'eq', 'value', true)),
  json_array(json_object('object', 'transactionline', 'id', invoice_line_ref, 'field', 'net of credits', 'from',
  event_amount, 'to', event_amount - part)),
  document_number || ' bills beyond what was agreed', cast(part as decimal(18,4)), currency, cast(posted_on as
  varchar), bundle,
  cast(null as json), owner, 1, cast([] as integer[])
from parts where state = 'invoiced'
union all
select break_id, evidence_hash, correlation_id, case when part = event_amount then 'HOLD' else 'RE_RATE' end,
'billing_event', 'billed', '',
  connection, 'charge', charge_ref, json_object('hourly_rate', hourly_rate, 'event_amount', cast(event_amount - part
  as decimal(18,2))),
  json_array(json_object('field', 'amount', 'op', 'eq', 'value', cast(event_amount as decimal(18,2)))),
  json_array(json_object('object', 'charge', 'id', charge_ref, 'field', case when part = event_amount then 'stage'
  else 'amount' end,
    'from', case when part = event_amount then 'Processed' else cast(cast(event_amount as decimal(18,2)) as varchar)
    end,
    'to', case when part = event_amount then 'Hold' else cast(cast(event_amount - part as decimal(18,2)) as varchar)
    end)),
  'the charge follows the credit', cast(part as decimal(18,4)), currency, cast(null as varchar), bundle,
  cast(null as json), owner, 2, cast([1] as integer[])
from parts where state = 'invoiced'
"""


def _plan(_con: Any, breaks: str) -> str:
    """Hold, credit and bring down, charge by charge."""
    return _EXCESS.format(breaks=breaks)


RULE = Rule(
    check="K33",
    name="over_billing",
    entity="agreement_line",
    shape=Shape.LIMIT,
    sides=(Side("ERP", "intermediate.int_billing__limits", amount="amount"),),
    on=("limit_key",),
    limit="allowed_amount",
    tolerance=T1,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' when reference.is_capped then 'beyond "
    "the cap' else 'beyond the signed value' end",
    facts={"agreement_id": "reference.agreement_id", "customer_id": "reference.customer_id"},
    payload={"limit_key": "reference.limit_key", "agreement_line_key": "reference.agreement_line_key"},
    requires=(("ERP", "invoice_line"), ("ERP", "billing_event"), ("CRM", "agreement_line")),
    caused_by=(
        ("K29", "agreement_id"),
        ("K28", "records"),
        ("K10", "agreement_id"),
        ("K11", "agreement_id"),
        ("K16", "limit_key"),
    ),
    title="{limit_key}: {right_value} billed or ready, {left_value} agreed ({money})",
    plan=_plan,
)
