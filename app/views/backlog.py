"""Backlog: what moved it, what it is made of, how old it is, and the agreements behind each bar."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from app import charts, drill, parts
from app.charts import Bar
from app.data import Row
from app.format import escaped, label, money, plain, plural, short_money
from app.page import Page, Shown
from app.revenue_data import Scope, scope
from app.revenue_data.backlog import (
    AGES,
    HORIZONS,
    LATER,
    PLAN,
    QUALITIES,
    UNSCHEDULED,
    ages_of_backlog,
    is_funding_stated,
    labels,
    planned_agreements,
    planned_bars,
    qualities,
    quality_agreements,
)
from app.revenue_data.estimates import ESTIMATES, MARGINS, margin_bars, margin_lines
from app.revenue_data.obligations import METHODS
from app.revenue_data.rolls import ROLLS, moved_agreements, moved_months, standing

__all__ = ["PAGE", "VIEWS"]

_CAPTION = (
    "Signed and not yet earned, as the evidence says it should be; what each system holds of it is on Today. What is "
    "disclosed is RPO: Bridges leads from one to the other."
)
_ROLL = ROLLS["backlog"]
_MOVEMENTS = "movements"
VIEWS = {
    _MOVEMENTS: "What moved it",
    "plan": "Plan by month",
    "completion": "Margin at completion",
    "quality": "Quality",
    "age": "Age since signature",
    "end": "Time to its end",
}


def show() -> None:
    """Tiles, one of six views, and the agreements behind the bar chosen."""
    parts.keep("agreement", parts.query("agreement"))
    chosen = drill.opened("Backlog", _CAPTION, span=True)
    if chosen is None:
        return
    made_of = qualities(parts.view().snapshot, chosen)
    _tiles(chosen, made_of)
    name = st.segmented_control(
        "View", list(VIEWS), default=_MOVEMENTS, format_func=lambda one: VIEWS[one], key="shown", bind="query-params",
        label_visibility="collapsed",
    ) or _MOVEMENTS  # fmt: skip
    if name == _MOVEMENTS:
        _movements(chosen)
    elif name == "plan":
        _plan(chosen)
    elif name == "completion":
        _completion(chosen)
    elif name == "quality":
        _quality(chosen, made_of)
    else:
        _ages(chosen, name)


def _tiles(chosen: Scope, made_of: Row) -> None:
    currency = chosen.money_in
    tiles = st.columns(5)
    backlog = money(made_of["backlog"], currency)
    tiles[0].metric("Backlog", short_money(made_of["backlog"], currency), border=True,
                    help=escaped(f"{backlog} at the end of {chosen.last}"))  # fmt: skip
    tiles[1].metric("RPO", short_money(made_of["rpo"], currency), border=True,
                    help=escaped(f"{money(made_of['rpo'], currency)}, less the exemptions taken"))  # fmt: skip
    soon = made_of["next_12"] + made_of["next_24"]
    tiles[2].metric("RPO in 12 months", _share(made_of["next_12"], made_of["rpo"]), border=True,
                    help=escaped(money(made_of["next_12"], currency)))  # fmt: skip
    tiles[3].metric("RPO in 24 months", _share(soon, made_of["rpo"]), border=True,
                    help=escaped(money(soon, currency)))  # fmt: skip
    past = standing(parts.view().snapshot, chosen, _ROLL)["past_end"]
    tiles[4].metric("Past its end", short_money(past, currency), border=True,
                    help="Backlog of agreements whose end has passed: extend them, or de-book it.")  # fmt: skip


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{plain(100 * part / whole, 1)}%" if whole else "none"


def _movements(chosen: Scope) -> None:
    st.subheader(f"What moved it, {chosen.first} to {chosen.last}, in {chosen.money_in}", anchor=False, help=_ROLL.help)
    bars = drill.rolled(chosen, _ROLL)
    charts.waterfall(bars, key="chart-backlog", currency=chosen.money_in, choice="bar")
    bar = charts.choose_bar("Agreements behind", bars, key="bar", currency=chosen.money_in, first="closing")
    with st.expander("Month by month"):
        drill.months_of(moved_months(parts.view().snapshot, chosen, _ROLL), _ROLL, key="backlog-months")
    _labels(chosen)
    title = _ROLL.named(bar)
    found = moved_agreements(parts.view().snapshot, chosen, _ROLL, bar)
    drill.agreements(found, chosen, "backlog", what=f"{title}, by agreement", roll=_ROLL, kinds=_KINDS, bar=title)


def _labels(chosen: Scope) -> None:
    """What signatures moved, as the CRM labels it; nothing where no version moved anything."""
    snapshot = parts.view().snapshot
    if scope.missing(snapshot, "backlog_causes"):
        return
    found = labels(snapshot, chosen)
    if found.is_empty():
        return
    wrong, whole = found.filter(~pl.col("is_explained"))["versions"].sum(), found["versions"].sum()
    with st.expander("As the CRM labels it" + (f" ({wrong} of {whole} versions otherwise)" if wrong else "")):
        parts.table(
            found.with_columns(
                cause_of_version=pl.Series([label(one) for one in found["cause_of_version"]], dtype=pl.String)
            ),
            {
                "cause_of_version": st.column_config.TextColumn("Cause"),
                "movement_label": st.column_config.TextColumn("Label in the CRM"),
                "is_explained": st.column_config.CheckboxColumn("Says it", width="small"),
                "versions": st.column_config.NumberColumn("Versions", width="small"),
                **drill.amount_columns(amount=f"Moved, {chosen.money_in}"),
            },
            key="backlog-labels",
        )
        if wrong:
            parts.link_to("breaks", "Labels that are missing or say otherwise", check="K68")


#: What moves a backlog.
_KINDS = (
    "signed", "worked", "accepted", "scheduled", "estimate", "variable", "funded", "completed", "terminated",
    "credited",
)  # fmt: skip


def _plan(chosen: Scope) -> None:
    """What is planned by month, and what is contracted without a plan."""
    snapshot = parts.view().snapshot
    if scope.missing(snapshot, PLAN):
        parts.empty("This run has no plan by month", "Run Tieout again: tieout run.")
        return
    st.subheader(f"When it is planned to be earned, in {chosen.money_in}", anchor=False, help=(
        "Work by the hour and fixed fees by the bookings of the delivery tool, an hour at what an hour of its line is "
        "worth; everything else by the dates of its milestones and services. Unscheduled is contracted without a plan."
    ))  # fmt: skip
    st.caption("The plan as it stands now, whichever months are chosen: no system keeps an earlier one.")
    titles = {LATER: "Later", UNSCHEDULED: "Unscheduled"}
    bars = [
        Bar(row["bar"], titles.get(row["bar"], row["bar"]), row["amount"], row["agreements"])
        for row in planned_bars(snapshot, chosen).iter_rows(named=True)
    ]
    if not bars:
        parts.empty("There is no backlog", "Choose another legal entity or currency.")
        return
    charts.columns(bars, key="chart-plan", currency=chosen.money_in, choice="planned", warn=(UNSCHEDULED,))
    name = charts.choose_bar("Agreements behind", bars, key="planned", currency=chosen.money_in)
    title = next(bar.title for bar in bars if bar.key == name)
    drill.agreements(
        planned_agreements(snapshot, chosen, name), chosen, "backlog", what=f"{title}, by agreement", roll=_ROLL,
        kinds=_KINDS, shown=VIEWS["plan"], planned=title,
    )  # fmt: skip


def _completion(chosen: Scope) -> None:
    """What the price of work under way leaves over its cost at completion, line by line."""
    snapshot = parts.view().snapshot
    if scope.missing(snapshot, ESTIMATES):
        parts.empty("This run has no estimates at completion", "Run Tieout again: tieout run.")
        return
    st.subheader(f"What work under way will leave, in {chosen.money_in}", anchor=False, help=(
        "Price less cost at completion, of lines by the hour and at a fixed fee whose service has not ended. Cost at "
        "completion: the hours so far, and those estimated or booked beyond them, at what an hour has cost so far. "
        "Expenses and materials are not in it."
    ))  # fmt: skip
    st.caption("The estimates as they stand now, whichever months are chosen: no system keeps an earlier one.")
    bars = [
        Bar(row["band"], MARGINS[row["band"]], row["amount"], row["agreements"])
        for row in margin_bars(snapshot, chosen).iter_rows(named=True)
    ]
    if not bars:
        parts.empty("No work under way has an estimate of its cost", "Choose another legal entity or currency.")
        return
    charts.columns(bars, key="chart-completion", currency=chosen.money_in, choice="margin", warn=("loss",))
    band = charts.choose_bar("Lines behind", bars, key="margin", currency=chosen.money_in)
    found = margin_lines(snapshot, chosen, band)
    st.subheader(f"{MARGINS[band]}, by line", anchor=False)
    st.caption(escaped(f"{plural(found.height, 'line')}, {money(sum(found['amount'], Decimal(0)), chosen.money_in)}."))
    offset = parts.pager(found.height, drill.PAGE_SIZE, key="completion-page")
    part = found.slice(offset, drill.PAGE_SIZE)
    text = st.column_config.TextColumn
    columns = {
        "agreement_line_key": text("Line"),
        "customer_name": text("Customer", width=130),
        "method": text("Priced"),
        **drill.amount_columns(
            price_amount="Price", cost_to_date="Cost so far", cost_to_complete="Cost to go",
            completion_cost="Cost at completion", amount=f"Margin ({chosen.money_in})",
        ),
        "complete": st.column_config.NumberColumn("Done", format="%.0f%%", width="small", help="By cost"),
    }  # fmt: skip
    priced = METHODS | {"as_charged": "T&M", "fixed_fee": "Fixed fee", "ratable": "Ratable"}
    row = parts.table(
        part.with_columns(pl.col("method").replace(priced)), columns, key=f"completion-{hash((chosen, band, offset))}",
        select=True, height=min(38 + 35 * part.height, 400),
    )  # fmt: skip
    parts.downloads(found, "backlog-completion", columns)
    line = part.row(row or 0, named=True)
    number = line["agreement_number"] or line["agreement_id"]
    with st.container(horizontal=True):
        parts.link_to("revenue", f"Obligations of {number}", search=number)
        parts.link_to("breaks", "Its breaks", agreement=line["agreement_id"])
        parts.link_to("breaks", "All estimates that need a look", check="K45")


def _quality(chosen: Scope, made_of: Row) -> None:
    st.subheader(f"What it is made of, end of {chosen.last}, in {chosen.money_in}", anchor=False, help=(
        "Funded: the customer has released money for it. Scheduled: it has a plan by month. RPO by when it is expected "
        "to be recognised."
    ))  # fmt: skip
    held = is_funding_stated(parts.view().snapshot, chosen)
    if not held:
        st.caption("No system states what customers have funded, so funded and unfunded are not shown.")
    bars = [
        Bar(name, title, made_of[name])
        for name, (title, _) in QUALITIES.items()
        if held or name not in ("funded", "unfunded")
    ]
    charts.columns(
        bars, key="chart-quality", currency=chosen.money_in, choice="quality", warn=("unfunded", "unscheduled")
    )
    name = charts.choose_bar("Agreements behind", bars, key="quality", currency=chosen.money_in, first=_largest(bars))
    title = QUALITIES[name][0]
    found = quality_agreements(parts.view().snapshot, chosen, name)
    drill.agreements(
        found, chosen, "backlog", what=f"{title}, by agreement", roll=_ROLL, kinds=_KINDS, shown=VIEWS["quality"],
        quality=title,
    )  # fmt: skip


def _largest(bars: list[Bar]) -> str:
    return max(bars, key=lambda bar: bar.amount).key


def _ages(chosen: Scope, name: str) -> None:
    """By how long ago it was signed, or by how far the end of the agreement is."""
    column, order, warn, unit = (
        ("age", AGES, ("over 365",), " days")
        if name == "age"
        else ("horizon", HORIZONS, ("over 90 days past its end", "past its end"), "")
    )
    st.subheader(f"{VIEWS[name]}, end of {chosen.last}, in {chosen.money_in}", anchor=False)
    snapshot = parts.view().snapshot
    aged = ages_of_backlog(snapshot, chosen)
    bars = drill.aged(aged, column, order, unit)
    if not bars:
        parts.empty("There is no backlog", "Choose another month, legal entity or currency.")
        return
    charts.columns(bars, key=f"chart-{name}", currency=chosen.money_in, choice=column, warn=warn)
    bucket = charts.choose_bar("Agreements behind", bars, key=column, currency=chosen.money_in)
    title = next(bar.title for bar in bars if bar.key == bucket)
    found = scope.named(snapshot, aged.filter(pl.col(column) == bucket))
    drill.agreements(
        found, chosen, "backlog", what=f"{title}, by agreement", roll=_ROLL, kinds=_KINDS, shown=VIEWS[name],
        **{column: title},
    )  # fmt: skip


PAGE = Page(
    title="Backlog",
    path="backlog",
    icon=":material/stacked_bar_chart:",
    order=8,
    show=show,
    shown=(
        Shown(
            "backlog", "Backlog and what moved it: new, upsell, reduction, cancellation, revenue", "revenue.movements"
        ),
        Shown("backlog_funded", "Funded and unfunded backlog", "revenue.positions"),
        Shown("margin_at_completion", "What work under way leaves over its cost", "revenue.line_estimates"),
        Shown("backlog_scheduled", "Scheduled and unscheduled backlog, by month", "revenue.scheduled_backlog"),
        Shown("rpo", "RPO by time band", "revenue.positions"),
        Shown("crpo", "RPO of the next twelve months", "revenue.positions"),
    ),
)
