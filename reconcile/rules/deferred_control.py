"""K56: the account deferred revenue holds what was billed beyond revenue, company by company.

The subledger is not taken from the ledger: invoices and credits less recognised schedule lines, per agreement and kind
of right (what is earned as it is charged, and the rest), as far as billing is ahead. Against it stands the account
after the month-end reclassification, at the end of the last month with a revenue run, in document currency. Both are
added up by legal entity; a difference is told per agreement, so that it is found, and what belongs to no agreement per
document. To the cent.
Usual cause: a manual journal on the account, or a month-end adjustment that was not reversed when the invoice came.
Where the difference is named by a check of its own (negative, unnetted, one-sided, posted twice), that is the root.
Where all of it was billed or credited without an obligation, the break names these lines, and what is wrong with them
is the root (K28, K35). The fix sets the balances of the agreement off, in the first open month.
"""

from __future__ import annotations

from reconcile.rule import Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, netted

__all__ = ["RULE"]

_CONTROL = "intermediate.int_ledger__deferred_control"
_EVIDENCE = ("agreement_id", "legal_entity_id")

#: Lines that no obligation stands behind, where they are the whole difference of their agreement and company.
_LOOSE = f"""
select l.row_id, l.connection, l.object, l.source_id, l.agreement_id, l.legal_entity_id, l.currency,
  -l.liability_amount as document_amount
from intermediate.int_billing__loose_lines as l
join (select connection, agreement_id, legal_entity_id, currency,
    sum(case side when 'ledger' then deferred_amount else -deferred_amount end) as difference_amount
  from {_CONTROL} where agreement_id is not null group by connection, agreement_id, legal_entity_id, currency
) as d on d.connection = l.connection and d.agreement_id = l.agreement_id and d.legal_entity_id = l.legal_entity_id
  and d.currency = l.currency
where l.is_at_run
qualify sum(l.liability_amount) over (partition by l.connection, l.agreement_id, l.legal_entity_id, l.currency)
  = d.difference_amount
"""

#: Checks that name the reason by agreement.
_ROOTS = ("K58", "K57", "K62", "K65")


RULE = Rule(
    check="K56",
    name="deferred_control",
    entity="legal_entity",
    shape=Shape.TOTAL,
    left=Side("REVREC", _CONTROL, where="side = 'schedules'", amount="deferred_amount"),
    right=Side("ERP", _CONTROL, where="side = 'ledger'", amount="deferred_amount"),
    on=("agreement_key", "legal_entity_id"),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when coalesce(reference.agreement_id, other.agreement_id) is null then 'belongs to no agreement' "
    "when reference.agreement_key is null then 'nothing is deferred by invoices and schedules' "
    "else 'account and subledger differ' end",
    payload={"whose": "coalesce(reference.agreement_number, other.agreement_number, other.agreement_key)"},
    evidence=(
        Evidence("other", STANDING, on=_EVIDENCE, where="arrangement_ref is not null"),
        Evidence("other", balance_lines("CL"), on=_EVIDENCE, amount="document_amount"),
        Evidence("other", _LOOSE, on=_EVIDENCE, amount="document_amount"),
    ),
    requires=(("ERP", "invoice_line"), ("REVREC", "revenue_line"), ("ERP", "journal_line"), ("REVREC", "obligation")),
    caused_by=(
        ("K53", "records"),
        ("K58", "records"),
        ("K35", "records"),
        ("K28", "records"),
        *((check, "agreement_id") for check in _ROOTS),
    ),
    title="{whose}, {legal_entity}, {period}: {right_value} deferred in the books, {left_value} by documents ({money})",
    plan=netted,
)
