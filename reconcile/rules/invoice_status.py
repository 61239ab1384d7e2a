"""K34: the copies of an invoice say what became of it.

Status and cash of each posted or voided invoice of the ERP against its copies in the CRM and the PSA, fifteen minutes
after it last changed. Cash is what payments settled; credits are K35's. The PSA knows no part payments: its copy
counts as paid from the first one, and a bill settled by credits alone stays open there. The money is the invoice,
for information: no book is wrong by it.
Usual cause: a lost message. The fix brings the copy up to date.
"""

from __future__ import annotations

from contracts.money import minor_unit_sql
from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Field,
    MoneyKind,
    Nulls,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Window,
)

__all__ = ["RULE"]

_IN_CENTS = f"case when {minor_unit_sql('currency')} = 1 then 1 else 100 end"

_CLAIMS = """
select claims.*, hidden.hidden_row_count,
  case when claims.role = 'ERP' then claims.connection || '/' || claims.invoice_ref
    else copies.invoice_connection || '/' || copies.invoice_ref end as invoice_key
from intermediate.int_invoice__claims as claims
left join intermediate.int_invoice__copies as copies
  on copies.connection = claims.connection and copies.object = claims.object and copies.source_id = claims.source_id
cross join intermediate.int_billing__hidden_rows as hidden
"""
_ERP = "role = 'ERP' and kind = 'invoice' and (is_posted or state = 'voided')"

RULE = Rule(
    check="K34",
    name="invoice_status",
    entity="invoice",
    shape=Shape.PAIR,
    sides=(
        Side(
            "ERP",
            _CLAIMS,
            where=_ERP,
            columns={
                "delivery_state": "case when state = 'voided' then 'voided' when paid_amount > 0 then 'paid' "
                "else 'open' end",
                "cash_amount": "paid_amount",
            },
        ),
        Side("CRM", _CLAIMS, where="role = 'CRM'", columns={"delivery_state": "state", "cash_amount": "paid_amount"}),
        Side("PSA", _CLAIMS, where="role = 'PSA'", columns={"delivery_state": "state", "cash_amount": "paid_amount"}),
    ),
    on=("invoice_key",),
    compare=(
        Field(
            "state",
            break_type=BreakType.STATE,
            when="follower = 'CRM'",
            money="reference.gross_amount",
            title="{document_number}: {left_value} in the ledger, {right_value} in the CRM ({money})",
        ),
        Field(
            "delivery_state",
            break_type=BreakType.STATE,
            when="follower = 'PSA'",
            money="reference.gross_amount",
            title="{document_number}: {left_value} in the ledger, {right_value} in delivery's copy ({money})",
        ),
        Field(
            "cash_amount",
            break_type=BreakType.AMOUNT,
            nulls=Nulls.SKIP_OTHER,
            when="case when follower = 'CRM' then reference.state = other.state else reference.delivery_state = "
            "other.delivery_state end",
            money="reference.gross_amount",
            title="{document_number}: {left_value} paid, its copy says {right_value} ({money})",
        ),
    ),
    window=Window("reference.updated_at", minutes=15),
    extra="copies without an invoice are K77's question",
    duplicates="copies of one invoice are K77's question",
    keyless="copies without an invoice are K77's question",
    money="reference.gross_amount",
    money_kind=MoneyKind.NONE,
    severity=Severity.S3,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when reference.hidden_row_count > 0 then 'quarantined' else 'message lost' end",
    facts={
        "document_number": "reference.document_number",
        "agreement_id": "reference.agreement_id",
        "customer_id": "reference.customer_id",
        "posting_date": "reference.issued_on",
        "period": "reference.period",
    },
    payload={
        "invoice_ref": "reference.invoice_ref",
        "invoice_key": "reference.invoice_key",
        "paid": "reference.paid_amount",
        "paid_there": "other.paid_amount",
        "copy_ref": "other.source_id",
        "copy_project_ref": "other.project_ref",
        "state": "reference.state",
    },
    requires=(("ERP", "invoice"), ("ERP", "payment"), ("CRM", "invoice"), ("PSA", "invoice")),
    caused_by=(("K35", "invoice_key"),),
    title="{document_number} has no copy ({money})",
    corrections=(
        Correction(
            kind=ActionKind.REFRESH_STATUS,
            entity="invoice",
            target_role="CRM",
            when="right_role = 'CRM' and copy_ref is not null",
            target="copy_ref",
            values={
                "invoice_ref": "invoice_ref",
                "status": "case state when 'paid' then 'Paid' when 'voided' then 'Voided' else 'Open' end",
                "paid_amount": "cast(paid as decimal(18,2))",
            },
            changes=(
                ("Paid_Amount__c", "cast(paid_there as decimal(18,2))", "cast(paid as decimal(18,2))"),
                ("Status__c", "case when field = 'state' then right_value end", "state"),
            ),
            reason="the copy of {document_number} missed what became of it",
        ),
        Correction(
            kind=ActionKind.REFRESH_STATUS,
            entity="payment",
            target_role="PSA",
            when="right_role = 'PSA' and copy_ref is not null and state <> 'voided' "
            "and cast(paid as decimal(18,4)) > cast(coalesce(paid_there, '0') as decimal(18,4))",
            target="copy_ref",
            values={
                "invoice_id": "copy_ref",
                "workspace_id": "copy_project_ref",
                "amount_in_cents": "cast((cast(paid as decimal(18,4)) - cast(coalesce(paid_there, '0') as "
                "decimal(18,4))) "
                f"* {_IN_CENTS} as bigint)",
            },
            changes=(("paid", "cast(coalesce(paid_there, '0') as decimal(18,2))", "cast(paid as decimal(18,2))"),),
            reason="a payment of {document_number} never reached its copy",
        ),
        Correction(
            kind=ActionKind.REFRESH_STATUS,
            entity="invoice",
            variant="cancel",
            target_role="PSA",
            when="right_role = 'PSA' and copy_ref is not null and state = 'voided'",
            target="copy_ref",
            changes=(("status", "right_value", "'cancelled'"),),
            reason="{document_number} was voided",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="invoice",
            target_role="CRM",
            when="copy_ref is null",
            target="invoice_ref",
            reason="{document_number} has no copy: send it again",
        ),
    ),
)
