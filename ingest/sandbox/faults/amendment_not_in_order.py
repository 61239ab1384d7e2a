"""An amendment never reached the ledger: the flow handles only new business.

Strikes after the integration: the sales order stands at the version before, without the amendment's lines; elements and
plans follow. Only amendments of lines the order has. Money: what the amendment changes, in absolute terms.
"""

from __future__ import annotations

import polars as pl

from ingest.sandbox.fault import Fault, Truth, pick, record
from ingest.sandbox.faults._terms import fault_row, hundredth, shares, stamp, versions
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
    with world.apart(narrow):
        _forget(world, chosen)
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


def _forget(world: World, chosen: pl.DataFrame) -> None:
    """Take the lines of a version off each order, with the totals that NetSuite computes from them."""
    items = chosen.select(transaction="order", custcol_sf_order_item_id="items").explode("custcol_sf_order_item_id")
    keys, lines = items.columns, world["netsuite.transactionline"]
    lost = lines.join(items, on=keys, how="semi").group_by("transaction").agg(
        value=hundredths("foreignamount").sum(), base=hundredths("netamount").sum()
    )  # fmt: skip
    lines = lines.join(items, on=keys, how="anti", maintain_order="left")
    mains = lines.filter("mainline").join(lost, on="transaction", how="inner").select(
        "uniquekey", foreignamount=money(hundredths("foreignamount") + pl.col("value")),
        netamount=money(hundredths("netamount") + pl.col("base")),
    )  # fmt: skip
    world["netsuite.transactionline"] = lines
    changed = {"foreignamount": "foreignamount", "netamount": "netamount"}
    stamp(world, "netsuite.transactionline", "uniquekey", mains, changed)
    heads = world["netsuite.transaction"].select("foreigntotal", order="id").join(chosen, on="order", how="inner")
    heads = heads.join(lost.select("value", order="transaction"), on="order", how="left").select(
        id="order", version=pl.col("version") - 1,
        total=money(hundredths("foreigntotal") + pl.col("value").fill_null(0)),
    )  # fmt: skip
    changed = {"custbody_sow_version": "version", "foreigntotal": "total"}
    stamp(world, "netsuite.transaction", "id", heads, changed)


FAULT = Fault(
    pattern="amendment_not_in_order", check="K11", stage="integrated", rates=shares(0.01, 0.06, 0.175), inject=_inject
)
