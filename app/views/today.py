"""Today: what each system says of backlog, billing and revenue, whether they tie out, and what to look at first."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from app import charts, decide, parts
from app.data import ActionFilter, BreakFilter
from app.figures import FIGURES, NOT_HELD, NOW_ONLY, ROLES, Figure
from app.format import day, escaped, label, money, plural, short_money
from app.page import Page, Shown
from contracts.breaks import STANDING

__all__ = ["PAGE"]

#: Shown as lines over the months.
CHARTED = ("backlog", "billed", "recognised", "deferred", "unbilled")
_HELP = (
    "One column per role; a click on a number leads to the agreements and records behind it. Which object and field "
    "gives each number is said at the name of each figure, and in docs/figures.md."
)


def show() -> None:
    """The whole page."""
    view = parts.view()
    parts.heading("Today", f"{view.project.firm}, as of {day(view.run.get('as_of'))}")
    held, not_run = _figures(), _not_run()
    _verdict(not_run.height, is_even=not any(_difference(values) for _, values in held))
    _positions(held)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _chart()
    with right:
        _causes()
    _changes()
    _coverage(not_run)
    _proofs()


def _verdict(silent: int, *, is_even: bool) -> None:
    """Does it tie out: the unexplained difference, what is explained, and what waits for a decision.

    `silent` checks did not run. Figures side by side may differ without a break, by what each role holds: `is_even`
    says that none does.
    """
    view = parts.view()
    proof = view.snapshot.unexplained()
    standing = view.snapshot.break_totals(_standing())
    timing = view.snapshot.break_totals(
        BreakFilter(status=("timing",), legal_entity=view.legal_entity, currency=view.currency, upto=view.period)
    )
    asked = ActionFilter(status=("proposed",), legal_entity=view.legal_entity, currency=view.currency)
    waiting = decide.with_decisions(view).action_totals(asked)["corrections"]
    tiles = st.columns(4)
    tiles[0].metric(
        "Unexplained difference",
        ", ".join(money(left["amount"], left["currency"]) for left in proof["residuals"])
        or money(Decimal(0), view.base_currency),
        border=True,
        help="What is left of every variance after its breaks, tolerances and exclusions, in each currency. It must be "
        "zero.",
    )
    tiles[1].metric(
        "Money in breaks",
        short_money(standing["impact"], view.base_currency),
        border=True,
        help=escaped(f"{money(standing['impact'], view.base_currency)}, once per cause"),
    )
    tiles[2].metric("Breaks", f"{standing['breaks']:,}", border=True)
    tiles[3].metric(
        "Waiting for approval",
        f"{waiting:,}",
        border=True,
        help="Corrections nobody has decided on yet, of this entity and currency where one is chosen",
    )
    if proof["failed"]:
        st.error(
            f"{plural(proof['failed'], 'proof')} of {proof['proofs']} do not hold: see Proofs below.",
            icon=":material/error:",
        )
        return
    late = f"; {timing['breaks']:,} more only late" if timing["breaks"] else ""
    apart = f" {plural(silent, 'check')} did not run and said nothing: see Not available below." if silent else ""
    if standing["breaks"]:
        st.info(
            f"All {proof['proofs']} proofs hold: {plural(standing['breaks'], 'break')} of "
            f"{plural(standing['causes'], 'cause')} explain every difference{late}.{apart}",
            icon=":material/balance:",
        )
        return
    narrowed = view.legal_entity or view.currency or view.period
    said = "No break stands in what is chosen, and all" if narrowed else "Everything ties out: no break, and all"
    by_definition = (
        "" if is_even else " What differs below does so by what each role holds: see the help of its figure."
    )
    tell = st.warning if silent else st.success
    tell(f"{said} {proof['proofs']} proofs hold{late}.{apart}{by_definition}", icon=":material/check_circle:")


def _standing() -> BreakFilter:
    view = parts.view()
    return BreakFilter(status=STANDING, legal_entity=view.legal_entity, currency=view.currency, upto=view.period)


# --- what each role holds ----------------------------------------------------------------------------------------


#: Each figure with what the roles that can say so hold of it; None where it is not available.
Held = list[tuple[Figure, dict[str, Decimal | None]]]


def _figures() -> Held:
    view = parts.view()
    found = view.snapshot.positions(view.period, view.legal_entity, view.currency, view.base_currency)
    amounts = {(row["measure"], row["role"]): row["amount"] for row in found.iter_rows(named=True)}
    return [
        (figure, {role: _held(amounts, figure.measure, role) for role in figure.roles_at(past=view.is_past)})
        for figure in FIGURES
    ]


def _difference(values: dict[str, Decimal | None]) -> Decimal | None:
    """The greatest difference between the roles that hold a figure; None where fewer than two do."""
    known = [value for value in values.values() if value is not None]
    return max(known) - min(known) if len(known) > 1 else None


def _positions(held: Held) -> None:
    """The figures side by side. Each number leads to the agreements and records behind it."""
    view = parts.view()
    currency = view.currency or view.base_currency
    upto = f"at the end of {view.period}" if view.period else "up to now"
    st.subheader(f"Side by side, in {currency}, {upto}", anchor=False, help=_HELP)
    names = view.snapshot.role_names()
    with st.container(border=True, key="positions"):
        head = st.columns([2, *[2] * len(ROLES), 2], vertical_alignment="bottom")
        head[0].caption("Figure")
        for column, role in zip(head[1:], ROLES, strict=False):
            played = ", ".join(view.system(name) for name in names.get(role, "").split(", "))
            column.caption(f"**{role}** {played}")
        head[-1].caption("Greatest difference")
        for figure, values in held:
            _figure_row(figure, values, currency)


def _held(figures: dict[tuple[str, str], Decimal | None], measure: str, role: str) -> Decimal | None:
    """A held figure; what was delivered is what the PSA holds as approved work at its value."""
    return figures.get(("recognised" if measure == "delivered" else measure, role))


def _figure_row(figure: Figure, values: dict[str, Decimal | None], currency: str) -> None:
    measure = figure.measure
    row = st.columns([2, *[2] * len(ROLES), 2], vertical_alignment="center")
    row[0].markdown(f"**{figure.title}**", help=figure.help())
    for column, role in zip(row[1:], ROLES, strict=False):
        value = values.get(role)
        with column:
            if value is None:
                st.caption("not available" if role in values else NOW_ONLY if role in figure.sources else NOT_HELD)
            else:
                parts.number_link(
                    money(value, currency), "alignment", key=f"{measure}-{role}", measure=measure, role=role
                )
    difference = _difference(values)
    if difference is None:
        row[-1].caption("not available" if set(values.values()) <= {None} else "one holder")
        return
    with row[-1]:
        if difference:
            parts.number_link(f"**{money(difference, currency)}**", "alignment", key=f"{measure}-off", measure=measure)
        else:
            st.badge("ties out", color="green", icon=":material/check:")


# --- over time, causes, changes ----------------------------------------------------------------------------------


def _chart() -> None:
    view = parts.view()
    st.subheader("By month", anchor=False)
    history = view.snapshot.history(view.legal_entity, view.currency, view.base_currency)
    if history.is_empty():
        st.caption("No month is complete yet.")
        return
    currency = view.currency or view.base_currency
    shown = history.with_columns(
        text=pl.Series([short_money(amount, currency) for amount in history["amount"]], dtype=pl.String),
        Figure=pl.col("measure").str.to_titlecase(),
        height=pl.col("amount").cast(pl.Float64),  # a line has a height; its number is the text
    )
    there = set(shown["Figure"])
    order = [name.title() for name in CHARTED if name.title() in there]
    chart = (
        alt.Chart(shown)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("height:Q", title=currency, axis=charts.amount_axis()),
            color=alt.Color(
                "Figure:N",
                scale=charts.figure_colours(order),
                legend=alt.Legend(orient="top", title=None, columns=5, labelLimit=90, symbolSize=60, columnPadding=8),
            ),
            tooltip=[alt.Tooltip("period:O", title="Month"), "Figure:N", alt.Tooltip("text:N", title="Amount")],
        )
        .properties(height=300, padding={"left": 5, "right": 24, "top": 5, "bottom": 5})
    )
    st.altair_chart(chart, width="stretch")


def _causes() -> None:
    """The top causes by money, each a link to its breaks."""
    view = parts.view()
    st.subheader("Top causes", anchor=False, help="By money in standing breaks, once per cause.")
    causes = view.snapshot.causes(_standing(), limit=6)
    if causes.is_empty():
        st.caption("No break stands.")
        return
    greatest = max([Decimal(1), *causes["impact"].drop_nulls()])
    with st.container(border=True, key="causes"):
        for row in causes.iter_rows(named=True):
            name, amount = st.columns([3, 1.2], vertical_alignment="center")
            at_fault = view.system(row["at_fault"])
            with name:
                parts.link_to(
                    "breaks",
                    f"{row['check_id']} {label(row['rule'])} · {at_fault or 'system to be found'}",
                    icon="",
                    check=row["check_id"],
                    at_fault=at_fault,
                )
            share = int(100 * (row["impact"] or Decimal(0)) / greatest)
            amount.html(
                f"<div class='share' title='{plural(row['breaks'], 'break')}'>"
                f"{money(row['impact'], view.base_currency)}<i style='width:{min(max(share, 1), 100)}%'></i></div>"
            )


def _changes() -> None:
    """What is new or gone since the run before."""
    view = parts.view()
    st.subheader("Since the last run", anchor=False)
    if not view.run.get("previous_run_id"):
        st.caption("This is the first run: everything it found is new.")
        return
    changes = view.snapshot.changes(
        BreakFilter(legal_entity=view.legal_entity, currency=view.currency, upto=view.period)
    )
    told = (("new", "Show new breaks"), ("gone", "Show what is gone"))
    for place, (change, link) in zip(st.columns([1, 1, 2]), told, strict=False):
        with place, st.container(border=True):
            impact = short_money(changes[f"{change}_impact"], view.base_currency)
            st.metric(label(change), f"{changes[change]:,}", impact, delta_color="off", delta_arrow="off")
            if changes[change]:
                parts.link_to("breaks", link, changed=change)


def _coverage(not_run: pl.DataFrame) -> None:
    """Checks that did not run, and why: what they would say is not available."""
    if not_run.is_empty():
        return
    st.subheader("Not available", anchor=False)
    for row in not_run.iter_rows(named=True):
        st.warning(
            f"**{row['check_id']} {label(row['rule'])}** did not run: {row['reason']}", icon=":material/sensors_off:"
        )


def _not_run() -> pl.DataFrame:
    return parts.view().snapshot.coverage().filter(pl.col("status") != "ran")


def _proofs() -> None:
    """The law per check: reference less other side = breaks + tolerated + quarantined + excluded."""
    proofs = parts.view().snapshot.proofs()
    with st.expander(f"Proofs: {plural(proofs.height, 'line')}, each with residual zero or the run has failed"):
        text, number = st.column_config.TextColumn, st.column_config.NumberColumn
        columns: dict[str, Any] = {
            "check_id": text("Check"), "rule": text("Rule"), "reference_role": text("Reference"),
            "other_role": text("Against"), "measure": text("Of"), "currency": text("Cur."),
            "reference_total": number("Reference total", format="accounting"),
            "other_total": number("Other total", format="accounting"),
            "breaks": number("Breaks", format="accounting"), "tolerated": number("Tolerated", format="accounting"),
            "quarantined": number("Quarantined", format="accounting"),
            "excluded": number("Excluded", format="accounting"),
            "residual": number("Unexplained", format="accounting"),
        }  # fmt: skip
        parts.table(proofs, columns, key="proofs")


PAGE = Page(
    title="Today",
    path="today",
    icon=":material/today:",
    order=1,
    show=show,
    shown=(
        Shown("tcv", "Contracted, by role", "marts.firm_position"),
        Shown("backlog", "Backlog, by role", "marts.firm_position"),
        Shown("billings", "Billed to date", "marts.firm_position"),
        Shown("delivered", "Delivered to date", "marts.firm_position"),
        Shown("revenue", "Recognised to date, subledger and ledger", "marts.firm_position"),
        Shown("contract_liability", "Deferred, in the ledger", "marts.firm_position"),
        Shown("unbilled", "Unbilled, in the ledger", "marts.firm_position"),
        Shown("cash", "Cash to date, by role", "marts.firm_position"),
        Shown("unexplained", "Residual of every proof; it must be zero", "recon.proofs"),
        Shown("exception_money", "Money in standing breaks, once per cause", "recon.breaks"),
    ),
)
