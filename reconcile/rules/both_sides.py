"""K62: an agreement has a contract asset or a contract liability, never both.

Per agreement and currency, at the end of the last month with a revenue run: the smaller of the two balances. One
contract is one net position; holding both inflates the balance sheet on either side. Unbilled receivables are
unconditional and stay apart.
Usual cause: an adjustment posted by account, not by agreement. The fix nets the two, in the first open month. Money:
what is there on both sides. Where all of it was billed without a charge, by a line added by hand or on an invoice that
was sent twice, the break names the line, which is the root (K28, K29).
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, loose_lines, netted

__all__ = ["RULE"]


#: What stands on both sides, then and with what was posted since to correct it; or what would without loose billing.
_BOTH = (
    "least(contract_asset_amount, contract_liability_amount{loose}, run_asset_amount, run_liability_amount{run_loose})"
)
_BOTH_WITHOUT_LOOSE = _BOTH.format(loose=" - loose_amount", run_loose=" - run_loose_amount")
#: Lines with an obligation that bill what nobody charged, of agreements whose whole liability they are.
_UNCHARGED = f"""
select l.row_id, l.connection, l.object, l.source_id, l.agreement_id, l.amount, l.currency
from (
  select billed.*, own.contract_liability_amount, own.run_liability_amount,
    sum(billed.amount) over (partition by billed.connection, billed.agreement_id, billed.currency) as whole
  from intermediate.int_billing__lines as billed
  join {STANDING} as own on own.connection = billed.connection and own.agreement_id = billed.agreement_id
    and own.currency = billed.currency and billed.period <= own.last_recognised_period
  anti join intermediate.int_billing__lines as charged
    on charged.side = 'charge' and charged.line_key = billed.line_key
  where billed.side = 'invoice' and billed.amount > 0
) as l
anti join intermediate.int_billing__loose_lines as loose
  on loose.connection = l.connection and loose.source_id = l.source_id
where abs(contract_liability_amount - whole) <= 0.01 and abs(run_liability_amount - whole) <= 0.01
"""


RULE = Rule(
    check="K62",
    name="both_sides",
    entity="agreement",
    shape=Shape.LIMIT,
    left=Side("ERP", STANDING, amount=_BOTH.format(loose="", run_loose="")),
    on=("agreement_id",),
    limit="0",
    tolerance=T1,
    break_type=BreakType.CLASSIFICATION,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="'not set off'",
    facts={"period": "reference.last_recognised_period"},
    payload={
        "asset_amount": "reference.contract_asset_amount",
        "liability_amount": "reference.contract_liability_amount",
    },
    evidence=(
        Evidence("reference", balance_lines("CA", "CL"), on=("agreement_id",), amount="document_amount"),
        Evidence(
            "reference",
            loose_lines(f"{_BOTH_WITHOUT_LOOSE} <= 0.01"),
            on=("agreement_id",),
            amount="-liability_amount",
        ),
        Evidence("reference", _UNCHARGED, on=("agreement_id",), amount="-amount"),
    ),
    requires=(
        ("ERP", "journal_line"),
        ("REVREC", "revenue_line"),
        ("ERP", "invoice_line"),
        ("REVREC", "obligation"),
        ("ERP", "billing_event"),
    ),
    caused_by=(("K58", "agreement_id"), ("K57", "agreement_id"), ("K65", "agreement_id"), ("K28", "records")),
    title="{agreement_number}: {money} stand as contract asset and as contract liability at the end of {period}",
    plan=netted,
)
