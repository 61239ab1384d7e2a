"""K29: nothing is invoiced twice.

Posted invoices of the ERP among themselves. Two of one billing event, company and currency are one bill; without an
event, two of one customer, month, set of projects and total. The first one made stays, every other is worth its net.
An invoice that was voided, or that credits took back in full, is gone. Equal monthly retainers have different events.
Usual cause: a call that timed out and was repeated. The fix credits the copy (reason DUPLICATE, no effect on
revenue) and applies the credit to it; where the copy was paid, the credit stays open for the receivables team. A
posted invoice is never deleted.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import MoneyKind, Rule, Severity, Shape, Side

__all__ = ["RULE"]

#: One credit per copy, of all its lines.
_CREDITS = """
with copies as (
  select b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency, b.document_number,
    i.connection, i.source_id as invoice_ref, i.gross_amount, i.unpaid_amount, i.paid_amount, i.issued_on
  from {breaks} as b
  join intermediate.int_billing__invoices as i on i.connection = b.at_fault and i.source_id = b.payload ->> '$.copy'
  where coalesce(b.root_id, b.break_id) = b.break_id
),
lines as (
  select l.connection, l.invoice_ref, to_json(list(json_object(
    'custcol_credited_line', l.source_id, 'amount', cast(l.net_amount as decimal(18,2))) order by l.line_no,
    l.source_id)) as lines
  from intermediate.int_invoice_line__claims as l
  where l.role = 'ERP' and l.kind = 'invoice' and (l.connection, l.invoice_ref) in (select (connection, invoice_ref)
  from copies)
  group by l.connection, l.invoice_ref
)
select c.break_id, c.evidence_hash, c.correlation_id, 'CREDIT_AND_REBILL' as kind, 'invoice' as entity,
  case when c.unpaid_amount >= c.gross_amount then 'apply' else '' end as variant, '' as compensation, c.connection,
  'invoice' as object, c.invoice_ref as record_id,
  json_object('credit_reason', 'DUPLICATE', 'lines', l.lines, 'applied', json_array(json_object(
    'doc', json_object('id', c.invoice_ref), 'apply', true, 'amount', cast(c.gross_amount as decimal(18,2))))) as vals,
  json_array(json_object('field', 'posting', 'op', 'eq', 'value', true),
    json_object('field', 'foreignamountunpaid', 'op', 'eq', 'value', cast(c.unpaid_amount as decimal(18,2)))) as
    precondition,
  json_array(json_object('field', 'credited', 'from', 0, 'to', cast(c.gross_amount as decimal(18,2)))) as changes,
  c.document_number || ' bills again what an earlier invoice bills' as reason,
  cast(abs(c.variance) as decimal(18,4)) as impact, c.currency, cast(c.issued_on as varchar) as wanted,
  c.break_id as bundle, cast(null as json) as line, c.owner as queue, 0 as correction, cast([] as integer[]) as after
from copies as c
join lines as l on l.connection = c.connection and l.invoice_ref = c.invoice_ref
union all
select c.break_id, c.evidence_hash, c.correlation_id, 'REFRESH_STATUS', 'invoice', v.variant, '', shown.connection,
'ERP_Invoice__c',
  shown.source_id, json_object('invoice_ref', c.invoice_ref, 'status', 'Paid', 'paid_amount', cast(c.paid_amount as
  decimal(18,2)),
    'credited_amount', cast(c.gross_amount as decimal(18,2))),
  json_array(), json_array(json_object('field', v.field, 'from', null, 'to',
    case v.variant when '' then 'Paid' else cast(cast(c.gross_amount as decimal(18,2)) as varchar) end)),
  'the copy of ' || c.document_number || ' in the CRM follows', cast(0 as decimal(18,4)), c.currency, cast(null as
  varchar),
  c.break_id, cast(null as json), c.owner, v.correction, cast([0] as integer[])
from copies as c
join intermediate.int_invoice__copies as shown
  on shown.role = 'CRM' and shown.invoice_connection = c.connection and shown.invoice_ref = c.invoice_ref
cross join (values ('', 'Status__c', 1), ('credit', 'Credited_Amount__c', 2)) as v(variant, field, correction)
where c.unpaid_amount >= c.gross_amount
"""


def _plan(_con: Any, breaks: str) -> str:
    """Each copy is credited whole."""
    return _CREDITS.format(breaks=breaks)


RULE = Rule(
    check="K29",
    name="duplicate_invoice",
    entity="invoice",
    shape=Shape.DUPLICATE,
    sides=(Side("ERP", "intermediate.int_billing__invoices", amount="net_amount"),),
    on=("bill_key",),
    keep="created_at, cast(source_id as hugeint)",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    cause="case when other.hidden_row_count > 0 then 'quarantined' when other.billing_event_key is null then "
    "'same customer, month and total' else 'same billing event' end",
    facts={
        "document_number": "other.document_number",
        "period": "other.period",
        "posting_date": "other.issued_on",
    },
    payload={
        "kept": "reference.source_id",
        "kept_number": "reference.document_number",
        "copy": "other.source_id",
        "copy_number": "other.document_number",
        "billing_event_key": "other.billing_event_key",
    },
    requires=(("ERP", "invoice"), ("ERP", "invoice_line")),
    title="{copy_number} bills again what {kept_number} bills ({money})",
    plan=_plan,
)
