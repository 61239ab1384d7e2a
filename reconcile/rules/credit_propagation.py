"""K35: a credit memo arrives wherever the invoice did.

Each posted credit line for rejected hours or as a concession is expected as a return of revenue of the same value, for
rejected hours as a negative adjustment of the same value in the PSA, and in the credited amount of the CRM's copy of
its invoice: there within fifteen minutes, in revenue once its month is over. Credits that take a billing mistake back
(BILLING_ERROR, DUPLICATE) change no revenue and are not asked for. Worth the credit line, once per side that lacks it.
Usual cause: the credit was typed free-hand, without the invoice line it corrects, so revenue stayed too high. The fix
links the line, lets the ERP make the return (the difference goes to the open month) and brings the copies up to date.
"""

from __future__ import annotations

from contracts.money import minor_unit_sql
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
    Window,
)

__all__ = ["RULE"]

_IN_CENTS = f"case when {minor_unit_sql('currency')} = 1 then 1 else 100 end"

_CREDITS = "intermediate.int_billing__credits"

_RETURNS = """
select row_id, connection, role, object, source_id, connection || '/' || credit_line_ref as credit_line_key,
  -allocation_amount as credit_amount, currency
from intermediate.int_obligation__claims
where role = 'REVREC' and claim_state = 'ok' and is_return and credit_line_ref is not null
"""

#: What the PSA took back per credit memo, on its first line; credits it need not know of count as known. The id of a
#: credit memo may be that of another one in another ERP: the one of the customer is meant.
_ADJUSTMENTS = f"""
with taken_back as (
  select connection, credit_ref, customer_id, min(row_id) as row_id, min(source_id) as source_id,
    -sum(value_amount) as amount
  from intermediate.int_time_entry__claims
  where role = 'PSA' and kind = 'adjustment' and claim_state = 'ok' and credit_ref is not null
  group by connection, credit_ref, customer_id
), meant as (
  select taken_back.*, memos.connection as credit_connection
  from taken_back
  join (select distinct connection, credit_ref, customer_id from {_CREDITS}) as memos
    on memos.credit_ref = taken_back.credit_ref
  qualify row_number() over (
    partition by taken_back.connection, taken_back.credit_ref, taken_back.customer_id
    order by memos.customer_id is distinct from taken_back.customer_id, memos.connection) = 1
), adjusted as (
  select connection, credit_connection, credit_ref, min(row_id) as row_id, min(source_id) as source_id,
    sum(amount) as amount
  from meant group by connection, credit_connection, credit_ref
)
select adjusted.row_id, adjusted.connection, 'PSA' as role, 'time_adjustments' as object, adjusted.source_id,
  credits.credit_line_key, credits.currency,
  credits.credit_amount - case when credits.place = 1 then credits.reason_amount - adjusted.amount else 0 end as
  credit_amount
from {_CREDITS} as credits
join adjusted on adjusted.credit_connection = credits.connection and adjusted.credit_ref = credits.credit_ref
where credits.credit_reason = 'HOURS_REJECTED'
union all
select cast(null as bigint), cast(null as varchar), 'PSA', 'time_adjustments', cast(null as varchar), credit_line_key,
  currency, credit_amount
from {_CREDITS} where credit_reason <> 'HOURS_REJECTED'
"""

#: Credits that the CRM's copy of their invoice shows; a copy that is not there is K34's question.
_SHOWN = f"""
select copy.row_id, copy.connection, 'CRM' as role, 'ERP_Invoice__c' as object, copy.source_id, credits.credit_line_key,
  credits.credit_amount, credits.currency
from {_CREDITS} as credits
left join intermediate.int_invoice__copies as copy
  on copy.role = 'CRM' and copy.invoice_connection = credits.connection
  and copy.invoice_ref = credits.applied_invoice_ref
where credits.applied_invoice_ref is null or copy.source_id is null
  or coalesce(copy.credited_amount, 0) >= credits.invoice_credited_amount
"""

