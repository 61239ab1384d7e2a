"""A clerk added a line to an invoice that no charge stands behind: travel, as agreed on the phone.

Strikes after billing, on open invoices; the line goes to deferred revenue and needs no obligation. Money: the line. It
stands there for good: the account (K56) holds more than documents say, beside a contract asset too (K62).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import bills, choose
from ingest.sandbox.faults._terms import fault_row, shares
from ingest.sandbox.netsuite_schema import conform
from ingest.sandbox.ns_accounts import EXPENSE_ITEM
from ingest.sandbox.ns_documents import retotalled
from ingest.sandbox.world import World

__all__ = ["FAULT"]

_WORTH = 185_000
_LINE = 900


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, bills(world).filter("is_open"), share, salt="fault/line_added_by_hand")
    lines = world["netsuite.transactionline"].filter(~pl.col("mainline"), ~pl.col("taxline"))
    first = lines.sort("transaction", "linesequencenumber").unique("transaction", keep="first", maintain_order=True)
    added = first.filter(pl.col("transaction").is_in(chosen["invoice"].implode())).with_columns(
        id=pl.lit(str(_LINE)),
        uniquekey=(pl.col("transaction").cast(pl.Int64) * 1000 + _LINE).cast(pl.String),
        linesequencenumber=pl.lit(_LINE), item=pl.lit(EXPENSE_ITEM), quantity=pl.lit(-1),
        rate=pl.lit(Decimal(_WORTH) / 100),
        foreignamount=pl.lit(Decimal(-_WORTH) / 100), netamount=pl.lit(Decimal(-_WORTH) / 100),
        revenueelement=pl.lit(None),
        needsrevenueelement=pl.lit(False), memo=pl.lit("Travel as agreed"), custcol_line_key=pl.lit(None),
        custcol_sf_order_item_id=pl.lit(None), custcol_sow_version=pl.lit(None), custcol_billing_type=pl.lit(None),
        linelastmodifieddate=pl.col("linelastmodifieddate") + dt.timedelta(hours=1),
    )  # fmt: skip
    world["netsuite.transactionline"] = pl.concat(
        [world["netsuite.transactionline"], conform("transactionline", added)]
    )
    retotalled(world, chosen["invoice"].to_list())
    keys = dict(zip(added["transaction"].to_list(), added["uniquekey"].to_list(), strict=True))
    return [
        fault_row(
            world, "K28", "amount", Decimal(_WORTH) / 100, row["iso"],
            [record("netsuite", "transactionline", keys[row["invoice"]])],
            at_fault="netsuite", action_kind="CREDIT_AND_REBILL",
            consequences=("K44", "K49", "K50", "K56", "K60", "K62", "K69"),
            on=row["trandate"],
        )
        for row in chosen.iter_rows(named=True)
    ]  # fmt: skip


FAULT = Fault(
    pattern="line_added_by_hand", check="K28", stage="billed", rates=shares(0.004, 0.015, 0.04), inject=_inject
)
