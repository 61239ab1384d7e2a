"""What the corrections of the ledger have in common: journals that undo a journal, or move a balance.

Each function gives a select of calls over the standing breaks of a rule. A journal names what it reverses, and the
arrangement whose balances it moves; a closed month is left alone, the first open one takes it.
"""

from __future__ import annotations

from typing import Any

__all__ = ["STANDING", "balance_lines", "loose_lines", "netted", "reversals"]

#: The balances of each agreement at the last month with a revenue run.
STANDING = "intermediate.int_agreement__standing"


def balance_lines(*roles: str) -> str:
    """Lines of these balances of an agreement: the adjustments that stand, and what was posted in the last month."""
    listed = ", ".join(f"'{role}'" for role in roles)
    return f"""
select row_id, connection, object, source_id, agreement_id, legal_entity_id, document_amount, currency
from intermediate.int_ledger__balance_lines
where is_corrected and account_role in ({listed}) and agreement_id is not null
  and (period >= last_recognised_period or document_ref <> event_ref)
"""


def loose_lines(gone: str) -> str:
    """What billing put on deferred revenue without an obligation, of agreements for which `gone` holds.

    `gone` says, over the balances of the agreement, that the break would not be there without these lines: only then
    are they its cause, and the break names them.
    """
    return f"""
select l.row_id, l.connection, l.object, l.source_id, l.agreement_id, l.liability_amount, l.currency
from intermediate.int_billing__loose_lines as l
join {STANDING} as s on s.connection = l.connection and s.agreement_id = l.agreement_id and s.currency = l.currency
where l.is_at_run and {gone}
"""


def reversals(documents: str, kind: str, entity: str, why: str = "revenue recognition did not post it") -> str:
    """Calls that reverse whole journals, one per document, and tasks for documents that nobody may simply reverse.

    `documents` selects the documents behind breaks: break_id, evidence_hash, correlation_id, owner, variance,
    break_currency, connection, document_ref, is_recognition.
    """
    return f"""
with documents as ({documents}),
journals as (
  select p.connection, p.document_ref, min(p.document_number) as document_number, min(p.currency_id) as currency_id,
    min(p.exchange_rate) as exchange_rate, min(p.subsidiary_id) as subsidiary_id, min(p.posted_on) as posted_on,
    max(p.document_type) as document_type, count(distinct p.subsidiary_id) as entities,
    count(p.account_id) = count(*) as is_known,
    to_json(list(json_merge_patch('{{}}', json_object(
      'account', json_object('id', p.account_id),
      'debit', case when p.document_amount < 0 then cast(-p.document_amount as decimal(18,2)) end,
      'credit', case when p.document_amount > 0 then cast(p.document_amount as decimal(18,2)) end,
      'entity', case when p.entity_id is not null then json_object('id', p.entity_id) end,
      'custcol_rev_arrangement', p.arrangement_ref)) order by p.line_no, p.line_id)) as lines
  from intermediate.int_ledger__postings as p
  where (p.connection, p.document_ref) in (select (connection, document_ref) from documents)
  group by p.connection, p.document_ref
),
stated as (
  select d.*, j.* exclude (connection, document_ref),
    not d.is_recognition and j.document_type = 'Journal' and j.entities = 1 and j.is_known as is_reversible
  from documents as d
  left join journals as j on j.connection = d.connection and j.document_ref = d.document_ref
)
select break_id, evidence_hash, correlation_id, case when is_reversible then '{kind}' else 'ROUTE' end as kind,
  '{entity}' as entity, '' as variant, '' as compensation, connection, 'journalEntry' as object,
  document_ref as record_id,
  json_object('subsidiary_id', subsidiary_id, 'currency_id', currency_id, 'exchange_rate', exchange_rate,
    'reverses', document_ref, 'lines', lines) as vals,
  case when is_reversible then json_array(json_object('field', 'posting', 'op', 'eq', 'value', true),
    json_object('field', 'reversal', 'op', 'absent', 'value', null)) else json_array() end as precondition,
  case when is_reversible then json_array(json_object('field', 'custbody_reverses', 'from', null, 'to', document_ref))
    else json_array() end as changes,
  case when is_reversible then 'journal ' || document_number || ' is reversed: {why}'
    else 'compare ' || coalesce(document_number, 'the journal') || ' with the revenue schedules it was made from'
  end as reason,
  cast(abs(variance) as decimal(18,4)) as impact, break_currency as currency,
  case when is_reversible then cast(posted_on as varchar) end as wanted,
  connection || '/' || coalesce(document_ref, break_id) as bundle, cast(null as json) as line, owner as queue,
  case when is_reversible then 0 else 1 end as correction, cast([] as integer[]) as after
from stated
"""


def netted(_con: Any, breaks: str) -> str:
    """One journal per agreement that sets its balances off: each of the three accounts gets what belongs there.

    What was billed or credited without an obligation stays: it is put right where it was billed.
    """
    return f"""
with moves as (
  select b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.agreement_number, s.*,
    unnest([
      struct_pack(place := 0, account_role := 'UR',
        amount := s.netted_receivable_amount - s.unbilled_receivable_amount),
      struct_pack(place := 1, account_role := 'CA', amount := s.netted_asset_amount - s.contract_asset_amount),
      struct_pack(place := 2, account_role := 'CL', amount := s.contract_liability_amount - s.netted_liability_amount)
    ]) as move
  from {breaks} as b
  join intermediate.int_agreement__standing as s on s.agreement_id = b.agreement_id and s.currency = b.currency
  where coalesce(b.root_id, b.break_id) = b.break_id and s.arrangement_ref is not null
),
accounts as (
  select connection, account_role, min(account_id) as account_id, arg_min(account_number, account_id) as account_number
  from intermediate.int_ledger__accounts where account_role in ('UR', 'CA', 'CL') group by connection, account_role
),
lines as (
  select moves.*, move.place as place, move.amount as amount, accounts.account_id, accounts.account_number
  from moves
  join accounts on accounts.connection = moves.connection and accounts.account_role = move.account_role
  where move.amount <> 0
)
select break_id, evidence_hash, correlation_id, 'RECLASS' as kind, 'agreement' as entity, '' as variant,
  '' as compensation, connection, 'journalEntry' as object, arrangement_ref as record_id,
  json_object('subsidiary_id', min(subsidiary_ref), 'currency_id', min(currency_ref),
    'exchange_rate', min(exchange_rate), 'reverses', null,
    'lines', to_json(list(json_merge_patch('{{}}', json_object(
      'account', json_object('id', account_id),
      'debit', case when amount > 0 then cast(amount as decimal(18,2)) end,
      'credit', case when amount < 0 then cast(-amount as decimal(18,2)) end,
      'custcol_rev_arrangement', arrangement_ref)) order by place))) as vals,
  json_array() as precondition,
  to_json(list(json_object('field', 'account ' || account_number, 'from', 0, 'to', cast(amount as decimal(18,2)))
    order by place)) as changes,
  'the balances of ' || coalesce(max(agreement_number), agreement_id) || ' are set off: each account gets its own'
    as reason,
  cast(abs(max(variance)) as decimal(18,4)) as impact, currency, last_recognised_period as wanted, break_id as bundle,
  cast(null as json) as line, owner as queue, 0 as correction, cast([] as integer[]) as after
from lines
group by break_id, evidence_hash, correlation_id, owner, connection, arrangement_ref, agreement_id, currency,
  last_recognised_period
"""
