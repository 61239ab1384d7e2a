"""How Salesforce takes a correction: REST calls on objects, by id or by the external id of the firm's own object."""

from __future__ import annotations

from contracts.actions import ActionKind
from contracts.native import Write

__all__ = ["WRITES"]

_OBJECTS = "/services/data/v60.0/sobjects"


def _patch(kind: ActionKind, entity: str, name: str, variant: str = "", /, **body: object) -> Write:
    """An update of one record by id; repeated, it is the same."""
    return Write(
        kind, entity, variant, method="PATCH", path=f"{_OBJECTS}/{name}/{{record_id}}", body=body, object=name,
        headers={"Content-Type": "application/json"}, safety="upsert",
    )  # fmt: skip


def _invoice(variant: str, /, **body: object) -> Write:
    """An upsert of the invoice's copy by the ERP's id of it."""
    return Write(
        ActionKind.REFRESH_STATUS, "invoice", variant, method="PATCH",
        path=f"{_OBJECTS}/ERP_Invoice__c/ERP_Invoice_Id__c/{{invoice_ref}}", body=body, object="ERP_Invoice__c",
        headers={"Content-Type": "application/json"}, safety="upsert",
    )  # fmt: skip


WRITES: tuple[Write, ...] = (
    _patch(ActionKind.LINK, "customer", "Account", ERP_Customer_Id__c="{erp_customer_id}"),
    _patch(ActionKind.UNLINK, "customer", "Account", ERP_Customer_Id__c=None),
    _patch(ActionKind.LINK, "project", "Opportunity", PSA_Project_Id__c="{psa_project_id}"),
    _patch(ActionKind.UNLINK, "project", "Opportunity", PSA_Project_Id__c=None),
    _patch(ActionKind.COMPLETE, "agreement", "Contract", Contracting_Entity__c="{legal_entity_code}"),
    _patch(ActionKind.COMPLETE, "agreement", "Contract", "clear", Contracting_Entity__c=None),
    _patch(ActionKind.COMPLETE, "agreement_version", "Order", "label", Type="{movement_label}"),
    _patch(ActionKind.COMPLETE, "opportunity", "Opportunity", "amount", Amount="{booked_amount}"),
    _patch(ActionKind.COMPLETE, "opportunity", "Opportunity", "date", CloseDate="{booked_on}"),
    _invoice("", Status__c="{status}", Paid_Amount__c="{paid_amount}"),
    _invoice("credit", Credited_Amount__c="{credited_amount}"),
    _invoice("create", Status__c="{status}", Paid_Amount__c="{paid_amount}", Credited_Amount__c="{credited_amount}",
             Amount__c="{gross_amount}", CurrencyIsoCode="{currency}", Account__c="{account_id}",
             Contract__c="{contract_id}", Invoice_Date__c="{issued_on}", Due_Date__c="{due_on}",
             Name="{document_number}"),
)  # fmt: skip
