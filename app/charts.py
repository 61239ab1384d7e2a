"""Charts whose bars lead to their rows: waterfalls, columns and timelines.

A click on a bar sets the selector below the chart, which is part of the page's address; the selector and the table of
the same figures say everything the chart says, for those who do not point at it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from app.format import money, plural, short_money

__all__ = ["Bar", "amount_axis", "choose_bar", "columns", "figure_colours", "grouped", "timeline", "waterfall"]

_BLUE, _GREEN, _RED, _GREY = "#1f5fa8", "#3a8f5c", "#c0504d", "#8a94a3"
#: The line of a figure has one colour on every page, none of them the red of what went down or needs a look.
_LINES = {
    "Backlog": _BLUE, "Billed": _GREEN, "Recognised": "#c98a1b", "Cash": "#2a9d9d", "Deferred": "#7a5ea8",
    "Unbilled": _GREY,
}  # fmt: skip
#: Letters in a line of a label: of up to nine bars, and of more.
_LABEL_WIDTH, _NARROW_LABEL_WIDTH = 14, 10


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, what it is called, its amount, and whether it is a level or a movement.

    `group` and `series`: where several bars stand side by side, what they share and what each of them is of.
    """

    key: str
    title: str
    amount: Decimal
    agreements: int = 0
    is_level: bool = False
    group: str = ""
    series: str = ""


def waterfall(bars: Sequence[Bar], *, key: str, currency: str, choice: str) -> None:
    """From a level over movements to a level. Each bar hangs where the one before it ended.

    Where the movements are small beside the levels, the reader may cut the levels off to see them.
    """
    steps: list[tuple[Decimal, Decimal]] = []
    level = Decimal(0)
    for bar in bars:
        start = Decimal(0) if bar.is_level else level
        level = bar.amount if bar.is_level else level + bar.amount
        steps.append((start, level))
    floor = _floor(bars, steps)
    if not (floor and st.toggle("Cut the levels off, to see the causes", key=f"{key}-cut")):
        floor = Decimal(0)
    rows = [
        {
            **_said(bar, currency, signs=True),
            "from": float(floor if bar.is_level else start),  # a bar has a height; its number is the text
            "to": float(end),
            "top": float(max(start, end)),
            "kind": "level" if bar.is_level else "up" if bar.amount >= 0 else "down",
        }
        for bar, (start, end) in zip(bars, steps, strict=True)
    ]
    scale = alt.Scale(domainMin=float(floor), zero=False) if floor else alt.Undefined
    base = alt.Chart(pl.DataFrame(rows)).encode(x=alt.X("title:N", sort=None, title=None, axis=_axis(len(rows))))
    drawn = (
        base.mark_bar(cursor="pointer", size=46, strokeWidth=2)  # a bar of almost nothing is still a line
        .encode(
            y=alt.Y("from:Q", title=currency, axis=amount_axis(6), scale=scale),
            y2="to:Q",
            **_coloured({"level": _BLUE, "up": _GREEN, "down": _RED}),
            tooltip=_tooltip(),
            description="said:N",
        )
        .add_params(_clicked())
    )
    said = base.mark_text(dy=-8, fontSize=12).encode(y=alt.Y("top:Q", scale=scale), text="short:N")
    _draw(alt.layer(drawn, said), key=key, choice=choice, titles={bar.key: bar.title for bar in bars})


