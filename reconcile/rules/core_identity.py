"""K58: what an agreement was billed and earned is what its balances in the ledger say.

Per agreement and currency: billed + unbilled receivable - recognised = contract liability - contract asset + refund
liability. Billed comes from invoice lines, recognised from the revenue schedules, the balances from the ledger: three
sources that only agree when every posting was two-sided. The month in which the first document parts, and the positions
it moved, are named. What no agreement claims is a break of its own; in a clean firm there is nothing of the kind. One
hundredth per obligation is tolerated.
Usual cause: a journal that moved one side (K54 is the root where it touched revenue, K53 where it stands twice), or an
invoice line of an item without deferral, which went to revenue at once. The fix moves the balance back, against the
document that moved it, in its month while that is open, else in the first open one.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape, Side, Tolerance, VarianceSign
from reconcile.rules._ledger import reversals

__all__ = ["RULE"]

_IDENTITY = "intermediate.int_ledger__identity"

#: The documents behind the breaks that hang under no other: journals, and documents of billing.
_DOCUMENTS = """
select distinct b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency as break_currency,
  i.connection, i.document_ref, coalesce(r.journal_ref is not null, false) as is_recognition
from {breaks} as b
join intermediate.int_ledger__identity as i on i.agreement_key = b.entity_id and i.currency = b.currency
left join (
  select distinct connection, journal_ref from intermediate.int_revenue_line__claims where journal_ref is not null
) as r on r.connection = i.connection and r.journal_ref = i.document_ref
where not i.is_balanced and coalesce(b.root_id, b.break_id) = b.break_id
  and not exists (select 1 from intermediate.int_invoice_line__claims as l
    where l.connection = i.connection and l.invoice_ref = i.document_ref)
"""

#: Lines of invoices and credits that went to revenue: back to deferred revenue, tagged with the arrangement.
_DIRECT = """
select b.break_id, b.evidence_hash, b.correlation_id, 'RECLASS' as kind, 'agreement' as entity, '' as variant,
  '' as compensation, p.connection, 'journalEntry' as object, p.document_ref as record_id,
  json_object('subsidiary_id', min(p.subsidiary_id), 'currency_id', min(p.currency_id),
    'exchange_rate', min(p.exchange_rate), 'reverses', p.document_ref, 'lines', json_array(
      json_merge_patch('{{}}', json_object('account', json_object('id', p.account_id),
        'debit', case when sum(p.document_amount) < 0 then cast(-sum(p.document_amount) as decimal(18,2)) end,
        'credit', case when sum(p.document_amount) > 0 then cast(sum(p.document_amount) as decimal(18,2)) end)),
      json_merge_patch('{{}}', json_object('account', json_object('id', min(d.account_id)),
        'debit', case when sum(p.document_amount) > 0 then cast(sum(p.document_amount) as decimal(18,2)) end,
        'credit', case when sum(p.document_amount) < 0 then cast(-sum(p.document_amount) as decimal(18,2)) end,
        'custcol_rev_arrangement', min(a.source_id))))) as vals,
  json_array(json_object('field', 'posting', 'op', 'eq', 'value', true)) as precondition,
  json_array(json_object('field', 'account ' || p.account_number, 'from', -sum(p.document_amount), 'to', 0))
    as changes,
  min(p.document_number) || ' went to ' || p.account_number || ' at once; it belongs in deferred revenue' as reason,
  cast(abs(max(b.variance)) as decimal(18,4)) as impact, b.currency, cast(min(p.posted_on) as varchar) as wanted,
  concat_ws('/', b.break_id, p.document_ref, p.account_number) as bundle, cast(null as json) as line,
  b.owner as queue,
  2 as correction, cast([] as integer[]) as after
from {breaks} as b
join (
  select distinct agreement_key, currency, connection, document_ref from intermediate.int_ledger__identity
  where not is_balanced
) as i on i.agreement_key = b.entity_id and i.currency = b.currency
join intermediate.int_journal_line__claims as h
  on h.connection = i.connection and h.document_ref = i.document_ref and h.account_role = 'revenue'
  and h.agreement_id = b.agreement_id
join intermediate.int_ledger__postings as p
  on p.connection = h.connection and p.document_ref = h.document_ref
  and h.source_id = concat_ws('/', split_part(h.source_id, '/', 1), p.document_ref, p.line_id)
join (
  select connection, min(account_id) as account_id from intermediate.int_ledger__accounts
  where account_role = 'CL' group by connection
) as d on d.connection = p.connection
left join intermediate.int_agreement__claims as a
  on a.agreement_id = b.agreement_id and a.role = 'REVREC' and a.claim_state = 'ok'
where coalesce(b.root_id, b.break_id) = b.break_id
  and exists (select 1 from intermediate.int_invoice_line__claims as l
    where l.connection = i.connection and l.invoice_ref = i.document_ref)
group by b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.currency, p.connection, p.document_ref,
  p.account_id, p.account_number
"""


def _plan(_con: Any, breaks: str) -> str:
    """Journals are reversed; what an invoice posted to revenue is moved to deferred revenue."""
    journals = reversals(_DOCUMENTS.format(breaks=breaks), "RECLASS", "journal_line")
    return f"select * from ({journals}) union all by name select * from ({_DIRECT.format(breaks=breaks)})"


RULE = Rule(
    check="K58",
    name="core_identity",
    entity="agreement",
    shape=Shape.IDENTITY,
    left=Side("REVREC", _IDENTITY, where="is_left", amount="amount"),
    right=Side("ERP", _IDENTITY, where="not is_left", amount="amount"),
    on=("agreement_key",),
    tolerance=Tolerance.absolute("minor_unit * coalesce(reference.obligation_count, other.obligation_count, 1)"),
    variance_sign=VarianceSign.REFERENCE_LESS_OTHER,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count, 0) > 0 then 'quarantined' "
    "else concat('moved: ', coalesce(reference.positions, other.positions)) end",
    facts={
        "agreement_id": "coalesce(reference.agreement_id, other.agreement_id)",
        "customer_id": "coalesce(reference.customer_id, other.customer_id)",
        "legal_entity_id": "coalesce(other.legal_entity_id, reference.legal_entity_id)",
        "period": "coalesce(reference.first_period, other.first_period)",
    },
    payload={
        "whose": "coalesce(reference.agreement_number, other.agreement_number, reference.agreement_id, "
        "other.agreement_id, concat('Document ', "
        "coalesce(reference.only_document_ref, other.only_document_ref), ' of no agreement'))",
        "positions": "coalesce(reference.positions, other.positions)",
        "documents": "coalesce(reference.document_count, other.document_count)",
        "document_ref": "coalesce(reference.only_document_ref, other.only_document_ref)",
    },
    requires=(("ERP", "invoice_line"), ("REVREC", "revenue_line"), ("ERP", "journal_line"), ("REVREC", "obligation")),
    caused_by=(("K53", "records"), ("K54", "records")),
    title="{whose}: billed and earned come to {left_value}, the balances to {right_value} ({money}), from {period}",
    plan=_plan,
)
