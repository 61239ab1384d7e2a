"""Bridges: from what was billed to what was earned, from RPO to backlog, and from what was expected to what came."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from app import charts, drill, parts, reasons
from app.charts import Bar
from app.format import escaped, money
from app.page import Page, Shown
from app.revenue_data import Scope, scope
from app.revenue_data.bridges import BRIDGES, Bridge, bridge, bridge_agreements, disclosed, unexplained
from app.revenue_data.differences import DIFFERENCES, is_held

__all__ = ["PAGE"]

_CAPTION = "Why two figures that belong together differ: each bar is a cause, and the causes add up."


def show() -> None:
    """One bridge over the months in view, with the agreements behind a bar."""
    parts.keep("agreement", parts.query("agreement"))
    chosen = drill.opened("Bridges", _CAPTION, "bridges", span=True)
    if chosen is None:
        return
    titles = {name: one.title for name, one in BRIDGES.items()}
    if is_held(parts.view().snapshot):
        titles |= {name: one.title for name, one in DIFFERENCES.items()}
    name = st.segmented_control(
        "Bridge", list(titles), default=next(iter(titles)), format_func=lambda one: titles[one], key="bridge",
        bind="query-params", label_visibility="collapsed",
    ) or next(iter(titles))  # fmt: skip
    if name in DIFFERENCES:
        reasons.of_firm(chosen, name, "bridges")
        return
    shown = BRIDGES[name]
    months = (
        chosen.last if chosen.first == chosen.last or not shown.adds_up_months else f"{chosen.first} to {chosen.last}"
    )
    st.subheader(f"{shown.title}, {months}, in {chosen.money_in}", anchor=False, help=shown.help)
    bars = _bars(chosen, name, shown)
    if not any(bar.amount for bar in bars):
        parts.empty("Nothing to bridge in these months", "Choose other months, or another legal entity or currency.")
        return
    _residual(bars, shown, unexplained(parts.view().snapshot, chosen, name), chosen.money_in)
    if name == "rpo_to_backlog":
        _disclosure(chosen)
    charts.waterfall(bars, key=f"chart-{name}", currency=chosen.money_in, choice="bar")
    bar = charts.choose_bar("Agreements behind", bars, key="bar", currency=chosen.money_in, first=shown.end)
    found = bridge_agreements(parts.view().snapshot, chosen, name, bar)
    title = shown.named(bar)
    drill.agreements(
        found, chosen, "bridges", what=f"{title}, by agreement", kinds=shown.kinds, bar=title, bridge=shown.title
    )


def _bars(chosen: Scope, name: str, shown: Bridge) -> list[Bar]:
    """The bars in order; both ends are there even when they are zero."""
    found = {row["cause"]: row for row in bridge(parts.view().snapshot, chosen, name).iter_rows(named=True)}
    nothing = {"amount": Decimal(0), "agreements": 0}
    order = sorted({shown.start, shown.end, *found}, key=shown.place)
    return [
        Bar(
            cause,
            shown.named(cause),
            found.get(cause, nothing)["amount"],
            found.get(cause, nothing)["agreements"],
            is_level=cause in (shown.start, shown.end),
        )
        for cause in order
    ]


def _residual(bars: list[Bar], shown: Bridge, residual: Decimal, currency: str) -> None:
    """What no cause explains: it must be zero."""
    end = next(bar.amount for bar in bars if bar.key == shown.end)
    start = next(bar.amount for bar in bars if bar.key == shown.start)
    tiles = st.columns(4)
    tiles[0].metric(shown.named(shown.start), money(start, currency), border=True)
    tiles[1].metric("Causes", money(end - start, currency), border=True)
    tiles[2].metric(shown.named(shown.end), money(end, currency), border=True)
    tiles[3].metric(
        "Unexplained",
        money(residual, currency),
        border=True,
        help="What the causes of any agreement leave. It must be zero.",
    )
    if residual:
        st.error("The causes do not add up: see the identities on Balances.", icon=":material/error:")


def _disclosure(chosen: Scope) -> None:
    """What the revenue system discloses at the last revenue run, beside what policy has of the same lines."""
    snapshot = parts.view().snapshot
    found = None if scope.missing(snapshot, "rpo_disclosed") else disclosed(snapshot, chosen)
    if found is None:
        return
    system, policy = found["disclosed"], found["by_policy"]
    more = f"{money(abs(system - policy), chosen.money_in)} {'more' if system > policy else 'less'} than policy"
    text = f"{money(system, chosen.money_in)}, {'the same as by policy' if system == policy else more}"
    st.caption(f"RPO disclosed by the revenue system at the end of {found['period']}: {escaped(text)}.")
    if system != policy:
        parts.link_to("breaks", "Where it differs, line by line", check="K69")


PAGE = Page(
    title="Bridges",
    path="bridges",
    icon=":material/conversion_path:",
    order=7,
    show=show,
    shown=(
        Shown("billings", "Billings and revenue of the months in view, and the causes between them", "revenue.bridges"),
        Shown("rpo", "RPO and backlog, and what lies between them", "revenue.bridges"),
        Shown("revenue", "Revenue beside what was planned, delivered and billed, by cause", "revenue.explanations"),
    ),
)
