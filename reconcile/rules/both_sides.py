"""K62: an agreement has a contract asset or a contract liability, never both.

Per agreement and currency, at the end of the last month with a revenue run: the smaller of the two balances. One
contract is one net position; holding both inflates the balance sheet on either side. Unbilled receivables are
unconditional and stay apart.
Usual cause: an adjustment posted by account, not by agreement. The fix nets the two, in the first open month. Money:
what is there on both sides. Where the agreement would be netted if nothing had been billed beyond what was charged, by
a line added by hand, an overwritten one or an invoice that was sent twice, the break names the line, which is the root
(K28, K29).
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, loose_lines, netted

__all__ = ["RULE"]


#: What stands on both sides, then and with what was posted since to correct it; `less` takes from the liability.
_BOTH = (
    "least(contract_asset_amount, contract_liability_amount{less}, run_asset_amount, run_liability_amount{run_less})"
)


def _gone_without(billing: str) -> str:
    """Whether nothing would stand on both sides without what some billing left on the liability."""
    return f"{_BOTH.format(less=f' - {billing}_amount', run_less=f' - run_{billing}_amount')} <= 0.01"


#: Lines with an obligation that bill more than was charged, of agreements that would be netted without that. Of it only
#: what goes beyond what was earned and unbilled is on the liability.
_UNCHARGED = f"""
select l.row_id, l.connection, l.object, l.source_id, l.agreement_id, l.excess_amount, l.currency
from intermediate.int_billing__uncharged as l
join {STANDING} as own on own.connection = l.connection and own.agreement_id = l.agreement_id
  and own.currency = l.currency and l.period <= own.last_recognised_period
anti join intermediate.int_billing__loose_lines as loose
  on loose.connection = l.connection and loose.source_id = l.source_id
where l.excess_amount > 0 and {_gone_without("uncharged")}
"""


RULE = Rule(
    check="K62",
    name="both_sides",
    entity="agreement",
    shape=Shape.LIMIT,
    left=Side("ERP", STANDING, amount=_BOTH.format(less="", run_less="")),
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
            loose_lines(_gone_without("loose")),
            on=("agreement_id",),
            amount="-liability_amount",
        ),
        Evidence("reference", _UNCHARGED, on=("agreement_id",), amount="-excess_amount"),
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
