"""Time and expenses in the sandbox's NetSuite: what the integration makes of approved Kantata entries.

Approved time arrives within fifteen minutes of its approval as an approved `timebill` in the entity that employs the
person on the day; approved expense reports arrive once a day as posted expense reports in the same entity.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import INTERNAL_ITEM
from ingest.sandbox.ns_amounts import exchange, hours, micro_rate, money, quantum
from ingest.sandbox.ns_ids import EXPENSE_REPORT, TIMEBILL, employee_id, identity, job_id, number_of, unique_key
from ingest.sandbox.ns_links import currency_ids, homes, story_lines, subsidiary_ids
from ingest.sandbox.ns_orders import order_lines, with_rate
from ingest.sandbox.ns_periods import period_id, period_table, posting_month
from ingest.sandbox.world import World

__all__ = ["approved_entries", "build_expense_reports", "build_time", "expense_reports_for", "home_on", "timebills_for"]


def build_time(world: World) -> None:
    """Every approved time entry of Kantata as a timebill."""
    world["netsuite.timebill"] = timebills_for(world, approved_entries(world))


def approved_entries(world: World, *more: str) -> pl.DataFrame:
    """Approved time entries with the moment of their approval; `more` are columns besides those everybody needs."""
    submissions = world["kantata.timesheet_submissions"].filter(pl.col("status") == "approved")
    moments = submissions.select(sheet=number_of("id"), resolved_at="updated_at")
    wanted = ["id", "workspace_id", "story_id", "user_id", "date_performed", "time_in_minutes", "billable"]
    wanted += ["created_at", "updated_at", "active_submission_id", *more]
    entries = world["kantata.time_entries"].lazy().filter("approved").select(wanted).collect()
    sheets = entries.select("created_at", sheet=number_of("active_submission_id"))
    resolved = sheets.join(moments, on="sheet", how="left", maintain_order="left")
    approved_at = resolved.select(pl.coalesce("resolved_at", "created_at")).to_series()
    return entries.drop("created_at").with_columns(approved_at=approved_at)


def _arrival(world: World, moment: pl.Expr, every: str) -> pl.Expr:
    """The next run of a flow after a moment, never after the day of observation's extract."""
    return pl.min_horizontal(
        (moment + pl.duration(seconds=20)).dt.truncate(every).dt.offset_by(every), pl.lit(world.firm.watermark)
    )


def home_on(entries: pl.DataFrame, world: World, date: str) -> pl.DataFrame:
    """Adds subsidiary and base: of the entity that employed the person on a date."""
    ids = subsidiary_ids(world)
    people = (
        homes(world)
        .join(ids.rename({"entity_code": "home"}), on="home", how="left")
        .join(
            ids.rename({"entity_code": "previous", "subsidiary": "old_subsidiary", "base": "old_base"}),
            on="previous", how="left",
        )
        .drop("home", "previous")
    )  # fmt: skip
    moved = pl.col("since").is_not_null() & (pl.col(date) < pl.col("since")) & pl.col("old_subsidiary").is_not_null()
    joined = entries.join(people, on="user_id", how="left", maintain_order="left")
    return joined.with_columns(
        subsidiary=pl.when(moved).then("old_subsidiary").otherwise("subsidiary"),
        base=pl.when(moved).then("old_base").otherwise("base"),
    ).drop("since", "old_subsidiary", "old_base")


def _items_by_story(world: World) -> pl.DataFrame:
    """story_id, item: what a story's time is billed as."""
    items = order_lines(world).filter("is_base").select("line_key", "item")
    return story_lines(world).join(items, on="line_key", how="inner").select("story_id", "item")


def timebills_for(world: World, entries: pl.DataFrame) -> pl.DataFrame:
    """Approved entries (see `approved_entries`) as timebills."""
    classes = world["netsuite.job"].select(job="id", class_id="custentity_practice")
    rows = (
        home_on(entries.with_columns(job=job_id("workspace_id")), world, "date_performed")
        .join(_items_by_story(world), on="story_id", how="left", maintain_order="left")
        .join(classes, on="job", how="left", maintain_order="left")
    )
    arrived = _arrival(world, pl.col("approved_at"), "15m")
    return conform(
        "timebill",
        rows.select(
            "subsidiary",
            id=identity(pl.col("id").cast(pl.Int64) + TIMEBILL),
            externalid=pl.lit("KAN-TE-") + pl.col("id"),
            employee=employee_id("user_id"),
            customer="job",
            casetaskevent="story_id",
            item=pl.col("item").fill_null(INTERNAL_ITEM),
            hours=hours("time_in_minutes"),
            trandate="date_performed",
            isbillable="billable",
            approvalstatus=pl.lit("3"),
            timetype=pl.lit("A"),
            createddate=arrived,
            lastmodifieddate=arrived,
            custcol_psa_time_entry_id="id",
            custcol_psa_updated_at="updated_at",
            **{"class": "class_id"},
        ),
    )


