"""K64: balances in foreign currency stand in the company's books at the rates that policy sets.

Receivables per customer, and unbilled receivables and contract assets per agreement, are money or become money: at the
end of a month they are worth the rate of that day (contract assets where the policy `contract_asset_fx` says so).
Deferred revenue is no money: it keeps the rate of each invoice it came from, a layer an invoice, and revenue uses the
layers first in, first out (IFRIC 22; ASC 830-10-55-10). Asked at the end of the last month with a revenue run, while
its books are open, in the currency of the books; and only where the balance in its own currency is what documents and
schedules say, because where it is not, K56, K58, K62 or K63 say so. What was posted after the month's revaluation waits
for the next one. Within a minor unit for each layer.
Usual causes: the revaluation took the account of deferred revenue with it, so that the rates of the layers are lost; a
customer, an account or an agreement was left out of it; typed journals that moved deferred revenue away and back at
different rates, which hang under K59. Money: what the books have less what policy says, which is the
amount times the difference of the rates. The fix runs the revaluation of that balance again, before the month is
closed: NetSuite writes its revaluations itself, so treasury starts it. It reverses on the next day, as the first did.
"""

from __future__ import annotations

from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Evidence,
    MoneyKind,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Tolerance,
)
from reconcile.rules._ledger import STANDING

__all__ = ["RULE"]

_ROWS = "intermediate.fx_balances"


def _either(name: str) -> str:
    """A fact of the balance, whichever of the two sides knows it."""
    return f"coalesce(reference.{name}, other.{name})"


#: Lines of the ledger behind a balance: what changed only its worth in the last month, and what customers still owe.
_LINES = """
select l.row_id, l.connection, l.object, l.source_id, l.balance_key, l.legal_entity_id, l.amount,
  l.functional_currency as currency
from intermediate.fx_lines as l
where (l.is_value_only and l.posted_on = l.end_on) or (l.account_role = 'AR' and l.document_type = 'CustInvc')
"""
#: The layers that are left of deferred revenue, as invoices.
_LAYERS = """
select row_id, connection, object, invoice_ref as source_id, 'CL/' || agreement_id as balance_key, legal_entity_id,
  functional_amount as amount, functional_currency as currency
from intermediate.fx_layers where open_amount > 0
"""
#: Journals that somebody typed: away at one rate and back at another they leave a difference of exchange.
_TYPED = """
select row_id, connection, object, source_id, 'CL/' || agreement_id as balance_key, legal_entity_id,
  document_amount as amount, currency
from intermediate.int_ledger__deferred_lines where movement is null and is_at_run
"""
#: The revenue arrangement of an agreement whose balance it is.
_ARRANGEMENTS = f"""
select distinct s.row_id, s.connection, s.object, s.source_id, b.balance_key, b.legal_entity_id, b.currency
from {_ROWS} as b
join {STANDING} as s on s.connection = b.connection and s.agreement_id = b.agreement_id
  and s.legal_entity_id = b.legal_entity_id
where s.arrangement_ref is not null
"""
_KEY = ("balance_key", "legal_entity_id")

RULE = Rule(
    check="K64",
    name="fx_on_balances",
    entity="journal_line",
    shape=Shape.TOTAL,
    left=Side("REVREC", _ROWS, where="is_asked and side = 'policy'", amount="worth_amount"),
    right=Side("ERP", _ROWS, where="is_asked and side = 'ledger'", amount="worth_amount"),
    on=_KEY,
    tolerance=Tolerance.absolute(f"minor_unit * greatest(1, coalesce({_either('layer_count')}, 1))"),
    break_type=BreakType.FX,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    cause=f"case when not {_either('is_rated')} then 'no rate of exchange at the end of the month' "
    f"when {_either('account_role')} = 'CL' then 'deferred revenue does not stand at the rates of its invoices' "
    "else 'not at the rate of the end of the month' end",
    facts={
        "agreement_id": _either("agreement_id"),
        "customer_id": _either("customer_id"),
        "period": _either("period"),
    },
    payload={
        "what": f"case {_either('account_role')} when 'AR' then 'receivables' when 'UR' then 'unbilled receivable' "
        "when 'CA' then 'contract asset' else 'deferred revenue' end",
        "whose": f"coalesce({_either('agreement_number')}, {_either('customer_name')}, {_either('customer_ref')})",
        "account_number": _either("account_number"),
        "balance_amount": _either("balance_amount"),
        "policy_amount": "reference.worth_amount",
        "held_amount": "other.worth_amount",
        "document_currency": _either("document_currency"),
        "sign": f"case when {_either('account_role')} = 'CL' then -1 else 1 end",
        "revalued_ref": f"concat_ws('/', {_either('period')}, {_either('account_number')}, "
        f"{_either('subsidiary_ref')}, coalesce({_either('customer_ref')}, {_either('arrangement_ref')}))",
        "is_rated": _either("is_rated"),
        "has_holder": f"coalesce({_either('customer_ref')}, {_either('arrangement_ref')}) is not null",
    },
    evidence=(
        Evidence("other", _LINES, on=_KEY, amount="amount"),
        Evidence("other", _ARRANGEMENTS, on=_KEY),
        Evidence("other", _TYPED, on=_KEY, amount="amount"),
        Evidence("reference", _LAYERS, on=_KEY, amount="amount"),
    ),
    requires=(
        ("ERP", "journal_line"),
        ("ERP", "invoice_line"),
        ("ERP", "exchange_rate"),
        ("REVREC", "revenue_line"),
        ("REVREC", "obligation"),
    ),
    caused_by=(("K59", "records"),),
    title="{whose}, {legal_entity}, {period}: {what} of {balance_amount} {document_currency}: {held_amount} in "
    "the books, {policy_amount} by policy ({money})",
    corrections=(
        Correction(
            kind=ActionKind.REVERSE_AND_REPOST,
            entity="journal_line",
            target_role="ERP",
            when="is_rated = 'true' and has_holder = 'true'",
            target="revalued_ref",
            changes=(
                (
                    "currencyrevaluation",
                    "revalued_ref",
                    "revalued",
                    "cast(cast(held_amount as decimal(18,4)) * cast(sign as integer) as decimal(18,2))",
                    "cast(cast(policy_amount as decimal(18,4)) * cast(sign as integer) as decimal(18,2))",
                ),
            ),
            required_role="general_ledger",
            reason="run the revaluation of account {account_number} for {whose} and {period} again: {what} are worth "
            "{policy_amount} by policy, {held_amount} in the books",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="journal_line",
            variant="revaluation",
            target_role="ERP",
            when="not coalesce(is_rated = 'true' and has_holder = 'true', false)",
            target="revalued_ref",
            reason="find the rate of exchange at the end of {period} for {document_currency}, then run the revaluation "
            "of account {account_number} again",
        ),
    ),
)