def _floor(bars: Sequence[Bar], steps: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """Where the axis may begin so that small movements are seen; zero where they are seen as it is."""
    ends = [end for _, end in steps] + [start for bar, (start, _) in zip(bars, steps, strict=True) if not bar.is_level]
    low, high = min(ends), max(ends)
    return max(Decimal(0), low - (high - low) / 2) if low > 3 * (high - low) > 0 else Decimal(0)


def columns(bars: Sequence[Bar], *, key: str, currency: str, choice: str, warn: Sequence[str] = ()) -> None:
    """Bars side by side, for ages and shares; those of `warn` in red."""
    rows = [
        {
            **_said(bar, currency, signs=False),
            "height": float(bar.amount),  # a bar has a height; its number is the text
            "kind": "warn" if bar.key in warn else "plain",
        }
        for bar in bars
    ]
    base = alt.Chart(pl.DataFrame(rows)).encode(x=alt.X("title:N", sort=None, title=None, axis=_axis(len(rows))))
    drawn = (
        base.mark_bar(cursor="pointer", size=46, strokeWidth=2)  # a bar of almost nothing is still a line
        .encode(
            y=alt.Y("height:Q", title=currency, axis=amount_axis()),
            **_coloured({"plain": _BLUE, "warn": _RED}),
            tooltip=_tooltip(),
            description="said:N",
        )
        .add_params(_clicked())
    )
    said = base.mark_text(dy=-8, fontSize=12).encode(y="height:Q", text="short:N")
    _draw(alt.layer(drawn, said), key=key, choice=choice, titles={bar.key: bar.title for bar in bars}, height=240)


def grouped(bars: Sequence[Bar], *, key: str, currency: str, choice: str, warn: Sequence[str] = ()) -> None:
    """Bars of several series side by side, group by group; amounts of those of `warn` in red."""
    rows = [
        {
            **_said(bar, currency, signs=False),
            "height": float(bar.amount),  # a bar has a height; its number is the text
            "group": bar.group,
            "Series": bar.series,
            "is_warned": bar.key in warn,
        }
        for bar in bars
    ]
    groups, names = ([*dict.fromkeys(found)] for found in ((bar.group for bar in bars), (bar.series for bar in bars)))
    base = alt.Chart(pl.DataFrame(rows)).encode(
        x=alt.X("group:N", sort=groups, title=None, axis=_axis(len(groups)), scale=alt.Scale(paddingInner=0.25)),
        xOffset=alt.XOffset("Series:N", sort=names),
    )
    drawn = (
        base.mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("height:Q", title=currency, axis=amount_axis()),
            color=alt.Color(
                "Series:N",
                scale=alt.Scale(domain=names, range=[_BLUE, _GREEN, _GREY][: len(names)]),
                legend=alt.Legend(orient="top", title=None, columns=len(names), labelLimit=200),
            ),
            tooltip=_tooltip(),
            description="said:N",
        )
        .add_params(_clicked())
    )
    said = base.mark_text(dy=-8, fontSize=12).encode(
        y="height:Q", text="short:N", color=alt.condition("datum.is_warned", alt.value(_RED), alt.value("#31333f"))
    )
    _draw(alt.layer(drawn, said), key=key, choice=choice, titles={bar.key: bar.title for bar in bars}, height=280)


def timeline(frame: pl.DataFrame, lines: Sequence[tuple[str, str]], *, key: str, currency: str, choice: str) -> None:
    """Figures by month, cumulative, as steps; a click on a point chooses its month. `lines`: column and name."""
    colours = [_GREY, _GREEN, _RED, _BLUE][-len(lines) :]
    long = pl.concat(
        [
            frame.select("period", Figure=pl.lit(name), amount=pl.col(column).cast(pl.Decimal(38, 4)))
            for column, name in lines
        ]
    ).drop_nulls("amount")
    shown = long.with_columns(
        key=pl.col("period"),
        text=pl.Series([money(amount, currency) for amount in long["amount"]], dtype=pl.String),
        height=pl.col("amount").cast(pl.Float64),  # a step has a height; its number is the text
    )
    names = [name for _, name in lines]
    base = alt.Chart(shown).encode(
        x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("height:Q", title=currency, axis=amount_axis()),
        color=alt.Color(
            "Figure:N",
            scale=alt.Scale(domain=names, range=colours),
            legend=alt.Legend(orient="top", title=None, columns=len(names), labelLimit=160),
        ),
    )
    points = (
        base.mark_point(filled=True, size=70, cursor="pointer")
        .encode(
            shape=alt.Shape("Figure:N", scale=alt.Scale(domain=names), legend=None),
            tooltip=[alt.Tooltip("period:O", title="Month"), "Figure:N", alt.Tooltip("text:N", title="To date")],
        )
        .add_params(_clicked())
    )
    # The last line may lie on another: dashed, both are seen.
    drawn = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.condition(alt.datum.Figure == names[-1], alt.value([5, 4]), alt.value([1, 0]))
    )
    titles = {period: period for period in frame["period"]}
    _draw(alt.layer(drawn, points), key=key, choice=choice, titles=titles)


