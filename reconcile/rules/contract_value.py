"""K09: every system works with the contract value that was signed.

The signed value is the sum of the activated lines in the CRM. Against it stand the price of the projects of each
workstream, each line of the sales order, and the revenue arrangement (against the order it was made from: when the
order is wrong and the arrangement follows, that is one mistake and one break). Compared at the version signed last; a
system that is still at an earlier one is K11's. A system without the agreement is K01's or K05's. Of an agreement that
was ended early, a system may hold the signed value or less. Each difference is worth itself, to the minor unit.
Usual cause: a value typed by hand, a line that was not carried over, a price in another currency. The fix sets the
follower to the signed figure; a line that was billed already goes to a person, because the customer must be told.
"""

from __future__ import annotations

from reconcile.rule import T1, ActionKind, BreakType, Correction, Field, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_SIGNED = """
select subject, signed_role as role, signed_connection as connection, signed_object as object,
  signed_source_id as source_id, cast(signed_row_id as bigint) as row_id,
  agreement_id, agreement_number, customer_id, project_id,
  signed_value_amount as value_amount, signed_currency as currency
from intermediate.int_agreement__stated_values
"""

#: The new amount over the quantity, half up to a hundredth, in whole numbers.
_QUANTITY = "cast(coalesce(nullif(cast(quantity as decimal(18,4)), 0), 1) * 10000 as hugeint)"
_RATE = (
    f"cast((cast(cast(new_amount as decimal(18,4)) * 10000 as hugeint) * 200 + {_QUANTITY}) // (2 * {_QUANTITY}) "
    "* 0.01 as decimal(18,2))"
)

RULE = Rule(
    check="K09",
    name="contract_value",
    entity="agreement",
    shape=Shape.PAIR,
    left=Side("CRM", _SIGNED, amount="value_amount"),
    right=Side("ERP", "intermediate.int_agreement__stated_values", amount="value_amount"),
    on=("agreement_id", "subject"),
    compare=(Field("value_amount", tolerance=T1, break_type=BreakType.AMOUNT),),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when other.order_line_id is null and other.place = 'the order line' then 'not carried to the order' "
    "when other.currency <> reference.currency then 'another currency' else 'another amount' end",
    payload={
        "place": "other.place",
        "agreement_line_key": "other.agreement_line_key",
        "target_ref": "other.target_ref",
        "order_line_no": "other.order_line_no",
        "order_line_id": "other.order_line_id",
        "old_amount": "other.old_amount",
        "new_amount": "other.new_amount",
        "quantity": "other.quantity",
        "is_billed": "other.is_billed",
    },
    requires=(("CRM", "agreement"), ("CRM", "agreement_line"), ("ERP", "agreement_line"), ("PSA", "project")),
    caused_by=(("K11", "agreement_id"), ("K07", "agreement_id")),
    title="{agreement_number}: {left_value} signed, {place} says {right_value} ({money})",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="project",
            variant="price",
            target_role="PSA",
            when="place = 'the project' and break_type = 'amount'",
            target="target_ref",
            values={"price": "cast(new_amount as decimal(18,2))"},
            changes=(("price", "cast(old_amount as decimal(18,2))", "cast(new_amount as decimal(18,2))"),),
            reason="the price of the project follows the signed value of {agreement_number}",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="agreement_line",
            variant="value",
            target_role="ERP",
            when="order_line_no is not null and is_billed = 'false'",
            target="target_ref",
            roll_up="target_ref",
            line={
                "line": "order_line_no",
                "rate": _RATE,
                "amount": "cast(new_amount as decimal(18,2))",
            },
            policy="single",
            required_role="finance",
            changes=(
                (
                    "transactionline",
                    "order_line_id",
                    "foreignamount",
                    "-cast(old_amount as decimal(18,2))",
                    "-cast(new_amount as decimal(18,2))",
                ),
            ),
            reason="line {agreement_line_key} of the order follows the signed value",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="agreement_line",
            target_role="ERP",
            when="order_line_no is not null and is_billed = 'true'",
            target="order_line_id",
            queue=Queue.FINANCE_OPERATIONS,
            changes=(
                (
                    "transactionline",
                    "order_line_id",
                    "foreignamount",
                    "-cast(old_amount as decimal(18,2))",
                    "-cast(new_amount as decimal(18,2))",
                ),
            ),
            reason="line {agreement_line_key} is billed: settle with the customer, then follow the signed value",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            target_role="REVREC",
            when="order_line_no is not null",
            target="target_ref",
            roll_up="target_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            reason="update the revenue plans of the order once its lines are right; posted months stay",
        ),
        Correction(
            kind=ActionKind.TRUE_UP,
            entity="obligation",
            variant="allocate",
            target_role="REVREC",
            when="place = 'the revenue arrangement' and break_type = 'amount'",
            target="target_ref",
            values={"arrangement_ref": "target_ref"},
            changes=(("allocationamount", "old_amount", "new_amount"),),
            reason="the arrangement of {agreement_number} is allocated anew",
        ),
    ),
)
