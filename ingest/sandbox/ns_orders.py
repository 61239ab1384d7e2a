"""Sales orders of the sandbox's NetSuite: one per signed SOW, a line per line of each signed version.

A line's amount is negative, as on all sales documents; a reduction is a positive line. Line numbers follow from the
version and the line of the SOW, so an amendment never renumbers what was there. `order_lines` is how everything
downstream (time, charges, invoices, revenue) looks at an order; it reads NetSuite only.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import ITEMS, item_accounts
from ingest.sandbox.ns_amounts import exchange, hundredths, micro_rate, money, quantum, rate_table
from ingest.sandbox.ns_ids import ORDER, agreement_numbers, identity, unique_key
from ingest.sandbox.ns_links import activated_items, currency_ids, customer_of_account, subsidiary_ids, workspaces
from ingest.sandbox.world import World, kept

__all__ = [
    "build_orders",
    "element_of_line",
    "expense_element",
    "line_ends",
    "order_heads",
    "order_lines",
    "order_rows",
    "with_rate",
]

#: The line number that stands for the reimbursable expenses of an order in the numbers of elements.
_EXPENSE_LINE = 999


def build_orders(world: World) -> None:
    """The sales orders of all signed SOWs: frames `transaction` and `transactionline` begin with them."""
    lines = _lines(world)
    world["netsuite.transaction"] = _headers(lines)
    world["netsuite.transactionline"] = pl.concat([_main_lines(lines), _order_lines(lines)])


def order_rows(world: World, contracts: Iterable[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Headers and lines of the sales orders of some signed contracts, as the integration sends them."""
    lines = _lines(world).filter(pl.col("ContractId").is_in(list(contracts)))
    return _headers(lines), pl.concat([_main_lines(lines), _order_lines(lines)])


def with_rate(frame: pl.DataFrame, world: World, date: str, iso: str = "iso", base: str = "base") -> pl.DataFrame:
    """Adds rate_micro: base currency per unit of `iso` on a date (the nearest day with a rate)."""
    table = world.once("daily rates", lambda own: rate_table(own.firm))
    first, last = pl.lit(table["date"].min()), pl.lit(table["date"].max())
    keyed = frame.with_columns(_on=pl.col(date).clip(first, last))
    return keyed.join(
        table, left_on=["_on", iso, base], right_on=["date", "currency", "base"], how="left", maintain_order="left"
    ).drop("_on")


def element_of_line(order: str = "order", line: str = "order_line") -> pl.Expr:
    """The id of the revenue element of an order line."""
    return identity((pl.col(order).cast(pl.Int64) - ORDER) * 1000 + pl.col(line).cast(pl.Int64))


def expense_element(order: str = "order") -> pl.Expr:
    """The id of the revenue element of an order's reimbursable expenses."""
    return identity((pl.col(order).cast(pl.Int64) - ORDER) * 1000 + _EXPENSE_LINE)


def _lines(world: World) -> pl.DataFrame:
    """Everything about each order line to be written, with its contract, project and rate."""
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted"), pl.col("SOW_Number__c").is_not_null()).select(
        "AccountId", "Contracting_Entity__c", ContractId="Id", sow_number="SOW_Number__c", nte="NTE_Amount__c"
    )  # fmt: skip
    jobs = workspaces(world).sort("created_at", "id").unique(["sow_number", "workstream"], keep="first")
    items = pl.DataFrame(
        {"billing_type": [item.billing_type for item in ITEMS], "item": [item.id for item in ITEMS]}
    ).drop_nulls()
    number = pl.col("line_key").str.extract(r"/(\d+)$").cast(pl.Int64)
    rows = (
        activated_items(world)
        .join(contracts, on="ContractId", how="inner")
        .join(agreement_numbers(contracts["sow_number"]), on="sow_number", how="left")
        .join(customer_of_account(world), left_on="AccountId", right_on="account", how="left")
        .join(subsidiary_ids(world), left_on="Contracting_Entity__c", right_on="entity_code", how="left")
        .join(currency_ids(world), on="iso", how="left")
        .join(jobs.select("sow_number", "workstream", "job", "practice"), on=["sow_number", "workstream"], how="left")
        .join(world["netsuite.classification"].select(practice="name", class_id="id"), on="practice", how="left")
        .join(items, on="billing_type", how="left")
        .with_columns(
            order=identity(pl.col("agreement") + ORDER),
            order_line=identity(pl.col("version") * 100 + number),
            activated_on=pl.col("ActivatedDate").dt.date(),
        )
        .with_columns(first_on=pl.col("activated_on").min().over("order"))
    )
    rows = with_rate(rows.filter(pl.col("subsidiary").is_not_null()), world, "first_on")
    return rows.with_columns(
        synced=pl.col("ActivatedDate") + pl.duration(minutes=9),
        base_value=exchange("value", "rate_micro", quantum("base")),
    ).sort("order", pl.col("order_line").cast(pl.Int64), "order_item")


