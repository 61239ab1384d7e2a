"""Metrics: every figure with its one definition, its months, the terms that add up to it, and the records behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from app import charts, metrics, parts
from app.data import Row
from app.explain import source_row
from app.format import escaped, label, plain, plural, sentence, words
from app.metric_values import HISTORY, history, not_narrowed, overview, said
from app.page import Page, Shown
from contracts.metric import RECOMPUTED, Metric, Unit, find
from contracts.metric import metrics as registry
from contracts.registry import discover

__all__ = ["PAGE"]

_CAPTION = "One definition per figure: its value, the terms that add up to it, and the records behind them."
#: Months of the chart of one metric.
_YEARS = 24
#: Roles that are no system's.
_OURS = {RECOMPUTED: "Recomputed", "TIEOUT": "Tieout"}


def show() -> None:
    """All metrics, or one when the address names it."""
    name = parts.query("metric")
    parts.keep("metric", name)
    if name:
        _one(name)
    else:
        _all()


# --- all metrics -------------------------------------------------------------------------------------------------


def _all() -> None:
    """A line per metric, role and currency; beside it what no system holds."""
    view, month = parts.view(), _month()
    parts.heading("Metrics", f"{_CAPTION} Of {month}, in document currency.")
    search = st.text_input("Search", placeholder="Name or meaning", key="metric_search", bind="query-params") or ""
    families = discover("contracts.metrics", "METRICS")
    family = st.pills("Family", list(families), format_func=sentence, key="family", bind="query-params")
    listed = {one.name: one for one in (families[family] if family else registry().values()) if _fits(one, search)}
    if not metrics.has_metrics(view.snapshot):
        parts.empty("This run has no metrics", "Run Tieout again: tieout run.")
        return
    found = overview(_history(month, HISTORY), month, view.base_currency).filter(pl.col("metric").is_in(list(listed)))
    if found.is_empty():
        parts.empty(
            "No metric fits this filter", "Widen the search, or choose another month, legal entity or currency."
        )
    else:
        _lines(found)
    _left_out(listed)


def _lines(found: pl.DataFrame) -> None:
    known, base = registry(), parts.view().base_currency
    rows = list(found.iter_rows(named=True))

    def spelt(column: str) -> pl.Series:
        texts = [said(row[column], known[row["metric"]], row["currency"], base) for row in rows]
        return pl.Series(column, texts, dtype=pl.String)

    shown = found.with_columns(
        spelt("value"), spelt("before"),
        title=pl.Series([known[row["metric"]].title for row in rows], dtype=pl.String),
        holder=found["role"].replace(_holders(found["role"].unique())),
        owner=pl.Series([str(known[row["metric"]].owner) for row in rows], dtype=pl.String),
        aim=pl.Series([_aim(known[row["metric"]]) for row in rows], dtype=pl.String),
    )  # fmt: skip
    text = st.column_config.TextColumn
    columns = {
        "title": text("Metric", width=200), "holder": text("Held by", width=125), "currency": text("Cur.", width=45),
        "value": text("Value", alignment="right", width=125),
        "before": text("Month before", alignment="right", width=125),
        "months": st.column_config.LineChartColumn("The year to it", width=100), "aim": text("Good is", width=60),
        "owner": text("Owner", width=130),
    }  # fmt: skip
    row = parts.table(shown, columns, key=f"metrics-{hash(tuple(found['metric']))}", select=True, height=560)
    if row is not None:
        st.query_params["metric"] = found["metric"][row]
        st.query_params["role"] = found["role"][row]
        st.rerun()
    st.caption(f"{plural(found['metric'].n_unique(), 'metric')}. Choose a row to open it, or one of the first:")
    with st.container(horizontal=True):
        for name in list(dict.fromkeys(found["metric"]))[:8]:
            parts.link_to("metrics", known[name].title, metric=name)
    parts.downloads(shown.drop("months"), "metrics", columns)


def _left_out(listed: dict[str, Metric]) -> None:
    """What has no line, and why: no system holds it, or it is not kept by what was chosen."""
    view = parts.view()
    apart = not_narrowed(legal_entity=view.legal_entity, currency=view.currency)
    if names := [one.title for one in apart if one.name in listed]:
        st.caption(f"Kept for the whole firm, and so not shown for this choice: {', '.join(names)}.")
    missing = {
        one: reason for one in listed.values() if (reason := one.not_held or metrics.lacking(view.snapshot, one))
    }
    if missing:
        with st.expander(f"{plural(len(missing), 'metric')} that no system holds"):
            for one, reason in missing.items():
                st.markdown(escaped(f"**{one.title}**: {one.meaning} _{sentence(reason)}._"))


# --- one metric --------------------------------------------------------------------------------------------------


def _one(name: str) -> None:
    """What a metric means, who holds it, its months, its terms and the records behind them."""
    parts.link_to("metrics", "All metrics", icon=":material/arrow_back:", family=parts.query("family"))
    metric, month = find(name), _month()
    parts.heading(metric.title, escaped(metric.meaning))
    _definition(metric)
    snapshot = parts.view().snapshot
    if not metrics.has_metrics(snapshot):
        parts.empty("This run has no metrics", "Run Tieout again: tieout run.")
        return
    if reason := metric.not_held or metrics.lacking(snapshot, metric):
        parts.empty("No system holds it", f"{sentence(reason)}.")
        return
    found = _history(month, _YEARS).filter(pl.col("metric") == name)
    lines = overview(found, month, parts.view().base_currency)
    if lines.is_empty():
        parts.empty(f"No value up to {month}", "Choose another month, legal entity or currency.")
        return
    role, currency = _chosen(metric, lines)
    _months(metric, found.filter(pl.col("currency").eq_missing(pl.lit(currency))), currency)
    _made_of(metric, role, currency, month)


def _definition(metric: Metric) -> None:
    facts = [
        f"**Formula** {metric.formula}",
        f"**Source** {metric.source}",
        f"**Good** {metric.aim} · **Owner** {words(metric.owner)} · **In SQL** `metrics.metric_values`, "
        f"metric `{metric.name}`",
    ]
    with st.container(border=True):
        st.markdown(escaped("  \n".join(facts)))
        if metric.variants:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown("Not to be mixed with", width="content")
                for name in metric.variants:
                    parts.link_to("metrics", find(name).title, metric=name)


def _chosen(metric: Metric, lines: pl.DataFrame) -> tuple[str, str | None]:
    """Who holds which value, and the line looked at: the role and currency of the address, else the first."""
    base, rows = parts.view().base_currency, lines.to_dicts()
    options = [(row["role"], row["currency"]) for row in rows]
    facts, holders = dict(zip(options, rows, strict=True)), _holders(lines["role"])

    def spelt(option: tuple[str, str | None]) -> str:
        value = said(facts[option]["value"], metric, option[1], base) or "no value in this month"
        before = said(facts[option]["before"], metric, option[1], base)
        return f"{holders[option[0]]} · {value}" + (f" · {before} the month before" if before else "")

    asked = parts.query("role")
    first = next((place for place, one in enumerate(options) if one[0] == asked), 0)
    picked: tuple[str, str | None] = st.selectbox(
        f"Held by, in {_month()}", options, index=first, format_func=spelt, key=f"held-{metric.name}"
    )
    parts.keep("role", "" if picked == options[0] else picked[0])
    return picked


def _months(metric: Metric, found: pl.DataFrame, currency: str | None) -> None:
    """The value month by month, a line per role that holds it."""
    if found["period"].n_unique() < 2:
        return
    base = parts.view().base_currency
    shown = found.with_columns(
        text=pl.Series([said(value, metric, currency, base) for value in found["value"]], dtype=pl.String),
        Role=found["role"].replace(_holders(found["role"].unique())),
        height=pl.col("value").cast(pl.Float64),  # a point has a height; its number is the text
    )
    axis = alt.Axis(format="%") if metric.unit is Unit.RATIO else charts.amount_axis()
    unit = (currency or base) if metric.unit in (Unit.MONEY, Unit.MONEY_PER_HOUR) else sentence(metric.unit)
    chart = (
        alt.Chart(shown)
        .mark_line(point=True, strokeWidth=2)
        .encode(
            x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("height:Q", title=unit, axis=axis),
            color=alt.Color("Role:N", legend=alt.Legend(orient="top", title=None)),
            tooltip=[alt.Tooltip("period:O", title="Month"), "Role:N", alt.Tooltip("text:N", title="Value")],
        )
        .properties(height=240)
    )
    st.altair_chart(chart, width="stretch")


def _made_of(metric: Metric, role: str, currency: str | None, month: str) -> None:
    """The terms that add up to the value, the largest records behind them, and one of those as it was exported."""
    view = parts.view()
    narrowed = {"currency": currency or "", "legal_entity": view.legal_entity if "legal_entity" in metric.keys else ""}
    question = metrics.ask(
        view.snapshot, metric.name,
        {"role": role, "period": month, **{key: value for key, value in narrowed.items() if value}},
    )  # fmt: skip
    st.subheader("What it is made of", anchor=False)
    terms = metrics.terms_in(view.snapshot, question)
    if metric.shape.place:
        st.caption(f"The {metric.shape} of the records of the month.")
    elif not terms:
        st.caption("Nothing counts in this month.")
        return
    else:
        _terms(terms)
    found = metrics.records(view.snapshot, question)
    if not found:
        st.caption("No record of its own stands behind it: it is a sum of figures of the firm.")
        return
    st.subheader("The largest records behind it", anchor=False)
    _records(found, metric, role, month)


def _terms(terms: list[Row]) -> None:
    holders = _holders({row["role"] for row in terms})
    counted = [
        {
            "side": "divided by" if row["side"] == "divisor" else "",
            "meaning": sentence(row["meaning"]), "role": holders[row["role"]], "months": row["months"],
            "factor": f"{row['factor']:+d} ×".replace("-", "−"), "counts": plain(row["counts"]),
            "currency": row["currency"], "records": row["records"],
        }
        for row in terms
    ]  # fmt: skip
    text = st.column_config.TextColumn
    divides = {"side": text("", width=75)} if any(row["side"] for row in counted) else {}
    parts.table(
        pl.DataFrame(counted, schema_overrides={"currency": pl.String}),
        {
            **divides,
            "factor": text("Counts", width=55), "meaning": text("Term", width=300), "role": text("Held by", width=120),
            "months": text("Months", width=170), "counts": text("Amount", alignment="right", width=120),
            "currency": text("Cur.", width=45),
            "records": st.column_config.NumberColumn("Records", format="localized", width=70),
        },
        key="metric-terms",
        height="content",
    )  # fmt: skip


def _records(found: list[Row], metric: Metric, role: str, month: str) -> None:
    view = parts.view()
    rows = pl.DataFrame(found, infer_schema_length=None)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "term": text("Term"), "connection": text("System"), "object": text("Object"), "source_id": text("Record"),
        "period": text("Period", width="small"), "counts": number("Amount", format="accounting"),
        "currency": text("Cur.", width="small"),
    }  # fmt: skip
    shown = rows.with_columns(pl.Series("term", [label(name) for name in rows["term"]], dtype=pl.String))
    chosen = parts.table(shown, columns, key=f"metric-records-{metric.name}-{role}-{month}", select=True)
    parts.downloads(shown, f"metric-{metric.name}", columns)
    with_row = [index for index, row_id in enumerate(rows["row_id"]) if row_id is not None]
    if chosen is None or chosen not in with_row:
        st.caption(
            "Choose a row to see it as it was exported." if with_row
            else "These records have no row of their own in an export."
        )  # fmt: skip
        return
    parts.source(source_row(view.project, view.snapshot, rows["row_id"][chosen]))


# --- shared ------------------------------------------------------------------------------------------------------


def _month() -> str:
    view = parts.view()
    return view.period or f"{view.run['as_of']:%Y-%m}"


def _history(month: str, months: int) -> pl.DataFrame:
    view = parts.view()
    return history(
        view.snapshot, first=metrics.earlier(month, months - 1), last=month, legal_entity=view.legal_entity,
        currency=view.currency,
    )  # fmt: skip


def _fits(metric: Metric, search: str) -> bool:
    return search.strip().lower() in f"{metric.name} {metric.title} {metric.meaning}".lower()


def _holders(roles: Iterable[str]) -> dict[str, str]:
    """Whose figures they are, as people say it: ``ERP NetSuite``."""
    view = parts.view()
    names = view.snapshot.role_names()
    return {role: _OURS.get(role) or f"{role} {view.system(names.get(role))}".strip() for role in roles}


def _aim(metric: Metric) -> str:
    """Which way is good, in a word."""
    return str(metric.aim).partition(" ")[0] if metric.aim.name != "NEITHER" else ""


PAGE = Page(
    title="Metrics",
    path="metrics",
    icon=":material/monitoring:",
    order=9,
    show=show,
    shown=tuple(Shown(one.name, one.title, "metrics.metric_values") for one in registry().values() if one.is_available),
)
