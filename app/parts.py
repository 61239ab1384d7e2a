"""Shared pieces of the pages: the snapshot in view, selectors, tables, downloads, empty and error states."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars as pl
import streamlit as st

from app.data import Snapshot
from app.format import escaped, label, money, signed
from app.project import Project

__all__ = [
    "POSITIONS",
    "STATUS_COLOURS",
    "View",
    "choose",
    "csv",
    "downloads",
    "empty",
    "excel",
    "exported",
    "heading",
    "identity",
    "keep",
    "link_to",
    "number_link",
    "pager",
    "query",
    "readable",
    "said",
    "severity_badge",
    "source",
    "status_badge",
    "style",
    "table",
    "view",
]

#: Colours are never alone: each badge says its word.
STATUS_COLOURS: Mapping[str, str] = {
    "open": "red",
    "timing": "blue",
    "proposed": "orange",
    "approved": "violet",
    "sent": "violet",
    "emitted": "violet",
    "verified": "green",
    "applied": "green",
    "cleared": "green",
    "accepted": "gray",
    "rejected": "gray",
    "refused": "red",
    "failed": "red",
}
_SEVERITY_COLOURS = {"S1": "red", "S2": "orange", "S3": "gray"}


@dataclass(frozen=True)
class View:
    """What every page looks at: the project, one published run, and the selectors of the sidebar."""

    project: Project
    snapshot: Snapshot
    run: dict[str, Any]
    period: str
    legal_entity: str
    currency: str
    person: str
    #: Connection -> the name people know.
    systems: Mapping[str, str] = field(default_factory=dict)
    #: Code of a legal entity -> its name.
    entities: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_currency(self) -> str:
        """The currency in which money of several currencies is added up."""
        return str(self.project.base_currency)

    @property
    def is_past(self) -> bool:
        """Whether the month looked at is over."""
        return bool(self.period) and self.period < f"{self.run['as_of']:%Y-%m}"

    def system(self, connection: str | None) -> str:
        """A connection by the name people know."""
        return self.systems.get(connection or "", connection or "")

    def signed(self, deed: str) -> str:
        """What a button says that somebody decides with: ``Approve as ana``; the deed alone where nobody may."""
        return f"{deed} as {self.person}" if self.person else deed

    def address(self) -> dict[str, str]:
        """The selectors as parts of an address, so that a link opens what its sender saw."""
        return {
            "run": query("run"),
            "period": self.period,
            "entity": self.entities.get(self.legal_entity, ""),
            "currency": self.currency,
            "person": self.person,
        }


def view() -> View:
    """The view of this session, set by `app.main` before a page is shown."""
    found: View = st.session_state["view"]
    return found


@st.cache_resource(show_spinner=False, max_entries=4)
def open_snapshot(path: str) -> Snapshot:
    """A published snapshot, opened once for all sessions."""
    return Snapshot.open(Path(path))


def query(name: str) -> str:
    """A value of the page's address, empty when it is not there."""
    return str(st.query_params.get(name, ""))


def keep(name: str, value: str) -> None:
    """Say what is shown in the address bar, also after a link within the page, so that it can be copied.

    Told in one message: each address that a browser hears of and does not show is a step of its back button.
    """
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
    else:
        st.query_params.update()


def heading(title: str, caption: str = "") -> None:
    """The title of a page and one sentence below it."""
    style()
    st.title(title, anchor=False)
    if caption:
        st.caption(caption)


#: The positions of an agreement that the identity ties together, as they are said.
POSITIONS = {
    "billed": "Billed", "unbilled_receivable": "unbilled receivable", "recognised": "recognised",
    "contract_liability": "deferred", "contract_asset": "contract asset", "refund_liability": "refund liability",
}  # fmt: skip


def identity(found: Mapping[str, Decimal], currency: str) -> None:
    """What is billed, recognised and stands on the balance sheet, by `POSITIONS`, in one line that must be true."""
    said = {name: f"{title} {money(found[name], currency)}" for name, title in POSITIONS.items()}
    difference = (
        found["billed"] + found["unbilled_receivable"] - found["recognised"]
        - (found["contract_liability"] - found["contract_asset"] + found["refund_liability"])
    )  # fmt: skip
    line = (
        f"{said['billed']} + {said['unbilled_receivable']} − {said['recognised']} **=** {said['contract_liability']} "
        f"− {said['contract_asset']} + {said['refund_liability']}"
    )
    if difference:
        st.error(escaped(f"{line}: **off by {signed(difference, currency)}**"), icon=":material/error:")
    else:
        st.success(escaped(line), icon=":material/balance:")