RULE = Rule(
    check="K35",
    name="credit_propagation",
    entity="invoice_line",
    shape=Shape.PRESENCE,
    sides=(
        Side("ERP", _CREDITS, amount="credit_amount"),
        Side("REVREC", _RETURNS, amount="credit_amount"),
        Side("PSA", _ADJUSTMENTS, amount="credit_amount"),
        Side("CRM", _SHOWN, amount="credit_amount"),
    ),
    on=("credit_line_key",),
    compare=(
        Field(
            "credit_amount",
            tolerance=T1,
            break_type=BreakType.AMOUNT,
            title="{document_number}: credited {left_value}, taken back {right_value} ({money})",
        ),
    ),
    extra="returns and adjustments without a credit are K46's question",
    duplicates="a credit returned twice is K46's question",
    window=Window(
        "case when follower = 'REVREC' then cast(last_day(reference.posted_on) as timestamp) + interval 1 day "
        "else reference.created_at end",
        minutes=15,
    ),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' "
    "when follower = 'REVREC' and reference.credited_line_ref is null then 'typed free-hand, no invoice line named' "
    "when follower = 'REVREC' then 'no return of revenue' when follower = 'PSA' then 'hours not taken back' "
    "else 'copy not updated' end",
    facts={
        "document_number": "reference.document_number",
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
        "project_id": "reference.project_id",
        "period": "reference.period",
        "posting_date": "reference.posted_on",
    },
    payload={
        "lacking": "follower",
        "lacking_name": "case follower when 'REVREC' then 'revenue' when 'PSA' then 'delivery' else 'the CRM' end",
        "given_for": "case reference.credit_reason when 'HOURS_REJECTED' then 'rejected hours' else 'a concession' end",
        "credit_ref": "reference.credit_ref",
        "credit_line_ref": "reference.source_id",
        "credit_line_no": "reference.line_no",
        "credit_reason": "reference.credit_reason",
        "credited_line_ref": "reference.credited_line_ref",
        "meant_line_ref": "reference.meant_line_ref",
        "invoice_ref": "reference.applied_invoice_ref",
        "invoice_key": "reference.connection || '/' || reference.applied_invoice_ref",
        "invoice_credited_amount": "reference.invoice_credited_amount",
        "posted_on": "reference.posted_on",
        "entry_ref": "reference.entry_ref",
        "entry_task_ref": "reference.entry_task_ref",
        "entry_project_ref": "reference.entry_project_ref",
        "entry_person_ref": "reference.entry_person_ref",
        "entry_work_on": "reference.entry_work_on",
        "entry_minutes": "reference.entry_minutes",
        "entry_rate": "reference.entry_rate",
    },
    requires=(
        ("ERP", "invoice_line"),
        ("ERP", "payment"),
        ("REVREC", "obligation"),
        ("PSA", "time_entry"),
        ("CRM", "invoice"),
    ),
    title="{document_number}: a credit for {given_for} that never reached {lacking_name} ({money})",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="invoice_line",
            target_role="ERP",
            when="lacking = 'REVREC' and break_type = 'missing_right' and credited_line_ref is null and "
            "meant_line_ref is not null",
            target="credit_ref",
            values={
                "lines": "json_array(json_object('line', credit_line_no, 'custcol_credited_line', meant_line_ref))",
            },
            changes=(("transactionline", "credit_line_ref", "custcol_credited_line", "null", "meant_line_ref"),),
            policy="single",
            required_role="billing_lead",
            reason="{document_number} names the invoice line it corrects",
        ),
        Correction(
            kind=ActionKind.CATCH_UP,
            entity="obligation",
            target_role="REVREC",
            when="lacking = 'REVREC' and meant_line_ref is not null",
            target="credit_line_ref",
            queue=Queue.REVENUE_ACCOUNTING,
            changes=(("transactionline", "credit_line_ref", "needsrevenueelement", "'F'", "'T'"),),
            depends_on=(0,),
            reason="{document_number} reduces revenue: make its return and update the revenue plans; the difference "
            "goes to the open month",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="invoice_line",
            target_role="ERP",
            when="lacking = 'REVREC' and meant_line_ref is null",
            target="credit_ref",
            reason="{document_number} does not say what it corrects: ask who wrote it",
        ),
        Correction(
            kind=ActionKind.TRUE_UP,
            entity="time_entry",
            target_role="PSA",
            when="lacking = 'PSA' and entry_ref is not null and break_type = 'missing_right'",
            external_id="'netsuite/creditmemo/' || credit_ref",
            values={
                "workspace_id": "entry_project_ref",
                "user_id": "entry_person_ref",
                "story_id": "entry_task_ref",
                "original_on": "entry_work_on",
                "minutes": "-cast(entry_minutes as bigint)",
                "rate_in_cents": f"cast(cast(entry_rate as decimal(18,6)) * {_IN_CENTS} as bigint)",
                "service_name": "'netsuite'",
                "service_model": "'creditmemo'",
                "service_model_ref": "credit_ref",
            },
            changes=(("time", "0", "-cast(entry_minutes as bigint)"),),
            posting_period="posted_on",
            reason="{document_number} rejects hours of {entry_work_on}",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="time_entry",
            target_role="PSA",
            when="lacking = 'PSA' and (entry_ref is null or break_type <> 'missing_right')",
            target="credit_ref",
            queue=Queue.SERVICE_DELIVERY,
            reason="{document_number} rejects hours: take back the same in delivery",
        ),
        Correction(
            kind=ActionKind.REFRESH_STATUS,
            entity="invoice",
            variant="credit",
            target_role="CRM",
            when="lacking = 'CRM' and invoice_ref is not null",
            target="invoice_ref",
            values={"invoice_ref": "invoice_ref", "credited_amount": "cast(invoice_credited_amount as decimal(18,2))"},
            changes=(("Credited_Amount__c", "null", "cast(invoice_credited_amount as decimal(18,2))"),),
            reason="the copy of the invoice shows what {document_number} credits",
        ),
    ),
)
