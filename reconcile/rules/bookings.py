"""K66: a booking is what was signed, on the day it was signed.

Every signed agreement stands in the pipeline as one won deal. Its amount is the value of the first signed version, its
close date the day of that signature; a day apart is the time of day. Amendments are bookings of their own version and
change the deal of the first one no more. That the order in the ledger and the projects follow the signature is asked
for by K09; won deals without an agreement belong to K05.
Usual cause: the amount was overwritten when an amendment came, or the close date was moved to make a month. The fix
puts the deal back to what was signed. A booking of the wrong month moves its whole value; within one month a date is no
matter of bookings. A deal that was won before anyone signed waits two weeks for its signature.
"""

from __future__ import annotations

from reconcile.rule import (
    T1,
    ActionKind,
    BreakType,
    Correction,
    Field,
    MoneyKind,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Tolerance,
)

__all__ = ["RULE"]

#: Agreements somebody signed.
_SIGNED = (
    "select v.agreement_id from intermediate.int_agreement_version__claims as v "
    "where v.role = 'CRM' and v.is_signed and v.version_no = 1 and v.agreement_id is not null"
)

RULE = Rule(
    check="K66",
    name="bookings",
    entity="opportunity",
    shape=Shape.PAIR,
    left=Side(
        "CRM",
        "intermediate.int_agreement_version__claims",
        where="role = 'CRM' and is_signed and version_no = 1",
        amount="delta_amount",
        columns={"booked_on": "signed_on", "booked_amount": "delta_amount"},
    ),
    right=Side(
        "CRM",
        "intermediate.int_opportunity__claims",
        where=f"role = 'CRM' and state = 'won' and (closed_on < :as_of - 14 or agreement_id in ({_SIGNED}))",
        amount="value_amount",
        columns={"booked_on": "closed_on", "booked_amount": "value_amount"},
    ),
    on=("agreement_id",),
    compare=(
        Field("booked_amount", tolerance=T1, break_type=BreakType.AMOUNT, carries=True),
        Field(
            "booked_on",
            tolerance=Tolerance(days=1),
            break_type=BreakType.PERIOD,
            when="strftime(reference.booked_on, '%Y-%m') <> strftime(other.booked_on, '%Y-%m')",
            money="reference.booked_amount",
            cause="'another month'",
            title="{agreement_number} was signed on {left_value} and is booked on {right_value} ({money})",
        ),
    ),
    missing="an agreement that no deal in the pipeline led to is no booking of sales",
    keyless="K05 asks for won deals without an agreement",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.SERVICE_DELIVERY,
    cause="case when reference.agreement_id is null then 'won before it was signed' else 'amount overwritten' end",
    facts={"posting_date": "coalesce(reference.booked_on, other.booked_on)"},
    payload={
        "signed_amount": "reference.booked_amount",
        "signed_on": "reference.booked_on",
        "booked_amount": "other.booked_amount",
        "booked_on": "other.booked_on",
    },
    requires=(("CRM", "agreement_version"), ("CRM", "opportunity")),
    caused_by=(("K05", "agreement_id"),),
    title="{agreement_number}: {right_value} booked, {left_value} signed ({money})",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="opportunity",
            variant="amount",
            target_role="CRM",
            when="break_type = 'amount'",
            target="right_record",
            values={"booked_amount": "cast(signed_amount as decimal(18,2))"},
            precondition=(("Amount", "eq", "cast(booked_amount as decimal(18,2))"),),
            changes=(("Amount", "cast(booked_amount as decimal(18,2))", "cast(signed_amount as decimal(18,2))"),),
            reason="{agreement_number} is booked at what was signed",
            policy="single",
            required_role="contract_owner",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="opportunity",
            variant="date",
            target_role="CRM",
            when="break_type = 'period'",
            target="right_record",
            values={"booked_on": "signed_on"},
            precondition=(("CloseDate", "eq", "booked_on"),),
            changes=(("CloseDate", "booked_on", "signed_on"),),
            reason="{agreement_number} is booked on the day it was signed",
            policy="single",
            required_role="contract_owner",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="opportunity",
            target_role="CRM",
            when="break_type not in ('amount', 'period')",
            target="coalesce(right_record, left_record)",
            reason="{agreement_number}: have it signed, or take the deal back",
        ),
    ),
)
