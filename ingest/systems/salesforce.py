"""Salesforce Sales Cloud: the CRM. What was sold, to whom, under which signed statement of work.

Reads the CSV of a Bulk API 2.0 ``queryAll`` job or of the Data Export service: one file per object, header = API names,
UTF-8. Ids have 18 characters (15 in reports; both are accepted, staging compares the first 15). Datetimes are UTC,
``2025-03-31T21:03:23.000Z``. Booleans are true/false, or 1/0. A row deleted in the source stays with IsDeleted = true
until the recycle bin is emptied; after that it is absent. Formula and roll-up fields are left out by Data Export, so
TotalPrice, TotalAmount and Contract.EndDate may be absent: they are cross-checks, never inputs.

A Contract is the statement of work (the agreement); an Order is one signed version of it (1 is the original, later ones
hold only what changed); an Order Product is an agreement line. Names ending in ``__c`` are the firm's own and follow
``fields:``, as do the objects SOW_Rate__c, SOW_Variable__c and ERP_Invoice__c. Salesforce has no field for the day on
which a contract was terminated, nor for what is due for it: both are the firm's own.

Sources: Salesforce Object Reference (Account, Contact, Opportunity, Contract, Order, OrderItem, Product2), Bulk API 2.0
Developer Guide (query jobs, CSV), Data Export help. DatedConversionRate columns are unconfirmed.
"""

from __future__ import annotations

from typing import Any

from ingest.system import (
    Field,
    SourceSystem,
    Stream,
    boolean,
    custom,
    date,
    decimal,
    identifier,
    integer,
    money,
    needed,
    text,
    timestamp,
)
from ingest.systems._salesforce_writes import WRITES

__all__ = ["SYSTEM"]

_IDS = (15, 18)
_CURRENCY = "CurrencyIsoCode"
_BILLING_TYPES = ("T&M", "Fixed Fee", "Managed Service", "Milestone", "Mixed")
_RECORD = "https://{account}.lightning.force.com/lightning/r/%s/{id}/view"


def _ref(names: str) -> tuple[Field, ...]:
    """References to other records."""
    return identifier(names, lengths=_IDS)


def _amount(names: str, scale: int = 2) -> tuple[Field, ...]:
    """Amounts in the currency of the record."""
    return money(names, scale, currency=_CURRENCY)


def _object(name: str, meaning: str, *groups: tuple[Field, ...], priced: bool = False, **facts: Any) -> Stream:
    """One object: its key, its own fields, the currency where it holds money, and the system fields."""
    return Stream(
        name=name,
        meaning=meaning,
        key=("Id",),
        cursor="SystemModstamp",
        deleted="IsDeleted",
        record_url=_RECORD % name,
        fields=(
            *needed(identifier("Id", lengths=_IDS), filled=True),
            *(item for group in groups for item in group),
            *(text(_CURRENCY, meaning="ISO code; absent when multi-currency is off") if priced else ()),
            *timestamp("CreatedDate LastModifiedDate"),
            *needed(timestamp("SystemModstamp"), filled=True),
            *boolean("IsDeleted"),
        ),
        **facts,
    )


