"""Revenue: what should be recognised for each promise, month by month, and the rule and the rows that say so."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import streamlit as st

from app import charts, drill, parts, reasons, treatments
from app.data import Row
from app.format import day, escaped, label, money, plain, plural, short_money, signed
from app.page import Page, Shown
from app.revenue_data import Scope, obligations
from app.revenue_data.obligations import METHODS, SHOWN
from app.revenue_data.scope import closed_upto

__all__ = ["PAGE"]

PAGE_SIZE = 50
_TABLES = ("line_balances", "balances", "decisions", "allocations", "accruals", "problems")
_CAPTION = (
    "What each promise of each agreement should earn, recomputed from signed terms and delivery evidence, beside what "
    "the books recognised."
)


def show() -> None:
    """The list of obligations, or one when the address names it."""
    agreement_id, key = parts.query("agreement"), parts.query("obligation")
    if not (agreement_id and key):
        chosen = drill.opened("Revenue", _CAPTION, *_TABLES, span=False)
        if chosen:
            show_list(chosen)
        return
    parts.keep("agreement", agreement_id)
    parts.keep("obligation", key)
    parts.link_to("revenue", "All obligations", icon=":material/arrow_back:")
    chosen = drill.opened(key, "", *_TABLES, span=False)
    if chosen:
        show_obligation(chosen, agreement_id, key)


# --- all obligations ---------------------------------------------------------------------------------------------


def show_list(chosen: Scope) -> None:
    """Filters, totals, the list with the greatest differences first, and evidence that cannot be used."""
    view = parts.view()
    closed = closed_upto(view.snapshot)
    compared = chosen.of(last=min(chosen.last, closed)) if closed else chosen
    st.caption(
        f"Compared at the end of {compared.last}, the last month "
        + ("in view." if compared.last == chosen.last else "whose revenue run is done in the books.")
    )
    columns = st.columns([3, 2, 2])
    search = columns[0].text_input(
        "Search", placeholder="SOW number, obligation or customer", key="search", bind="query-params"
    )
    with columns[1]:
        method = parts.choose("Method", list(METHODS), key="method", spelt=lambda name: METHODS[name])
    with columns[2]:
        shown = parts.choose("Difference", list(SHOWN), key="difference", spelt=label)
    found = obligations.obligations(view.snapshot, compared, search or "", method, shown)
    _problems(compared)
    if found.is_empty():
        parts.empty("No obligation fits this filter", "Widen the search, or choose another legal entity or currency.")
        return
    _totals(found)
    offset = parts.pager(found.height, PAGE_SIZE, key="obligations-page")
    page = found.slice(offset, PAGE_SIZE)
    row = parts.table(
        page.with_columns(method=pl.col("method").replace(METHODS)),
        _columns(),
        key=f"obligations-{hash((compared, search, method, shown, offset))}",
        select=True,
        height=min(38 + 35 * page.height, 560),
    )
    if row is not None:
        st.query_params["agreement"] = page["agreement_id"][row]
        st.query_params["obligation"] = page["obligation_key"][row]
        st.rerun()
    st.caption(f"{plural(found.height, 'obligation')}. Choose a row to open it, or one of the first:")
    with st.container(horizontal=True):
        for first in page.head(6).iter_rows(named=True):
            parts.link_to(
                "revenue",
                first["obligation_key"],
                agreement=first["agreement_id"],
                obligation=first["obligation_key"],
            )
    parts.downloads(found.with_columns(method=pl.col("method").replace(METHODS)), "obligations", _columns())


def _totals(found: pl.DataFrame) -> None:
    """How many, how many differ, and by how much in each currency."""
    off = found.filter(pl.col("difference") != 0)
    tiles = st.columns([1, 1, 1, 2])
    tiles[0].metric("Obligations", f"{found.height:,}", border=True)
    tiles[1].metric("Differ from the books", f"{off.height:,}", border=True)
    suspended = found.filter(pl.col("status") == "suspended").height
    tiles[2].metric(
        "Suspended", f"{suspended:,}", border=True,
        help="Evidence is missing or contradicts itself: nothing is computed until it is put right.",
    )  # fmt: skip
    by_currency = off.group_by("currency").agg(pl.col("difference").abs().sum()).sort("currency")
    amounts = [money(row["difference"], row["currency"]) for row in by_currency.iter_rows(named=True)]
    with tiles[3].container(border=True):
        st.caption("Differences, whatever their direction")
        st.markdown("**" + escaped(" · ".join(amounts) or "none") + "**")


def _columns() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "obligation_key": text("Obligation", width=115),
        "obligation_name": text("What", width=150),
        "method": text("Method", width=125),
        "status": text("State", width=75),
        "currency": text("Cur.", width=45),
        **drill.amount_columns(should_be="Should be", booked="Books", difference="Difference"),
        "progress": number("Done", format="%d%%", width=50),
        **drill.amount_columns(price_amount="Price", catch_up_amount="Catch-ups"),
        "customer_name": text("Customer", width=150),
        "legal_entity_code": text("Entity", width=55),
    }


def _problems(chosen: Scope, agreement_id: str = "", key: str = "") -> None:
    """Evidence that cannot be used: what it is, and what to do."""
    view = parts.view()
    found = obligations.problems(view.snapshot, chosen, agreement_id, key)
    if found.is_empty():
        return
    text = st.column_config.TextColumn
    title = f"{plural(found.height, 'problem')} in the evidence: what is wrong, and what to do"
    with st.expander(title, icon=":material/report:", expanded=bool(key)):
        parts.table(
            found,
            {
                "agreement_number": text("SOW", width=95), "obligation_key": text("Obligation", width=120),
                "period": text("Month", width="small"), "message": text("What is wrong", width="large"),
                "advice": text("What to do", width="large"), "at_fault": text("System", width="small"),
                **drill.amount_columns(amount="Amount"), "currency": text("Cur.", width="small"),
            },
            key=f"problems-{key}",
        )  # fmt: skip


# --- one obligation ----------------------------------------------------------------------------------------------


def show_obligation(chosen: Scope, agreement_id: str, key: str) -> None:
    """Its terms, its months, the rule and the rows of one month, its history and its problems."""
    view = parts.view()
    found = obligations.obligation(view.snapshot, chosen, agreement_id, key)
    if found is None:
        parts.empty(f"No obligation {key} in this run", "Search for its SOW number in Revenue.")
        return
    currency = found["currency"]
    st.caption(
        f"**{escaped(found['obligation_name'])}** · {found['agreement_number']} · "
        f"{found['customer_name'] or 'customer unknown'} · {found['legal_entity_code'] or 'no entity'} · "
        f"{METHODS.get(found['method'] or '', 'no method')} · {day(found['start_on'])} to {day(found['end_on'])} · "
        f"{label(found['status']).lower()}"
    )
    with st.container(horizontal=True):
        parts.link_to("alignment", "The agreement, system by system", agreement=agreement_id)
        parts.link_to("breaks", "Its breaks", agreement=agreement_id)
        parts.link_to("balances", "Its balances", agreement=agreement_id)
    _problems(chosen, agreement_id, key)
    months = obligations.months(view.snapshot, chosen, agreement_id, key, found["method"] or "")
    if months.is_empty():
        parts.empty(
            "Nothing has happened yet", "It was signed, and no work, invoice or revenue counts up to this month."
        )
    else:
        _tiles(found, months)
        _timeline(months, currency)
        _month(chosen, found, months)
        reasons.of_agreement(chosen, agreement_id, currency)
    treatments.history(chosen, found)
    _price(chosen, found)


def _tiles(found: Row, months: pl.DataFrame) -> None:
    currency, last = found["currency"], months.row(-1, named=True)
    booked = months.drop_nulls("booked_to_date")
    at = booked.row(-1, named=True) if booked.height else None
    tiles = st.columns(6)
    figures = (
        ("Price", found["allocated_amount"] if found["allocated_amount"] is not None else last["price_amount"]),
        ("Delivered", last["delivered_to_date"]), ("Billed", last["billed_to_date"]),
        ("Should be", last["should_be_to_date"]), ("Books", at["booked_to_date"] if at else None),
    )  # fmt: skip
    for tile, (title, amount) in zip(tiles, figures, strict=False):
        tile.metric(
            title, short_money(amount, currency) or "not available", border=True,
            help=escaped(money(amount, currency)) or None,
        )  # fmt: skip
    difference = at["difference_to_date"] if at else None
    tiles[5].metric(
        "Difference", short_money(difference, currency) or "not available", border=True,
        help=escaped(f"{signed(difference, currency)}: what should be recognised less what the books have, "
                           f"at the end of {at['period'] if at else 'no month'}"),
    )  # fmt: skip


def _timeline(months: pl.DataFrame, currency: str) -> None:
    st.subheader("Month by month, to date", anchor=False, help=(
        "Delivered is the value of accepted or chargeable work; where hours or days earn the price, approved time at "
        "its rates in the month of the work. Click on a point to see what is behind its month."
    ))  # fmt: skip
    lines = [
        ("delivered_to_date", "Delivered"), ("billed_to_date", "Billed"), ("booked_to_date", "Books"),
        ("should_be_to_date", "Should be"),
    ]  # fmt: skip
    charts.timeline(months, lines, key="timeline", currency=currency, choice="month")
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    latest_first = months.sort("period", descending=True)
    columns = {
        "period": text("Month", width="small"), "hours": number("Hours", format="%.2f", width="small"),
        **drill.amount_columns(
            delivered="Delivered", billed="Billed", booked="Books", should_be="Should be",
            difference="Difference", difference_to_date="Difference to date",
        ),
        "catch_up_amount": number("of it catch-up", format="accounting"),
        "should_be_to_date": number("Should be to date", format="accounting"),
    }  # fmt: skip
    parts.table(latest_first, columns, key="obligation-months", height=min(38 + 35 * months.height, 330))
    parts.downloads(latest_first, "obligation-months", columns)


def _month(chosen: Scope, found: Row, months: pl.DataFrame) -> None:
    """One month: the sum that gives its revenue, the rule and the policy, and the rows it rests on."""
    st.subheader("What is behind a month", anchor=False)
    known = months["period"].to_list()
    moved = months.filter((pl.col("should_be") != 0) | (pl.col("booked") != 0) | (pl.col("billed") != 0))["period"]
    start = known[::-1].index(moved[-1]) if moved.len() else 0
    picked = st.selectbox("Month", known[::-1], index=start, key="month", bind="query-params") or known[-1]
    row = months.row(known.index(picked), named=True)
    currency = found["currency"]
    with st.container(border=True):
        st.markdown(escaped(_sum(row, currency, months.row(known.index(picked) - 1, named=True)
                                       if picked != known[0] else None)))  # fmt: skip
        facts = {
            "Rule": row["rule"], "Policy": row["policy"], "Counted to date": _counted(row["evidence"]),
            "Catch-up in it": signed(row["catch_up_amount"], currency) if row["catch_up_amount"] else "",
            "From earlier months' work": signed(row["prior_period_amount"], currency)
            if row["prior_period_amount"] else "",
            "Provision for losses to date": money(row["provision_amount"], currency)
            if row["provision_amount"] else "",
        }  # fmt: skip
        st.markdown(escaped("  \n".join(f"**{name}**: {value}" for name, value in facts.items() if value)))
    view = parts.view()
    own = chosen.of(first=picked, last=picked)
    rows = obligations.evidence(view.snapshot, own, found["agreement_id"], key=found["obligation_key"])
    drill.evidence(rows, key=f"month-{picked}", lead=("worked", "accepted", "cost", "estimate"))


def _sum(row: Row, currency: str, before: Row | None) -> str:
    """The arithmetic of a month, as a person would write it."""
    if row["price_amount"] is None:
        return "Nothing is computed for this month."
    earlier = before["should_be_to_date"] if before else row["should_be_to_date"] - row["should_be"]
    to_date = money(row["should_be_to_date"], currency)
    less = f"{to_date} to date − {money(earlier, currency)} before = **{money(row['should_be'], currency)}**"
    if row["done"] is None or not row["total"]:
        return less
    share = f"{plain(row['done'])} of {plain(row['total'])} done"
    return f"{share}, of a price of {money(row['price_amount'], currency)}: {less}"


def _counted(evidence: str | None) -> str:
    """What a month rests on, from the note the recomputation left."""
    try:
        noted = json.loads(evidence or "{}")
    except ValueError:
        return evidence or ""
    if not isinstance(noted, dict):
        return str(noted)
    return ", ".join(f"{label(str(name)).lower()} {value}" for name, value in noted.items() if value)


def _price(chosen: Scope, found: Row) -> None:
    """The price each version gave to the obligation, and what is accrued for work not yet approved."""
    view = parts.view()
    key, currency = found["obligation_key"], found["currency"]
    prices = obligations.allocations(view.snapshot, chosen, found["agreement_id"], key)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    if prices.height:
        st.subheader(f"Price by version, in {currency}", anchor=False)
        parts.table(
            prices.with_columns(method=pl.Series([label(one) for one in prices["method"]], dtype=pl.String)).rename(
                {"rule": "stated_by"}  # a rule is a code elsewhere, and read as one
            ),
            {
                "version_no": number("Version", width="small"),
                "effective_on": st.column_config.DateColumn("From", format="D MMM YYYY"),
                **drill.amount_columns(ssp_amount="Stand-alone price", price_amount="Allocated"),
                "method": text("Allocated by"), "stated_by": text("Rule", width="large"),
            },
            key="obligation-prices",
        )  # fmt: skip
    accrued = obligations.accruals(view.snapshot, chosen, found["agreement_id"], key)
    if accrued.height:
        st.subheader("Accrued for work not yet approved", anchor=False)
        parts.table(
            accrued,
            {
                "period": text("Month"), "hours": number("Hours", format="%.2f"),
                **drill.amount_columns(amount="Accrued"), "currency": text("Cur."),
                "reverses_in": text("Reverses in"),
            },
            key="obligation-accruals",
        )  # fmt: skip


PAGE = Page(
    title="Revenue",
    path="revenue",
    icon=":material/trending_up:",
    order=5,
    show=show,
    shown=(
        Shown("revenue", "Revenue of each obligation and month beside the books", "revenue.line_balances"),
        Shown("delivered", "Value delivered, by obligation and month", "revenue.evidence"),
        Shown("billings", "Invoiced less credited, by obligation and month", "revenue.evidence"),
        Shown("revenue", "Revenue as the evidence supports it, with rule and policy", "revenue.recognition"),
    ),
)
