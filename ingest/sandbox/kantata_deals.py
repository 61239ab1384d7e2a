"""What the integration carries from Salesforce into Kantata: deals, and the agreement lines as they stand signed.

Read from the Salesforce frames, so that whatever is wrong there reaches delivery as it would in a firm.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.firm import CURRENCIES
from ingest.sandbox.world import World, kept

__all__ = ["deals", "signed_items", "signed_lines"]


@kept
def deals(world: World) -> pl.DataFrame:
    """One row a live contract: its commercial terms, whether it is signed, its version and when it may be worked on."""
    contract = world["salesforce.Contract"].filter(~pl.col("IsDeleted"))
    order = world["salesforce.Order"].filter(~pl.col("IsDeleted"))
    active = order.filter(pl.col("StatusCode") == "Activated").group_by("ContractId").agg(
        version=pl.col("SOW_Version__c").max(), versioned_at=pl.col("ActivatedDate").max(),
        first_activated=pl.col("ActivatedDate").min(),
    )  # fmt: skip
    drafted = order.group_by("ContractId").agg(drafted_at=pl.col("CreatedDate").min())
    opportunity = world["salesforce.Opportunity"].filter(pl.col("ContractId").is_not_null() & ~pl.col("IsDeleted"))
    opportunity = opportunity.sort("CreatedDate", "Id").group_by("ContractId").agg(opportunity_id=pl.col("Id").first())
    units = {code: currency.base_unit for code, currency in CURRENCIES.items()}
    return (
        contract.join(active, left_on="Id", right_on="ContractId", how="left")
        .join(drafted, left_on="Id", right_on="ContractId", how="left")
        .join(opportunity, left_on="Id", right_on="ContractId", how="left")
        .select(
            contract_id="Id", account_id="AccountId", sow="SOW_Number__c", billing_type="Billing_Type__c",
            nte="NTE_Amount__c", entity="Contracting_Entity__c", currency="CurrencyIsoCode",
            unit=pl.col("CurrencyIsoCode").replace_strict(units, default=100, return_dtype=pl.Int64),
            start="StartDate", end="EndDate", version=pl.col("version").fill_null(1),
            versioned_at="versioned_at", opportunity_id="opportunity_id",
            signed=pl.col("CustomerSignedDate").is_not_null() & pl.col("CompanySignedDate").is_not_null()
            & pl.col("first_activated").is_not_null(),
            ready_at=pl.max_horizontal("first_activated", "ActivatedDate", pl.col("drafted_at")),
        )
        .sort("ready_at", "sow")
    )  # fmt: skip


def signed_items(world: World, table: pl.DataFrame) -> pl.DataFrame:
    """Order items that count, with values in minor units: activated ones, for an unsigned deal those of its draft."""
    order = world["salesforce.Order"].filter(~pl.col("IsDeleted")).select(
        "ContractId", "IsReductionOrder", "StatusCode", "ActivatedDate", "SOW_Version__c", OrderId="Id"
    )  # fmt: skip
    item = world["salesforce.OrderItem"].filter(~pl.col("IsDeleted")).join(order, on="OrderId", how="inner")
    item = item.join(
        table.select("contract_id", "signed", "unit"), left_on="ContractId", right_on="contract_id", how="inner"
    )
    counts = pl.when("signed").then(pl.col("StatusCode") == "Activated").otherwise(pl.col("SOW_Version__c") == 1)
    sign = pl.when("IsReductionOrder").then(-1).otherwise(1)
    return (
        item.filter(counts)
        .select(
            item_id="Id", contract_id="ContractId", line_key="Line_Key__c", workstream="Workstream__c",
            line_type="Billing_Type__c", version="SOW_Version__c", activated_at="ActivatedDate", signed="signed",
            number=pl.col("Line_Key__c").str.extract(r"/(\d+)$").cast(pl.Int64),
            first=pl.col("OriginalOrderItemId").is_null(),
            value=(pl.col("TotalPrice") * 100).cast(pl.Int64) * sign // (100 // pl.col("unit")),
            planned=pl.col("Planned_Hours__c").cast(pl.Float64).fill_null(0.0) * sign,
            service_from="ServiceDate", service_to="EndDate", unit="unit",
        )
        .sort("contract_id", "version", "number")
    )  # fmt: skip


def signed_lines(items: pl.DataFrame) -> pl.DataFrame:
    """Agreement lines: the sum of their items, from the earliest start to the latest end."""
    return (
        items.group_by("line_key", maintain_order=True)
        .agg(
            pl.col("contract_id", "workstream", "line_type", "signed", "number", "unit").first(),
            pl.col("value", "planned").sum(),
            pl.col("service_from").min(), pl.col("service_to").max(), pl.col("activated_at").min(),
            item_id=pl.col("item_id").first(),
        )
        .sort("contract_id", "number")
    )  # fmt: skip
