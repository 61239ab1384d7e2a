"""Sales of the sandbox firm: what its Salesforce holds before anybody works or bills.

`sell` fills the streams ``salesforce.<Object>`` (columns: `SCHEMAS`). Conventions others may rely on:

- every agreement is one ``Contract`` with one ``Opportunity`` and one ``Order`` per version; ``Order`` rows of version
  2 and up are deltas, their ``OriginalOrderId`` is the order of version 1, their ``OpportunityId`` that of the deal;
- the ``Type`` of an order says what its version does: New, Upsell, Reduction, or Rate Change, which moves no value;
- a version counts when its order has ``StatusCode`` Activated; drafts have no ``Signed_Date__c`` and no value yet;
- ``OrderItem.Line_Key__c`` is ``<SOW number>/<line>``, the same in all versions; ``TotalPrice`` is exactly
  ``Quantity`` times ``UnitPrice``; T&M counts hours, a managed service months (``ServiceDate`` to ``EndDate``), every
  other line is a lump sum; ``Planned_Hours__c`` (a delta too) is null on managed services. A reduction order has
  positive quantities that subtract, and only on T&M lines. A rate-only amendment has one line worth nothing;
- ``EndDate`` = ``StartDate`` + ``ContractTerm`` months - 1 day; agreements start after they are signed;
- ``NTE_Amount__c`` is on the ``Contract`` (pure T&M ones), always equal to its activated value; on the ``OrderItem``
  only when the agreement has one line and no amendment, so that every reading of it gives the same cap;
- ``Contract_Value__c`` is the activated value, ``Opportunity.Amount`` that of version 1; amounts are in the agreement's
  currency, which for a few is not that of the contracting entity;
- customers with ``PO_Required__c`` send a purchase order for each version that adds value, ``PO_Amount__c`` its value;
- ``SOW_Rate__c`` has a row per T&M agreement, role and period of validity; rates change only with an activated order;
- ``SOW_Variable__c`` has the estimates of success fees, which a few fixed-fee agreements carry (`salesforce_variable`);
- a deleted draft (``IsDeleted``) takes its opportunity, order and items with it; a merged account is deleted and names
  its survivor, agreements hang on the survivor;
- links into NetSuite (``ERP_Customer_Id__c``) and Kantata (``PSA_Project_Id__c``) are empty until those systems exist;
  ``ERP_Invoice__c`` is not written here.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from ingest.sandbox.agreements import WORKSTREAMS, Book, book
from ingest.sandbox.customers import accounts, buyers, contacts, entity_of
from ingest.sandbox.firm import BASE_CURRENCY, Firm
from ingest.sandbox.frames import choose, moments, scaled, typed
from ingest.sandbox.pipeline import open_and_lost
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.salesforce_schema import SCHEMAS
from ingest.sandbox.salesforce_variable import variable_elements
from ingest.sandbox.world import World, draw

__all__ = ["SCHEMAS", "sell"]

#: Billing type of a line -> product number.
_PRODUCTS: tuple[tuple[str, str, str], ...] = (
    ("T&M", "Consulting services, time and materials", "SVC-TM"),
    ("Fixed Fee", "Consulting services, fixed fee", "SVC-FF"),
    ("Managed Service", "Managed service", "SVC-MS"),
    ("Milestone", "Consulting services, milestone", "SVC-MI"),
)
#: What a version does -> the type of its order, which names the cause when the backlog moves.
_ORDER_TYPES = {
    "original": "New", "increase": "Upsell", "new": "Upsell", "reduction": "Reduction", "rates": "Rate Change",
}  # fmt: skip
_DEAL_TYPES = {"New Business": 0.4, "Existing Business": 0.45, "Renewal": 0.15}


def sell(world: World) -> None:
    """Fill the Salesforce frames of the world: customers, pipeline, signed agreements, their versions and rates."""
    firm = world.firm
    account = accounts(firm)
    plan = book(firm, entity_of(firm, np.arange(buyers(firm), dtype=np.int64)))
    deals = _deals(firm, plan, account)
    lines = _lines(plan, deals)
    versions = _versions(firm, plan, deals, lines)
    frames = {
        "Account": account,
        "Contact": contacts(firm, account),
        "Opportunity": pl.concat([_won(firm, deals, lines), open_and_lost(firm, account, deals)]),
        "Contract": _contracts(deals, versions, lines),
        "Order": typed(versions, SCHEMAS["Order"]),
        "OrderItem": _items(lines, versions),
        "Product2": _products(firm),
        "SOW_Rate__c": _rates(plan, deals, versions),
        "SOW_Variable__c": variable_elements(firm, deals, _signed_first(lines)),
        "CurrencyType": _currency_types(firm),
        "DatedConversionRate": _dated_rates(firm),
    }
    for stream, frame in frames.items():
        world[f"salesforce.{stream}"] = frame


def _deals(firm: Firm, plan: Book, account: pl.DataFrame) -> pl.DataFrame:
    """Agreements with their ids, numbers and moments of signature."""
    keys = plan.agreements["key"].to_numpy()

    def u(salt: str) -> np.ndarray:
        return draw(keys, f"deal/{salt}", firm.seed)

    today = np.datetime64(firm.as_of, "D")
    signed = plan.agreements["signed"].to_numpy().astype("datetime64[D]")
    created = np.minimum(
        signed - 4 - (u("created") * 40).astype(np.int64), today - 2 - (u("created") * 25).astype(np.int64)
    )
    frame = plan.agreements.with_columns(
        account_id=account["Id"].gather(plan.agreements["customer"]),
        contract_id=salesforce_ids("800", keys),
        opportunity_id=salesforce_ids("006", keys),
        owner_id=salesforce_ids("005", (u("owner") * 12).astype(np.int64)),
        created=pl.Series(moments(created, 50_000 + u("created/at") * 25_000)),
        activated=pl.Series(moments(signed, 52_000 + u("activated/at") * 26_000)),
        customer_signed=pl.Series(np.maximum(signed - (u("customer") * 3).astype(np.int64), created + 1)),
        deal_type=pl.Series(choose(u("type"), _DEAL_TYPES).astype(str)),
        first_stream=pl.Series((u("stream") * len(WORKSTREAMS)).astype(np.int64)),
        won_unsigned=pl.col("draft") & pl.Series(u("won") < 0.2),
        in_approval=pl.col("draft") & pl.Series(u("approval") < 0.4),
        expired=(pl.col("end") < firm.as_of - dt.timedelta(days=5)) & ~pl.col("draft") & pl.Series(u("expired") < 0.6),
        has_po=pl.Series(u("po") < 0.6),
        gone=pl.col("draft") & pl.Series(u("gone") < 0.15),
    ).sort("signed", "key")
    year = pl.when("draft").then(firm.as_of.year).otherwise(pl.col("signed").dt.year())
    frame = frame.with_columns(year=year).with_columns(nth=pl.int_range(1, pl.len() + 1).over("year"))
    width = max(3, len(str(frame.height)))
    sow = pl.concat_str(pl.lit("SOW-"), "year", pl.lit("-"), pl.col("nth").cast(pl.String).str.zfill(width))
    return frame.with_columns(sow=sow).sort("key")


def _lines(plan: Book, deals: pl.DataFrame) -> pl.DataFrame:
    """Line deltas of all versions with the deal they belong to, whether they count, and their exact prices."""
    counted = plan.versions.select("key", "version", "signed_now")
    lines = plan.lines.join(counted, on=["key", "version"], how="left").join(
        deals.select("key", "sow", "currency", "unit", "capped", "first_stream", deal_start="start"),
        on="key",
        how="left",
    )
    sign = pl.when(pl.col("reduction")).then(-1).otherwise(1)
    cents = 100 // pl.col("unit")  # amounts have two decimals in Salesforce whatever the currency
    names = pl.lit(pl.Series(WORKSTREAMS))
    return lines.with_columns(
        signed_value=pl.col("value") * sign * cents,
        unit_price=pl.col("price") * cents,
        line_key=pl.concat_str("sow", pl.lit("/"), "number"),
        workstream=names.gather((pl.col("first_stream") + pl.col("stream")) % len(WORKSTREAMS)),
    ).sort("key", "version", "number")


def _versions(firm: Firm, plan: Book, deals: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Orders: one row a version, under their Salesforce names and the keys of the plan."""
    totals = lines.group_by("key", "version").agg(total=(pl.col("value") * (100 // pl.col("unit"))).sum())
    versions = plan.versions.select("key", "version", "signed", "effective", "signed_now", "kind").join(
        totals, on=["key", "version"], how="left"
    )
    versions = versions.join(deals.drop("signed"), on="key", how="left").sort("key", "version")
    at = versions["key"].to_numpy() * 8 + versions["version"].to_numpy()
    signed = versions["signed"].to_numpy().astype("datetime64[D]")
    moment = moments(signed, 53_000 + draw(at, "order/at", firm.seed) * 25_000)
    active = pl.col("signed_now")
    order_ids = salesforce_ids("801", at)
    created = np.minimum(
        moment - np.timedelta64(70_000, "s"), np.datetime64(firm.watermark, "us") - np.timedelta64(90_000, "s")
    )
    first = pl.col("version") == 1
    versions = versions.with_columns(
        Id=order_ids, moment=pl.Series(moment), drafted=pl.Series(created),
        po=pl.Series(draw(at, "order/po", firm.seed)),
        order_number=pl.Series(at + 10_000_000).cast(pl.String).str.slice(1),
    ).with_columns(
        CreatedDate=pl.when(first).then(pl.min_horizontal("created", "drafted")).otherwise("drafted"),
        ActivatedDate=pl.when(active).then(pl.when(first).then("activated").otherwise("moment")),
    )  # fmt: skip
    base = pl.concat_str(pl.lit("PO-"), (pl.col("po") * 900_000 + 100_000).cast(pl.Int64))
    has_po = active & pl.col("has_po") & (pl.col("total") > 0) & (pl.col("kind") != "reduction")
    return versions.with_columns(
        OrderNumber=pl.col("order_number"), AccountId="account_id", ContractId="contract_id",
        OpportunityId="opportunity_id",
        OriginalOrderId=pl.when(~first).then(pl.col("Id").first().over("key")),
        IsReductionOrder=pl.col("kind") == "reduction",
        Status=pl.when(active).then(pl.lit("Activated")).otherwise(pl.lit("Draft")),
        StatusCode=pl.when(active).then(pl.lit("Activated")).otherwise(pl.lit("Draft")),
        Type=pl.col("kind").replace_strict(_ORDER_TYPES, return_dtype=pl.String),
        EffectiveDate="effective", EndDate="end", PoNumber=pl.when(has_po).then(base),
        PoDate=pl.when(has_po).then("signed"), PO_Amount__c=pl.when(has_po).then(scaled("total", 2)),
        TotalAmount=scaled("total", 2), SOW_Version__c="version",
        Signed_Date__c=pl.when(active).then("signed"), CurrencyIsoCode="currency",
        LastModifiedDate=pl.coalesce("ActivatedDate", "CreatedDate"),
        SystemModstamp=pl.coalesce("ActivatedDate", "CreatedDate"), IsDeleted="gone",
    ).sort("key", "version")  # fmt: skip


def _items(lines: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """Order items: what each version adds to, or takes from, the lines of the agreement."""
    at = (lines["key"].to_numpy() * 8 + lines["version"].to_numpy()) * 16 + lines["number"].to_numpy()
    orders = versions.select("key", "version", "LastModifiedDate", "CreatedDate", "IsDeleted", OrderId="Id")
    lines = lines.with_columns(Id=salesforce_ids("802", at)).join(orders, on=["key", "version"], how="left")
    first = lines.filter(~pl.col("original")).select("key", "number", OriginalOrderItemId="Id")
    alone = lines.group_by("key").agg(items=pl.len())
    products = salesforce_ids("01t", np.arange(len(_PRODUCTS), dtype=np.int64))
    product = pl.col("line_type").replace_strict({p[0]: i for p, i in zip(_PRODUCTS, products.to_list(), strict=True)})
    lines = (
        lines.join(first, on=["key", "number"], how="left")
        .join(alone, on="key", how="left")
        .sort("key", "version", "number")
    )
    return typed(
        lines.with_columns(
            OriginalOrderItemId=pl.when("original").then("OriginalOrderItemId"), Product2Id=product,
            Quantity="quantity", UnitPrice=scaled("unit_price", 2),
            TotalPrice=scaled(pl.col("quantity") * pl.col("unit_price"), 2), ServiceDate="service_from",
            EndDate="service_to",
            Description=pl.concat_str("workstream", pl.lit(", "), pl.col("line_type").str.to_lowercase()),
            Line_Key__c="line_key", Workstream__c="workstream", Billing_Type__c="line_type",
            NTE_Amount__c=pl.when(pl.col("capped") & (pl.col("items") == 1)).then(scaled("signed_value", 2)),
            Planned_Hours__c="planned", CurrencyIsoCode="currency", SystemModstamp="LastModifiedDate",
        ),
        SCHEMAS["OrderItem"],
    )  # fmt: skip


def _contracts(deals: pl.DataFrame, versions: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Contracts, with the value of their activated versions and the moment they last changed."""
    value = lines.filter("signed_now").group_by("key").agg(value=pl.col("signed_value").sum())
    latest = versions.group_by("key").agg(touched=pl.col("ActivatedDate").max())
    frame = deals.join(value, on="key", how="left").join(latest, on="key", how="left").sort("key")
    draft = pl.col("draft")
    closed = pl.when("expired").then(pl.col("end").cast(pl.Datetime("us")) + pl.duration(hours=32, minutes=10))
    unsigned = pl.when("in_approval").then(pl.lit("In Approval Process")).otherwise(pl.lit("Draft"))
    active = pl.when("expired").then(pl.lit("Expired")).otherwise(pl.lit("Activated"))
    frame = frame.with_columns(
        Id="contract_id", ContractNumber=(pl.col("key") + 4_000).cast(pl.String).str.zfill(8),
        AccountId="account_id", Status=pl.when(draft).then(unsigned).otherwise(active), StartDate="start",
        EndDate="end", ContractTerm="term", CustomerSignedDate=pl.when(~draft).then("customer_signed"),
        CompanySignedDate=pl.when(~draft).then("signed"), ActivatedDate=pl.when(~draft).then("activated"),
        SOW_Number__c="sow", Billing_Type__c="billing_type",
        NTE_Amount__c=pl.when("capped").then(scaled("value", 2)), Contract_Value__c=scaled("value", 2),
        Contracting_Entity__c="entity", Payment_Terms__c="terms", Advance_Billing_Allowed__c="advance",
        PO_Required__c="has_po",
        CurrencyIsoCode="currency", CreatedDate="created",
        LastModifiedDate=pl.max_horizontal("touched", closed, "created"), IsDeleted="gone",
    ).with_columns(SystemModstamp="LastModifiedDate")  # fmt: skip
    return typed(frame, SCHEMAS["Contract"])


def _won(firm: Firm, deals: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The opportunities of all agreements: won when signed; of a draft usually still in negotiation."""
    amount = _signed_first(lines)
    won = ~pl.col("draft") | pl.col("won_unsigned")
    frame = deals.join(amount, on="key", how="left").sort("key").with_columns(
        Id="opportunity_id", AccountId="account_id",
        Name=pl.concat_str("sow", pl.lit(" "), "billing_type"), Amount=scaled("amount", 2),
        CloseDate=pl.when(pl.col("won_unsigned")).then(pl.lit(firm.as_of - dt.timedelta(days=2))).otherwise("signed"),
        StageName=pl.when(won).then(pl.lit("Closed Won")).otherwise(pl.lit("Negotiation/Review")),
        IsClosed=won, IsWon=won, Probability=pl.when(won).then(100).otherwise(90),
        ForecastCategoryName=pl.when(won).then(pl.lit("Closed")).otherwise(pl.lit("Commit")), Type="deal_type",
        ContractId="contract_id", OwnerId="owner_id", CurrencyIsoCode="currency", CreatedDate="created",
        LastModifiedDate=pl.when("draft").then("created").otherwise("activated"), IsDeleted="gone",
    ).with_columns(SystemModstamp="LastModifiedDate")  # fmt: skip
    return typed(frame, SCHEMAS["Opportunity"])


def _signed_first(lines: pl.DataFrame) -> pl.DataFrame:
    """key, amount (hundredths): the value of version 1."""
    return lines.filter(pl.col("version") == 1).group_by("key").agg(amount=pl.col("signed_value").sum())


def _rates(plan: Book, deals: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """The rate card of every T&M agreement, by role and period of validity."""
    keys = (plan.rates["key"].to_numpy() * 8 + plan.rates["version"].to_numpy()) * 8 + plan.rates["rank"].to_numpy()
    orders = versions.select("key", "version", "CreatedDate", "LastModifiedDate", "SystemModstamp")
    rates = plan.rates.with_columns(Id=salesforce_ids("a0R", keys)).join(
        deals.select("key", "contract_id", "sow", "currency", "unit"), on="key", how="left"
    )
    rates = rates.join(orders, on=["key", "version"], how="left").sort("key", "version", "rank")
    frame = rates.with_columns(
        Name=pl.concat_str("sow", pl.lit(" "), "role", pl.lit(" v"), "version"), Contract__c="contract_id",
        Role__c="role", Rate__c=scaled(pl.col("rate") * (100 // pl.col("unit")), 2), Effective_From__c="effective",
        Effective_To__c="until", SOW_Version__c="version", CurrencyIsoCode="currency", IsDeleted=pl.lit(False),
    )  # fmt: skip
    return typed(frame, SCHEMAS["SOW_Rate__c"])


def _stamps(firm: Firm) -> dict[str, pl.Expr]:
    """System columns of set-up records, made before the first month."""
    made = pl.lit(dt.datetime.combine(firm.start_on - dt.timedelta(days=120), dt.time(15, 0)), dtype=pl.Datetime("us"))
    return {"CreatedDate": made, "LastModifiedDate": made, "SystemModstamp": made, "IsDeleted": pl.lit(False)}


def _products(firm: Firm) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "Id": salesforce_ids("01t", np.arange(len(_PRODUCTS), dtype=np.int64)),
            "Name": [name for _, name, _ in _PRODUCTS],
            "ProductCode": [code for _, _, code in _PRODUCTS],
            "Family": ["Services"] * len(_PRODUCTS),
            "IsActive": [True] * len(_PRODUCTS),
        }
    )
    return typed(frame.with_columns(**_stamps(firm)), SCHEMAS["Product2"])


def _currency_types(firm: Firm) -> pl.DataFrame:
    """Currencies with the rate of the first day: units per USD."""
    first = _per_usd(firm).filter(pl.col("date") == firm.start_on).sort("currency")
    frame = first.with_columns(
        Id=salesforce_ids("01L", np.arange(first.height, dtype=np.int64)), IsoCode="currency", ConversionRate="rate",
        IsCorporate=pl.col("currency") == BASE_CURRENCY, **_stamps(firm),
    )  # fmt: skip
    return typed(frame, SCHEMAS["CurrencyType"])


def _dated_rates(firm: Firm) -> pl.DataFrame:
    """One rate a currency and month, as of its first day."""
    starts = [period.start for period in firm.periods]
    rates = _per_usd(firm).filter(pl.col("date").is_in(starts) & (pl.col("currency") != BASE_CURRENCY))
    rates = rates.sort("currency", "date").with_columns(NextStartDate=pl.col("date").shift(-1).over("currency"))
    frame = rates.with_columns(
        Id=salesforce_ids("04w", np.arange(rates.height, dtype=np.int64)), IsoCode="currency", StartDate="date",
        NextStartDate=pl.col("NextStartDate").fill_null(dt.date(9999, 12, 31)), ConversionRate="rate", **_stamps(firm),
    )  # fmt: skip
    return typed(frame, SCHEMAS["DatedConversionRate"])


def _per_usd(firm: Firm) -> pl.DataFrame:
    """Units of each currency per USD, as Salesforce keeps rates: the inverse of the firm's own."""
    micro = pl.col("rate").cast(pl.Decimal(38, 6)) * 1_000_000
    inverse = (1_000_000_000_000 + micro.cast(pl.Int64) // 2) // micro.cast(pl.Int64)
    return firm.rates.select("date", "currency", rate=scaled(inverse, 6))
