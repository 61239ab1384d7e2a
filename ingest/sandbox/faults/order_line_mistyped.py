"""A line of the sales order was keyed with two digits swapped; the revenue element follows it.

Strikes after the integration, on lines that no amendment touched. Money: the amount of the line less its signed value.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares
from ingest.sandbox.faults.project_price_mistyped import swapped
from ingest.sandbox.ns_amounts import exchange, money, quantum
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_LINE = "transactionline"


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
    for row in amounts.iter_rows(named=True):
        amount = hundredth(row["wrong"])
        rate = (amount / Decimal(row["quantity"])).quantize(Decimal("0.01"))
        set_rows(
            world, "netsuite.transactionline", [row["line_uniquekey"]], "uniquekey",
            {"foreignamount": -amount, "netamount": -hundredth(row["base_wrong"]), "rate": rate},
        )  # fmt: skip
        more, base_more = row["wrong"] - row["value"], row["base_wrong"] - row["base_right"]
        main = pl.col("mainline") & (pl.col("transaction") == row["order"])
        lines = world["netsuite.transactionline"]
        world["netsuite.transactionline"] = lines.with_columns(
            (pl.col(name) + pl.when(main).then(extra).otherwise(0)).cast(pl.Decimal(18, 2))
            for name, extra in (("foreignamount", hundredth(more)), ("netamount", hundredth(base_more)))
        )  # fmt: skip
        total = pl.col("foreigntotal") + money(pl.lit(more, dtype=pl.Int64))
        set_rows(world, "netsuite.transaction", [row["order"]], "id", {"foreigntotal": total})


FAULT = Fault(
    pattern="order_line_mistyped", check="K09", stage="integrated", rates=shares(0.0025, 0.015, 0.045), inject=_inject
)