def style() -> None:
    """What the theme cannot say: tighter margins, numbers in columns of equal width, links that look like numbers."""
    st.html(
        """
        <style>
        .block-container { padding: 2.2rem 2.5rem 4rem; max-width: 1680px; }
        h1 { font-size: 1.9rem !important; padding: 0 0 .2rem !important; }
        h3 { font-size: 1.15rem !important; }
        .st-key-positions [data-testid="stButton"] button {
            padding: 0; min-height: 1.6rem; justify-content: flex-start; }
        .st-key-positions [data-testid="stButton"] button p { font-variant-numeric: tabular-nums; color: #1f5fa8; }
        .st-key-positions [data-testid="stVerticalBlock"] { gap: .35rem; }
        .st-key-causes [data-testid="stVerticalBlock"], .st-key-causes { gap: .1rem; }
        .st-key-causes a { padding: .1rem 0; margin-left: -1.6rem; width: calc(100% + 2.4rem); max-width: none; }
        .st-key-causes [data-testid="stIconMaterial"] { display: none; }
        [data-testid="stMain"] [data-testid="stPageLink"] a { height: auto; }
        [data-testid="stMain"] [data-testid="stPageLink"] a p { white-space: normal; overflow-wrap: anywhere; }
        .share { text-align: right; font-size: .85rem; font-variant-numeric: tabular-nums; }
        .share i { display: block; height: 4px; margin: 3px 0 0 auto; border-radius: 2px; background: #1f5fa8; }
        [data-testid="stMetricValue"] { font-size: 1.6rem; font-variant-numeric: tabular-nums; }
        </style>
        """
    )


def empty(title: str, what_next: str) -> None:
    """What a page says when there is nothing to show: why, and what to do."""
    with st.container(border=True):
        st.subheader(title, anchor=False)
        st.write(what_next)


def link_to(path: str, label: str, *, icon: str = ":material/arrow_right_alt:", **parameters: str) -> None:
    """A link to another page that carries its filter and the selectors, so that it can be copied and sent."""
    found: Mapping[str, Any] = st.session_state["pages"]
    address = {name: value for name, value in {**view().address(), **parameters}.items() if value}
    st.page_link(found[path], label=label, icon=icon or None, query_params=address)


def number_link(label: str, path: str, *, key: str, **parameters: str) -> None:
    """A number that leads to what it is made of."""
    if st.button(label, key=key, type="tertiary"):
        pages: Mapping[str, Any] = st.session_state["pages"]
        carried = {"run": query("run"), **parameters}  # the selectors keep their values by themselves
        st.switch_page(pages[path], query_params={name: value for name, value in carried.items() if value})


def status_badge(status: str) -> None:
    """A status as a coloured word."""
    st.badge(label(status), color=STATUS_COLOURS.get(status, "gray"))  # type: ignore[arg-type]


def severity_badge(severity: str) -> None:
    """A severity as a coloured word."""
    st.badge(severity, color=_SEVERITY_COLOURS.get(severity, "gray"))  # type: ignore[arg-type]


def choose(
    title: str, options: Sequence[str], *, key: str, every: str = "All", spelt: Callable[[str], str] = str
) -> str:
    """A selector whose empty choice means everything; its value, as it is spelt, is part of the page's address."""
    picked = st.selectbox(
        title,
        ["", *options],
        format_func=lambda value: spelt(value) if value else every,
        key=key,
        bind="query-params",
    )
    return picked or ""


def table(
    frame: pl.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    select: bool = False,
    height: int | Literal["auto", "content", "stretch"] = "auto",
) -> int | None:
    """A table with readable headings. With `select`, the position of the chosen row, to be resolved at once."""
    shown = readable(frame.select([name for name in columns if name in frame.columns]), view().systems)
    config = {name: config for name, config in columns.items() if name in frame.columns}
    if not select:
        st.dataframe(shown, hide_index=True, height=height, column_config=config, placeholder="", key=key)
        return None
    event = st.dataframe(
        shown,
        hide_index=True,
        height=height,
        column_config=config,
        placeholder="",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
    )
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < frame.height else None


