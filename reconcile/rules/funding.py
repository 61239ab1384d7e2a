"""K70: work stays within what the customer has released money for.

Per signed agreement whose customer pays only against purchase orders: what is billed, and what is approved and ready to
be billed, against what the purchase orders of its signed versions release. Tax and expenses are outside. Work counts up
to the signed value: what goes beyond that is K33's. Without a purchase order nothing is released. It is a break when
more is used than released, worth the excess; and a warning, worth nothing yet, when 80 percent is used and less is
released than was signed. Where all that was signed is released nothing warns: the work simply comes to its end.
A purchase order may follow the signature of its version by ten business days.
Usual cause: an amendment was signed and worked, and its purchase order never came. The account manager obtains it; work
beyond the funding stops until it is there. Agreements that need no purchase order are funded as they are signed.
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
    Window,
)

__all__ = ["RULE"]

FUNDING = "intermediate.int_agreement__funding"

_USED = "least(billed_amount + ready_amount, signed_amount)"
_SHORT = "reference.short_version_no is not null"

#: The order whose purchase order is missing, or releases too little.
_SHORT_ORDERS = f"""
select f.agreement_id, v.row_id, v.connection, v.object, v.source_id, v.currency, v.delta_amount
from {FUNDING} as f
join intermediate.int_agreement_version__claims as v
  on v.role = 'CRM' and v.claim_state = 'ok' and v.connection = f.connection and v.source_id = f.short_order_ref
"""
_AMOUNT = "cast(short_version_amount as decimal(18,2))"


def _obtain(when: str, reason: str, *changes: tuple[str, str, str, str, str]) -> Correction:
    """What the account manager changes on the order once the customer has answered."""
    return Correction(
        kind=ActionKind.ROUTE,
        entity="purchase_order",
        target_role="CRM",
        when=f"short_order_ref is not null and {when}",
        target="short_order_ref",
        queue=Queue.SERVICE_DELIVERY,
        changes=(
            *changes,
            ("Order", "short_order_ref", "PO_Amount__c", "cast(short_funded_amount as decimal(18,2))", _AMOUNT),
        ),
        reason=reason,
    )


RULE = Rule(
    check="K70",
    name="funding",
    entity="agreement",
    shape=Shape.SEQUENCE,
    left=Side("CRM", FUNDING, amount=f"greatest({_USED} - funded_amount, 0)", columns={"used_amount": _USED}),
    on=("agreement_id",),
    broken=f"{_USED} > funded_amount "
    f"or (funded_amount < signed_amount and {_USED} >= 0.8 * funded_amount and {_USED} > 0)",
    break_type=BreakType.OVERRUN,
    window=Window("reference.short_signed_on", business_days=10),
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.SERVICE_DELIVERY,
    cause="case when reference.used_amount <= reference.funded_amount then 'funding nearly used' "
    "when reference.funded_amount = 0 then 'nothing is released' "
    f"when {_SHORT} then 'purchase order of version ' || reference.short_version_no || ' missing or too low' "
    "else 'more worked than released' end",
    payload={
        "used_amount": "reference.used_amount",
        "funded_amount": "reference.funded_amount",
        "signed_amount": "reference.signed_amount",
        "billed_amount": "reference.billed_amount",
        "ready_amount": "reference.ready_amount",
        "purchase_order_numbers": "coalesce(reference.purchase_order_numbers, 'no purchase order')",
        "short_version_no": "reference.short_version_no",
        "short_order_ref": "reference.short_order_ref",
        "short_purchase_order_number": "reference.short_purchase_order_number",
        "short_funded_amount": "reference.short_funded_amount",
        "short_version_amount": "reference.short_version_amount",
    },
    evidence=(Evidence("reference", _SHORT_ORDERS, on=("agreement_id",), amount="delta_amount"),),
    requires=(
        ("CRM", "purchase_order"),
        ("CRM", "agreement.is_purchase_order_required"),
        ("CRM", "agreement_version"),
        ("ERP", "invoice_line"),
        ("ERP", "billing_event"),
    ),
    title="{agreement_number}: {used_amount} worked, {funded_amount} released by {purchase_order_numbers} ({cause})",
    corrections=(
        _obtain(
            "short_purchase_order_number is null",
            "obtain the purchase order for version {short_version_no} of {agreement_number}; until it is there, stop",
            ("Order", "short_order_ref", "PoNumber", "null", "'number of the customer''s purchase order'"),
        ),
        _obtain(
            "short_purchase_order_number is not null",
            "have {short_purchase_order_number} raised to what version {short_version_no} of {agreement_number} adds",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="agreement",
            target_role="CRM",
            when="short_order_ref is null",
            queue=Queue.SERVICE_DELIVERY,
            reason="{agreement_number}: more is worked than the customer releases; agree on an amendment, or stop",
        ),
    ),
)
