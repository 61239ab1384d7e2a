"""K62: an agreement has a contract asset or a contract liability, never both.

Per agreement and currency, at the end of the last month with a revenue run: the smaller of the two balances. One
contract is one net position; holding both inflates the balance sheet on either side. Unbilled receivables are
unconditional and stay apart.
Usual cause: an adjustment posted by account, not by agreement. The fix nets the two, in the first open month. Money:
what is there on both sides. Where all of it is a line that was billed without a charge and without an obligation, the
break names the line, which is the root (K28).
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
    ),
    requires=(("ERP", "journal_line"), ("REVREC", "revenue_line"), ("ERP", "invoice_line"), ("REVREC", "obligation")),
    caused_by=(("K58", "agreement_id"), ("K57", "agreement_id"), ("K65", "agreement_id"), ("K28", "records")),
    title="{agreement_number}: {money} stand as contract asset and as contract liability at the end of {period}",
    plan=netted,
)