def build_expense_reports(world: World) -> None:
    """Every approved expense report of Kantata as a posted expense report."""
    headers, lines = expense_reports_for(world, _approved_expenses(world))
    world["netsuite.transaction"] = pl.concat([world["netsuite.transaction"], headers])
    world["netsuite.transactionline"] = pl.concat([world["netsuite.transactionline"], lines])


def _approved_expenses(world: World) -> pl.DataFrame:
    """Expenses of approved reports with the moment of approval and the report they are on."""
    reports = world["kantata.expense_report_submissions"].filter(pl.col("status") == "approved")
    moments = reports.select(active_submission_id="id", approved_at="updated_at", report_end="end_date")
    return world["kantata.expenses"].join(moments, on="active_submission_id", how="inner", maintain_order="left")


def expense_reports_for(world: World, expenses: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Approved expenses as (headers, lines) of expense reports: one report per submission and currency."""
    in_entity = home_on(expenses.with_columns(job=job_id("workspace_id")), world, "date")
    classes = world["netsuite.job"].select(job="id", class_id="custentity_practice")
    rows = (
        with_rate(in_entity, world, "report_end", iso="currency")
        .join(currency_ids(world).rename({"currency": "currency_id"}), left_on="currency", right_on="iso", how="left")
        .join(classes, on="job", how="left")
        .with_columns(
            amount=pl.col("amount_in_cents") * 100 // pl.col("currency_base_unit"),
            report=identity(pl.col("active_submission_id").cast(pl.Int64) + EXPENSE_REPORT),
            arrived=_arrival(world, pl.col("approved_at"), "1d"),
        )
        .with_columns(
            base_amount=exchange("amount", "rate_micro", quantum("base")),
            report_on=pl.min_horizontal("report_end", pl.col("arrived").dt.date()),
        )
        .sort("report", pl.col("id").cast(pl.Int64))
        .with_columns(line=identity(pl.int_range(1, pl.len() + 1).over("report")))
    )
    months = posting_month(rows, "report_on", "arrived", period_table(world.firm))
    rows = rows.with_columns(month=months)
    return _report_headers(rows), pl.concat([_report_mains(rows), _report_lines(rows)])


def _report_headers(rows: pl.DataFrame) -> pl.DataFrame:
    reports = rows.group_by("report", maintain_order=True).agg(
        pl.col("user_id", "currency_id", "rate_micro", "report_on", "arrived", "active_submission_id").first(),
        month=pl.col("month").max(),
        total=pl.col("amount").sum(),
    )
    return conform(
        "transaction",
        reports.select(
            id="report",
            type=pl.lit("ExpRept"),
            tranid=pl.lit("EXP") + pl.col("active_submission_id"),
            externalid=pl.lit("KAN-EXR-") + pl.col("active_submission_id"),
            trandate="report_on",
            createddate="arrived",
            lastmodifieddate="arrived",
            entity=employee_id("user_id"),
            currency="currency_id",
            exchangerate=micro_rate("rate_micro"),
            foreigntotal=money("total"),
            status=pl.lit("F"),
            approvalstatus=pl.lit("2"),
            posting=pl.lit(True),
            postingperiod=period_id("month"),
            voided=pl.lit(False),
            isreversal=pl.lit(False),
        ),
    )


def _report_mains(rows: pl.DataFrame) -> pl.DataFrame:
    reports = rows.group_by("report", maintain_order=True).agg(
        pl.col("user_id", "subsidiary", "arrived").first(),
        total=pl.col("amount").sum(),
        base_total=pl.col("base_amount").sum(),
        line=pl.lit("0").first(),
    )
    return conform(
        "transactionline",
        reports.select(
            "subsidiary",
            transaction="report",
            id="line",
            uniquekey=unique_key("report", "line"),
            linesequencenumber=pl.lit(0),
            mainline=pl.lit(True),
            taxline=pl.lit(False),
            entity=employee_id("user_id"),
            foreignamount=money(-pl.col("total")),
            netamount=money(-pl.col("base_total")),
            linelastmodifieddate="arrived",
        ),
    )


def _report_lines(rows: pl.DataFrame) -> pl.DataFrame:
    return conform(
        "transactionline",
        rows.select(
            "subsidiary",
            transaction="report",
            id="line",
            uniquekey=unique_key("report", "line"),
            linesequencenumber=pl.col("line").cast(pl.Int64),
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            entity="job",
            foreignamount=money("amount"),
            netamount=money("base_amount"),
            isbillable="is_billable",
            memo="category",
            linelastmodifieddate="arrived",
            custcol_psa_expense_id="id",
            **{"class": "class_id"},
        ),
    )
