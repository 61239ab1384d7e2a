"""Shared by Bridges and Revenue: why two figures differ, drawn and listed, down to the records behind each cause."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import streamlit as st

from app import charts, parts
from app.charts import Bar
from app.data import Row
from app.explain import source_row
from app.format import age, escaped, money, plural
from app.revenue_data import Scope, differences, obligations
from app.revenue_data.differences import CAUSES, DIFFERENCES, UNEXPLAINED
from app.revenue_data.scope import closed_upto

__all__ = ["compared", "of_agreement", "of_firm"]

PAGE_SIZE = 25
FIRST, SECOND = "first", "second"


def compared(chosen: Scope) -> Scope:
    """The months in view that the books can be compared in: up to the last one whose revenue run is done."""
    closed = closed_upto(parts.view().snapshot)
    return chosen.of(last=min(chosen.last, closed), first=min(chosen.first, closed)) if closed else chosen


def of_firm(chosen: Scope, name: str, page: str) -> None:
    """A difference over the months in view: tiles, waterfall, causes, agreements behind a bar, records behind them."""
    shown, scope, snapshot = DIFFERENCES[name], compared(chosen), parts.view().snapshot
    months = scope.last if scope.first == scope.last else f"{scope.first} to {scope.last}"
    st.subheader(f"{shown.title}, {months}, in {scope.money_in}", anchor=False, help=escaped(shown.help))
    if scope.last < chosen.last:
        st.caption(f"Up to {scope.last}, the last month whose revenue run is done in the books.")
    ends, causes = differences.ends(snapshot, scope, name), differences.causes(snapshot, scope, name)
    if causes.is_empty() and not ends["first_amount"] and not ends["second_amount"]:
        parts.empty("Nothing differs in these months", "Choose other months, or another legal entity or currency.")
        return
    _tiles(name, ends, causes, scope.money_in)
    bars = _bars(name, ends, causes)
    charts.waterfall(bars, key=f"chart-{name}", currency=scope.money_in, choice="bar")
    bar = charts.choose_bar("Agreements behind", bars, key="bar", currency=scope.money_in, first=_largest(bars))
    _causes(causes, scope.money_in, key=f"{page}-{name}-causes")
    title = _title(name, bar)
    agreement = _agreements(scope, name, bar, page, title)
    if bar not in (FIRST, SECOND):
        _records(scope, name, bar, title, agreement)


def of_agreement(chosen: Scope, agreement_id: str, currency: str) -> None:
    """The same of one agreement to date, in its currency; its records are a link away."""
    snapshot = parts.view().snapshot
    if not differences.is_held(snapshot):
        return
    scope = compared(chosen).of(currency=currency, legal_entity="")
    st.subheader("Why revenue is not what was expected", anchor=False, help=(
        "The whole agreement, all its lines, to date. The causes add up to the difference; what no cause carries is "
        "unexplained."
    ))  # fmt: skip
    name = st.segmented_control(
        "Compare", list(DIFFERENCES), default="planned", format_func=lambda one: DIFFERENCES[one].title, key="against",
        bind="query-params", label_visibility="collapsed",
    ) or "planned"  # fmt: skip
    ends = differences.ends(snapshot, scope, name, agreement=agreement_id)
    causes = differences.causes(snapshot, scope, name, agreement=agreement_id)
    shown = DIFFERENCES[name]
    if causes.is_empty():
        st.caption(escaped(
            f"{shown.first} and {shown.second.lower()} agree at the end of {scope.last}: "
            f"{money(ends['second_amount'], currency)}."
        ))  # fmt: skip
        return
    bars = _bars(name, ends, causes)
    charts.waterfall(bars, key="chart-reasons", currency=currency, choice="cause")
    bar = charts.choose_bar("Cause", bars, key="cause", currency=currency, first=_largest(bars))
    _causes(causes, currency, key="reasons-causes")
    parts.link_to(
        "bridges", f"The records behind {_title(name, bar).lower()}", bridge=shown.title, bar=_title(name, bar),
        agreement=agreement_id, **{"from": scope.first},
    )  # fmt: skip


def _title(name: str, bar: str) -> str:
    shown = DIFFERENCES[name]
    return {FIRST: shown.first, SECOND: shown.second}.get(bar) or CAUSES[bar].title


def _bars(name: str, ends: Row, causes: pl.DataFrame) -> list[Bar]:
    """From the first figure over its causes, which take away from it, to the second one."""
    between = [
        Bar(row["cause"], CAUSES[row["cause"]].title, -row["amount"], row["agreements"])
        for row in causes.iter_rows(named=True)
    ]
    return [
        Bar(FIRST, _title(name, FIRST), ends["first_amount"], is_level=True),
        *between,
        Bar(SECOND, _title(name, SECOND), ends["second_amount"], is_level=True),
    ]


def _largest(bars: list[Bar]) -> str:
    """The cause with the most in it; the first figure where there is no cause."""
    between = [bar for bar in bars if not bar.is_level]
    return max(between, key=lambda bar: abs(bar.amount)).key if between else FIRST


def _tiles(name: str, ends: Row, causes: pl.DataFrame, currency: str) -> None:
    shown, explained = DIFFERENCES[name], sum(causes["amount"], Decimal(0))
    difference = ends["first_amount"] - ends["second_amount"]
    unexplained = sum(causes.filter(pl.col("cause") == UNEXPLAINED)["amount"], Decimal(0)) + difference - explained
    tiles = st.columns(4)
    tiles[0].metric(shown.first, money(ends["first_amount"], currency), border=True)
    tiles[1].metric(shown.second, money(ends["second_amount"], currency), border=True)
    tiles[2].metric("Difference", money(difference, currency), border=True)
    tiles[3].metric(
        "Unexplained", money(unexplained, currency), border=True,
        help="What no cause carries and no break names. It must be zero.",
    )  # fmt: skip
    if unexplained:
        st.error("Some of the difference has no cause: see Unexplained below.", icon=":material/error:")


def _causes(causes: pl.DataFrame, currency: str, *, key: str) -> None:
    """Each cause with what it takes away, whose work it is, how many records are behind it and how old they are."""
    st.caption("Each cause with its part of the difference: what is positive here is a step down in the chart.")
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    named = causes.with_columns(
        title=pl.col("cause").replace_strict({cause: one.title for cause, one in CAUSES.items()}),
        meaning=pl.col("cause").replace_strict({cause: one.meaning for cause, one in CAUSES.items()}),
        age=pl.Series([age(days) for days in causes["age_days"]], dtype=pl.String),
    )
    columns = {
        "title": text("Cause", width=170), "amount": number(f"Amount ({currency})", format="accounting"),
        "owner": text("Queue", width=130), "records": number("Records", width="small"),
        "oldest_on": st.column_config.DateColumn("Oldest", format="D MMM YYYY"), "age": text("Age", width="small"),
        "meaning": text("Meaning", width="large"),
    }  # fmt: skip
    parts.table(named, columns, key=key, height="content")
    parts.downloads(named, "causes", columns)


def _agreements(scope: Scope, name: str, bar: str, page: str, title: str) -> str:
    """The agreements behind a bar; the one chosen in the table or by the address."""
    snapshot, shown = parts.view().snapshot, DIFFERENCES[name]
    found = differences.cause_agreements(snapshot, scope, name, bar)
    st.subheader(escaped(f"{title}, by agreement"), anchor=False)
    if found.is_empty():
        st.caption("No agreement is behind this bar.")
        return ""
    total = money(sum(found["amount"], Decimal(0)), scope.money_in)
    st.caption(escaped(f"{plural(found.height, 'agreement')}, {total}. Choose a row for its records alone."))
    offset = parts.pager(found.height, PAGE_SIZE, key=f"{page}-{name}-agreements-page")
    part = found.slice(offset, PAGE_SIZE)
    text = st.column_config.TextColumn
    columns = {
        "agreement_number": text("SOW", width=95), "customer_name": text("Customer", width="medium"),
        "legal_entity_code": text("Entity", width=55), "currency": text("Cur.", width="small"),
        "amount": st.column_config.NumberColumn(f"Amount ({scope.money_in})", format="accounting"),
    }  # fmt: skip
    row = parts.table(
        part, columns, key=f"{page}-agreements-{hash((scope, name, bar, offset))}", select=True,
        height=min(38 + 35 * part.height, 400),
    )  # fmt: skip
    parts.downloads(found, f"{page}-agreements", columns)
    asked = parts.query("agreement")
    if row is not None and part["agreement_id"][row] != asked:
        parts.keep("agreement", part["agreement_id"][row])
        st.rerun()
    if not asked:
        return ""
    numbers = dict(found.select("agreement_id", "agreement_number").iter_rows())
    with st.container(horizontal=True):
        parts.link_to("revenue", "Its obligations", search=numbers.get(asked) or asked)
        parts.link_to("breaks", "Its breaks", agreement=asked)
        parts.link_to(page, "All agreements", icon=":material/close:", bridge=shown.title, bar=title)
    if asked not in numbers:
        st.info("The agreement chosen before has no part in this bar.", icon=":material/info:")
    return asked


def _records(scope: Scope, name: str, cause: str, title: str, agreement: str) -> None:
    """The records behind a cause, and one of them as its system exported it."""
    view = parts.view()
    found = differences.records(view.snapshot, scope, name, cause, agreement=agreement)
    whose = "" if not agreement else " of the agreement chosen"
    st.subheader(escaped(f"Records behind {title.lower()}{whose}"), anchor=False)
    if found.is_empty():
        st.caption("No record stands behind it in these months.")
        return
    st.caption("The largest first, each with what it adds to its cause, in its own currency. Choose a row to see it.")
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns = {
        "agreement_number": text("SOW", width=95), "obligation_key": text("Obligation", width=115),
        "about": text("What", width="medium"),
        "happened_on": st.column_config.DateColumn("Day", format="D MMM YYYY"),
        "age_days": number("Days", width="small"), "amount": number("Amount", format="accounting"),
        "currency": text("Cur.", width="small"), "hours": number("Hours", format="%.2f", width="small"),
        "connection": text("System"), "object": text("Object"), "source_id": text("Record"),
    }  # fmt: skip
    row = parts.table(
        found, columns, key=f"records-{hash((scope, name, cause, agreement))}", select=True,
        height=min(38 + 35 * found.height, 330),
    )  # fmt: skip
    parts.downloads(found, "records", columns)
    _source(found.row(row or 0, named=True))


def _source(record: Row) -> None:
    """A record as it was exported; a sum by the entries of its month."""
    view = parts.view()
    if record["row_id"] is not None:
        parts.source(source_row(view.project, view.snapshot, record["row_id"]))
        return
    if record["obligation_key"]:
        parts.link_to(
            "revenue", f"{record['obligation_key']}, month by month", agreement=record["agreement_id"],
            obligation=record["obligation_key"], month=record["period"],
        )  # fmt: skip
    if "time_entry" not in (record["object"] or ""):
        return
    sums = {"standing": None, "is_adjustment": None, "project_id": None}
    entries = obligations.entries(view.snapshot, record | sums)
    if entries.is_empty():
        return
    st.caption(f"Entries of {record['obligation_key']} that count in {record['period']}, the first as it was exported.")
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    row = parts.table(
        entries,
        {
            "happened_on": st.column_config.DateColumn("Done", format="D MMM YYYY"), "what": text("What"),
            "hours": number("Hours", format="%.2f"), "amount": number("Value", format="accounting"),
            "currency": text("Cur.", width="small"), "source_id": text("Record"),
        },
        key=f"record-entries-{record['source_id']}",
        select=True,
        height=min(38 + 35 * entries.height, 260),
    )  # fmt: skip
    parts.source(source_row(view.project, view.snapshot, entries["row_id"][row or 0]))
