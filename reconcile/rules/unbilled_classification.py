"""K63: unbilled revenue stands where its right belongs: a receivable when only time must pass, else a contract asset.

Per agreement and currency, at the end of the last month with a revenue run: what is earned as charged beyond its
billing, by invoices and schedules, against the account unbilled receivable. Work at a fixed fee is paid for on a
milestone or at the end: its unbilled part is a contract asset. Asked only where the two accounts together hold what is
unbilled; where not, K57, K58 or K65 say so.
Usual cause: fixed-fee revenue put among the receivables by hand, or a time-only part that was not moved there. The fix
moves it between the two accounts, in the first open month.
"""

from __future__ import annotations

from reconcile.rule import BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, netted

__all__ = ["RULE"]

#: Both accounts together hold what is unbilled, then and with what was posted since to correct it.
_WHERE = (
    "run_receivable_amount + run_asset_amount = run_expected_receivable_amount + run_expected_asset_amount "
    "and unbilled_receivable_amount + contract_asset_amount = expected_receivable_amount + expected_asset_amount"
)
#: What is right by now counts as right.
_BOOKED = (
    "case when unbilled_receivable_amount = expected_receivable_amount then run_expected_receivable_amount "
    "else run_receivable_amount end"
)


RULE = Rule(
    check="K63",
    name="unbilled_classification",
    entity="agreement",
    shape=Shape.TOTAL,
    left=Side("REVREC", STANDING, where=_WHERE, amount="run_expected_receivable_amount"),
    right=Side("ERP", STANDING, where=_WHERE, amount=_BOOKED),
    on=("agreement_id",),
    break_type=BreakType.CLASSIFICATION,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S3,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when other.run_receivable_amount > reference.run_expected_receivable_amount "
    "then 'conditional right among the receivables' else 'time-only right among the contract assets' end",
    facts={"period": "coalesce(reference.last_recognised_period, other.last_recognised_period)"},
    evidence=(Evidence("other", balance_lines("CA", "UR"), on=("agreement_id",), amount="document_amount"),),
    requires=(("ERP", "journal_line"), ("REVREC", "revenue_line"), ("ERP", "invoice_line"), ("REVREC", "obligation")),
    caused_by=(("K58", "agreement_id"), ("K57", "agreement_id"), ("K62", "agreement_id")),
    title="{agreement_number}: {left_value} of what is unbilled is a receivable, {right_value} stand there ({money})",
    plan=netted,
)
