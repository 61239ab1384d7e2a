"""An amendment never reached the ledger: the flow handles only new business.

Strikes after the integration: the sales order stands at the version before, without the amendment's lines; elements and
plans follow. Only amendments of lines the order has. Money: what the amendment changes, in absolute terms.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, set_rows, shares, versions
from ingest.sandbox.ns_amounts import hundredths, money
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    amended = versions(world).filter(~pl.col("is_new"))
    heads = world["netsuite.transaction"].filter(pl.col("type") == "SalesOrd").select(
        order="id", sow="custbody_sow_number", known="custbody_sow_version"
    )  # fmt: skip
    amended = amended.join(heads, on="sow", how="inner").filter(pl.col("known") == pl.col("version"))
    chosen = pick(world, amended, share, salt="fault/amendment_not_in_order", key="sow", alone="sow")
    orders = chosen["order"].implode()
    narrow = {
        "netsuite.transaction": pl.col("id").is_in(orders),
        "netsuite.transactionline": pl.col("transaction").is_in(orders),
    }
    for row in world.each(chosen, narrow):
        _forget(world, row["order"], row["items"], row["version"])
    return [
        fault_row(
            world, "K11", "sequence", hundredth(row["delta"]), row["CurrencyIsoCode"],
            [record("salesforce", "Contract", row["contract_id"]), record("netsuite", "transaction", row["order"])],
            at_fault="netsuite", action_kind="REPLAY",
            consequences=("K09", "K10", "K18", "K42", "K44", "K46", "K49", "K60", "K69"),
            on=row["activated_at"].date(),
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


def _forget(world: World, order: str, items: list[str], version: int) -> None:
    """Take the lines of a version off an order, with the totals that NetSuite computes from them."""
    lines = world["netsuite.transactionline"]
    gone = (pl.col("transaction") == order) & pl.col("custcol_sf_order_item_id").is_in(items).fill_null(False)
    lost = lines.filter(gone).select(
        value=hundredths(pl.col("foreignamount").sum()), base=hundredths(pl.col("netamount").sum())
    )
    value, base = lost.row(0)
    main = pl.col("mainline") & (pl.col("transaction") == order)
    world["netsuite.transactionline"] = lines.filter(~gone).with_columns(
        (pl.col(name) + pl.when(main).then(money(pl.lit(amount, dtype=pl.Int64))).otherwise(0)).cast(pl.Decimal(18, 2))
        for name, amount in (("foreignamount", value), ("netamount", base))
    )  # fmt: skip
    total = pl.col("foreigntotal") + money(pl.lit(value, dtype=pl.Int64))
    set_rows(world, "netsuite.transaction", [order], "id", {"custbody_sow_version": version - 1, "foreigntotal": total})


FAULT = Fault(
    pattern="amendment_not_in_order", check="K11", stage="integrated", rates=shares(0.01, 0.06, 0.175), inject=_inject
)
