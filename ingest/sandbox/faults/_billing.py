"""What the patterns of billing share: posted invoices that nothing else struck, their lines, and milestones."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import pick
from ingest.sandbox.ns_amounts import hundredths
from ingest.sandbox.world import World, kept

__all__ = ["bills", "choose", "documents", "lines_of", "milestones_billed", "struck"]


def bills(world: World) -> pl.DataFrame:
    """Posted invoices of agreements nothing else struck: invoice, sow, iso, trandate, net (hundredths), is_open,
    is_credited, mark.

    `is_open` are those nothing was paid on or credited against.
    """
    heads = world["netsuite.transaction"].filter(pl.col("type") == "CustInvc", "posting", ~pl.col("voided"))
    applied = world["netsuite.nexttransactionlinelink"].filter(pl.col("linktype") == "Payment")
    credited = applied.filter(pl.col("nexttype") == "CustCred")["previousdoc"].implode()
    iso = world["netsuite.currency"].select(currency="id", iso="symbol")
    net = _net_of(world)
    rows = heads.join(iso, on="currency", how="left").join(net, on="id", how="inner")
    return rows.select(
        "iso", "trandate", "net", invoice="id", sow="custbody_sow_number",
        is_open=~pl.col("id").is_in(applied["previousdoc"].implode()),
        is_credited=pl.col("id").is_in(credited),
        mark=pl.lit("invoice/") + pl.col("id"),
    ).filter(~world.is_taken("sow"), pl.col("net") > 0).sort("invoice")  # fmt: skip


@kept
def _net_of(world: World) -> pl.DataFrame:
    """id, net: what the item lines of each document add up to (hundredths)."""
    lines = world["netsuite.transactionline"].lazy().filter(~pl.col("mainline"), ~pl.col("taxline"))
    return lines.group_by(id="transaction").agg(net=-hundredths("foreignamount").sum()).collect()


def lines_of(world: World) -> pl.DataFrame:
    """Item lines: transaction, line, uniquekey, line_key, job, subsidiary, item, worth (hundredths)."""
    lines = world["netsuite.transactionline"].lazy().filter(~pl.col("mainline"), ~pl.col("taxline"))
    return lines.select(
        "transaction", "uniquekey", "subsidiary", line="id", line_key="custcol_line_key", job="entity", item="item",
        worth=-hundredths("foreignamount"),
    ).collect()  # fmt: skip


def choose(world: World, rows: pl.DataFrame, share: float, *, salt: str, key: str = "invoice") -> pl.DataFrame:
    """Rows of invoices by lot, each invoice struck once."""
    chosen = pick(world, rows, share, salt=salt, key=key, alone="mark")
    world.taken.update(struck(sow) for sow in chosen["sow"].to_list())
    return chosen


def struck(sow: str) -> str:
    """How it is remembered that an invoice of an agreement was struck."""
    return f"billing/{sow}"


def documents(ids: pl.Series) -> dict[str, pl.Expr]:
    """Which rows of the ledger's frames belong to some documents: all that is read to copy or credit them."""
    mine = ids.implode()
    return {
        "netsuite.transaction": pl.col("id").is_in(mine),
        "netsuite.transactionline": pl.col("transaction").is_in(mine),
        "netsuite.nexttransactionlinelink": pl.col("nextdoc").is_in(mine) | pl.col("previousdoc").is_in(mine),
    }


def billed_right(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of agreements (sow) whose invoices nothing struck: the money of their balances is that of one fault."""
    return rows.filter(~world.is_taken(pl.format("billing/{}", "sow")))


def milestones_billed(world: World) -> pl.DataFrame:
    """Milestones billed once accepted, each on an open or paid invoice that nothing else struck, and no credit touches.

    milestone, story, charge, worth (hundredths) and the columns of `bills`.
    """
    events = world["kantata.billing_milestones"].filter(pl.col("billing_type") == "upon_completion")
    charges = world["netsuite.charge"].filter(
        pl.col("invoice").is_not_null(), pl.col("externalid").str.starts_with("KAN-BM-")
    )
    charges = charges.select(
        "invoice", charge="id", milestone=pl.col("externalid").str.slice(7), worth=hundredths("amount")
    )
    accepted = world["kantata.custom_field_values"].filter(pl.col("custom_field_name") == "Accepted On").select(
        story="subject_id", accepted_on=pl.col("value").str.to_date(strict=False)
    )  # fmt: skip
    rows = charges.join(events.select(milestone="id", story="story_id"), on="milestone", how="inner")
    rows = rows.join(bills(world).filter(~pl.col("is_credited")), on="invoice", how="inner").join(
        accepted, on="story", how="inner"
    )
    alone = rows.filter(pl.len().over("invoice") == 1, pl.len().over("story") == 1, pl.col("worth") > 0)
    return alone.sort("milestone")