def _headers(lines: pl.DataFrame) -> pl.DataFrame:
    orders = lines.group_by("order", maintain_order=True).agg(
        pl.col(
            "ContractId", "sow_number", "agreement", "customer", "currency", "nte", "rate_micro", "first_on"
        ).first(),
        po=pl.col("PoNumber").drop_nulls().first(),
        version=pl.col("version").max(),
        total=pl.col("value").sum(),
        created=pl.col("synced").min(),
        modified=pl.col("synced").max(),
    )
    return conform(
        "transaction",
        orders.select(
            id="order",
            type=pl.lit("SalesOrd"),
            tranid=pl.lit("SO") + pl.col("agreement").cast(pl.String),
            externalid="ContractId",
            trandate="first_on",
            createddate="created",
            lastmodifieddate="modified",
            entity="customer",
            currency="currency",
            exchangerate=micro_rate("rate_micro"),
            foreigntotal=money("total"),
            status=pl.lit("F"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(False),
            voided=pl.lit(False),
            otherrefnum="po",
            isreversal=pl.lit(False),
            custbody_sow_number="sow_number",
            custbody_sow_version="version",
            custbody_nte_amount="nte",
            custbody_sf_contract_id="ContractId",
        ),
    )


def _main_lines(lines: pl.DataFrame) -> pl.DataFrame:
    mains = lines.group_by("order", maintain_order=True).agg(
        pl.col("subsidiary", "customer").first(), total=pl.col("value").sum(), base_total=pl.col("base_value").sum(),
        synced=pl.col("synced").max(),
    )  # fmt: skip
    zero = pl.lit("0")
    return conform(
        "transactionline",
        mains.with_columns(line=zero).select(
            "subsidiary",
            transaction="order",
            id=zero,
            uniquekey=unique_key("order", "line"),
            linesequencenumber=pl.lit(0),
            mainline=pl.lit(True),
            taxline=pl.lit(False),
            entity="customer",
            foreignamount=money("total"),
            netamount=money("base_total"),
            isclosed=pl.lit(False),
            linelastmodifieddate="synced",
        ),
    )


def _order_lines(lines: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        lines.select(
            "item",
            "subsidiary",
            transaction="order",
            id="order_line",
            uniquekey=unique_key("order", "order_line"),
            linesequencenumber=pl.col("order_line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            itemtype=pl.lit("Service"),
            entity="job",
            quantity=-pl.col("quantity").cast(pl.Decimal(12, 4)),
            rate="price",
            foreignamount=money(-pl.col("value")),
            netamount=money(-pl.col("base_value")),
            revenueelement=element_of_line(),
            needsrevenueelement=pl.lit(True),
            isbillable=pl.lit(False),
            isclosed=pl.lit(False),
            memo="description",
            linelastmodifieddate="synced",
            custcol_line_key="line_key",
            custcol_sf_order_item_id="order_item",
            custcol_sow_version="version",
            custcol_billing_type="billing_type",
            **{"class": "class_id"},
        ),
    )


@kept
def order_heads(world: World) -> pl.DataFrame:
    """One row per sales order: its customer, SOW, currency (ISO and id), quantum, subsidiary, base currency, cap."""
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    base = world["netsuite.subsidiary"].join(iso, on="currency", how="left").select(subsidiary="id", base="iso")
    transactions = world["netsuite.transaction"].filter(pl.col("type") == "SalesOrd")
    mains = world["netsuite.transactionline"].filter(pl.col("mainline")).select("subsidiary", order="transaction")
    return (
        transactions.select(
            "currency",
            order="id",
            customer="entity",
            sow_number="custbody_sow_number",
            contract="custbody_sf_contract_id",
            order_on="trandate",
            order_number="tranid",
            nte=hundredths("custbody_nte_amount"),
            order_rate=(pl.col("exchangerate") * 1_000_000).cast(pl.Int64),
        )
        .join(mains.unique("order", keep="first"), on="order", how="left")
        .join(iso, on="currency", how="left")
        .join(base, on="subsidiary", how="left")
        .with_columns(step=quantum("iso"), base_step=quantum("base"))
    )


@kept
def order_lines(world: World) -> pl.DataFrame:
    """One row per sales order line, with its header's facts, item accounts, value and revenue element.

    `is_base` marks the line of the first version that brought a line key: time, charges and invoices refer to it.
    """
    lines = world["netsuite.transactionline"]
    lines = lines.filter(~pl.col("mainline"), ~pl.col("taxline"), pl.col("custcol_line_key").is_not_null())
    rows = (
        lines.select(
            "item",
            order="transaction",
            order_line="id",
            line_uniquekey="uniquekey",
            job="entity",
            class_id="class",
            line_key="custcol_line_key",
            version="custcol_sow_version",
            billing_type="custcol_billing_type",
            value=-hundredths("foreignamount"),
            quantity=-pl.col("quantity"),
            element="revenueelement",
            synced="linelastmodifieddate",
            order_item="custcol_sf_order_item_id",
        )
        .join(order_heads(world), on="order", how="inner")
        .join(item_accounts(world["netsuite.item"]), on="item", how="left")
        .sort("order", pl.col("order_line").cast(pl.Int64))
    )
    first = pl.int_range(pl.len()).over("line_key") == 0
    return rows.with_columns(is_base=first)


@kept
def line_ends(world: World) -> pl.DataFrame:
    """order_item, start, end: the service dates of each line of a signed version, as the order was sent them."""
    contracts = world["salesforce.Contract"].select(ContractId="Id", c_start="StartDate", c_end="EndDate")
    items = activated_items(world).join(contracts, on="ContractId", how="left")
    return items.select(
        "order_item",
        "planned_minutes",
        start=pl.coalesce("start", "c_start"),
        end=pl.coalesce("end", "c_end"),
    )