def figure_colours(names: Sequence[str]) -> Any:
    """The scale of colours of figures that are lines of a chart, in this order."""
    return alt.Scale(domain=list(names), range=[_LINES[name] for name in names])


def choose_bar(title: str, bars: Sequence[Bar], *, key: str, currency: str, first: str = "") -> str:
    """The selector that a click on a bar sets; the same figures as a table beside it. The key of the bar chosen."""
    known = {bar.key: bar for bar in bars}
    order = [first, *(bar.key for bar in bars if bar.key != first)] if first in known else list(known)
    left, right = st.columns([2, 3], vertical_alignment="bottom", gap="large")
    with left:
        picked = st.selectbox(
            title, order, format_func=lambda name: known[name].title, key=key, bind="query-params",
            help="Or click on a bar of the chart.",
        )  # fmt: skip
    with right, st.expander("The same in figures"):
        frame = pl.DataFrame(
            {
                "What": [bar.title for bar in bars],
                "Amount": [money(bar.amount, currency) for bar in bars],
                "Agreements": [bar.agreements for bar in bars],
            }
        )
        st.dataframe(frame, hide_index=True, height="content", key=f"{key}-figures")
    return picked if picked in known else order[0]


def _said(bar: Bar, currency: str, *, signs: bool) -> dict[str, Any]:
    return {
        "key": bar.key,
        "title": bar.title,
        "short": ("+" if bar.amount > 0 and not bar.is_level and signs else "") + short_money(bar.amount, currency),
        "text": money(bar.amount, currency),
        "of": plural(bar.agreements, "agreement"),
        "said": f"{bar.title}: {money(bar.amount, currency)}",
    }


def _coloured(colours: Mapping[str, str]) -> dict[str, Any]:
    """Bars filled and framed by their kind."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return {
        "color": alt.Color("kind:N", scale=scale, legend=None), "stroke": alt.Stroke("kind:N", scale=scale, legend=None)
    }  # fmt: skip


def _tooltip() -> list[Any]:
    return [
        alt.Tooltip("title:N", title="What"), alt.Tooltip("text:N", title="Amount"), alt.Tooltip("of:N", title="Of"),
    ]  # fmt: skip


def amount_axis(ticks: int = 5) -> Any:
    """An axis of amounts in the words of the tiles: 0, 500k, 1.5m."""
    said = "replace(replace(format(datum.value, '~s'), 'M', 'm'), 'G', 'bn')"
    small = "abs(datum.value) < 1 ? format(datum.value, '.2f')"
    return alt.Axis(tickCount=ticks, labelExpr=f"datum.value === 0 ? '0' : {small} : {said}")


def _axis(bars: int) -> Any:
    """Names below the bars, broken into short lines so that none is turned or cut."""
    width = _LABEL_WIDTH if bars <= 9 else _NARROW_LABEL_WIDTH
    lines = f"replace(datum.label, regexp('(.{{1,{width}}})( |$)', 'g'), '$1|')"
    return alt.Axis(
        labelAngle=0, labelLimit=0, labelOverlap=False, labelExpr=f"split({lines}, '|')", ticks=False,
        labelFontSize=12 if bars <= 12 else 10,
    )  # fmt: skip


def _clicked() -> Any:
    return alt.selection_point(name="bar", fields=["key"], on="click", clear=False, toggle=False)


def _draw(chart: Any, *, key: str, choice: str, titles: dict[str, str], height: int = 320) -> None:
    st.altair_chart(
        chart.properties(height=height, padding={"left": 5, "right": 10, "top": 14, "bottom": 5}),
        width="stretch",
        key=key,
        on_select=_chooser(key, choice, titles),
        selection_mode="bar",
    )


def _chooser(key: str, choice: str, titles: dict[str, str]) -> Callable[[], None]:
    """What a click does: the selector takes the bar that was clicked."""

    def take() -> None:
        clicked = st.session_state[key]["selection"].get("bar") or []
        name = str(clicked[0]["key"]) if clicked else ""
        if name in titles:
            st.session_state[choice] = name

    return take
