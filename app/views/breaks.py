"""Breaks: every disagreement between systems, with its money, its age, its owner and the records behind it."""

from __future__ import annotations

import re
from dataclasses import replace

import altair as alt
import polars as pl
import streamlit as st

from app import charts, decide, parts
from app.data import AGES, STATUSES, ActionFilter, BreakFilter, Row
from app.explain import source_row
from app.format import age, day, escaped, figure, label, money, plural, sentence, signed, words
from app.page import Page, Shown
from contracts.breaks import LIVE, STANDING, BreakType

__all__ = ["PAGE", "paragraphs"]

PAGE_SIZE = 50


def show() -> None:
    """The queue, or one break when the address names it."""
    break_id = parts.query("break")
    parts.keep("break", break_id)
    if break_id:
        show_break(break_id)
    else:
        show_queue()


# --- the queue ---------------------------------------------------------------------------------------------------


def show_queue() -> None:
    """Filters, totals, ageing, the list, and its export."""
    view = parts.view()
    parts.heading("Breaks", "Where systems disagree. Money counts once per cause, in " + view.base_currency + ".")
    chosen = _filters()
    totals = view.snapshot.break_totals(chosen)
    if not totals["breaks"]:
        if chosen == BreakFilter(status=STANDING):
            parts.empty("No break stands", f"Systems agree where they were compared.{_left_out(chosen)}")
        else:
            parts.empty("No break fits this filter", "Widen the filter, or look at Today for what the last run found.")
        return
    left, middle, right = st.columns(3)
    left.metric("Breaks", f"{totals['breaks']:,}", border=True)
    middle.metric("Causes", f"{totals['causes']:,}", border=True)
    right.metric(
        "Money, once per cause", money(totals["impact"], view.base_currency), border=True,
        help="Breaks that follow from another, and those of checks that only inform, add nothing to it.",
    )  # fmt: skip
    with st.expander("By age and severity"):
        _ageing(chosen)
    offset = parts.pager(totals["breaks"], PAGE_SIZE, key="breaks-page")
    page = view.snapshot.breaks(chosen, limit=PAGE_SIZE, offset=offset)
    columns = _columns(view.base_currency)
    row = parts.table(page, columns, key=f"queue-{hash((chosen, offset))}", select=True, height=560)
    if row is not None:
        _open(page["break_id"][row])
    st.caption(f"{plural(totals['breaks'], 'break')}, largest money first. Choose a row to open it.{_left_out(chosen)}")
    parts.downloads(lambda: view.snapshot.breaks(chosen, limit=None), "breaks", columns)


def _left_out(chosen: BreakFilter) -> str:
    """How many breaks of the same filter are not listed because they are only late or accepted."""
    if chosen.status != STANDING:
        return ""
    apart = {name: replace(chosen, status=(name,)) for name in LIVE if name not in STANDING}
    counts = {name: parts.view().snapshot.break_totals(one)["breaks"] for name, one in apart.items()}
    said = " and ".join(f"{count:,} {_APART[name]}" for name, count in counts.items() if count)
    return f" Not listed: {said}; choose the status to see them." if said else ""


#: Statuses that are not listed unless they are asked for, as they are said.
_APART = {"timing": "only late", "accepted": "accepted"}


def _filters() -> BreakFilter:
    """The filter bar. Each choice is part of the page's address, so that a filter can be sent to a colleague."""
    view = parts.view()
    first = st.columns([5, 3, 3, 2, 2, 2])
    search = first[0].text_input(
        "Search", placeholder="Customer, project, document or SOW number", key="search", bind="query-params"
    )
    with first[1]:
        check = _check()
    with first[2]:
        owner = parts.choose("Queue", view.snapshot.choices("owner"), key="owner", spelt=label)
    with first[3]:
        at_fault = parts.choose("System at fault", view.snapshot.choices("at_fault"), key="at_fault", spelt=view.system)
    with first[4]:
        severity = parts.choose("Severity", view.snapshot.choices("severity"), key="severity")
    with first[5]:
        days = parts.choose("Age in days", list(AGES), key="age")
    status = st.pills("Status", STATUSES, selection_mode="multi", format_func=label, key="status", bind="query-params")
    root = parts.query("root")
    changed = parts.query("changed")
    agreement = parts.query("agreement")
    if root or changed or agreement:
        shown = "one cause" if root else "one agreement" if agreement else f"{changed} in this run"
        st.info(f"Shown: {shown}. Open Breaks in the menu for everything.", icon=":material/filter_alt:")
    every = () if changed == "gone" or root else LIVE if changed or agreement else STANDING
    return BreakFilter(
        search=search or "",
        check_id=check,
        status=tuple(status or every),
        severity=(severity,) if severity else (),
        owner=owner,
        at_fault=at_fault,
        legal_entity=view.legal_entity,
        currency=view.currency,
        upto=view.period,
        root=root,
        agreement=agreement,
        changed=changed,
        age=days,
    )