#: Columns that hold a connection, and columns that hold a code of ours.
_SYSTEMS = ("connection", "at_fault")
_CODES = ("owner", "status", "kind", "required_role", "state", "billing_type", "side", "rule")


def readable(frame: pl.DataFrame, systems: Mapping[str, str]) -> pl.DataFrame:
    """A frame in words: systems by their names, codes as words, nothing where there is nothing."""
    spelt = {
        code: label(code)
        for name in _CODES
        if name in frame.columns
        for code in frame[name].unique().drop_nulls().to_list()
    }
    return frame.with_columns(
        *(pl.col(name).replace(dict(systems)) for name in _SYSTEMS if name in frame.columns),
        *([_object()] if "object" in frame.columns else []),
        *(pl.col(name).replace(spelt) for name in _CODES if name in frame.columns),
    ).with_columns(pl.col(pl.String).fill_null(""))


def _object() -> pl.Expr:
    """An object of a system under its own name; a sum of ours by what it sums."""
    summed = pl.col("object").str.extract(r"^int_(\w+?)__").str.replace_all("_", " ", literal=True)
    return pl.coalesce(pl.lit("sum of ") + summed, "object").alias("object")


def pager(total: int, size: int, *, key: str) -> int:
    """Page numbers below a long list; the offset of the page in view."""
    count = max(1, -(-total // size))
    if count == 1:
        return 0
    return (st.pagination(count, key=key) - 1) * size


def downloads(rows: pl.DataFrame | Callable[[], pl.DataFrame], name: str, columns: Mapping[str, Any]) -> None:
    """Exactly what is filtered, as Excel and as CSV, as the table of `columns` shows it.

    Written when asked for, not before; long lists are also read then. A file is written outside of the session that
    shows the page: it takes along what it needs of the view.
    """
    systems = view().systems

    def file() -> pl.DataFrame:
        return exported(rows if isinstance(rows, pl.DataFrame) else rows(), columns, systems)

    row = st.container(horizontal=True)
    row.download_button(
        "Excel",
        data=lambda: excel(file(), name),
        file_name=f"{name}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon=":material/table:",
        key=f"{name}-xlsx",
    )
    row.download_button(
        "CSV",
        data=lambda: csv(file()),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"{name}-csv",
    )


def exported(frame: pl.DataFrame, columns: Mapping[str, Any], systems: Mapping[str, str]) -> pl.DataFrame:
    """A table as a file holds it: what is shown, in its order and under its headings, then what else a row says."""
    shown = {name: str(config["label"]) for name, config in columns.items() if name in frame.columns}
    more = {name: label(name) for name in frame.columns if name not in shown}
    taken = set(shown.values())
    names = shown | {name: title if title not in taken else name for name, title in more.items()}
    return readable(frame, systems).select(list(names)).rename(names)


def csv(frame: pl.DataFrame) -> bytes:
    """A frame as CSV that Excel opens with its letters intact."""
    return frame.write_csv().encode("utf-8-sig")


def excel(frame: pl.DataFrame, name: str) -> bytes:
    """A frame as a workbook: a heading row that stays, filters, amounts as numbers with two decimals."""
    buffer = io.BytesIO()
    money: dict[Any, Any] = {column: "#,##0.00" for column, kind in frame.schema.items() if kind.is_decimal()}
    frame.write_excel(
        buffer,
        worksheet=name[:31],
        column_formats=money,
        autofit=True,
        freeze_panes=(1, 0),
        header_format={"bold": True},
    )
    return buffer.getvalue()


def said() -> None:
    """What the last decision came to."""
    for kind, text in st.session_state.pop("said", ()):
        {"good": st.success, "wait": st.info, "bad": st.error}[kind](text)


def source(row: Mapping[str, Any] | None) -> None:
    """A row as the system exported it: file, line and every field that is filled."""
    if row is None:
        st.warning("This row is no longer among the raw files of the project. Restore the folder `raw` and reload.")
        return
    with st.container(border=True, key="source"):
        st.markdown(f"**{view().system(row['connection'])} {row['stream']}** · {row['source']}, line {row['line']}")
        fields = [(name, value) for name, value in row["fields"].items() if value not in (None, "")]
        st.dataframe(
            pl.DataFrame({"Field": [name for name, _ in fields], "Value": [str(value) for _, value in fields]}),
            hide_index=True,
            height=360 if len(fields) > 9 else "content",
            key="source-fields",
        )
