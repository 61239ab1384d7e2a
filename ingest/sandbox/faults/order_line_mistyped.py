"""A line of the sales order was keyed with two digits swapped; the revenue element follows it.

Strikes after the integration, on lines that no amendment touched. Money: the amount of the line less its signed value.
A person settles with the customer what was billed of the line.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record, with_kind
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp
from ingest.sandbox.faults.project_price_mistyped import swapped
from ingest.sandbox.ns_amounts import exchange, hundredths, money, quantum
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LINE, _LINES = "transactionline", "netsuite.transactionline"


def _inject(world: World, share: float) -> list[Truth]:
    lines = order_lines(world).with_columns(times=pl.len().over("line_key"), running=pl.col("line_key"))
    open_jobs = world["netsuite.job"].filter(pl.col("entitystatus") != "Closed")["id"]
    candidates = lines.filter(
        pl.col("times") == 1, pl.col("value") > 0, pl.col("job").is_in(open_jobs.implode()),
        pl.col("billing_type").is_in(["T&M", "Fixed Fee"]),
    )  # fmt: skip
    chosen = pick(world, candidates, share, salt="fault/order_line_mistyped", key="line_uniquekey", alone="sow_number")
    wrong = pl.Series(
        "wrong", [swapped(value // 100) * 100 + value % 100 for value in chosen["value"].to_list()], dtype=pl.Int64
    )
    chosen = chosen.with_columns(wrong)
    _key(world, chosen)
    return [
        fault_row(
            world, "K09", "amount", hundredth(row["wrong"] - row["value"]), row["iso"],
            [record("salesforce", "OrderItem", row["line_key"]), record("netsuite", _LINE, row["line_key"])],
            at_fault="netsuite", action_kind="COMPLETE",
            consequences=("K44", "K47", "K49", "K50", "K60", "K69"), on=row["order_on"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _key(world: World, chosen: pl.DataFrame) -> None:
    """Write the wrong amounts into the lines, and the totals that NetSuite computes from them."""
    amounts = chosen.with_columns(
        rate_micro="order_rate", quantum=quantum("base")
    ).with_columns(
        base_wrong=exchange("wrong", "rate_micro", "quantum"), base_right=exchange("value", "rate_micro", "quantum")
    )  # fmt: skip
    rates = [
        (hundredth(wrong) / Decimal(quantity)).quantize(Decimal("0.01"))
        for wrong, quantity in chosen.select("wrong", "quantity").iter_rows()
    ]
    typed = amounts.select(
        uniquekey="line_uniquekey", foreignamount=money(-pl.col("wrong")), netamount=money(-pl.col("base_wrong")),
        rate=pl.Series(rates, dtype=pl.Decimal(18, 2)),
    )  # fmt: skip
    stamp(world, _LINES, "uniquekey", typed, {name: name for name in ("foreignamount", "netamount", "rate")})
    more = amounts.select(
        transaction="order", more=pl.col("wrong") - pl.col("value"),
        base_more=pl.col("base_wrong") - pl.col("base_right"),
    )  # fmt: skip
    mains = world[_LINES].filter("mainline").join(more, on="transaction", how="inner").select(
        "uniquekey", foreignamount=money(hundredths("foreignamount") + pl.col("more")),
        netamount=money(hundredths("netamount") + pl.col("base_more")),
    )  # fmt: skip
    stamp(world, _LINES, "uniquekey", mains, {name: name for name in ("foreignamount", "netamount")})
    heads = world["netsuite.transaction"].join(more.rename({"transaction": "id"}), on="id", how="inner").select(
        "id", foreigntotal=money(hundredths("foreigntotal") + pl.col("more"))
    )  # fmt: skip
    stamp(world, "netsuite.transaction", "id", heads, {"foreigntotal": "foreigntotal"})


def _settle(world: World, truth: list[Truth]) -> list[Truth]:
    heads = world["netsuite.transaction"].filter(
        pl.col("type") == "CustInvc", pl.col("posting"), ~pl.col("voided").fill_null(False)
    )
    lines = world[_LINES].filter(pl.col("transaction").is_in(heads["id"].implode()))
    billed = set(lines["custcol_line_key"].drop_nulls())
    struck = [next(one["id"] for one in row["expected"][0]["records"] if one["object"] == _LINE) for row in truth]
    return [with_kind(row, "ROUTE" if one in billed else None) for row, one in zip(truth, struck, strict=True)]


FAULT = Fault(
    pattern="order_line_mistyped",
    check="K09",
    stage="integrated",
    rates=shares(0.0025, 0.015, 0.045),
    inject=_inject,
    settle=_settle,
)
