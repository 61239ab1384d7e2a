"""K52: a variable amount is looked after, and the books have what its last estimate says.

Per element of a signed agreement that depends on an outcome (success fee, bonus, penalty): the part of its last
estimate that counts by the policy of the book (the outcome, once it is known; an estimate only where it is likely
enough that nothing of it will be given back) against what its element in the revenue arrangement is allocated, within a
minor unit. And, until its outcome is known: its last estimate is no older than a quarter (92 days), and its outcome is
known 30 days after the day by which it should be. Agreements without an arrangement are K01's and K09's.
Usual causes: nobody reviews the estimates at the end of the quarter; the outcome was entered in the CRM and never
reached the ledger. Money: what counts less what the books have, or the amount that nobody looked after. The fix is the
revenue accountant's: the element gets what counts, and the open month takes the difference; or the account manager
reviews the estimate, or enters the outcome.
"""

from __future__ import annotations

from reconcile.context import Context
from reconcile.rule import ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape

__all__ = ["RULE"]

ELEMENTS = "revenue.variable_elements"

_DIFFERENCE = "(booked_amount - included_amount)"
_WRONG = f"abs({_DIFFERENCE}) > 0.01"
_OVERDUE = "resolved_on is null and due_on + 30 < cast(:as_of as date)"
_OLD = f"resolved_on is null and not coalesce({_OVERDUE}, false) and estimated_on + 92 < cast(:as_of as date)"

_RECORD = (
    "struct_pack(side := '{side}', row_id := cast({row} as bigint), connection := {connection}, object := '{object}', "
    "record_id := {record}, amount := cast({amount} as decimal(18,4)), currency := currency)"
)
_ESTIMATE = _RECORD.format(
    side="reference", row="row_id", connection="connection", object="SOW_Variable__c", record="source_id",
    amount="estimate_amount",
)  # fmt: skip
_ELEMENT = _RECORD.format(
    side="other", row="element_row_id", connection="ledger_connection", object="revenueelement",
    record="element_ref", amount="booked_amount",
)  # fmt: skip
#: What a break says of its element: name there, column here.
_SAID = {
    "agreement_line_key": "agreement_line_key",
    "element_name": "element_name",
    "likelihood": "likelihood",
    "estimated_on": "estimated_on",
    "outcome_due_on": "due_on",
    "resolved_on": "resolved_on",
    "element_ref": "element_ref",
    "element_amount": "element_amount",
    "included_amount": "included_amount",
    "booked_amount": "booked_amount",
    "estimate_amount": "estimate_amount",
    "mispriced_id": f"case when {_WRONG} then agreement_id end",
}
_PAYLOAD = ", ".join(f"'{name}', {column}" for name, column in _SAID.items())


def _candidates(_: Context) -> str:
    """One break per element whose price is wrong, and one per element that nobody looks after."""
    common = f"""
        agreement_line_key as entity_key, currency, agreement_id, customer_id,
        'CRM' as left_role, connection as left_connection, object as left_object, source_id as left_record,
        cast(json_object({_PAYLOAD}) as varchar) as payload
    """
    return f"""
    select
        {common}, 'price' as field, 'amount' as break_type, {_DIFFERENCE} as variance,
        cast(included_amount as varchar) as left_value, cast(booked_amount as varchar) as right_value,
        included_amount as left_amount, booked_amount as right_amount,
        currency as left_currency, currency as right_currency,
        'REVREC' as right_role, ledger_connection as right_connection, 'revenueelement' as right_object,
        element_ref as right_record, ledger_connection as at_fault,
        case when resolved_on is not null then 'outcome not in the books' else 'estimate not in the books' end as cause,
        coalesce(resolved_on, estimated_on) as posting_date,
        case when element_ref is null then [{_ESTIMATE}] else [{_ESTIMATE}, {_ELEMENT}] end as records
    from {ELEMENTS} where {_WRONG}
    union all by name
    select
        {common}, 'review' as field, 'stale' as break_type, abs(estimate_amount) as variance,
        cast(case when {_OVERDUE} then due_on else estimated_on end as varchar) as left_value,
        connection as at_fault,
        case when {_OVERDUE} then 'outcome overdue' else 'not reviewed for a quarter' end as cause,
        estimated_on as posting_date, [{_ESTIMATE}] as records
    from {ELEMENTS} where ({_OVERDUE}) or ({_OLD})
    """


