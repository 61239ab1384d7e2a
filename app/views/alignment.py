"""Alignment: each agreement as sold, delivered, billed, recognised and paid, down to the rows the systems exported."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from app import charts, parts
from app.data import BreakFilter
from app.explain import source_row
from app.figures import FIGURES, Figure
from app.format import day, escaped, money, plural, short_money, signed
from app.format import label as spelt
from app.held import held_by_agreement
from app.page import Page, Shown
from contracts.breaks import LIVE

__all__ = ["PAGE"]

PAGE_SIZE = 50
#: Figures of the firm that are made of what was sold.
_SOLD = {"contracted": "sold", "backlog": "sold"}
MEASURES = ("sold", "delivered", "billed", "recognised", "cash", "deferred", "unbilled")


def show() -> None:
    """The list of agreements, or one when the address names it."""
    agreement_id = parts.query("agreement")
    parts.keep("agreement", agreement_id)
    if agreement_id:
        show_agreement(agreement_id)
    else:
        show_list()


# --- all agreements ----------------------------------------------------------------------------------------------


def show_list() -> None:
    """Agreements side by side; those whose figures differ most lead."""
    view = parts.view()
    parts.heading(
        "Alignment", "Each agreement as sold, delivered, billed, recognised and paid up to now, in its own currency."
    )
    left, right = st.columns([3, 2])
    search = left.text_input(
        "Search", placeholder="SOW number, name or customer", key="agreement_search", bind="query-params"
    )
    known = {"": None, **{figure.measure: figure for figure in FIGURES}}
    asked = parts.query("measure")
    measure = right.selectbox(
        "Side by side", list(known), index=list(known).index(asked) if asked in known else 0,
        format_func=lambda name: spelt(name) or "All figures, from the role that owns each", key=f"measure-{asked}",
    )  # fmt: skip
    parts.keep("measure", measure)
    figure = known[measure]
    if figure is None:
        found, columns = view.snapshot.agreements(search or "", view.legal_entity, view.currency), _columns()
    else:
        found, columns = _held(figure, search or "")
    if found.is_empty():
        parts.empty("No agreement fits this filter", "Widen the search, or choose another legal entity or currency.")
        return
    if figure is not None:
        _sums(figure, found)
    offset = parts.pager(found.height, PAGE_SIZE, key="agreements-page")
    page = found.slice(offset, PAGE_SIZE)
    row = parts.table(page, columns, key=f"agreements-{measure}-{search}-{offset}", select=True, height=560)
    if row is not None and page["agreement_id"][row]:
        st.query_params["agreement"] = page["agreement_id"][row]
        st.rerun()
    st.caption(f"{plural(found.height, 'agreement')}. Choose a row to open it, or one of the first:")
    with st.container(horizontal=True):
        for first in page.drop_nulls("agreement_id").head(8).iter_rows(named=True):
            parts.link_to(
                "alignment",
                first["agreement_number"] or first["agreement_id"],
                agreement=first["agreement_id"],
                measure=measure,
                role=parts.query("role"),
            )
    parts.downloads(found, "agreements", columns)


def _held(figure: Figure, search: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """One figure as each role holds it of each agreement, those that differ most first; and the columns to show."""
    view = parts.view()
    period = view.period or f"{view.run['as_of']:%Y-%m}"
    found = held_by_agreement(view.snapshot, figure, figure.roles_at(past=view.is_past), period)
    if not found.is_empty():
        found = matching(found, search, view.legal_entity, view.currency)
    text = st.column_config.TextColumn
    names = view.snapshot.role_names()
    amounts = {
        role: st.column_config.NumberColumn(f"{role} {view.system(names.get(role))}", format="accounting")
        for role in figure.sources
    }
    return found, {
        "agreement_number": text("SOW", width=95), "customer_name": text("Customer", width=170),
        "legal_entity_code": text("Entity", width=55), "currency": text("Cur.", width=45),
        "difference": st.column_config.NumberColumn("Difference", format="accounting"), **amounts,
        "breaks": st.column_config.NumberColumn("Breaks", width="small"), "state": text("State", width=60),
    }  # fmt: skip


def matching(found: pl.DataFrame, search: str, legal_entity: str, currency: str) -> pl.DataFrame:
    """The agreements of a legal entity and a currency that a text finds; an empty choice is every one."""
    known = pl.concat_str("agreement_number", "agreement_name", "customer_name", separator=" ", ignore_nulls=True)
    wanted = known.str.to_lowercase().str.contains(search.strip().lower(), literal=True)
    if legal_entity:
        wanted &= pl.col("legal_entity_code") == legal_entity
    if currency:
        wanted &= pl.col("currency") == currency
    return found.filter(wanted)


def _sums(figure: Figure, found: pl.DataFrame) -> None:
    """What the listed agreements come to in each role, which is the number on Today, and how many differ."""
    view = parts.view()
    differing = found.filter(pl.col("difference") != 0).height
    said = [f"{figure.meaning}, up to {view.period or 'now'}, each agreement in its own currency."]
    if differing:
        said.append(f"Roles differ in {plural(differing, 'agreement')}, which lead.")
        silent = found.filter((pl.col("difference") != 0) & (pl.col("breaks") == 0)).height
        if silent:
            said.append(
                f"On {silent:,} of them no break stands: there they differ by what each role holds, as the help of "
                "the figure on Today says."
            )
    asked = parts.query("role")
    if asked in found.columns:
        sums = found.group_by("currency").agg(pl.col(asked).sum()).sort("currency")
        amounts = " and ".join(money(row[asked], row["currency"]) for row in sums.iter_rows(named=True))
        said.append(f"In {asked} they come to {amounts}.")
    st.caption(escaped(" ".join(said)))
    firm_only = [role for role in figure.roles_at(past=view.is_past) if role not in found.columns]
    if firm_only:
        st.caption(f"{', '.join(firm_only)} holds it for the firm only, not by agreement.")
    if figure.measure == "delivered" and view.is_past:
        st.caption("Here work counts in its own month; on Today in the month finance received it.")


def _columns() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "agreement_number": text("SOW", width=95),
        "customer_name": text("Customer", width=170),
        "identity_difference_amount": number(
            "Identity off by",
            format="accounting",
            help="Billed, recognised and balances must add up: those that do not lead, then those with the most breaks",
        ),
        "breaks": number("Breaks", width=55),
        "legal_entity_code": text("Entity", width=55),
        "state": text("State", width=60),
        "currency": text("Cur.", width=45),
        "sold_amount": number("Sold", format="accounting"),
        "delivered_amount": number("Delivered", format="accounting"),
        "billed_amount": number("Billed", format="accounting"),
        "recognised_amount": number("Recognised", format="accounting"),
        "cash_amount": number("Cash", format="accounting"),
        "backlog_amount": number("Backlog", format="accounting"),
        "contract_liability_amount": number("Deferred", format="accounting"),
        "unbilled_amount": number("Unbilled", format="accounting"),
    }


# --- one agreement -----------------------------------------------------------------------------------------------


def show_agreement(agreement_id: str) -> None:
    """Figures, the core identity, months, what each role says, and the rows behind it."""
    view = parts.view()
    parts.link_to("alignment", "All agreements", icon=":material/arrow_back:", measure=parts.query("measure"))
    found = view.snapshot.agreement(agreement_id)
    if found is None:
        parts.empty(f"No agreement {agreement_id} in this run", "Search for its SOW number in Alignment.")
        return
    currency = found["currency"]
    parts.heading(
        f"{found['agreement_number']} · {found['customer_name'] or 'customer unknown'}",
        f"{spelt(found['billing_type'])} · {spelt(found['state']).lower()} · "
        f"{found['legal_entity_code'] or 'no entity'} · "
        f"{day(found['start_on'])} to {day(found['end_on'])} · version {found['signed_version_no'] or 'none'}",
    )
    tiles = st.columns(6)
    for tile, (title, column) in zip(
        tiles,
        (("Sold", "sold_amount"), ("Delivered", "delivered_amount"), ("Billed", "billed_amount"),
         ("Recognised", "recognised_amount"), ("Cash", "cash_amount"), ("Backlog", "backlog_amount")),
        strict=True,
    ):  # fmt: skip
        tile.metric(title, short_money(found[column], currency), border=True, help=money(found[column], currency))
    parts.identity({name: found[f"{name}_amount"] for name in parts.POSITIONS}, currency)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _months(agreement_id, currency)
    with right:
        _breaks(agreement_id)
    _roles(agreement_id, currency)


def _months(agreement_id: str, currency: str) -> None:
    st.subheader("By month, cumulative", anchor=False)
    months = parts.view().snapshot.agreement_months(agreement_id)
    if months.is_empty():
        st.caption("Nothing was billed, recognised or paid yet.")
        return
    shown = months.with_columns(
        text=pl.Series([money(amount, currency) for amount in months["amount"]], dtype=pl.String),
        Figure=pl.col("measure").str.to_titlecase(),
        height=pl.col("amount").cast(pl.Float64),  # a step has a height; its number is the text
    )
    chart = (
        alt.Chart(shown)
        .mark_line(interpolate="step-after", point=True, strokeWidth=2)
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("height:Q", title=currency, axis=charts.amount_axis()),
            color=alt.Color(
                "Figure:N",
                scale=charts.figure_colours(shown["Figure"].unique().sort().to_list()),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=[alt.Tooltip("period:O", title="Month"), "Figure:N", alt.Tooltip("text:N", title="Amount")],
        )
        .properties(height=260)
    )
    st.altair_chart(chart, width="stretch")


def _breaks(agreement_id: str) -> None:
    st.subheader("Breaks", anchor=False)
    view = parts.view()
    chosen = BreakFilter(agreement=agreement_id, status=LIVE)
    breaks = view.snapshot.breaks(chosen, limit=8)
    if breaks.is_empty():
        st.caption("No break stands on this agreement.")
        return
    for row in breaks.iter_rows(named=True):
        parts.link_to(
            "breaks",
            escaped(f"{row['check_id']} · {signed(row['variance'], row['currency'])} · {row['title']}"),
            **{"break": row["break_id"]},
        )
    total = view.snapshot.break_totals(chosen)["breaks"]
    if total > breaks.height:
        parts.link_to("breaks", f"All {total:,} breaks", icon=":material/list:", agreement=agreement_id)


def _roles(agreement_id: str, currency: str) -> None:
    """What each role says of each figure; choose one to see its records, and one record to see its source row."""
    st.subheader("What each system says", anchor=False)
    view = parts.view()
    said = view.snapshot.agreement_by_role(agreement_id)
    if said.is_empty():
        st.caption("No system holds a figure of this agreement.")
        return
    order = {name: index for index, name in enumerate(MEASURES)}
    options = sorted(
        ((row["measure"], row["role"]) for row in said.iter_rows(named=True)),
        key=lambda pair: (order[pair[0]], pair[1]),
    )
    facts = {(row["measure"], row["role"]): row for row in said.iter_rows(named=True)}

    def label(pair: tuple[str, str]) -> str:
        row = facts[pair]
        amount, records = money(row["amount"], currency), plural(row["records"], "record")
        return f"{spelt(pair[0])} · {pair[1]} {view.system(row['connection'])} · {amount} · {records}"

    asked = parts.query("measure")
    wanted = (_SOLD.get(asked, asked), parts.query("role"))
    measure, role = st.selectbox(
        "Figure", options, index=options.index(wanted) if wanted in options else 0, format_func=label, key="figure"
    )
    records = view.snapshot.evidence(agreement_id, measure, role)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    chosen = parts.table(
        records,
        {
            "connection": text("System"), "object": text("Object"), "source_id": text("Record"),
            "label": text("What", width="medium"), "period": text("Period", width="small"),
            "amount": number("Amount", format="accounting"), "currency": text("Cur.", width="small"),
        },
        key=f"evidence-{measure}-{role}",
        select=True,
    )  # fmt: skip
    total = facts[measure, role]["records"]
    if total > records.height:
        st.caption(f"The first {records.height:,} of {total:,} records. `tieout export` writes them all.")
    with_row = [index for index, row_id in enumerate(records["row_id"]) if row_id is not None]
    if not with_row:
        st.caption("These records have no row of their own in an export.")
        return
    start = chosen if chosen in with_row else with_row[0]
    picked = st.selectbox(
        "Source row of",
        with_row,
        index=with_row.index(start),
        format_func=lambda index: f"{records['object'][index]} {records['source_id'][index]}",
        key=f"source-{measure}-{role}-{start}",
    )
    parts.source(source_row(view.project, view.snapshot, records["row_id"][picked]))


PAGE = Page(
    title="Alignment",
    path="alignment",
    icon=":material/align_horizontal_left:",
    order=2,
    show=show,
    shown=(
        Shown("tcv", "Sold, as each role holds it", "marts.agreement_position"),
        Shown("delivered", "Delivered, of an agreement", "marts.agreement_position"),
        Shown("billings", "Billed, of an agreement", "marts.agreement_position"),
        Shown("revenue", "Recognised, of an agreement", "marts.agreement_position"),
        Shown("cash", "Paid, of an agreement", "marts.agreement_position"),
        Shown("backlog", "Backlog of an agreement", "marts.agreement_position"),
        Shown("unbilled", "Unbilled, with the core identity", "marts.agreement_position"),
        Shown("contract_liability", "Deferred, with the core identity", "marts.agreement_position"),
        Shown("tcv", "Every claim behind a figure of an agreement", "marts.agreement_evidence"),
    ),
)