SYSTEM = SourceSystem(
    name="salesforce",
    title="Salesforce",
    roles=("CRM",),
    booleans=(("true", "1"), ("false", "0")),
    clock="offset",
    format="csv",
    account="login",
    writes=WRITES,
    streams=(
        _object(
            "Account",
            "A customer. MasterRecordId points at the survivor of a merge.",
            needed(text("Name")),
            text("AccountNumber"),
            _ref("ParentId MasterRecordId"),
            text("Type Industry BillingStreet BillingCity BillingState BillingPostalCode BillingCountry Website"),
            _ref("OwnerId"),
            custom(text("ERP_Customer_Id__c"), alias="erp_customer_id"),
            custom(text("Tax_Id__c"), alias="tax_id"),
        ),
        _object(
            "Contact",
            "A person at a customer.",
            needed(_ref("AccountId")),
            text("FirstName LastName Email Title"),
            _ref("MasterRecordId"),
        ),
        _object(
            "Opportunity",
            "A deal. Won and lost follow IsWon and IsClosed, never the stage label.",
            needed(_ref("AccountId"), text("Name"), _amount("Amount"), date("CloseDate")),
            text("StageName"),
            needed(boolean("IsClosed IsWon")),
            decimal("Probability", 2),
            text("ForecastCategoryName Type"),
            _ref("ContractId OwnerId"),
            custom(text("PSA_Project_Id__c"), alias="psa_project_id"),
            priced=True,
            amount="Amount",
        ),
        _object(
            "Contract",
            "A statement of work: the agreement.",
            text("ContractNumber"),
            needed(
                _ref("AccountId"),
                text("Status", "Draft", "In Approval Process", "Activated", "Terminated", "Expired"),
                date("StartDate"),
            ),
            date("EndDate"),
            integer("ContractTerm", meaning="months"),
            date("CustomerSignedDate CompanySignedDate"),
            timestamp("ActivatedDate"),
            needed(custom(text("SOW_Number__c"), alias="agreement_number")),
            custom(text("Billing_Type__c", *_BILLING_TYPES), alias="billing_type"),
            custom(_amount("NTE_Amount__c"), alias="nte_amount"),
            custom(_amount("Contract_Value__c"), alias="agreement_value"),
            custom(text("Contracting_Entity__c"), alias="contracting_entity"),
            custom(text("Payment_Terms__c"), alias="payment_terms"),
            custom(boolean("Advance_Billing_Allowed__c"), alias="advance_billing_allowed"),
            custom(boolean("PO_Required__c"), alias="po_required"),
            custom(date("Termination_Date__c", meaning="last day of service"), alias="termination_date"),
            custom(_amount("Termination_Fee__c"), alias="termination_fee"),
            priced=True,
            amount="Contract_Value__c",
        ),
        _object(
            "Order",
            "One signed version of an agreement; a reduction order subtracts.",
            text("OrderNumber"),
            _ref("AccountId"),
            needed(_ref("ContractId")),
            _ref("OpportunityId OriginalOrderId"),
            boolean("IsReductionOrder"),
            text("Status"),
            needed(text("StatusCode", "Draft", "Activated")),
            text("Type"),
            date("EffectiveDate EndDate"),
            text("PoNumber"),
            date("PoDate"),
            timestamp("ActivatedDate"),
            _amount("TotalAmount"),
            custom(integer("SOW_Version__c"), alias="agreement_version"),
            custom(date("Signed_Date__c"), alias="signed_date"),
            custom(_amount("PO_Amount__c"), alias="po_amount"),
            priced=True,
            amount="TotalAmount",
        ),
        _object(
            "OrderItem",
            "One line of a signed version.",
            needed(_ref("OrderId")),
            _ref("OriginalOrderItemId Product2Id"),
            needed(decimal("Quantity", 4), _amount("UnitPrice")),
            _amount("TotalPrice"),
            date("ServiceDate EndDate"),
            text("Description"),
            needed(custom(text("Line_Key__c"), alias="line_key")),
            custom(text("Workstream__c"), alias="workstream"),
            custom(text("Billing_Type__c", *_BILLING_TYPES), alias="billing_type"),
            custom(_amount("NTE_Amount__c"), alias="nte_amount"),
            custom(decimal("Planned_Hours__c", 4), alias="planned_hours"),
            custom(_amount("Standalone_Price__c"), alias="standalone_price"),
            priced=True,
            amount="UnitPrice",
        ),
        _object(
            "Product2",
            "What is sold.",
            needed(text("Name")),
            text("ProductCode Family"),
            boolean("IsActive"),
        ),
        _object(
            "SOW_Rate__c",
            "The agreed rate of a role in a time span.",
            text("Name"),
            needed(custom(_ref("Contract__c")), custom(text("Role__c")), custom(_amount("Rate__c"))),
            needed(custom(date("Effective_From__c"))),
            custom(date("Effective_To__c"), integer("SOW_Version__c")),
            priced=True,
            custom=True,
            amount="Rate__c",
        ),
        _object(
            "SOW_Variable__c",
            "One estimate of a variable amount of a statement of work: a success fee, a bonus, a penalty.",
            text("Name"),
            needed(custom(_ref("Contract__c")), custom(text("Line_Key__c"))),
            custom(text("Kind__c", "Success Fee", "Bonus", "Penalty")),
            needed(custom(_amount("Estimate__c"))),
            custom(text("Likelihood__c", "Remote", "Possible", "Probable", "Highly Probable", "Certain")),
            needed(custom(date("Estimated_On__c"))),
            custom(date("Due_On__c Resolved_On__c"), _amount("Resolved_Amount__c")),
            priced=True,
            custom=True,
            amount="Estimate__c",
        ),
        _object(
            "ERP_Invoice__c",
            "The copy of an ERP invoice that account managers see.",
            text("Name"),
            needed(custom(text("ERP_Invoice_Id__c"))),
            custom(_ref("Account__c Contract__c")),
            needed(custom(text("Status__c", "Open", "Paid", "Voided"))),
            needed(custom(_amount("Amount__c Paid_Amount__c"))),
            custom(_amount("Credited_Amount__c"), date("Invoice_Date__c Due_Date__c")),
            priced=True,
            custom=True,
            amount="Amount__c",
        ),
        _object(
            "CurrencyType",
            "A currency of the organisation.",
            needed(text("IsoCode"), decimal("ConversionRate", 10)),
            boolean("IsCorporate"),
        ),
        _object(
            "DatedConversionRate",
            "A dated rate of exchange, for display only.",
            needed(text("IsoCode"), date("StartDate")),
            date("NextStartDate"),
            needed(decimal("ConversionRate", 10)),
        ),
    ),
)
