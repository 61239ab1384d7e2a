"""The month-end accrual of unapproved time in the sandbox's NetSuite: finance's estimate of work it has not received.

Billable time on time-and-materials lines that was done in a month, is submitted, and was not approved at its
cut-off, is accrued at the agreed rate as far as the cap of its order leaves room: Dr accrued time, Cr accrued
revenue, a pair of lines per project, reversed on the first day of the next month. The accounts are finance's own: no
revenue or balance of an agreement holds them.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import ACCRUED_REVENUE, ACCRUED_TIME, account_id
from ingest.sandbox.ns_amounts import exchange, hour_parts, hundredths, money, worth_of
from ingest.sandbox.ns_documents import append, journal_postings
from ingest.sandbox.ns_ids import identity, job_id, number_of
from ingest.sandbox.ns_ledger import Journals, journal_headers
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.ns_periods import close_of, month_ends, month_number, period_table, posting_month
from ingest.sandbox.ns_revenue import journal_id
from ingest.sandbox.world import World

__all__ = ["ACCRUED", "accrual_journals", "accrued_time", "post_accruals"]

#: Where a world keeps what was accrued, as it was posted.
ACCRUED = "accrued time"
_ACCRUAL, _REVERSAL = 3, 4
_LINE_KEYS = 400_000_000_000_000_000  # unique keys of these lines start here


def post_accruals(world: World) -> None:
    """Post the accrual of every month whose revenue run is done, and its reversal."""
    rows = world.once(ACCRUED, accrued_time)
    if rows.height:
        append(world, _journals(world, rows))


def accrued_time(world: World) -> pl.DataFrame:
    """job, month, worth (hundredths) and the facts of the order: what was done in a month and approved later."""
    lines = order_lines(world).filter("is_base", pl.col("billing_type") == "T&M").select(
        "line_key", "contract", "subsidiary", "currency", "step", "base_step", "order_rate", "order", "nte"
    )  # fmt: skip
    stories = story_lines(world).select("story_id", "line_key").join(lines, on="line_key", how="inner")
    late = _submitted(world, stories).join(stories, on="story_id", how="inner")
    rows = _priced(world, late).with_columns(
        job=job_id("workspace_id"),
        worth=worth_of(hour_parts(pl.col("time_in_minutes")), "price"),
    )
    keys = ["job", "month", "subsidiary", "currency", "base_step", "order_rate"]
    rows = rows.group_by(*keys, "order", "nte").agg(pl.col("worth").sum())
    rows = _within_caps(world, rows).group_by(keys).agg(pl.col("worth").sum())
    return rows.filter(pl.col("worth") > 0).sort("month", "job")


def _within_caps(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """No more than what charges up to the month left of the cap of an order, in order of the jobs."""
    charges = world["netsuite.charge"].filter(
        pl.col("chargetype") == "Time-Based", pl.col("salesorder").is_in(rows["order"].implode())
    )
    charges = charges.with_columns(month=posting_month(charges, "chargedate", "createddate", period_table(world.firm)))
    used = charges.group_by("month", order="salesorder").agg(
        used=hundredths(pl.col("amount").sum()), over=(pl.col("stage") == "Non-Billable").any()
    )
    used = used.sort("order", "month").select(
        "order", "month", pl.col("used").cum_sum().over("order"), pl.col("over").cum_max().over("order")
    )
    rows = rows.sort("month", "job").join_asof(
        used.sort("month"), on="month", by="order", strategy="backward", check_sortedness=False
    )
    room = pl.when(pl.col("over").fill_null(False)).then(0).otherwise(pl.col("nte") - pl.col("used").fill_null(0))
    before = pl.col("worth").cum_sum().over("order", "month") - pl.col("worth")
    limited = pl.min_horizontal("worth", (room - before).clip(lower_bound=0))
    return rows.with_columns(worth=pl.when(pl.col("nte").is_null()).then("worth").otherwise(limited))


def _priced(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `price` (hundredths an hour): the agreed rate of the role on the day, else the entry's own."""
    card = world["salesforce.SOW_Rate__c"].filter(~pl.col("IsDeleted")).select(
        contract="Contract__c", role="Role__c", day=pl.col("Effective_From__c").fill_null(dt.date(1900, 1, 1)),
        version="SOW_Version__c", agreed=hundredths("Rate__c"),
    )  # fmt: skip
    card = card.sort("day", "version").unique(["contract", "role", "day"], keep="last", maintain_order=True)
    roles = world["kantata.roles"].select(role_id="id", role="name")
    rows = rows.join(roles, on="role_id", how="left", maintain_order="left").sort("day", "id")
    rows = rows.join_asof(
        card.drop("version"), on="day", by=["contract", "role"], strategy="backward", check_sortedness=False
    )
    return rows.with_columns(price=pl.coalesce("agreed", "own"))


