"""Rates of agreements in foreign currency in the sandbox's NetSuite: what an advance fixes, and what a month brings.

What is billed ahead of revenue is a contract liability and no money: it keeps the rate of its invoice, one layer an
invoice, and revenue uses the layers first in, first out. Revenue beyond billing takes the rate of its month's end.
Layers are kept apart by kind of right, as the month-end reclassification does.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.ns_accounts import TIME_ONLY_RULES
from ingest.sandbox.ns_amounts import half_up, hundredths
from ingest.sandbox.ns_orders import with_rate
from ingest.sandbox.ns_periods import close_of, month_of, period_table
from ingest.sandbox.world import World

__all__ = ["foreign", "layers", "liability", "with_line_rates"]

_KEYS = ["arrangement", "time_only"]
_MICRO = 1_000_000


def foreign(facts: pl.DataFrame) -> pl.DataFrame:
    """Elements of agreements whose currency is not that of their company's books, with `time_only`."""
    group = pl.col("rule").is_in(list(TIME_ONLY_RULES)).alias("time_only")
    return facts.filter(pl.col("iso") != pl.col("base")).with_columns(group)


def with_line_rates(world: World, facts: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """`earned` with `line_rate` (millionths): the rate each month of an agreement in foreign currency earns at.

    The mean of what the month uses up: layers first, the rest at the rate of the month's end. None elsewhere.
    """
    own = foreign(facts)
    if own.is_empty():
        return earned.with_columns(line_rate=pl.lit(None, dtype=pl.Int64))
    used = _months(world, own, earned)
    steps = layers(world, own).join(used, on=[*_KEYS, "month"], how="inner")
    reach = {name: _used(name) for name in ("reached", "before")}
    sums = steps.group_by([*_KEYS, "month"]).agg(**reach, billed=pl.col("amount").sum())
    rows = used.join(sums.rename({"reached": "at_end", "before": "at_start"}), on=[*_KEYS, "month"], how="left")
    rows = rows.with_columns(pl.col("at_end", "at_start").fill_null(0), pl.col("billed").fill_null(0))

    def value(used_up: str, total: str) -> pl.Expr:
        beyond = (pl.col(total) - pl.col("billed")).clip(lower_bound=0).cast(pl.Int128)
        return pl.col(used_up) + beyond * pl.col("rate_micro")

    moved = pl.col("reached") - pl.col("before")
    worth = value("at_end", "reached") - value("at_start", "before")
    mean = half_up(worth * moved.sign(), moved.abs().clip(lower_bound=1))
    rows = rows.with_columns(line_rate=pl.when(moved == 0).then("rate_micro").otherwise(mean))
    keyed = earned.join(own.select("element", *_KEYS), on="element", how="left", maintain_order="left")
    keyed = keyed.join(
        rows.select(*_KEYS, "month", "line_rate"), on=[*_KEYS, "month"], how="left", maintain_order="left"
    )
    return keyed.select(*earned.columns, "line_rate")


def layers(world: World, own: pl.DataFrame) -> pl.DataFrame:
    """Invoices as layers at the end of each month: arrangement, time_only, month, invoice, layer_rate, start, amount.

    `start` is what was billed before it; credits are taken off the invoice they name.
    """
    billed = _billed(world, own)
    months = _month_ends(world).select("month", as_of="month")
    rows = billed.join(months, how="cross", suffix="_end").filter(pl.col("month") <= pl.col("as_of"))
    rows = rows.group_by([*_KEYS, "as_of", "day", "invoice", "layer_rate"]).agg(amount=pl.col("net").sum())
    rows = rows.filter(pl.col("amount") > 0).sort([*_KEYS, "as_of", "day", pl.col("invoice").cast(pl.Int64)])
    upto = pl.col("amount").cum_sum().over([*_KEYS, "as_of"])
    return rows.with_columns(start=upto - pl.col("amount")).rename({"as_of": "month"})


def liability(world: World, facts: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """arrangement, month, deferred, in_base: what is billed ahead of revenue, and its layers in the books' currency."""
    own = foreign(facts)
    rows = layers(world, own).join(_months(world, own, earned), on=[*_KEYS, "month"], how="left")
    steps = own.select("arrangement", "base_step").unique()
    rows = rows.join(steps, on="arrangement", how="inner").with_columns(
        rest=(pl.col("start") + pl.col("amount") - pl.max_horizontal("start", pl.col("reached").fill_null(0))).clip(
            lower_bound=0
        )
    )
    value = half_up(pl.col("rest").cast(pl.Int128) * pl.col("layer_rate"), _MICRO, pl.col("base_step"))
    return rows.group_by("arrangement", "month").agg(deferred=pl.col("rest").sum(), in_base=value.sum())


def _used(total: str) -> pl.Expr:
    """What revenue up to a point has used of the layers, in millionths of the books' currency."""
    part = (pl.col(total) - pl.col("start")).clip(lower_bound=0)
    return (pl.min_horizontal(part, "amount").cast(pl.Int128) * pl.col("layer_rate")).sum()


def _month_ends(world: World) -> pl.DataFrame:
    """month, end: from the first to the last month with a revenue run."""
    table = period_table(world.firm).select("month", "end")
    start = world.firm.start_on
    first = start.year * 12 + start.month - 1
    return table.filter(pl.col("month").is_between(first, close_of(world.firm).last_run))


def _months(world: World, own: pl.DataFrame, earned: pl.DataFrame) -> pl.DataFrame:
    """arrangement, time_only, month, reached, before (revenue to date), rate_micro (of the month's end)."""
    pairs = own.select("arrangement", "iso", "base").unique()
    groups = own.select(*_KEYS).unique()
    sums = (
        earned.join(own.select("element", *_KEYS), on="element", how="inner")
        .group_by([*_KEYS, "month"])
        .agg(pl.col("worth").sum())
    )
    rows = groups.join(_month_ends(world), how="cross").join(sums, on=[*_KEYS, "month"], how="left").sort(
        [*_KEYS, "month"]
    )  # fmt: skip
    reached = pl.col("worth").fill_null(0).cum_sum().over(_KEYS)
    rows = rows.with_columns(reached=reached).with_columns(before=pl.col("reached") - pl.col("worth").fill_null(0))
    return with_rate(rows.join(pairs, on="arrangement", how="left"), world, "end").select(
        *_KEYS, "month", "reached", "before", "rate_micro"
    )


def _billed(world: World, own: pl.DataFrame) -> pl.DataFrame:
    """What invoices put on deferred revenue and credits take off: keys, invoice, day, layer_rate, month, net."""
    heads = world["netsuite.transaction"].filter(pl.col("posting"), pl.col("type").is_in(["CustInvc", "CustCred"]))
    heads = heads.select(
        "trandate", transaction="id", month=month_of("postingperiod"),
        rate=(pl.col("exchangerate") * _MICRO).cast(pl.Int64),
    )  # fmt: skip
    lines = world["netsuite.transactionline"].select(
        "transaction", "mainline", "uniquekey", "revenueelement", "custcol_credited_line", "foreignamount"
    )
    lines = lines.filter(~pl.col("mainline"))
    elements = own["element"].implode()
    named = lines.filter(pl.col("revenueelement").is_in(elements)).select(
        "revenueelement", custcol_credited_line="uniquekey", credited="transaction"
    )
    rows = lines.join(heads, on="transaction", how="semi").join(
        named, on="custcol_credited_line", how="left", suffix="_credited"
    )
    rows = rows.select(
        "transaction", element=pl.coalesce("revenueelement", "revenueelement_credited"),
        invoice=pl.coalesce("credited", "transaction"), net=-hundredths("foreignamount"),
    ).join(own.select("element", *_KEYS), on="element", how="inner")  # fmt: skip
    rows = rows.join(heads.select("transaction", "month"), on="transaction", how="inner")
    return rows.join(
        heads.select(invoice="transaction", day="trandate", layer_rate="rate"), on="invoice", how="inner"
    ).select(*_KEYS, "invoice", "day", "layer_rate", "month", "net")
