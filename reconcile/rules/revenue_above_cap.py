"""K47: no more revenue is recognised than the cap allows, or than the price of the line.

Cumulative revenue of each agreement line, up to the last month whose revenue run is done, less what credit memos took
back and what is planned since to correct it. Time is held against the cap of its line, else the cap of the agreement;
time without a cap earns what is worked. Everything else is held against the price that the signed versions allocate to
the line. Reimbursed expenses belong to no line. To a minor unit per revenue line.
Usual cause: billing knows the cap and the revenue rule does not, so that hours beyond it are never billed and earn all
the same. Hours beyond a cap are cost without revenue. Money: max(0, recognised - cap or price). The fix is the revenue
accountant's: the rule gets the cap, and the excess is taken back as a catch-up in the open month. The same excess shows
against the value of the time (K46) and closes with it. A consequence of a cap that was lost (K10), of time that stands
twice (K16), of a price keyed wrong (K09) or allocated wrong (K43), of a concession that never reached revenue (K35).
"""

from __future__ import annotations

from reconcile.rule import T1, ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._recognised import REQUIRES

__all__ = ["RULE"]

#: What lets a line earn more than it may: terms, values and versions that differ, time and allocations that are wrong.
_ROOTS = ("K10", "K09", "K11", "K16", "K18", "K15", "K35", "K43", "K44", "K49", "K50", "K51")

RULE = Rule(
    check="K47",
    name="revenue_above_cap",
    entity="agreement_line",
    shape=Shape.LIMIT,
    left=Side("REVREC", "revenue.recognised_limits", amount="amount"),
    on=("limit_key",),
    limit="allowed_amount",
    tolerance=T1,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' when reference.is_capped then 'beyond "
    "the cap' else 'beyond the price' end",
    facts={
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
        "legal_entity_id": "reference.legal_entity_id",
        "period": "reference.last_period",
    },
    payload={
        "limit_key": "reference.limit_key",
        "agreement_line_key": "reference.agreement_line_key",
        "obligation_ref": "reference.obligation_ref",
    },
    requires=REQUIRES,
    caused_by=tuple((check, "agreement_id") for check in _ROOTS),
    title="{limit_key}: {right_value} recognised, {left_value} at most ({money}, {cause})",
    corrections=(
        Correction(
            kind=ActionKind.TRUE_UP,
            entity="agreement_line",
            target_role="REVREC",
            when="obligation_ref is not null",
            target="obligation_ref",
            posting_period="period",
            changes=(
                (
                    "revenueelement",
                    "obligation_ref",
                    "catchup",
                    "cast(cast(right_value as decimal(18,4)) as decimal(18,2))",
                    "cast(cast(left_value as decimal(18,4)) as decimal(18,2))",
                ),
            ),
            reason="give the revenue rule of {limit_key} its limit and take the excess back in the open month",
        ),
    ),
)
