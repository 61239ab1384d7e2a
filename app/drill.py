"""Shared by the pages on revenue and balances: what is looked at, and the way from a bar to its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import polars as pl
import streamlit as st

from app import parts
from app.charts import Bar
from app.data import Row
from app.explain import source_row
from app.format import escaped, label, money, plural, sentence
from app.revenue_data import Scope, obligations, scope
from app.revenue_data.balances import position
from app.revenue_data.rolls import CLOSING, OPENING, Roll, moved, moved_months, unexplained

__all__ = ["aged", "agreements", "amount_columns", "evidence", "months_of", "opened", "rolled"]

PAGE_SIZE = 25
#: What a page on balances reads; an older snapshot has none of it.
TABLES = ("positions", "movements", "evidence", "obligations", "recognition")


def opened(title: str, caption: str, *tables: str, span: bool) -> Scope | None:
    """The heading and the selectors of a page; None, and a word about why, where the run holds nothing to show.

    With a span the page looks at months from to; the last one is the period of the sidebar.
    """
    view = parts.view()
    parts.heading(title, caption)
    absent = scope.missing(view.snapshot, *TABLES, *tables)
    if absent:
        parts.empty(
            "This run has no recomputed revenue",
            "It was published before revenue was recomputed from the evidence. Choose a newer run in the sidebar, "
            "or run `tieout run` and reload.",
        )
        return None
    months = [period for period in scope.periods(view.snapshot) if not view.period or period <= view.period]
    if not months:
        parts.empty(
            "Nothing was recomputed yet" if not view.period else f"Nothing was recomputed up to {view.period}",
            "No agreement had been signed by then. Choose a later period, or look at Breaks for evidence set aside.",
        )
        return None
    known = scope.books(view.snapshot)
    book = known[0]
    last, begin = months[0], max(months[-1], f"{months[0][:4]}-01")
    columns = st.columns([5, 4, 9]) if span or len(known) > 1 else []
    if span:
        with columns[0]:
            begin = parts.choose("From", months, key="from", every=f"{begin}, the year's start") or begin
    if len(known) > 1:
        with columns[1 if span else 0]:
            book = st.selectbox("Book", known, format_func=label, key="book", bind="query-params") or known[0]
    chosen = Scope(book, view.legal_entity, view.currency, view.base_currency, begin if span else months[-1], last)
    if book != known[0] and not scope.is_kept(view.snapshot, book):
        st.info(
            f"No ledger keeps the book {label(book)}: everything is shown as it should be, beside nothing booked.",
            icon=":material/menu_book:",
        )
    rateless = scope.rateless(view.snapshot, chosen)
    if rateless:
        st.warning(
            f"No exchange rate to {view.base_currency} for {', '.join(rateless)}: amounts in it are in no sum here. "
            "Choose the currency in the sidebar to see them, and load its rates.",
            icon=":material/currency_exchange:",
        )
    return chosen


def amount_columns(**names: str) -> dict[str, object]:
    """Columns of amounts, by name and heading."""
    return {name: st.column_config.NumberColumn(title, format="accounting") for name, title in names.items()}


def rolled(chosen: Scope, roll: Roll) -> list[Bar]:
    """The bars of a roll-forward; an error above them when they do not end at what the positions say."""
    snapshot = parts.view().snapshot
    bars = [
        Bar(
            row["cause"], roll.named(row["cause"]), row["amount"], row["agreements"], row["cause"] in (OPENING, CLOSING)
        )
        for row in moved(snapshot, chosen, roll).iter_rows(named=True)
    ]
    residual = unexplained(snapshot, chosen, roll)
    said = f"Unexplained: {money(residual, chosen.money_in)}"
    if residual:
        st.error(
            escaped(f"{said}. The movements do not end at the balance: see its identities."), icon=":material/error:"
        )
    else:
        st.caption(escaped(f"{said}: opening and causes add up to closing in every agreement."))
    return bars


def aged(frame: pl.DataFrame, column: str, order: Sequence[str], unit: str = "") -> list[Bar]:
    """The bars of ages that hold something, in their order."""
    sums = {
        row[column]: row
        for row in frame.group_by(column)
        .agg(pl.col("amount").sum(), pl.col("agreement_id").n_unique().alias("agreements"))
        .iter_rows(named=True)
    }
    return [
        Bar(name, sentence(name) + (unit if name[-1].isdigit() else ""), sums[name]["amount"], sums[name]["agreements"])
        for name in order
        if name in sums
    ]


def aged_apart(
    frame: pl.DataFrame, column: str, order: Sequence[str], unit: str, kinds: Mapping[str, str]
) -> list[Bar]:
    """The bars of ages as `aged`, each kind of amount apart: a group of bars for an age."""
    of_kinds = {kind: {bar.key: bar for bar in aged(frame.filter(kind=kind), column, order, unit)} for kind in kinds}
    return [
        replace(bar, key=f"{age}/{kind}", title=f"{bar.title}: {title.lower()}", group=bar.title, series=title)
        for age in order
        for kind, title in kinds.items()
        if (bar := of_kinds[kind].get(age)) is not None
    ]


# --- agreements --------------------------------------------------------------------------------------------------


def agreements(found: pl.DataFrame, chosen: Scope, page: str, *, what: str, roll: Roll | None = None,
               kinds: tuple[str, ...] = (), **address: str) -> None:  # fmt: skip
    """The agreements behind a bar; one of them, chosen in the table or by the address, with its rows.

    `address` says which bar this is, so that a link to an agreement opens below the same bar.
    """
    st.subheader(escaped(what), anchor=False)
    if found.is_empty():
        st.caption("No agreement is behind this bar.")
        return
    total = (
        f", {money(sum(found['amount'].drop_nulls(), Decimal(0)), chosen.money_in)}"
        if "amount" in found.columns
        else ""
    )
    st.caption(escaped(f"{plural(found.height, 'agreement')}{total}. Choose a row to see what it is made of."))
    offset = parts.pager(found.height, PAGE_SIZE, key=f"{page}-agreements-page")
    part = found.slice(offset, PAGE_SIZE)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    heading = f"Amount ({chosen.money_in})"
    columns = {
        "agreement_number": text("SOW", width=95), "customer_name": text("Customer", width="medium"),
        "legal_entity_code": text("Entity", width=55), "billing_type": text("Type", width=110),
        "start_on": st.column_config.DateColumn("Start", format="D MMM YYYY"),
        "end_on": st.column_config.DateColumn("End", format="D MMM YYYY"),
        "currency": text("Cur.", width="small"), "amount": number(heading, format="accounting"),
        **amount_columns(should_be="Should be", booked="Books", difference="Difference"),
    }  # fmt: skip
    row = parts.table(
        part, columns, key=f"{page}-agreements-{hash((chosen, what, offset))}", select=True,
        height=min(38 + 35 * part.height, 400),
    )  # fmt: skip
    parts.downloads(found, f"{page}-agreements", columns)
    asked = parts.query("agreement")
    if row is not None and part["agreement_id"][row] != asked:
        parts.keep("agreement", part["agreement_id"][row])
        st.rerun()
    if not asked:
        with st.container(horizontal=True):
            for first in part.head(6).iter_rows(named=True):
                parts.link_to(
                    page,
                    first["agreement_number"] or first["agreement_id"],
                    agreement=first["agreement_id"],
                    **address,
                )
        return
    if asked not in found["agreement_id"]:
        st.info("The agreement below has no part in this bar.", icon=":material/info:")
    _agreement(asked, chosen, page, roll, kinds, address)


def _agreement(
    agreement_id: str, chosen: Scope, page: str, roll: Roll | None, kinds: tuple[str, ...], address: dict[str, str]
) -> None:
    """One agreement: its balance month by month, what happened, and the rows."""
    view = parts.view()
    found = position(view.snapshot, chosen, agreement_id)
    st.divider()
    if found is None:
        parts.empty(f"No agreement {agreement_id} in this run", "Choose another in the table above.")
        return
    number = found["agreement_number"] or agreement_id
    st.subheader(f"{number} · {found['customer_name'] or 'customer unknown'}", anchor=False)
    with st.container(horizontal=True):
        parts.link_to("revenue", "Its obligations", search=number)
        parts.link_to("alignment", "Its alignment", agreement=agreement_id)
        parts.link_to("breaks", "Its breaks", agreement=agreement_id)
        parts.link_to(page, "Close", icon=":material/close:", **address)
    parts.identity(found, found["currency"])
    if roll is not None:
        st.caption(f"{roll.title} by month, in {found['currency']}")
        own = chosen.of(currency=found["currency"], legal_entity="")
        months_of(moved_months(view.snapshot, own, roll, agreement_id), roll, key=f"{page}-months-one")
    rows = obligations.evidence(view.snapshot, chosen, agreement_id, kinds=kinds)
    said = f"What happened from {chosen.first} to {chosen.last}."
    if rows.is_empty():
        said = f"Nothing happened from {chosen.first} to {chosen.last}. What happened before:"
        rows = obligations.evidence(view.snapshot, chosen.of(first=""), agreement_id, kinds=kinds)
    st.caption(f"{said} Choose a row to see it as its system exported it.")
    evidence(rows, key=f"{page}-evidence")


def months_of(frame: pl.DataFrame, roll: Roll, *, key: str, file: str = "") -> None:
    """A roll-forward as a table: one row per month, one column per cause; with the name of a file, to download."""
    if frame.is_empty():
        st.caption("Nothing moved in these months.")
        return
    names = [OPENING, *(name for name in frame.columns if name not in ("period", OPENING, CLOSING)), CLOSING]
    columns = {
        "period": st.column_config.TextColumn("Month", width="small"),
        **amount_columns(**{name: roll.named(name) for name in names}),
    }
    parts.table(frame, columns, key=key)
    if file:
        parts.downloads(frame, file, columns)


# --- rows --------------------------------------------------------------------------------------------------------


def evidence(rows: pl.DataFrame, *, key: str, lead: tuple[str, ...] = ()) -> None:
    """What happened, one row per event; the chosen one as its system exported it, a sum with the entries it sums.

    Before one is chosen, the first of the kinds that `lead` is shown, else the first that is one row of a system.
    """
    if rows.is_empty():
        st.caption("Nothing happened in these months.")
        return
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    shown = rows.with_columns(
        kind=pl.col("kind").replace(_KINDS),
        about=pl.concat_str("about", "standing", separator=", ", ignore_nulls=True),
    )
    chosen = parts.table(
        shown,
        {
            "happened_on": st.column_config.DateColumn("Date", format="D MMM YYYY"),
            "period": text("Counts in", width="small"), "kind": text("What"),
            "obligation_key": text("Obligation"), "about": text("About", width="medium"),
            "amount": number("Amount", format="accounting"), "currency": text("Cur.", width="small"),
            "quantity": number("Quantity", format="%.2f"), "unit": text("Unit", width="small"),
            "connection": text("System"), "object": text("Object"), "source_id": text("Record"),
            "records": number("Records", width="small"),
        },
        key=f"{key}-rows",
        select=True,
        height=min(38 + 35 * rows.height, 330),
    )  # fmt: skip
    with_row = [index for index, row_id in enumerate(rows["row_id"]) if row_id is not None]
    leading = [index for index, kind in enumerate(rows["kind"]) if kind in lead]
    start = chosen if chosen is not None else next(iter([*leading, *with_row]), 0)
    place = st.selectbox(
        "Source of",
        range(rows.height),
        index=start,
        format_func=lambda index: _event(shown.row(index, named=True)),
        key=f"{key}-source-{start}",
    )
    event = rows.row(place or 0, named=True)
    view = parts.view()
    if event["row_id"] is not None:
        parts.source(source_row(view.project, view.snapshot, event["row_id"]))
    elif event["kind"] in ("worked", "scheduled") and event["obligation_key"]:
        _entries(event, key)
    else:
        st.caption(f"A sum of {plural(event['records'] or 0, 'record')} of {event['object']} {event['source_id']}.")


#: Kinds of evidence as they are said.
_KINDS = {
    "signed": "Signed", "worked": "Worked", "cost": "Cost", "estimate": "Estimate", "accepted": "Accepted",
    "variable": "Variable", "invoiced": "Invoiced", "credited": "Credited", "received": "Received", "funded": "Funded",
    "completed": "Completed", "terminated": "Terminated", "rate": "Rate", "scheduled": "Scheduled",
    "ssp": "Stand-alone selling price", "method": "By what it is earned",
    "right_to_consideration": "Whether an invoice can be cancelled",
    "contract_cost": "Cost of the agreement", "impaired": "Impaired",
}  # fmt: skip


def _event(row: Row) -> str:
    about = " ".join(str(row[name]) for name in ("period", "kind", "about", "obligation_key") if row[name])
    return f"{about} · {money(row['amount'], row['currency'])}" if row["amount"] else about


def _entries(event: Row, key: str) -> None:
    """The entries of a month, or the bookings, that a sum is made of, and one of them as it was exported."""
    view = parts.view()
    entries = obligations.entries(view.snapshot, event)
    said = f"This is the sum of {plural(event['records'] or 0, 'record')} that count in {event['period']}"
    planned = event["kind"] == "scheduled"
    if planned:
        said = "This is what the bookings of the project from that day on are worth on this line"
    elif "expense" in event["object"]:
        said += ". Below, what was paid in that month, and before and approved in it"
    elif event["standing"] == "submitted":
        said += ": done in that month, and not approved when it ended"
    else:
        said += ": what finance received before its cut-off, whenever it was done"
    st.caption(f"{said}.")
    if entries.is_empty():
        return
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    chosen = parts.table(
        entries,
        {
            "happened_on": st.column_config.DateColumn("From" if planned else "Done", format="D MMM YYYY"),
            "received_on": st.column_config.DateColumn("To" if planned else "Received", format="D MMM YYYY"),
            "what": text("What"), "hours": number("Hours", format="%.2f"),
            "amount": number("Value", format="accounting"),
            "currency": text("Cur.", width="small"), "state": text("State", width="small"),
            "connection": text("System"), "object": text("Object"), "source_id": text("Record"),
        },
        key=f"{key}-entries-{event['source_id']}-{event['standing']}",
        select=True,
        height=min(38 + 35 * entries.height, 260),
    )  # fmt: skip
    parts.source(source_row(view.project, view.snapshot, entries["row_id"][chosen or 0]))