def _proof(_: Context) -> str:
    """What counts less what is booked is what the breaks say, and every element was judged."""
    return f"""
    select 1 as side, 'money' as measure, currency, sum(included) as reference_total, sum(booked) as other_total,
        sum(found) as breaks, sum(small) as tolerated, 0 as rows_read, 0 as rows_tested
    from (
        select currency, included_amount as included, booked_amount as booked, 0 as found,
            case when {_WRONG} then 0 else -{_DIFFERENCE} end as small
        from {ELEMENTS} where included_amount is not null
        union all
        select currency, 0, 0, left_amount - right_amount, 0 from _candidates
        where rule = 'variable_consideration' and field = 'price'
    ) as terms
    group by currency
    union all
    select 1, 'rows', null, (select count(*) from {ELEMENTS}),
        (select count(*) from {ELEMENTS} where not coalesce(({_OVERDUE}) or ({_OLD}), false)),
        (select count(*) from _candidates where rule = 'variable_consideration' and field = 'review'), 0,
        (select count(*) from {ELEMENTS}), (select count(*) from {ELEMENTS})
    """


RULE = Rule(
    check="K52",
    name="variable_consideration",
    entity="variable_element",
    shape=Shape.SEQUENCE,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.REVENUE_ACCOUNTING,
    sql=_candidates,
    proof=_proof,
    payload={name: name for name in _SAID},
    requires=(("CRM", "variable_element"), ("CRM", "agreement_version"), ("REVREC", "obligation")),
    caused_by=tuple((check, "mispriced_id=agreement_id") for check in ("K01", "K09", "K11")),
    title="{element_name}: {included_amount} count, {booked_amount} in the books ({money}, {cause})",
    titles={"stale": "{element_name}, last estimated on {estimated_on}, due on {outcome_due_on}: {money} ({cause})"},
    corrections=(
        Correction(
            kind=ActionKind.ROUTE,
            entity="obligation",
            variant="outcome",
            target_role="REVREC",
            when="break_type = 'amount' and element_ref is not null",
            target="element_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(
                (
                    "revenueelement",
                    "element_ref",
                    "allocationamount",
                    "cast(element_amount as decimal(18,2))",
                    "cast(cast(element_amount as decimal(18,4)) + cast(included_amount as decimal(18,4)) "
                    "- cast(booked_amount as decimal(18,4)) as decimal(18,2))",
                ),
            ),
            reason="{element_name}: the element gets what counts; the open month takes the difference",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="agreement",
            variant="variable",
            target_role="REVREC",
            when="break_type = 'amount' and element_ref is null",
            queue=Queue.REVENUE_ACCOUNTING,
            reason="{element_name} has no element in the revenue arrangement of {agreement_number}: make one",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="variable_element",
            target_role="CRM",
            when="cause = 'not reviewed for a quarter'",
            target="left_record",
            changes=(("SOW_Variable__c", "left_record", "Estimated_On__c", "estimated_on", "cast(as_of as varchar)"),),
            reason="review {element_name} with the project, and enter this quarter's estimate",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="variable_element",
            variant="outcome",
            target_role="CRM",
            when="cause = 'outcome overdue'",
            target="left_record",
            changes=(("SOW_Variable__c", "left_record", "Resolved_On__c", "resolved_on", "cast(as_of as varchar)"),),
            reason="{element_name} was due on {outcome_due_on}: enter its outcome, or estimate it anew, with a day",
        ),
    ),
)