def _check() -> str:
    """The check asked for: chosen by its name, in the address by its number."""
    named = {check: f"{check} {words(rule)}" for check, rule in parts.view().snapshot.checks().items()}
    asked = parts.query("check").upper()
    options = ["", *named]
    picked = st.selectbox(
        "Check", options, index=options.index(asked) if asked in options else 0,
        format_func=lambda check: named.get(check, "All"), key=f"check-{asked}",
    )  # fmt: skip
    parts.keep("check", picked)
    return picked


def _ageing(chosen: BreakFilter) -> None:
    """Money by age, stacked by severity."""
    currency = parts.view().base_currency
    ages = parts.view().snapshot.ageing(chosen)
    shown = ages.with_columns(
        text=pl.Series([money(amount, currency) for amount in ages["impact"]], dtype=pl.String),
        length=pl.col("impact").cast(pl.Float64),  # a bar has a length; its number is the text
    )
    chart = (
        alt.Chart(shown)
        .mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("age:N", title="Days", sort=list(AGES)),
            x=alt.X("length:Q", title=currency, axis=charts.amount_axis()),
            color=alt.Color("severity:N", title="Severity", scale=alt.Scale(scheme="blues", reverse=True)),
            tooltip=[
                alt.Tooltip("age:N", title="Days"), alt.Tooltip("severity:N", title="Severity"),
                alt.Tooltip("text:N", title="Money"), alt.Tooltip("breaks:Q", title="Breaks"),
            ],
        )
        .properties(height=160)
        .add_params(alt.selection_point(name="bar", fields=["age", "severity"], on="click", clear=False, toggle=False))
    )  # fmt: skip
    st.altair_chart(chart, width="stretch", key="ageing", on_select=_take_age, selection_mode="bar")
    st.caption("A click on a bar lists its breaks.")


def _take_age() -> None:
    """A click on a bar: the selectors take its age and severity."""
    clicked = st.session_state["ageing"]["selection"].get("bar") or []
    if clicked:
        st.session_state["age"], st.session_state["severity"] = clicked[0]["age"], clicked[0]["severity"]


def _columns(base: str) -> dict[str, object]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "check_id": text("Check", width=55),
        "severity": text("Sev.", width=45),
        "title": text("What is wrong", width=420),
        "impact": number(f"{base}", format="accounting", width=95, help="Impact in base currency"),
        "age_days": number("Age", width=45, help="Days since it was first seen"),
        "status": text("Status", width=75),
        "at_fault": text("At fault", width=80),
        "owner": text("Queue", width=130),
        "assignee": text("Assigned to", width=80),
        "customer_name": text("Customer", width=170),
        "project_code": text("Project", width=95),
        "document_number": text("Document", width=110),
        "variance": number("Variance", format="accounting", width=95),
        "currency": text("Cur.", width=50),
    }


def _open(break_id: str) -> None:
    st.query_params["break"] = break_id
    st.rerun()


# --- one break ---------------------------------------------------------------------------------------------------


