"""The columns of every NetSuite stream of the sandbox, with their types.

Names starting with ``custbody_``, ``custcol_``, ``custentity_`` or ``custrecord_`` are the firm's own fields. All
transaction types share `transaction`, `transactionline` and `transactionaccountingline`. Sales lines and credits to
revenue or liabilities are negative; header totals are positive, those of credit memos negative.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.frames import typed

__all__ = ["SCHEMAS", "conform"]

_ID = pl.String()
_TEXT = pl.String()
_BOOL = pl.Boolean()
_DATE = pl.Date()
_MOMENT = pl.Datetime("us")
_INT = pl.Int64()
_MONEY = pl.Decimal(18, 2)
_HOURS = pl.Decimal(12, 4)
_FX = pl.Decimal(18, 6)

_STAMPS: dict[str, pl.DataType] = {"createddate": _MOMENT, "lastmodifieddate": _MOMENT}

SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "subsidiary": {
        "id": _ID, "name": _TEXT, "fullname": _TEXT, "legalname": _TEXT, "currency": _ID, "country": _TEXT,
        "parent": _ID, "iselimination": _BOOL, "isinactive": _BOOL, "lastmodifieddate": _MOMENT, "externalid": _TEXT,
    },
    "currency": {
        "id": _ID, "name": _TEXT, "symbol": _TEXT, "isbasecurrency": _BOOL, "currencyprecision": _INT,
    },
    "currencyrate": {
        "id": _ID, "basecurrency": _ID, "transactioncurrency": _ID, "effectivedate": _DATE, "exchangerate": _FX,
    },
    "accountingperiod": {
        "id": _ID, "periodname": _TEXT, "startdate": _DATE, "enddate": _DATE, "closed": _BOOL,
        "closedondate": _DATE, "alllocked": _BOOL, "arlocked": _BOOL, "aplocked": _BOOL, "isquarter": _BOOL,
        "isyear": _BOOL, "isadjust": _BOOL, "isposting": _BOOL,
    },
    "account": {
        "id": _ID, "acctnumber": _TEXT, "accttype": _TEXT, "fullname": _TEXT, "isinactive": _BOOL,
        "generalrate": _TEXT, "eliminate": _BOOL,
    },
    "classification": {"id": _ID, "name": _TEXT, "isinactive": _BOOL},
    "item": {
        "id": _ID, "itemid": _TEXT, "itemtype": _TEXT, "incomeaccount": _ID, "deferredrevenueaccount": _ID,
        "revenuerecognitionrule": _TEXT, "createrevenueplanson": _TEXT, "isinactive": _BOOL,
    },
    "customer": {
        "id": _ID, "entityid": _TEXT, "companyname": _TEXT, "altname": _TEXT, "isperson": _BOOL, "firstname": _TEXT,
        "lastname": _TEXT, "parent": _ID, "searchstage": _TEXT, "currency": _ID, "terms": _TEXT, "email": _TEXT,
        "url": _TEXT, "defaultbillingaddress": _ID, "externalid": _TEXT, "isinactive": _BOOL, "datecreated": _MOMENT,
        "lastmodifieddate": _MOMENT, "custentity_tax_id": _TEXT,
    },
    "entityaddress": {
        "nkey": _ID, "addr1": _TEXT, "city": _TEXT, "state": _TEXT, "zip": _TEXT, "country": _TEXT,
    },
    "customersubsidiaryrelationship": {
        "id": _ID, "entity": _ID, "subsidiary": _ID, "isprimarysub": _BOOL,
    },
    "job": {
        "id": _ID, "entityid": _TEXT, "companyname": _TEXT, "customer": _ID, "parent": _ID, "currency": _ID,
        "jobbillingtype": _TEXT, "jobprice": _MONEY, "startdate": _DATE, "enddate": _DATE, "projectedenddate": _DATE,
        "percentcomplete": _INT, "entitystatus": _TEXT, "externalid": _TEXT, "isinactive": _BOOL,
        "datecreated": _MOMENT, "lastmodifieddate": _MOMENT, "custentity_psa_project_id": _TEXT,
        "custentity_practice": _ID, "custentity_sow_number": _TEXT, "custentity_billing_type": _TEXT,
        "custentity_entity": _ID,
    },
    "employee": {
        "id": _ID, "entityid": _TEXT, "firstname": _TEXT, "lastname": _TEXT, "email": _TEXT, "subsidiary": _ID,
        "department": _ID, "externalid": _TEXT, "isinactive": _BOOL,
    },
    "timebill": {
        "id": _ID, "externalid": _TEXT, "employee": _ID, "customer": _ID, "casetaskevent": _ID, "item": _ID,
        "hours": _HOURS, "trandate": _DATE, "isbillable": _BOOL, "approvalstatus": _TEXT, "timetype": _TEXT,
        "rate": _MONEY, "subsidiary": _ID, "class": _ID, **_STAMPS, "custcol_psa_time_entry_id": _TEXT,
        "custcol_psa_updated_at": _MOMENT, "custcol_first_posted_on": _MOMENT,
    },
    "charge": {
        "id": _ID, "externalid": _TEXT, "billto": _ID, "stage": _TEXT, "use": _TEXT, "chargetype": _TEXT,
        "chargedate": _DATE, "quantity": _HOURS, "rate": _MONEY, "amount": _MONEY, "currency": _ID,
        "billingitem": _ID, "timerecord": _ID, "salesorder": _ID, "salesorderline": _ID, "invoice": _ID,
        "invoiceline": _ID, "rule": _ID, "runid": _ID, **_STAMPS,
    },
    "transaction": {
        "id": _ID, "type": _TEXT, "tranid": _TEXT, "externalid": _TEXT, "trandate": _DATE, "duedate": _DATE,
        "closedate": _DATE, **_STAMPS, "entity": _ID, "currency": _ID, "exchangerate": _FX, "foreigntotal": _MONEY,
        "foreignamountpaid": _MONEY, "foreignamountunpaid": _MONEY, "status": _TEXT, "approvalstatus": _TEXT,
        "posting": _BOOL, "postingperiod": _ID, "voided": _BOOL, "memo": _TEXT, "otherrefnum": _TEXT,
        "isreversal": _BOOL, "reversal": _ID, "reversaldate": _DATE, "createdby": _ID, "custbody_sow_number": _TEXT,
        "custbody_sow_version": _INT, "custbody_nte_amount": _MONEY, "custbody_sf_contract_id": _TEXT,
        "custbody_billing_event_key": _TEXT, "custbody_credit_reason": _TEXT, "custbody_reverses": _ID,
    },
    "transactionline": {
        "transaction": _ID, "id": _ID, "uniquekey": _ID, "linesequencenumber": _INT, "mainline": _BOOL,
        "taxline": _BOOL, "item": _ID, "itemtype": _TEXT, "entity": _ID, "subsidiary": _ID, "class": _ID,
        "duetofromsubsidiary": _ID, "eliminate": _BOOL,
        "quantity": _HOURS, "rate": _MONEY, "foreignamount": _MONEY, "netamount": _MONEY, "createdfrom": _ID,
        "revenueelement": _ID, "needsrevenueelement": _BOOL, "isbillable": _BOOL, "isclosed": _BOOL, "memo": _TEXT,
        "linelastmodifieddate": _MOMENT, "custcol_line_key": _TEXT, "custcol_sf_order_item_id": _TEXT,
        "custcol_sow_version": _INT, "custcol_billing_type": _TEXT, "custcol_psa_expense_id": _TEXT,
        "custcol_credited_line": _ID, "custcol_rev_arrangement": _ID,
        "custcol_supplier": _ID,
    },
    "transactionaccountingline": {
        "accountingbook": _ID, "transaction": _ID, "transactionline": _ID, "account": _ID, "debit": _MONEY,
        "credit": _MONEY, "amount": _MONEY, "netamount": _MONEY, "posting": _BOOL, "exchangerate": _FX,
    },
    "nexttransactionlinelink": {
        "previousdoc": _ID, "previousline": _ID, "previoustype": _TEXT, "nextdoc": _ID, "nextline": _ID,
        "nexttype": _TEXT, "linktype": _TEXT, "foreignamount": _MONEY, "lastmodifieddate": _MOMENT,
    },
    "revenuearrangement": {
        "id": _ID, "tranid": _TEXT, "trandate": _DATE, "subsidiary": _ID, "accountingbook": _ID, "compliant": _BOOL,
        "entity": _ID, "lastmodifieddate": _MOMENT,
    },
    "revenueelement": {
        "id": _ID, "recordnumber": _TEXT, "revenuearrangement": _ID, "accountingbook": _ID, "source": _TEXT,
        "sourcerecordtype": _TEXT, "referenceid": _TEXT, "item": _ID, "entity": _ID, "subsidiary": _ID,
        "currency": _ID, "exchangerate": _FX, "quantity": _HOURS, "salesamount": _MONEY,
        "discountedsalesamount": _MONEY, "allocationamount": _MONEY, "revenuerecognitionrule": _TEXT,
        "createrevenueplanson": _TEXT, "revrecstartdate": _DATE, "revrecenddate": _DATE, "elementdate": _DATE,
        "deferralaccount": _ID, "recognitionaccount": _ID, "revenueplanstatus": _TEXT,
        "requiresrevenueplanupdate": _BOOL, "returnofelement": _ID, "lastmodifieddate": _MOMENT,
        "custrecord_line_key": _TEXT, "custrecord_rpo_exempt": _BOOL,
    },
    "revenueplan": {
        "id": _ID, "recordnumber": _TEXT, "createdfrom": _ID, "amount": _MONEY, "revenueplancurrency": _ID,
        "exchangerate": _FX, "revenueplantype": _TEXT, "recognitionmethod": _TEXT, "revrecstartdate": _DATE,
        "revrecenddate": _DATE, "statusfordisplay": _TEXT, "totalrecognized": _MONEY,
        "remainingdeferredbalance": _MONEY, "holdrevenuerecognition": _BOOL, "catchupperiod": _ID,
        "lastmodifieddate": _MOMENT,
    },
    "revenueplanplannedrevenue": {
        "id": _ID, "revenueplan": _ID, "amount": _MONEY, "plannedperiod": _ID, "postingperiod": _ID,
        "plannedrevenuetype": _TEXT, "isrecognized": _BOOL, "journal": _ID, "dateexecuted": _DATE,
        "exchangerate": _FX, "deferredrevenueaccount": _ID, "recognitionaccount": _ID,
    },
    "deletedrecord": {
        "recordid": _ID, "recordtypeid": _ID, "type": _TEXT, "name": _TEXT, "deleteddate": _MOMENT,
    },
}  # fmt: skip


def conform(stream: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows as exactly the columns of a stream: missing ones empty, others left out, each in its type."""
    return typed(rows, SCHEMAS[stream])
