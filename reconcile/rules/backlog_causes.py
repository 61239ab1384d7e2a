"""K68: every movement of the contracted backlog carries its cause: opening + causes = closing.

Revenue, re-estimates of charged work and rates of exchange are causes by themselves; what signatures move is named by
the label of the version in the CRM. Per signed version, and with it per legal entity and month: what the deltas of its
lines move, against what its label explains. The first version is new business (or a renewal), a later one that adds an
upsell, a renewal where it begins after all that was signed before, one that takes away a reduction or a cancellation. A
label that names no cause, or one that contradicts the version, explains nothing. A change of rates alone moves nothing.
Usual cause: the type was left empty on an amendment, or an upsell was filed under renewals. Bookings and the backlog
itself stay right; only their reasons are wrong. Money: what the version moved. Within 1.00.
The fix sets the label in the CRM, in the firm's own words for the cause.
"""

from __future__ import annotations

from reconcile.rule import T2, ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_ROWS = "revenue.backlog_causes"

RULE = Rule(
    check="K68",
    name="backlog_causes",
    entity="agreement_version",
    shape=Shape.ROLLFORWARD,
    left=Side("CRM", _ROWS, amount="explained_amount"),
    right=Side("CRM", _ROWS, amount="moved_amount"),
    on=("version_key",),
    tolerance=T2,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    at_fault="reference.connection",
    cause="case when reference.movement_label is null then 'no label' "
    "when reference.movement_cause is null then 'the label names no cause' "
    "else 'the label contradicts the version' end",
    facts={
        name: f"reference.{name}"
        for name in ("agreement_id", "agreement_number", "customer_id", "legal_entity_id", "period")
    },
    payload={
        "version_no": "reference.version_no",
        "label": "reference.movement_label",
        "labelled": "coalesce('labelled ' || reference.movement_label, 'without a label')",
        "wanted_label": "reference.wanted_label",
        "cause_of_version": "reference.cause_of_version",
    },
    requires=(
        ("CRM", "agreement"),
        ("CRM", "agreement_line"),
        ("CRM", "agreement_version"),
        ("CRM", "agreement_version.movement_cause"),
    ),
    title="{agreement_number}, version {version_no}: {money} of {cause_of_version} in {period}, {labelled}",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="agreement_version",
            variant="label",
            target_role="CRM",
            target="left_record",
            values={"movement_label": "wanted_label"},
            precondition=(("Type", "eq", "label"),),
            changes=(("Type", "label", "wanted_label"),),
            reason="version {version_no} of {agreement_number} is labelled {wanted_label}",
            policy="single",
            required_role="contract_owner",
        ),
    ),
)