def show_break(break_id: str) -> None:
    """All sides, the evidence, the cause, what would correct it, and the way back to the source rows."""
    view = parts.view()
    found = view.snapshot.break_by_id(break_id)
    parts.link_to("breaks", "All breaks", icon=":material/arrow_back:")
    if found is None:
        parts.empty(
            f"No break {break_id} in this run",
            "It may have gone since: choose an earlier run in the sidebar, or search by its document number.",
        )
        return
    _header(found)
    _about(found)
    _sides(found)
    _records(found)
    _cause(found)
    _correction(found)
    _work(found)


def _header(found: Row) -> None:
    parts.heading(escaped(sentence(found["title"])))
    badges = st.container(horizontal=True)
    with badges:
        st.badge(f"{found['check_id']} {label(found['rule'])}", color="blue")
        parts.severity_badge(found["severity"])
        parts.status_badge(found["status"])
    facts = st.columns(4)
    facts[0].metric("Variance", signed(found["variance"], found["currency"]), border=True)
    facts[1].metric("Impact", money(found["impact"], parts.view().base_currency), border=True)
    facts[2].metric("Age", age(found["age_days"]), border=True)
    facts[3].metric("System at fault", parts.view().system(found["at_fault"]) or "to be found", border=True)
    where = {
        "Customer": found["customer_name"],
        "SOW": found["agreement_number"],
        "Project": found["project_code"],
        "Document": found["document_number"],
        "Legal entity": found["legal_entity"],
        "Period": found["period"],
        "First seen": day(found["first_seen"]),
        "Expected by": day(found["expected_by"]),
        "Person": found["person_name"],
        "Queue": label(found["owner"]),
        "Rate": _rate(found),
    }
    st.markdown(" · ".join(f"**{name}** {value}" for name, value in where.items() if value))
    st.caption(f"{found['break_id']} · version {found['version']} · {BreakType(found['break_type']).facts.title}")


def _about(found: Row) -> None:
    """What the check asks, what is usually behind it, and what puts it right."""
    said = parts.view().snapshot.help_of(found["check_id"])
    if said:
        with st.expander(f"What {found['check_id']} asks, its usual cause and its fix"):
            st.markdown(escaped(paragraphs(said)))


def paragraphs(text: str) -> str:
    """The help of a check as paragraphs: its usual cause and its fix begin one of their own."""
    return re.sub(r"\n(?=(?:Usual causes?:|The fix ))", "\n\n", text)


def _rate(found: Row) -> str:
    """The exchange rate behind the impact, where one was needed."""
    if not found["fx_rate"] or found["currency"] == parts.view().base_currency:
        return ""
    source = "rates of the books" if str(found["fx_source"]).startswith("marts.") else found["fx_source"]
    return f"{found['fx_rate']} of {day(found['fx_date'])} ({source})"


def _sides(found: Row) -> None:
    st.subheader("What each system says", anchor=False)
    sides = parts.view().snapshot.sides(found["break_id"])
    shown = sides.with_columns(
        says=pl.when(~pl.col("present"))
        .then(pl.lit("nothing"))
        .when(pl.col("value").cast(pl.Decimal(18, 4), strict=False) == pl.col("amount"))
        .then(pl.lit("its amount"))
        .otherwise(pl.Series([figure(value or "present") for value in sides["value"]], dtype=pl.String)),
        side=pl.col("side").replace_strict(_SIDES, default="Compared"),
    )
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    parts.table(
        shown,
        {
            "connection": text("System"),
            "role": text("Role"),
            "side": text("Side"),
            "says": text("Says", width="large"),
            "amount": number("Amount", format="accounting"),
            "currency": text("Cur."),
            "records": number("Records"),
        },
        key="sides",
    )


#: What a side of a break is there for.
_SIDES = {"reference": "Reference", "other": "Compared", "witness": "Also says"}


