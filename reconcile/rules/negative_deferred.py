"""K57: deferred revenue of an agreement is never negative once the month is reclassified.

Per agreement and currency, at the end of the last month with a revenue run: what account deferred revenue still holds
for it. Revenue ahead of billing belongs to contract assets, or to unbilled receivables where the right waits for
nothing but time; the month-end reclassification moves it there. A debit left over understates assets and liabilities
alike. Invoices and credits of the open month wait for their own revenue run. One hundredth is tolerated.
Usual cause: the reclassification left the agreement out, or a credit memo took billing back and revenue stayed (K35 is
the root then; K58 where something was posted one-sided). The fix moves the debit to the asset it is, in the first open
month.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import STANDING, balance_lines, loose_lines, netted

__all__ = ["RULE"]

#: What is in debit, then and with what was posted since to correct it; or what would be without loose billing.
_DEBIT = "least(-contract_liability_amount{loose} - pending_adjustment_amount, -run_liability_amount{run_loose})"
_DEBIT_WITHOUT_LOOSE = _DEBIT.format(loose=" + loose_amount", run_loose=" + run_loose_amount")


RULE = Rule(
    check="K57",
    name="negative_deferred",
    entity="agreement",
    shape=Shape.LIMIT,
    left=Side("ERP", STANDING, amount=_DEBIT.format(loose="", run_loose="")),
    on=("agreement_id",),
    limit="0",
    tolerance=T1,
    break_type=BreakType.NEGATIVE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="'revenue beyond billing was not reclassified'",
    facts={"period": "reference.last_recognised_period"},
    payload={"expected_amount": "reference.expected_liability_amount"},
    evidence=(
        Evidence("reference", balance_lines("CL"), on=("agreement_id",), amount="document_amount"),
        Evidence(
            "reference",
            loose_lines(f"{_DEBIT_WITHOUT_LOOSE} <= 0.01"),
            on=("agreement_id",),
            amount="-liability_amount",
        ),
    ),
    requires=(("ERP", "journal_line"), ("REVREC", "revenue_line"), ("ERP", "invoice_line"), ("REVREC", "obligation")),
    caused_by=(("K58", "agreement_id"), ("K35", "records")),
    title="{agreement_number}: deferred revenue is {money} in debit at the end of {period}",
    plan=netted,
)
