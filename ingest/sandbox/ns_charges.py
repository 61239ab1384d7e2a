"""Charges of the sandbox's NetSuite: what its charge rules make ready for billing.

Approved billable time on a time-and-materials line at the rate it was sent with; billable expenses at cost; billing
milestones of Kantata when accepted or due; managed services in advance by their own schedule. A charge is `Ready`
until an invoice takes it (`Processed`); time beyond an order's cap is `Non-Billable` with amount 0.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.firm import RATABLE_BILLING
from ingest.sandbox.frames import choose
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import EXPENSE_ITEM
from ingest.sandbox.ns_amounts import exchange, hundredths, money, proportional, worth_of
from ingest.sandbox.ns_ids import (
    CHARGE_EXPENSE,
    CHARGE_MILESTONE,
    CHARGE_SERVICE,
    CHARGE_TIME,
    EXPENSE_REPORT,
    ORDER,
    TIMEBILL,
    identity,
    number_of,
)
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_orders import line_ends, order_heads, order_lines, with_rate
from ingest.sandbox.ns_periods import close_of
from ingest.sandbox.world import World, draw

__all__ = [
    "UNCAPPED_RULE",
    "UNTICKED_RULE",
    "build_charges",
    "entry_of_timebill",
    "expense_charges",
    "milestone_charges",
    "milestones",
    "service_charges",
    "time_charges",
]

#: A charge rule that nobody ticked on the project revenue rule: its charges are billed but earn no revenue.
UNTICKED_RULE = "9000001"
#: A charge rule whose revenue rule knows no cap: what is beyond the cap is never billed and earns revenue all the same.
UNCAPPED_RULE = "9000002"

_MONTHS_IN_CHUNK = {"Annual": 12, "Quarterly": 3, "Monthly": 1}


def build_charges(world: World) -> None:
    """All charges of the world, none of them billed yet."""
    lines = order_lines(world)
    parts = [
        time_charges(world["netsuite.timebill"], world["kantata.time_entries"], story_lines(world), lines),
        expense_charges(world),
        milestone_charges(world, lines),
        service_charges(world, lines),
    ]
    world["netsuite.charge"] = pl.concat(parts)


def time_charges(
    timebills: pl.DataFrame, entries: pl.DataFrame, stories: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """One Ready charge per approved billable timebill on a T&M line, at the timebill's rate, else the entry's.

    `stories` is `ns_links.story_lines`, `lines` is `ns_orders.order_lines`.
    """
    billed = lines.filter(pl.col("is_base"), pl.col("billing_type") == "T&M").select(
        "line_key", "order", "order_line", "currency", "step", "item", "nte"
    )
    by_story = stories.join(billed, on="line_key", how="inner").drop("line_key", "workspace_id", "accepted_on")
    rows = (
        timebills.lazy()
        .filter(pl.col("isbillable"), pl.col("approvalstatus") == "3")
        .select(
            "id", "customer", "trandate", "hours", "rate",
            createddate=pl.coalesce("custcol_first_posted_on", "createddate"),
            story_id="casetaskevent",
            entry=entry_of_timebill().cast(pl.Int64),
        )
        .join(by_story.drop("item", "currency").lazy(), on="story_id", how="inner", maintain_order="left")
        .join(_entry_rates(entries).lazy(), on="entry", how="left", maintain_order="left")
        .with_columns(unit_price=pl.coalesce(hundredths("rate"), "entry_rate"))
        .with_columns(worth=worth_of((pl.col("hours") * 10_000).cast(pl.Int64), "unit_price"))
        .select(
            "id", "customer", "trandate", "hours", "createddate", "order", "order_line", "nte", "unit_price", "worth"
        )
        .collect()
    )  # fmt: skip
    rows = _capped(rows)
    facts = billed.unique("order", keep="first").select("order", "currency", "item")
    rows = rows.join(facts, on="order", how="left", maintain_order="left")
    return conform(
        "charge",
        rows.select(
            "currency",
            "createddate",
            id=identity(pl.col("id").cast(pl.Int64) + (CHARGE_TIME - TIMEBILL)),
            billto="customer",
            stage=pl.when("over").then(pl.lit("Non-Billable")).otherwise(pl.lit("Ready")),
            use=pl.lit("Actual"),
            chargetype=pl.lit("Time-Based"),
            chargedate="trandate",
            quantity="hours",
            rate=money("unit_price"),
            amount=money("worth"),
            billingitem="item",
            timerecord="id",
            salesorder="order",
            salesorderline="order_line",
            rule=_rule(1),
            runid=_run(),
            lastmodifieddate="createddate",
        ),
    )


def entry_of_timebill() -> pl.Expr:
    """The Kantata entry of a timebill: the one it names, else the number its external id ends in."""
    named = pl.col("custcol_psa_time_entry_id")
    return pl.coalesce(named, pl.when(named.is_null()).then("externalid").str.extract(r"(\d+)$"))


def _rule(kind: int) -> pl.Expr:
    """The charge rule of an order: 1 time, 2 expense, 3 fixed."""
    return identity((pl.col("order").cast(pl.Int64) - ORDER) * 10 + kind)


def _run() -> pl.Expr:
    """The nightly run that made a charge, named by its day."""
    day = pl.col("createddate").dt.date()
    return identity(day.dt.year().cast(pl.Int64) * 10_000 + day.dt.month() * 100 + day.dt.day())


def _entry_rates(entries: pl.DataFrame) -> pl.DataFrame:
    """entry, entry_rate: the hourly rate of each billable Kantata entry in hundredths."""
    chosen = entries.filter(pl.col("billable") & pl.col("rate_in_cents").is_not_null())
    return chosen.select(
        entry=number_of("id"), entry_rate=pl.col("rate_in_cents") * 100 // pl.col("currency_base_unit")
    )


def _capped(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `over`: time that would carry its order beyond the cap earns nothing. Other orders are untouched."""
    totals = rows.filter(pl.col("nte").is_not_null()).group_by("order").agg(
        total=pl.col("worth").sum(), cap=pl.col("nte").first()
    )  # fmt: skip
    beyond = totals.filter(pl.col("total") > pl.col("cap")).select("order")
    rows = rows.with_columns(over=pl.lit(False))
    if beyond.is_empty():
        return rows
    tight = rows.join(beyond, on="order", how="semi").sort("order", "trandate", pl.col("id").cast(pl.Int64))
    tight = tight.with_columns(over=pl.col("worth").cum_sum().over("order") > pl.col("nte"))
    tight = tight.with_columns(worth=pl.when("over").then(0).otherwise("worth"))
    return pl.concat([rows.join(beyond, on="order", how="anti", maintain_order="left"), tight])


