"""K48: no revenue is recognised outside the term of a signed agreement.

Posted revenue of each obligation up to the last month whose revenue run is done. At the end of that month the agreement
is signed and the service has begun, by the earliest start that any signed version of the line has; a service earned by
days has no revenue after the last end or the last amendment, but what makes up for earlier months; and there is an
agreement at all. What is planned since to take it back is counted. Terms are those the CRM signed: other dates in
delivery or in the ledger are asked for by K10, an amendment that is not signed by K11.
Usual cause: an early start, or a revenue run that took lines of a later month. Money: what is recognised outside. The
fix is the revenue accountant's: the amount is taken back in the open month and planned in its own; what was received
stays a deposit. Where work did begin, the agreement is what is missing: its owner gets it signed.
"""

from __future__ import annotations

from reconcile.rule import T0, ActionKind, BreakType, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._recognised import REQUIRES

__all__ = ["RULE"]

RULE = Rule(
    check="K48",
    name="revenue_outside_term",
    entity="obligation",
    shape=Shape.LIMIT,
    left=Side("REVREC", "revenue.recognised_outside_term", amount="amount"),
    on=("obligation_key",),
    limit="0",
    tolerance=T0,
    break_type=BreakType.DATE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' else reference.outside end",
    facts={
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
        "legal_entity_id": "reference.legal_entity_id",
        "period": "reference.period",
    },
    payload={
        "agreement_line_key": "reference.agreement_line_key",
        "of_what": "coalesce(reference.agreement_line_key, 'obligation ' || reference.obligation_ref)",
        "obligation_ref": "reference.obligation_ref",
        "outside": "reference.outside",
        "term_start_on": "reference.term_start_on",
        "term_end_on": "reference.term_end_on",
        "signed_on": "reference.signed_on",
        "term": "coalesce('term ' || reference.term_start_on || ' to ' || reference.term_end_on, 'no term') || ', ' || "
        "coalesce('signed ' || reference.signed_on, 'not signed')",
    },
    requires=REQUIRES,
    caused_by=(("K11", "agreement_id"), ("K10", "agreement_id"), ("K09", "agreement_id")),
    title="{of_what}: {money} recognised {outside} ({term})",
    corrections=(
        Correction(
            kind=ActionKind.TRUE_UP,
            entity="obligation",
            variant="outside_term",
            target_role="REVREC",
            when="outside in ('before the start', 'before signature')",
            target="obligation_ref",
            posting_period="period",
            changes=(("revenueelement", "obligation_ref", "earnedearly", "cast(variance as decimal(18,2))", "0"),),
            reason="take back what {of_what} earned {outside} in the open month, and plan it from its start",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            variant="outside_term",
            target_role="REVREC",
            when="outside not in ('before the start', 'before signature')",
            target="obligation_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            reason="revenue of {of_what} is recognised {outside}: reverse it, or have what covers it signed",
        ),
    ),
)