def _records(found: Row) -> None:
    st.subheader("Records", anchor=False)
    records = parts.view().snapshot.records(found["break_id"])
    if records.is_empty():
        st.write("No record is behind this break: what is missing exists in no system.")
        return
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    chosen = parts.table(
        records,
        {
            "connection": text("System"),
            "object": text("Object"),
            "record_id": text("Record"),
            "amount": number("Amount", format="accounting"),
            "currency": text("Cur."),
            "url": st.column_config.LinkColumn("Open", display_text="Open in its system"),
        },
        key="records",
        select=True,
    )
    names = [f"{row['object'] or 'record'} {row['record_id'] or ''}" for row in records.iter_rows(named=True)]
    with_row = [index for index, row_id in enumerate(records["row_id"]) if row_id is not None]
    if not with_row:
        return
    start = chosen if chosen in with_row else with_row[0]
    picked = st.selectbox(
        "Source row of", with_row, index=with_row.index(start), format_func=lambda index: names[index], key="source-row"
    )
    parts.source(source_row(parts.view().project, parts.view().snapshot, records["row_id"][picked]))


def _cause(found: Row) -> None:
    family = parts.view().snapshot.family(found["root_id"] or found["break_id"])
    others = family.filter(pl.col("break_id") != found["break_id"])
    st.subheader("Cause", anchor=False)
    st.write(sentence(found["cause"]) or "No cause is recorded beyond the difference itself.")
    if others.is_empty():
        return
    st.caption("Breaks of the same cause; the money counts once, at the root.")
    for row in others.head(10).iter_rows(named=True):
        text = f"{row['check_id']} · {row['title']} · {signed(row['variance'], row['currency'])}"
        parts.link_to("breaks", escaped(text) + (" · root" if row["is_root"] else ""), **{"break": row["break_id"]})


def _correction(found: Row) -> None:
    st.subheader("Correction", anchor=False)
    view = parts.view()
    actions = view.snapshot.actions(ActionFilter(status=(), break_id=found["break_id"]), limit=20)
    if actions.is_empty():
        st.write(
            "Waiting for a named event; nothing is to be corrected yet."
            if found["status"] == "timing"
            else "No action is proposed: a person decides, or the cause's own correction also corrects this break."
        )
        return
    for row in actions.iter_rows(named=True):
        with st.container(border=True):
            st.markdown(escaped(sentence(row["reason"])))
            parts.link_to(
                "actions",
                f"{label(row['kind'])} in {view.system(row['connection'])} ({label(row['status']).lower()})",
                action=row["action_id"],
            )


# --- what people do about it -------------------------------------------------------------------------------------


def _work(found: Row) -> None:
    """Assign, comment, accept: each says what it did, and the next run takes it up."""
    view = parts.view()
    st.subheader("Work on it", anchor=False)
    parts.said()
    for line in decide.taken(view, found["break_id"]):
        st.caption(line)
    buttons = st.container(horizontal=True)
    with buttons.popover("Assign", icon=":material/person_add:"), st.form("assign", border=False):
        to = st.selectbox("To", ["", *view.project.people], format_func=lambda name: name or "Nobody", key="assign-to")
        due = st.date_input("Due", value=None, key="assign-due")
        if st.form_submit_button("Assign", key="assign-now"):
            _done(decide.assign(view, found, to or "", due))
    with buttons.popover("Comment", icon=":material/comment:"), st.form("comment", border=False):
        text = st.text_area("Comment", key="comment-text")
        if st.form_submit_button("Write", key="comment-now"):
            _done(decide.comment(view, found, text))
    with buttons.popover("Accept", icon=":material/task_alt:"), st.form("accept", border=False):
        st.caption("It stays accepted until the date, or until its evidence changes.")
        reason = st.text_input("Reason", key="accept-reason")
        until = st.date_input("Until", value=None, key="accept-until")
        if not view.person:
            st.caption(decide.NOBODY)
        if st.form_submit_button(view.signed("Accept"), key="accept-now", disabled=not view.person):
            _done(decide.accept(view, found, reason, until))


def _done(said: decide.Said) -> None:
    st.session_state["said"] = said
    st.rerun()


PAGE = Page(
    title="Breaks",
    path="breaks",
    icon=":material/rule:",
    order=3,
    show=show,
    shown=(
        Shown("exception_volume", "Standing breaks by check, owner, age and money", "recon.breaks"),
        Shown("exception_money", "What they are worth, once per cause", "recon.breaks"),
        Shown("exception_volume", "What each system says about the thing a break is about", "recon.break_sides"),
        Shown("exception_volume", "The source records behind a break", "recon.break_records"),
    ),
)