def expense_charges(world: World) -> pl.DataFrame:
    """One Ready charge per billable line of a posted expense report on a client project, at cost."""
    lines, heads = world["netsuite.transactionline"], order_heads(world)
    reports = world["netsuite.transaction"].filter(pl.col("type") == "ExpRept", pl.col("posting"))
    iso = world["netsuite.currency"].select(currency="id", spent_in="symbol")
    orders = heads.unique("sow_number", keep="first").select(
        "order", "sow_number", "iso", "step", order_currency="currency"
    )
    jobs = world["netsuite.job"].select(entity="id", sow_number="custentity_sow_number")
    rows = (
        lines.filter(pl.col("custcol_psa_expense_id").is_not_null(), pl.col("isbillable"))
        .join(
            reports.select("currency", "trandate", "createddate", transaction="id"), on="transaction", how="inner"
        )
        .join(iso, on="currency", how="left")
        .join(jobs, on="entity", how="inner")
        .join(orders, on="sow_number", how="inner")
        .filter(pl.col("transaction").cast(pl.Int64) >= EXPENSE_REPORT)
    )  # fmt: skip
    rows = with_rate(rows, world, "trandate", iso="spent_in", base="iso").with_columns(
        worth=exchange(hundredths("foreignamount"), "rate_micro", "step")
    )
    return conform(
        "charge",
        rows.select(
            "createddate",
            id=identity(pl.col("custcol_psa_expense_id").cast(pl.Int64) + CHARGE_EXPENSE),
            externalid=pl.lit("KAN-EX-") + pl.col("custcol_psa_expense_id"),
            billto="entity",
            stage=pl.lit("Ready"),
            use=pl.lit("Actual"),
            chargetype=pl.lit("Expense-Based"),
            chargedate="trandate",
            quantity=pl.lit(1),
            rate=money("worth"),
            amount=money("worth"),
            currency="order_currency",
            billingitem=pl.lit(EXPENSE_ITEM),
            salesorder="order",
            rule=_rule(2),
            runid=_run(),
            lastmodifieddate="createddate",
        ).unique("id", keep="first", maintain_order=True),
    )


