"""Oracle NetSuite (SuiteProjects, Advanced Revenue Management): the ERP, and the revenue recognition through its
revenue arrangements.

Reads SuiteQL results as CSV, header = lower-case column names, everything text: ids are integers, booleans ``T``/``F``,
a decimal point and no thousands, dates ``YYYY-MM-DD`` and datetimes ``YYYY-MM-DD HH24:MI:SS`` in the account's own time
zone (``time_zone`` of the connection). SuiteQL stops at 100,000 rows a query, so a stream often comes as many slices
that may overlap: every row lands, staging keeps the latest of a key. Deletes of some record types are listed in
``deletedrecord``; the others show only as absence from a full export.

Signs as NetSuite has them: on lines, sales and credits to revenue or liabilities are negative; on headers, totals are
positive and those of credit memos negative. Names starting with ``custbody_``, ``custcol_``, ``custentity_`` or
``custrecord_`` are the firm's own and follow ``fields:``.

Sources: NetSuite help (SuiteQL, records catalog, Advanced Revenue Management, deleted records), public dbt packages and
taps for the column names. Columns of currencyrate, revenuearrangement as a record, and custom columns on revenue
elements are unconfirmed.
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
from ingest.systems._netsuite_writes import WRITES

__all__ = ["SYSTEM"]

_APP = "https://{account}.app.netsuite.com/app/"
_TYPES = (
    "CustInvc", "CustCred", "CustPymt", "CustDep", "CustRfnd", "DepAppl", "SalesOrd", "Estimate", "Opprtnty",
    "CashSale", "CashRfnd", "RtnAuth", "Journal", "RevArrng", "RevComm", "ExpRept", "VendBill", "VendCred", "VendPymt",
    "VendAuth", "PurchOrd", "PurchReq", "Check", "Deposit", "Transfer", "FxReval", "LiabPymt", "CardChrg", "CardRfnd",
    "InvAdjst", "ItemShip", "ItemRcpt", "Custom", "PEJrnl", "FxRateVar", "Paycheck", "TaxPymt", "Statement",
)  # fmt: skip


def _fx(names: str = "exchangerate") -> tuple[Field, ...]:
    return decimal(names, 10)


def _record(name: str, meaning: str, *groups: tuple[Field, ...], **facts: Any) -> Stream:
    """One record type or table with the key `id`."""
    return Stream(
        name=name,
        meaning=meaning,
        fields=(*needed(identifier("id"), filled=True), *(item for group in groups for item in group)),
        **{"key": ("id",), **facts},
    )


def _table(name: str, meaning: str, key: str, *groups: tuple[Field, ...], **facts: Any) -> Stream:
    """One table whose key is not `id`; the key fields are filled in every row."""
    return Stream(
        name=name,
        meaning=meaning,
        key=tuple(key.split()),
        fields=(*needed(identifier(key), filled=True), *(item for group in groups for item in group)),
        **facts,
    )


def _organisation() -> tuple[Stream, ...]:
    return (
        _record(
            "subsidiary",
            "A legal entity; elimination subsidiaries hold only eliminations.",
            needed(text("name")),
            text("fullname legalname"),
            needed(identifier("currency")),
            text("country"),
            identifier("parent"),
            needed(boolean("iselimination")),
            boolean("isinactive"),
            timestamp("lastmodifieddate"),
            custom(text("externalid"), alias="entity_code"),
            cursor="lastmodifieddate",
            record_url=_APP + "common/otherlists/subsidiarytype.nl?id={id}",
        ),
        _record(
            "currency",
            "A currency; symbol is its ISO code.",
            text("name"),
            needed(text("symbol")),
            boolean("isbasecurrency"),
            integer("currencyprecision"),
        ),
        _record(
            "currencyrate",
            "A dated rate of exchange.",
            needed(identifier("basecurrency transactioncurrency"), date("effectivedate"), _fx()),
        ),
        _record(
            "accountingperiod",
            "A posting period and its locks.",
            needed(text("periodname"), date("startdate enddate"), boolean("closed")),
            date("closedondate"),
            boolean("alllocked arlocked aplocked isquarter isyear isadjust isposting"),
        ),
        _record(
            "account",
            "An account of the general ledger.",
            needed(text("acctnumber accttype")),
            text("fullname"),
            boolean("isinactive"),
            text("generalrate", "AVERAGE", "CURRENT", "HISTORICAL"),
            boolean("eliminate"),
            record_url=_APP + "accounting/account/account.nl?id={id}",
        ),
        _record("classification", "A class: the practice.", needed(text("name")), boolean("isinactive")),
        _record(
            "item",
            "What is sold, and how it earns.",
            needed(text("itemid")),
            text("itemtype"),
            identifier("incomeaccount deferredrevenueaccount"),
            text("revenuerecognitionrule createrevenueplanson"),
            boolean("isinactive"),
            record_url=_APP + "common/item/item.nl?id={id}",
        ),
    )


def _parties() -> tuple[Stream, ...]:
    return (
        _record(
            "customer",
            "A customer; leads and prospects are in the same table.",
            text("entityid"),
            needed(text("companyname")),
            text("altname"),
            boolean("isperson"),
            text("firstname lastname"),
            identifier("parent"),
            text("searchstage", "Lead", "Prospect", "Customer"),
            identifier("currency"),
            text("terms email url"),
            identifier("defaultbillingaddress"),
            needed(text("externalid")),
            boolean("isinactive"),
            timestamp("datecreated lastmodifieddate"),
            custom(text("custentity_tax_id"), alias="tax_id"),
            cursor="lastmodifieddate",
            record_url=_APP + "common/entity/custjob.nl?id={id}",
        ),
        _table("entityaddress", "An address.", "nkey", text("addr1 city state zip country")),
        _record(
            "customersubsidiaryrelationship",
            "Which subsidiaries may bill a customer.",
            needed(identifier("entity subsidiary")),
            boolean("isprimarysub"),
        ),
        _record(
            "job",
            "A project.",
            text("entityid companyname"),
            needed(identifier("customer")),
            identifier("parent currency"),
            text("jobbillingtype"),
            money("jobprice", currency="currency"),
            date("startdate enddate projectedenddate"),
            decimal("percentcomplete", 4),
            text("entitystatus"),
            needed(text("externalid")),
            boolean("isinactive"),
            timestamp("datecreated lastmodifieddate"),
            custom(text("custentity_psa_project_id"), alias="psa_project_id"),
            custom(identifier("custentity_practice"), alias="practice"),
            custom(text("custentity_sow_number"), alias="agreement_number"),
            custom(text("custentity_billing_type"), alias="billing_type"),
            custom(identifier("custentity_entity"), alias="legal_entity"),
            cursor="lastmodifieddate",
            amount="jobprice",
            record_url=_APP + "accounting/project/project.nl?id={id}",
        ),
        _record(
            "employee",
            "A person on the payroll.",
            text("entityid firstname lastname"),
            needed(text("email")),
            identifier("subsidiary department"),
            text("externalid"),
            boolean("isinactive"),
            record_url=_APP + "common/entity/employee.nl?id={id}",
        ),
    )


def _billing() -> tuple[Stream, ...]:
    return (
        _record(
            "timebill",
            "A time record; `customer` is the project. Its rate is usually empty: its charges hold the value.",
            needed(text("externalid"), identifier("employee customer")),
            identifier("casetaskevent item"),
            needed(decimal("hours", 8), date("trandate"), filled=True),
            needed(boolean("isbillable")),
            text("approvalstatus timetype"),
            decimal("rate", 4),
            identifier("subsidiary class"),
            timestamp("createddate lastmodifieddate"),
            custom(text("custcol_psa_time_entry_id"), alias="psa_time_entry_id"),
            custom(timestamp("custcol_psa_updated_at"), alias="psa_updated_at"),
            custom(timestamp("custcol_first_posted_on"), alias="first_posted_on"),
            cursor="lastmodifieddate",
            record_url=_APP + "accounting/transactions/timebill.nl?id={id}",
        ),
        _record(
            "charge",
            "What is to be billed, or was.",
            text("externalid"),
            needed(identifier("billto"), text("stage")),
            text("use chargetype"),
            date("chargedate"),
            decimal("quantity", 8),
            decimal("rate", 4),
            needed(money("amount", currency="currency"), identifier("currency")),
            identifier("billingitem timerecord salesorder salesorderline invoice invoiceline rule runid"),
            timestamp("createddate lastmodifieddate"),
            cursor="lastmodifieddate",
            amount="amount",
            record_url=_APP + "accounting/transactions/billing/charge.nl?id={id}",
        ),
    )


def _transactions() -> tuple[Stream, ...]:
    return (
        _record(
            "transaction",
            "The header of an order, invoice, credit memo, payment, journal, arrangement or expense report.",
            needed(text("type", *_TYPES)),
            text("tranid externalid"),
            needed(date("trandate")),
            date("duedate closedate"),
            timestamp("createddate lastmodifieddate"),
            identifier("entity"),
            needed(identifier("currency"), _fx()),
            money("foreigntotal foreignamountpaid foreignamountunpaid", currency="currency"),
            needed(text("status")),
            text("approvalstatus"),
            needed(boolean("posting")),
            identifier("postingperiod"),
            boolean("voided"),
            text("memo otherrefnum"),
            boolean("isreversal"),
            identifier("reversal"),
            date("reversaldate"),
            identifier("createdby"),
            custom(text("custbody_sow_number"), alias="agreement_number"),
            custom(integer("custbody_sow_version"), alias="agreement_version"),
            custom(money("custbody_nte_amount", currency="currency"), alias="nte_amount"),
            custom(text("custbody_sf_contract_id"), alias="crm_agreement_id"),
            custom(text("custbody_billing_event_key"), alias="billing_event_key"),
            custom(
                text("custbody_credit_reason", "HOURS_REJECTED", "CONCESSION", "BILLING_ERROR", "DUPLICATE"),
                alias="credit_reason",
            ),
            custom(identifier("custbody_reverses"), alias="reverses"),
            cursor="lastmodifieddate",
            amount="foreigntotal",
            record_url=_APP + "accounting/transactions/transaction.nl?id={id}",
        ),
        _table(
            "transactionline",
            "A line of a transaction; mainline = T is the header line.",
            "transaction id",
            needed(identifier("uniquekey")),
            integer("linesequencenumber"),
            needed(boolean("mainline taxline")),
            identifier("item"),
            text("itemtype"),
            identifier("entity subsidiary duetofromsubsidiary class"),
            decimal("quantity", 8),
            decimal("rate", 4),
            needed(money("foreignamount")),
            money("netamount"),
            identifier("createdfrom revenueelement"),
            boolean("needsrevenueelement isbillable isclosed eliminate"),
            text("memo"),
            timestamp("linelastmodifieddate"),
            custom(text("custcol_line_key"), alias="line_key"),
            custom(text("custcol_sf_order_item_id"), alias="crm_line_id"),
            custom(integer("custcol_sow_version"), alias="line_version"),
            custom(text("custcol_billing_type"), alias="billing_type"),
            custom(text("custcol_psa_expense_id"), alias="psa_expense_id"),
            custom(identifier("custcol_credited_line"), alias="credited_line"),
            custom(identifier("custcol_rev_arrangement"), alias="revenue_arrangement"),
            custom(identifier("custcol_supplier"), alias="supplier"),
            cursor="linelastmodifieddate",
            amount="foreignamount",
            record_url=_APP + "accounting/transactions/transaction.nl?id={transaction}",
        ),
        _table(
            "transactionaccountingline",
            "The ledger posting of a line, per accounting book, in the currency of the subsidiary.",
            "accountingbook transaction transactionline",
            needed(identifier("account")),
            money("debit credit"),
            needed(money("amount")),
            money("netamount"),
            needed(boolean("posting")),
            _fx(),
            amount="amount",
            record_url=_APP + "accounting/transactions/transaction.nl?id={transaction}",
        ),
        _table(
            "nexttransactionlinelink",
            "Which line led to which: an order to its bill, a payment to its invoice.",
            "previousdoc previousline nextdoc nextline linktype",
            text("previoustype nexttype"),
            money("foreignamount"),
            timestamp("lastmodifieddate"),
            cursor="lastmodifieddate",
            amount="foreignamount",
        ),
        _table(
            "deletedrecord",
            "Records deleted in NetSuite, for the types it reports.",
            "recordid type",
            identifier("recordtypeid"),
            text("name"),
            timestamp("deleteddate"),
            cursor="deleteddate",
            log=True,
        ),
    )


def _revenue() -> tuple[Stream, ...]:
    return (
        _record(
            "revenuearrangement",
            "The revenue contract; one per statement of work.",
            text("tranid"),
            date("trandate"),
            identifier("subsidiary accountingbook"),
            boolean("compliant"),
            identifier("entity"),
            timestamp("lastmodifieddate"),
            cursor="lastmodifieddate",
            record_url=_APP + "accounting/transactions/revarrng.nl?id={id}",
        ),
        _record(
            "revenueelement",
            "A performance obligation.",
            text("recordnumber"),
            needed(identifier("revenuearrangement")),
            identifier("accountingbook"),
            text("source sourcerecordtype referenceid"),
            identifier("item entity subsidiary"),
            needed(identifier("currency")),
            _fx(),
            decimal("quantity", 8),
            money("salesamount discountedsalesamount", currency="currency"),
            needed(money("allocationamount", currency="currency")),
            text("revenuerecognitionrule createrevenueplanson"),
            date("revrecstartdate revrecenddate elementdate"),
            identifier("deferralaccount recognitionaccount"),
            text("revenueplanstatus"),
            boolean("requiresrevenueplanupdate"),
            identifier("returnofelement"),
            timestamp("lastmodifieddate"),
            custom(text("custrecord_line_key"), alias="line_key"),
            custom(boolean("custrecord_rpo_exempt"), alias="rpo_exempt"),
            cursor="lastmodifieddate",
            amount="allocationamount",
            record_url=_APP + "common/custom/revenueelement.nl?id={id}",
        ),
        _record(
            "revenueplan",
            "The schedule of an element; forecast plans never count.",
            text("recordnumber"),
            needed(identifier("createdfrom"), money("amount", currency="revenueplancurrency")),
            identifier("revenueplancurrency"),
            _fx(),
            needed(text("revenueplantype", "ACTUAL", "FORECAST")),
            text("recognitionmethod"),
            date("revrecstartdate revrecenddate"),
            text("statusfordisplay"),
            money("totalrecognized remainingdeferredbalance", currency="revenueplancurrency"),
            boolean("holdrevenuerecognition"),
            identifier("catchupperiod"),
            timestamp("lastmodifieddate"),
            cursor="lastmodifieddate",
            amount="amount",
        ),
        _record(
            "revenueplanplannedrevenue",
            "One period of a schedule. It has no date of change: it is read again when its plan changes.",
            needed(identifier("revenueplan"), money("amount")),
            identifier("plannedperiod postingperiod"),
            text("plannedrevenuetype"),
            needed(boolean("isrecognized")),
            identifier("journal"),
            date("dateexecuted"),
            _fx(),
            identifier("deferredrevenueaccount recognitionaccount"),
            amount="amount",
        ),
    )


SYSTEM = SourceSystem(
    name="netsuite",
    title="NetSuite",
    roles=("ERP", "REVREC"),
    booleans=(("T",), ("F",)),
    clock="local",
    format="csv",
    account="system",
    writes=WRITES,
    streams=(*_organisation(), *_parties(), *_billing(), *_transactions(), *_revenue()),
)
