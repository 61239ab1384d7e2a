"""The columns of every Salesforce stream of the sandbox, with their types.

Names ending in ``__c`` are the firm's own fields. ``ERP_Invoice__c`` is written by the finance feedback, not by sales;
its columns are here because the object lives in Salesforce.
"""

from __future__ import annotations

import polars as pl

__all__ = ["SCHEMAS"]

_ID = pl.String()
_TEXT = pl.String()
_BOOL = pl.Boolean()
_DATE = pl.Date()
_MOMENT = pl.Datetime("us")
_NUMBER = pl.Int64()
_MONEY = pl.Decimal(18, 2)
_RATE = pl.Decimal(18, 6)

_SYSTEM: dict[str, pl.DataType] = {
    "CreatedDate": _MOMENT,
    "LastModifiedDate": _MOMENT,
    "SystemModstamp": _MOMENT,
    "IsDeleted": _BOOL,
}


def _stream(money: bool = False, **columns: pl.DataType) -> dict[str, pl.DataType]:
    """A stream: its key, its own columns, the currency when it holds money, and the system columns."""
    currency = {"CurrencyIsoCode": _TEXT} if money else {}
    return {"Id": _ID, **columns, **currency, **_SYSTEM}


SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "Account": _stream(
        Name=_TEXT, AccountNumber=_TEXT, ParentId=_ID, MasterRecordId=_ID, Type=_TEXT, Industry=_TEXT,
        BillingStreet=_TEXT, BillingCity=_TEXT, BillingState=_TEXT, BillingPostalCode=_TEXT, BillingCountry=_TEXT,
        Website=_TEXT, OwnerId=_ID, ERP_Customer_Id__c=_TEXT, Tax_Id__c=_TEXT,
    ),
    "Contact": _stream(
        AccountId=_ID, FirstName=_TEXT, LastName=_TEXT, Email=_TEXT, Title=_TEXT, MasterRecordId=_ID,
    ),
    "Opportunity": _stream(
        money=True,
        AccountId=_ID, Name=_TEXT, Amount=_MONEY, CloseDate=_DATE, StageName=_TEXT, IsClosed=_BOOL, IsWon=_BOOL,
        Probability=_NUMBER, ForecastCategoryName=_TEXT, Type=_TEXT, ContractId=_ID, OwnerId=_ID,
        PSA_Project_Id__c=_TEXT,
    ),
    "Contract": _stream(
        money=True,
        ContractNumber=_TEXT, AccountId=_ID, Status=_TEXT, StartDate=_DATE, EndDate=_DATE, ContractTerm=_NUMBER,
        CustomerSignedDate=_DATE, CompanySignedDate=_DATE, ActivatedDate=_MOMENT, SOW_Number__c=_TEXT,
        Billing_Type__c=_TEXT, NTE_Amount__c=_MONEY, Contract_Value__c=_MONEY, Contracting_Entity__c=_TEXT,
        Payment_Terms__c=_TEXT, Advance_Billing_Allowed__c=_BOOL, PO_Required__c=_BOOL, Termination_Date__c=_DATE,
        Termination_Fee__c=_MONEY,
    ),
    "Order": _stream(
        money=True,
        OrderNumber=_TEXT, AccountId=_ID, ContractId=_ID, OpportunityId=_ID, OriginalOrderId=_ID,
        IsReductionOrder=_BOOL, Status=_TEXT, StatusCode=_TEXT, Type=_TEXT, EffectiveDate=_DATE, EndDate=_DATE,
        PoNumber=_TEXT, PoDate=_DATE, ActivatedDate=_MOMENT, TotalAmount=_MONEY, SOW_Version__c=_NUMBER,
        Signed_Date__c=_DATE, PO_Amount__c=_MONEY,
    ),
    "OrderItem": _stream(
        money=True,
        OrderId=_ID, OriginalOrderItemId=_ID, Product2Id=_ID, Quantity=_MONEY, UnitPrice=_MONEY, TotalPrice=_MONEY,
        ServiceDate=_DATE, EndDate=_DATE, Description=_TEXT, Line_Key__c=_TEXT, Workstream__c=_TEXT,
        Billing_Type__c=_TEXT, NTE_Amount__c=_MONEY, Planned_Hours__c=_MONEY, Standalone_Price__c=_MONEY,
    ),
    "Product2": _stream(Name=_TEXT, ProductCode=_TEXT, Family=_TEXT, IsActive=_BOOL),
    "SOW_Rate__c": _stream(
        money=True,
        Name=_TEXT, Contract__c=_ID, Role__c=_TEXT, Rate__c=_MONEY, Effective_From__c=_DATE, Effective_To__c=_DATE,
        SOW_Version__c=_NUMBER,
    ),
    "SOW_Variable__c": _stream(
        money=True,
        Name=_TEXT, Contract__c=_ID, Line_Key__c=_TEXT, Kind__c=_TEXT, Estimate__c=_MONEY, Likelihood__c=_TEXT,
        Estimated_On__c=_DATE, Due_On__c=_DATE, Resolved_On__c=_DATE, Resolved_Amount__c=_MONEY,
    ),
    "ERP_Invoice__c": _stream(
        money=True,
        Name=_TEXT, ERP_Invoice_Id__c=_TEXT, Account__c=_ID, Contract__c=_ID, Status__c=_TEXT, Amount__c=_MONEY,
        Paid_Amount__c=_MONEY, Credited_Amount__c=_MONEY, Invoice_Date__c=_DATE, Due_Date__c=_DATE,
    ),
    "CurrencyType": _stream(IsoCode=_TEXT, ConversionRate=_RATE, IsCorporate=_BOOL),
    "DatedConversionRate": _stream(
        IsoCode=_TEXT, StartDate=_DATE, NextStartDate=_DATE, ConversionRate=_RATE,
    ),
}  # fmt: skip
