"""Part of Balances: what legal entities owe each other for work, and what consolidation takes out."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app import drill, parts
from app.format import escaped, money
from app.revenue_data import Scope, intercompany, scope

__all__ = ["between"]

_HELP = (
    "Approved hours of people on agreements that another legal entity signed, times the intercompany rate of the "
    "month, and what the journals of both companies have of it, in the currency of the rate."
)
_AMOUNTS = {"due": "Due", "receivable": "Receivable", "payable": "Payable"}


def between(chosen: Scope) -> None:
    """The pairs of legal entities, what their books do not have alike, and the projects behind one pair."""
    snapshot = parts.view().snapshot
    st.subheader(f"Work for each other, {chosen.first} to {chosen.last}", anchor=False, help=_HELP)
    if scope.missing(snapshot, *intercompany.TABLES):
        parts.empty("This run does not know what entities owe each other", "Run `tieout run` and reload.")
        return
    found = intercompany.pairs(snapshot, chosen)
    if found.is_empty():
        parts.empty(
            "Nobody worked for another entity",
            "No approved hours on agreements of another legal entity in these months, or no intercompany rates in "
            "tieout.yml: see `books.<book>.intercompany`.",
        )
        return
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    named = {"performing_entity": text("Works"), "contracting_entity": text("For")}
    columns = {
        **named, "hours": number("Hours", format="%.2f"), "currency": text("Cur.", width="small"),
        **drill.amount_columns(**_AMOUNTS, difference="Not alike"),
    }  # fmt: skip
    parts.table(found, columns, key="pairs")
    parts.downloads(found, "intercompany-pairs", columns)
    st.caption(escaped(_eliminated(found)))
    known = found.select("performing_entity", "contracting_entity").unique(maintain_order=True).rows()
    place = st.selectbox(
        "Projects of", range(len(known)), format_func=lambda one: " for ".join(known[one]), key="pair"
    ) or 0  # fmt: skip
    of_pair = intercompany.projects(snapshot, chosen, *known[place])
    of_projects = {
        "period": text("Month", width="small"), "project_code": text("Project"), "agreement_number": text("SOW"),
        "hours": number("Hours", format="%.2f"), "hourly_rate": number("Rate", format="%.2f"),
        "currency": text("Cur.", width="small"), **drill.amount_columns(**_AMOUNTS),
    }  # fmt: skip
    parts.table(of_pair, of_projects, key="pair-projects")
    parts.downloads(of_pair, "intercompany-projects", of_projects)
    parts.link_to("breaks", "Breaks of recharges", check="K22")


def _eliminated(found: pl.DataFrame) -> str:
    """What consolidation takes out and what stays, by currency, and the hours that nobody has agreed a rate for."""
    sums = found.group_by("currency", maintain_order=True).agg(pl.col("payable", "difference", "unrated_hours").sum())
    said = []
    for row in sums.iter_rows(named=True):
        if row["currency"]:
            stays = money(row["difference"], row["currency"]) if row["difference"] else "nothing"
            said.append(f"{money(row['payable'], row['currency'])} eliminate, {stays} stays")
    unrated = sums["unrated_hours"].sum()
    if unrated:
        said.append(f"{unrated:,.2f} hours have no rate")
    return "On consolidation: " + "; ".join(said)
