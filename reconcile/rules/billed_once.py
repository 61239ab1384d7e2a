"""K28: what a posted invoice line bills is what was charged, once.

The net of each posted invoice line of a project, less credits that take a billing mistake back (BILLING_ERROR,
DUPLICATE), against the charges that were billed on it, to the cent. A charge that counts as billed but stands on no
invoice line is a break too. Credits for rejected hours and concessions change nothing here (K35 follows those).
Usual cause: a line added by hand, or an amount overwritten on the invoice. The fix credits what no charge covers; where
the work is real, make the charge and link it instead.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, BreakType, Correction, MoneyKind, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_LINES = "intermediate.int_billing__lines"

RULE = Rule(
    check="K28",
    name="billed_once",
    entity="invoice_line",
    shape=Shape.TOTAL,
    sides=(
        Side("ERP", _LINES, where="side = 'charge'", amount="amount"),
        Side("ERP", _LINES, where="side = 'invoice'", amount="amount"),
    ),
    on=("line_key",),
    break_type=BreakType.AMOUNT,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count) > 0 then 'quarantined' "
    "when other.line_key is null then 'charge billed on no line' when reference.line_key is null "
    "then 'line without a charge' else 'line and charges differ' end",
    facts={
        "document_number": "coalesce(other.document_number, reference.document_number)",
        "agreement_id": "coalesce(other.agreement_id, reference.agreement_id)",
        "customer_id": "coalesce(other.customer_id, reference.customer_id)",
        "project_id": "coalesce(other.project_id, reference.project_id)",
        "period": "other.period",
        "posting_date": "coalesce(other.posted_on, reference.posted_on)",
    },
    payload={
        "invoice_ref": "other.invoice_ref",
        "invoice_line_ref": "other.invoice_line_ref",
        "line_name": "other.line_name",
        "agreement_line_key": "coalesce(other.agreement_line_key, reference.agreement_line_key)",
        "billed_on": "other.posted_on",
    },
    requires=(("ERP", "invoice_line"), ("ERP", "billing_event")),
    caused_by=(("K29", "document_number"),),
    title="{document_number}: {right_value} billed, {left_value} charged ({money})",
    corrections=(
        Correction(
            kind=ActionKind.CREDIT_AND_REBILL,
            entity="invoice_line",
            target_role="ERP",
            when="variance > 0 and invoice_line_ref is not null",
            target="invoice_ref",
            values={
                "credit_reason": "'BILLING_ERROR'",
                "lines": "json_array(json_object('custcol_credited_line', invoice_line_ref, "
                "'amount', cast(variance as decimal(18,2))))",
            },
            precondition=(("posting", "eq", "true"), ("voided", "eq", "false")),
            changes=(("transactionline", "invoice_line_ref", "net of credits", "right_value", "left_value"),),
            posting_period="billed_on",
            reason="{document_number} bills more than was charged",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="invoice_line",
            target_role="ERP",
            when="variance < 0 or invoice_line_ref is null",
            target="coalesce(invoice_ref, entity_id)",
            reason="charges say they are billed and no invoice line shows it: correct the charge or bill the rest",
        ),
    ),
)
