"""Balances: deferred, unbilled and receivable, what moved them, how old they are, and whether the books agree."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from app import charts, drill, parts
from app.between import between
from app.charts import Bar
from app.contract_costs import costs_of_agreements
from app.disclosures import for_the_notes
from app.format import escaped, label, money, plural, short_money
from app.page import Page, Shown
from app.revenue_data import Scope, contract_costs, releases, scope
from app.revenue_data.balances import (
    COMPARED,
    UNBILLED_AGES,
    UNBILLED_KINDS,
    ages_of_unbilled,
    compared,
    differing,
    identities,
)
from app.revenue_data.rolls import ROLLS, Roll, moved_agreements, moved_months, standing

__all__ = ["PAGE", "VIEWS", "identities_said"]

_CAPTION = "What agreements leave on the balance sheet, as the evidence says it should be, and beside the books."
_ROLLS = ("deferred", "unbilled", "receivable")
VIEWS = {
    **{name: ROLLS[name].title for name in _ROLLS}, "release": "Release of deferred", "age": "Age of unbilled",
    "books": "Beside the books", "between": "Between entities", "notes": "Notes",
    "costs": "Costs of agreements",
}  # fmt: skip
#: Bars of the release that are no month.
_RELEASED = {releases.LATER: "Later", releases.UNDATED: "No month"}
#: What moves each balance.
_KINDS = ("invoiced", "credited", "received", "worked", "accepted", "cost", "completed", "variable", "terminated")


def show() -> None:
    """Tiles, one of the views, and the agreements behind the bar chosen."""
    parts.keep("agreement", parts.query("agreement"))
    chosen = drill.opened("Balances", _CAPTION, "balances", "identities", span=True)
    if chosen is None:
        return
    _tiles(chosen)
    there = [name for name in VIEWS if name != "costs" or contract_costs.are_there(parts.view().snapshot, chosen)]
    name = st.segmented_control(
        "View", there, default=_ROLLS[0], format_func=lambda one: VIEWS[one], key="shown", bind="query-params",
        label_visibility="collapsed",
    ) or _ROLLS[0]  # fmt: skip
    if name in ROLLS:
        _roll(chosen, name, ROLLS[name])
    elif name == "release":
        _release(chosen)
    elif name == "age":
        _age(chosen)
    elif name == "between":
        between(chosen)
    elif name == "notes":
        for_the_notes(chosen)
    elif name == "costs":
        costs_of_agreements(chosen)
    else:
        _books(chosen)


def _tiles(chosen: Scope) -> None:
    """Each balance at the end of the last month, and what of it should make one look."""
    currency, snapshot = chosen.money_in, parts.view().snapshot
    tiles = st.columns(4)
    for tile, name in zip(tiles, _ROLLS, strict=False):
        found = standing(snapshot, chosen, ROLLS[name])
        tile.metric(
            f"{ROLLS[name].title}, end of {chosen.last}", short_money(found["amount"], currency), border=True,
            help=escaped(f"{money(found['amount'], currency)} on {plural(found['agreements'], 'agreement')}"),
        )  # fmt: skip
    stale = standing(snapshot, chosen, ROLLS["deferred"])["past_end"]
    tiles[3].metric(
        "Deferred past its end", short_money(stale, currency), border=True,
        help="Deferred revenue of agreements whose end has passed: release it, refund it, or extend the agreement.",
    )  # fmt: skip


def _roll(chosen: Scope, name: str, roll: Roll) -> None:
    snapshot = parts.view().snapshot
    st.subheader(f"{roll.title}, {chosen.first} to {chosen.last}, in {chosen.money_in}", anchor=False, help=roll.help)
    bars = drill.rolled(chosen, roll)
    charts.waterfall(bars, key=f"chart-{name}", currency=chosen.money_in, choice="bar")
    bar = charts.choose_bar("Agreements behind", bars, key="bar", currency=chosen.money_in, first="closing")
    with st.expander("Month by month"):
        months = moved_months(snapshot, chosen, roll)
        drill.months_of(months, roll, key=f"months-{name}", file=f"{name}-months")
    title = roll.named(bar)
    found = moved_agreements(snapshot, chosen, roll, bar)
    drill.agreements(
        found, chosen, "balances", what=f"{title}, by agreement", roll=roll, kinds=_KINDS, shown=VIEWS[name], bar=title
    )


def _release(chosen: Scope) -> None:
    """What is deferred by the month in which it is planned to be earned."""
    snapshot = parts.view().snapshot
    st.subheader(f"Deferred, end of {chosen.last}, by month of release, in {chosen.money_in}", anchor=False, help=(
        "When the balance is planned to be earned. Ratable services are planned over the days or months of their "
        "service, milestones at its end, other work evenly to its end; work charged by the hour releases what was "
        "billed ahead. No month: no plan reaches it, because its service has ended or nothing is left to earn."
    ))  # fmt: skip
    if scope.missing(snapshot, releases.TABLE):
        parts.empty("This run does not know when deferred revenue is earned", "Run `tieout run` and reload.")
        return
    bars = [
        Bar(row["bar"], _RELEASED.get(row["bar"], row["bar"]), row["amount"], row["agreements"])
        for row in releases.bars(snapshot, chosen).iter_rows(named=True)
    ]
    if not bars:
        parts.empty("Nothing is deferred", "No agreement is billed ahead of its revenue at the end of this month.")
        return
    charts.columns(bars, key="chart-release", currency=chosen.money_in, choice="release", warn=(releases.UNDATED,))
    whole = standing(snapshot, chosen, ROLLS["deferred"])["amount"]
    apart = {bar.key: bar.amount for bar in bars if bar.key in _RELEASED}
    within = whole - sum(apart.values())
    st.caption(escaped("; ".join((
        f"{money(whole, chosen.money_in)} in all: {money(within, chosen.money_in)} within twelve months",
        *(f"{_RELEASED[name].lower()} {money(amount, chosen.money_in)}" for name, amount in apart.items()),
    ))))  # fmt: skip
    with st.expander("Month by month"):
        months = releases.months(snapshot, chosen).select(
            month=pl.col("release_period").fill_null(_RELEASED[releases.UNDATED]), amount="amount",
            left=pl.lit(whole) - pl.col("amount").cum_sum(), agreements="agreements",
        )  # fmt: skip
        columns = {
            "month": st.column_config.TextColumn("Released in"),
            **drill.amount_columns(amount="Amount", left="Left after it"),
            "agreements": st.column_config.NumberColumn("Agreements"),
        }
        parts.table(months, columns, key="release-months")
        parts.downloads(months, "release-months", columns)
    bar = charts.choose_bar("Agreements behind", bars, key="release", currency=chosen.money_in)
    title = next(one.title for one in bars if one.key == bar)
    drill.agreements(
        releases.released_agreements(snapshot, chosen, bar), chosen, "balances", what=f"{title}, by agreement",
        roll=ROLLS["deferred"], kinds=_KINDS, shown=VIEWS["release"], release=title,
    )  # fmt: skip


def _age(chosen: Scope) -> None:
    """What is unbilled by the age of the work in it: what only time keeps from being paid, and what waits for more."""
    snapshot, currency = parts.view().snapshot, chosen.money_in
    st.subheader(f"Unbilled by days since the work, end of {chosen.last}, in {currency}", anchor=False, help=(
        "An unbilled receivable is a right to be paid that waits for nothing but time: charged work and expenses "
        "(ASC 606-10-45-4; IFRS 15.108). A contract asset waits for something else too, such as the next milestone "
        "(606-10-45-3; IFRS 15.107). The first earned counts as the first billed; work of the last month is 0-30 days "
        "old, that of the month before 31-60, and so on."
    ))  # fmt: skip
    aged = ages_of_unbilled(snapshot, chosen)
    bars = drill.aged_apart(aged, "age", UNBILLED_AGES, " days", UNBILLED_KINDS)
    if not bars:
        parts.empty("Nothing is unbilled", "All that was earned is billed at the end of this month.")
        return
    old = {f"{age}/{kind}" for age in UNBILLED_AGES[3:] for kind in UNBILLED_KINDS}
    charts.grouped(bars, key="chart-age", currency=currency, choice="age", warn=tuple(old))
    over = {
        title: sum((bar.amount for bar in bars if bar.series == title and bar.key in old), Decimal(0))
        for title in UNBILLED_KINDS.values()
    }
    st.caption(escaped("Over 90 days: " + "; ".join(
        f"{title.lower()} {money(amount, currency) if amount else 'none'}" for title, amount in over.items()
    )))  # fmt: skip
    bar = charts.choose_bar("Agreements behind", bars, key="age", currency=currency)
    title = next(one.title for one in bars if one.key == bar)
    age, kind = bar.split("/")
    found = scope.named(snapshot, aged.filter(pl.col("age") == age, pl.col("kind") == kind))
    drill.agreements(
        found, chosen, "balances", what=f"{title}, by agreement", roll=ROLLS["unbilled"], kinds=_KINDS,
        shown=VIEWS["age"], age=title,
    )  # fmt: skip


def _books(chosen: Scope) -> None:
    """Each balance as it should be beside the books, the agreements that differ, and every identity."""
    snapshot = parts.view().snapshot
    if not scope.is_kept(snapshot, chosen.book):
        parts.empty("There is nothing to hold this book against", "Choose a book that a ledger keeps.")
        return
    closed = scope.closed_upto(snapshot)
    at = chosen.of(last=min(chosen.last, closed))
    st.subheader(f"As it should be, and as booked, end of {at.last}, in {chosen.money_in}", anchor=False)
    if at.last != chosen.last:
        st.caption(f"{at.last} is the last month whose revenue run is done in the books.")
    found = compared(snapshot, at)
    number = st.column_config.NumberColumn
    parts.table(
        found.with_columns(balance=pl.col("balance").replace(dict(COMPARED))),
        {
            "balance": st.column_config.TextColumn("Balance", width="medium"),
            **drill.amount_columns(should_be="Should be", booked="Books", difference="Difference"),
            "agreements": number("Agreements that differ"),
        },
        key="compared",
    )
    off = found.filter(pl.col("agreements") > 0)["balance"].to_list()
    if off:
        name = st.selectbox(
            "Agreements that differ in", off, format_func=lambda one: COMPARED[one], key="balance", bind="query-params"
        )
        name = name if name in off else off[0]
        drill.agreements(
            differing(snapshot, at, name), at, "balances", what=f"{COMPARED[name]}, agreement by agreement",
            shown=VIEWS["books"], balance=COMPARED[name],
        )  # fmt: skip
    else:
        st.success("Books and evidence agree in every balance of every agreement.", icon=":material/check_circle:")
    _identities(at)


def _identities(at: Scope) -> None:
    tested = identities(parts.view().snapshot, at)
    with st.expander(identities_said(tested)):
        text, number = st.column_config.TextColumn, st.column_config.NumberColumn
        parts.table(
            tested.with_columns(of_what=pl.Series([label(one) for one in tested["of_what"]], dtype=pl.String)),
            {
                "identity": text("Identity", width="small"), "of_what": text("Of", width="small"),
                "statement": text("Says", width="large"), "tested": number("Tested"), "failed": number("Fails"),
                **drill.amount_columns(residual="By"), "currencies": text("In", width="small"),
            },
            key="identities",
        )  # fmt: skip


def identities_said(tested: pl.DataFrame) -> str:
    """How many identities there are, and which of the recomputed figures and of the books hold everywhere."""
    said = []
    for of_what, name in (("recomputed", "recomputed figures"), ("books", "the books")):
        own = tested.filter(pl.col("of_what") == of_what)
        failing = own.filter(pl.col("failed") > 0).height
        said.append(f"{failing} of {own.height} not true everywhere in {name}" if failing else f"all true in {name}")
    return f"{plural(tested.height, 'identity', 'identities')}: {', '.join(said)}"


PAGE = Page(
    title="Balances",
    path="balances",
    icon=":material/account_balance:",
    order=6,
    show=show,
    shown=(
        Shown("contract_liability", "Deferred revenue and what moved it", "revenue.movements"),
        Shown(
            "contract_liability_next_12",
            "Deferred revenue by the month it is planned to be earned in",
            "revenue.deferred_releases",
        ),
        Shown(
            "unbilled", "Unbilled receivables and contract assets, what moved them and their age", "revenue.movements"
        ),
        Shown("intercompany_receivable", "What legal entities owe each other for work", "revenue.intercompany"),
        Shown("intercompany_payable", "What legal entities owe each other for work", "revenue.intercompany"),
        Shown("receivable", "Billed receivables and what moved them", "revenue.movements"),
        Shown("revenue_from_deferred", "Revenue that was deferred at the beginning", "revenue.positions"),
        Shown("revenue_from_earlier_work", "Revenue from work of earlier months", "revenue.recognition"),
        Shown("refund_liability", "Balances as they should be beside the books", "revenue.balances"),
        Shown("contract_asset", "Balances as they should be beside the books", "revenue.balances"),
    ),
)