def _submitted(world: World, stories: pl.DataFrame) -> pl.DataFrame:
    """Billable entries of past months that are submitted, and not approved or only after the cut-off of their month."""
    submissions = world["kantata.timesheet_submissions"].select("status", "updated_at", sheet=number_of("id"))
    mine = pl.col("story_id").is_in(stories["story_id"].implode())
    entries = world["kantata.time_entries"].lazy().filter("billable", pl.col("rate_in_cents").is_not_null(), mine)
    rows = entries.select(
        "id", "workspace_id", "story_id", "role_id", "time_in_minutes", "approved", "created_at", day="date_performed",
        own=pl.col("rate_in_cents") * 100 // pl.col("currency_base_unit"), month=month_number("date_performed"),
        sheet=pl.when("approved").then(number_of("active_submission_id")).otherwise(number_of("recent_submission_id")),
    ).filter(pl.col("month") <= close_of(world.firm).last_run).collect()  # fmt: skip
    rows = rows.join(submissions, on="sheet", how="left", maintain_order="left")
    rows = rows.filter(pl.col("approved") | (pl.col("status") == "new"))
    decided = pl.when(pl.col("status") == "approved").then("updated_at").otherwise("created_at")
    rows = rows.with_columns(decided=decided)
    known = posting_month(rows, "day", "decided", period_table(world.firm))
    return rows.with_columns(known=known).filter(~pl.col("approved") | (pl.col("known") > pl.col("month")))


def accrual_journals(rows: pl.DataFrame) -> pl.DataFrame:
    """transaction, job: the accrual and the reversal in which rows of `accrued_time` are."""
    parts = [rows.select("job", transaction=journal_id(kind)) for kind in (_ACCRUAL, _REVERSAL)]
    return pl.concat(parts).select("transaction", "job")


def _journals(world: World, rows: pl.DataFrame) -> Journals:
    """A journal per subsidiary, currency and month, and the one that reverses it on the next day."""
    days = month_ends(world.firm, 21)
    rows = rows.join(days, on="month", how="left", maintain_order="left")
    sides = ((ACCRUED_TIME, 0, 1), (ACCRUED_REVENUE, 1, -1))
    parts = [
        rows.with_columns(
            transaction=journal_id(kind), reversal=journal_id(_ACCRUAL + _REVERSAL - kind), kind=pl.lit(kind),
            number=pl.col("job").cast(pl.Int64) * 2 + side, account=pl.lit(account_id(account)),
            amount=pl.col("worth") * (sign if kind == _ACCRUAL else -sign),
            day=pl.col("end") + pl.duration(days=kind - _ACCRUAL),
            posted=pl.col("month") + (kind - _ACCRUAL),
        )
        for kind in (_ACCRUAL, _REVERSAL)
        for account, side, sign in sides
    ]  # fmt: skip
    moves = pl.concat(parts).with_columns(
        line=identity(pl.col("number")), in_base=exchange("amount", "order_rate", "base_step")
    )
    return Journals(_heads(moves), _lines(moves), journal_postings(moves, "order_rate"))


def _heads(moves: pl.DataFrame) -> pl.DataFrame:
    heads = moves.group_by("transaction", maintain_order=True).agg(
        pl.col("reversal", "kind", "currency", "day", "posted", "ran", "end", "order_rate").first(),
        total=pl.col("amount").filter(pl.col("amount") > 0).sum(),
    )
    is_reversal = pl.col("kind") == _REVERSAL
    next_day = pl.col("end") + pl.duration(days=1)
    return journal_headers(
        heads,
        pl.lit("Accrual of unapproved time"),
        day="day",
        rate="order_rate",
        month="posted",
        isreversal=is_reversal,
        reversal="reversal",
        reversaldate=pl.when(~is_reversal).then(next_day),
    )


def _lines(moves: pl.DataFrame) -> pl.DataFrame:
    key = (pl.col("number") * 1000 + pl.col("month") % 1000) * 10 + pl.col("kind")
    return conform(
        "transactionline",
        moves.select(
            "transaction", "subsidiary",
            id="line",
            uniquekey=identity(key + _LINE_KEYS),
            linesequencenumber="number",
            mainline=pl.lit(False),
            taxline=pl.lit(False),
            entity="job",
            foreignamount=money("amount"),
            netamount=money("in_base"),
            memo=pl.lit("Unapproved time"),
            linelastmodifieddate="ran",
        ),
    )  # fmt: skip
