"""K65: unbilled revenue of an agreement, contract asset and unbilled receivable together, is never negative.

Per agreement and currency, at the end of the last month with a revenue run. What was billed beyond revenue is a
contract liability; an asset in credit means that an adjustment was taken back more than once. One hundredth is
tolerated.
Usual cause: the reversal of last month's unbilled adjustment was posted twice. The fix moves the credit to deferred
revenue, in the first open month. Where something was posted one-sided, the identity of the agreement (K58) is the root.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, netted

__all__ = ["RULE"]


#: What is in credit, then and with what was posted since to correct it.
_CREDIT = "least(-(contract_asset_amount + unbilled_receivable_amount), -(run_asset_amount + run_receivable_amount))"


RULE = Rule(
    check="K65",
    name="negative_unbilled",
    entity="agreement",
    shape=Shape.LIMIT,
    left=Side("ERP", STANDING, amount=_CREDIT),
    on=("agreement_id",),
    limit="0",
    tolerance=T1,
    break_type=BreakType.NEGATIVE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    cause="'taken back more than was there'",
    facts={"period": "reference.last_recognised_period"},
    payload={"expected_amount": "reference.expected_receivable_amount + reference.expected_asset_amount"},
    evidence=(Evidence("reference", balance_lines("CA", "UR"), on=("agreement_id",), amount="document_amount"),),
    requires=(("ERP", "journal_line"), ("REVREC", "revenue_line"), ("ERP", "invoice_line"), ("REVREC", "obligation")),
    caused_by=(("K58", "agreement_id"), ("K57", "agreement_id")),
    title="{agreement_number}: unbilled revenue is {money} in credit at the end of {period}",
    plan=netted,
)
