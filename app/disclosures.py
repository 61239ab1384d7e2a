"""Part of Balances: what the notes to the accounts say of agreements."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from app import drill, parts
from app.format import escaped, money
from app.revenue_data import Scope, disclosures, scope

__all__ = ["for_the_notes"]

_HELP = (
    "ASC 606-10-50-8 to 50-15 and IFRS 15.116 to 15.120. What was deferred is released first: of the revenue of these "
    "months, at most what an agreement had deferred when they began. Work of earlier months is what a change of price "
    "or estimate, or a late approval, made of it: month by month, so choose single months to see it apart."
)


def for_the_notes(chosen: Scope) -> None:
    """Balances at both ends, revenue that is disclosed apart with the agreements behind it, and what remains."""
    snapshot = parts.view().snapshot
    st.subheader(f"For the notes, {chosen.first} to {chosen.last}, in {chosen.money_in}", anchor=False, help=_HELP)
    text = st.column_config.TextColumn
    held = disclosures.balances(snapshot, chosen).with_columns(pl.col("balance").replace(dict(disclosures.BALANCES)))
    columns = {
        "balance": text("Balance", width="medium"),
        **drill.amount_columns(opening="Opening", closing="Closing", change="Change"),
    }
    parts.table(held, columns, key="disclosed-balances")
    parts.downloads(held, "disclosed-balances", columns)
    left = disclosures.remaining(snapshot, chosen).with_columns(pl.col("band").replace(dict(disclosures.REMAINING)))
    bands = {"band": text("Remaining performance obligations", width="large"), **drill.amount_columns(amount="Amount")}
    parts.table(left, bands, key="disclosed-remaining")
    parts.downloads(left, "remaining-performance-obligations", bands)
    found = disclosures.revenue(snapshot, chosen)
    for tile, (kind, title) in zip(st.columns(2), disclosures.REVENUE.items(), strict=True):
        total = sum(found.filter(pl.col("kind") == kind)["amount"], Decimal(0))
        tile.metric(title, escaped(money(total, chosen.money_in)) or "none", border=True)
    kinds = list(disclosures.REVENUE)
    kind = st.selectbox(
        "Agreements behind", kinds, format_func=disclosures.REVENUE.__getitem__, key="note", bind="query-params"
    ) or kinds[0]  # fmt: skip
    drill.agreements(
        scope.named(snapshot, found.filter(pl.col("kind") == kind)), chosen, "balances",
        what=f"{disclosures.REVENUE[kind]}, by agreement", shown="Notes", note=disclosures.REVENUE[kind],
    )  # fmt: skip