def milestones(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """Billing milestones of Kantata with their order line and `ready_on`: accepted, or due when billed by date."""
    references = world["kantata.external_references"].filter(
        pl.col("service_name") == "salesforce", pl.col("service_model") == "OrderItem"
    )
    references = references.select(
        id="subject_id", kind=pl.col("subject_type").str.to_lowercase().str.replace_all(r"[^a-z]", ""),
        order_item="service_model_ref",
    )  # fmt: skip
    references = references.filter(pl.col("kind").str.starts_with("billingmilestone")).unique("id", keep="first")
    by_item = lines.select("order_item", ref_key="line_key")
    base = lines.filter("is_base").select(
        "line_key", "order", "order_line", "currency", "step", "item", "job", "billing_type"
    )
    rows = (
        world["kantata.billing_milestones"]
        .filter(pl.col("amount_in_cents") != 0)
        .rename({"billing_type": "event"})
        .drop("currency")
        .join(references.drop("kind"), on="id", how="left", maintain_order="left")
        .join(by_item, on="order_item", how="left", maintain_order="left")
        .join(story_lines(world).drop("workspace_id"), on="story_id", how="left", maintain_order="left")
        .with_columns(line_key=pl.coalesce("ref_key", "line_key"))
        .join(base, on="line_key", how="inner", maintain_order="left")
    )
    unit = pl.when(pl.col("step") == 100).then(1).otherwise(100)
    on_completion = pl.col("event") == "upon_completion"
    return rows.with_columns(
        worth=pl.col("amount_in_cents") * 100 // unit,
        on_completion=on_completion,
        ready_on=pl.when(on_completion).then("accepted_on").otherwise("date_to_invoice"),
    )


def milestone_charges(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """One Ready charge per billing milestone that may be billed by now."""
    rows = milestones(world, lines).filter(pl.col("ready_on") <= close_of(world.firm).last_day)
    return _fixed(
        rows.with_columns(charge=pl.col("id").cast(pl.Int64) + CHARGE_MILESTONE, key=pl.lit("KAN-BM-") + pl.col("id"))
    )


def service_charges(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """Managed services billed in advance: a Ready charge at the start of each year, quarter or month of the service.

    Amounts are shares of the value by exact days, cumulatively rounded, so that the last charge completes it.
    """
    scheduled = milestones(world, lines)["line_key"].unique()
    ends = line_ends(world).unique("order_item", keep="first")
    services = (
        lines.filter(
            pl.col("is_base"),
            pl.col("billing_type") == "Managed Service",
            ~pl.col("line_key").is_in(scheduled.implode()),
        )
        .join(ends, on="order_item", how="left")
        .filter(pl.col("start").is_not_null(), pl.col("end") >= pl.col("start"))
    )
    pace = choose(draw(services["line_key"], "service/billing", world.firm.seed), RATABLE_BILLING).astype(str)
    services = services.with_columns(
        every=pl.Series(pace, dtype=pl.String).replace_strict(_MONTHS_IN_CHUNK, return_dtype=pl.Int64)
    )
    return _fixed(_chunks(services, world))


def _chunks(services: pl.DataFrame, world: World) -> pl.DataFrame:
    """One row per chunk of each service that starts by now."""
    months = (
        (pl.col("end").dt.year() - pl.col("start").dt.year()).cast(pl.Int64) * 12
        + pl.col("end").dt.month()
        - pl.col("start").dt.month()
        + 1
    )
    count = (months + pl.col("every") - 1) // pl.col("every")
    rows = services.with_columns(number=pl.int_ranges(0, count)).explode("number")
    offset = (pl.col("number") * pl.col("every")).cast(pl.String) + pl.lit("mo")
    after = ((pl.col("number") + 1) * pl.col("every")).cast(pl.String) + pl.lit("mo")
    rows = rows.with_columns(
        chunk=pl.col("start").dt.offset_by(offset),
        until=pl.min_horizontal(pl.col("start").dt.offset_by(after), pl.col("end") + pl.duration(days=1)),
    ).filter(pl.col("chunk") <= pl.col("end"))
    total = (pl.col("end") - pl.col("start")).dt.total_days() + 1
    rows = rows.with_columns(days=(pl.col("until") - pl.col("start")).dt.total_days(), total=total)
    rows = rows.with_columns(reached=proportional("value", "days", "total", "step")).with_columns(
        worth=pl.col("reached") - pl.col("reached").shift(1, fill_value=0).over("line_key"),
        ready_on=pl.max_horizontal("chunk", pl.col("synced").dt.date()),
        charge=(pl.col("order").cast(pl.Int64) - ORDER) * 100_000
        + pl.col("order_line").cast(pl.Int64) * 100
        + pl.col("number")
        + CHARGE_SERVICE,
        key=pl.lit(None, dtype=pl.String),
    )
    return rows.filter(pl.col("ready_on") <= close_of(world.firm).last_day, pl.col("worth") != 0)


def _fixed(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with charge, key, ready_on, worth and their order line as fixed-amount charges."""
    ready = rows.with_columns(createddate=pl.col("ready_on").cast(pl.Datetime("us")) + pl.duration(hours=7))
    return conform(
        "charge",
        ready.select(
            "currency",
            "createddate",
            id=identity(pl.col("charge")),
            externalid="key",
            billto="job",
            stage=pl.lit("Ready"),
            use=pl.lit("Actual"),
            chargetype=pl.lit("Fixed Date"),
            chargedate="ready_on",
            quantity=pl.lit(1),
            rate=money("worth"),
            amount=money("worth"),
            billingitem="item",
            salesorder="order",
            salesorderline="order_line",
            rule=_rule(3),
            runid=_run(),
            lastmodifieddate="createddate",
        ).sort(pl.col("id").cast(pl.Int64)),
    )
