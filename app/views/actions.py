"""Actions: what would change in which system, why, for how much, who must approve it, and the batch to deliver."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import streamlit as st

from app import decide, parts
from app.data import ActionFilter, Row
from app.format import escaped, figure, label, money, plural, sentence
from app.page import Page, Shown

__all__ = ["PAGE"]

PAGE_SIZE = 50
#: A record that a call creates, in a list and in a heading.
NEW_RECORD = "a new record"
_STATUSES = ("proposed", "approved", "rejected", "emitted", "applied", "refused", "failed", "verified", "superseded")


def show() -> None:
    """The list of actions, or one when the address names it."""
    action_id = parts.query("action")
    parts.keep("action", action_id)
    if action_id:
        show_action(action_id)
    else:
        show_list()


# --- the list ----------------------------------------------------------------------------------------------------


def show_list() -> None:
    """Filters, the list, a decision on several at once, and the export."""
    view = parts.view()
    parts.heading(
        "Actions", "Corrections proposed for the system that is wrong. Nothing changes before it is approved."
    )
    parts.said()
    snapshot = decide.with_decisions(view)
    chosen = _filters()
    totals = snapshot.action_totals(chosen)
    if not totals["actions"]:
        parts.empty("No action fits this filter", "Choose another status, or look at Breaks for what was found.")
        _emit(approved=snapshot.action_totals(ActionFilter(status=("approved",)))["actions"])
        return
    offset = parts.pager(totals["actions"], PAGE_SIZE, key="actions-page")
    page = snapshot.actions(chosen, limit=PAGE_SIZE, offset=offset)
    st.caption(f"{plural(totals['actions'], 'call')} in {plural(totals['corrections'], 'correction')}, largest first.")
    event = st.dataframe(
        parts.readable(page.select(list(_columns())).with_columns(*_worded()), view.systems),
        hide_index=True,
        height=460,
        placeholder="",
        column_config=_columns(),
        on_select="rerun",
        selection_mode="multi-row",
        key=f"actions-{hash((chosen, offset, tuple(page['action_id']), tuple(page['status'])))}",
    )
    picked = {page["action_id"][row]: page["version"][row] for row in event["selection"]["rows"] if row < page.height}
    _decide(picked, page)
    parts.downloads(
        lambda: snapshot.actions(chosen, limit=None).drop("breaks").with_columns(*_worded()), "actions", _columns(),
    )  # fmt: skip
    _emit(approved=snapshot.action_totals(ActionFilter(status=("approved",)))["actions"])


def _filters() -> ActionFilter:
    first = st.columns([3, 2, 2])
    search = first[0].text_input("Search", placeholder="Reason, record or id", key="action_search", bind="query-params")
    view = parts.view()
    with first[1]:
        kind = parts.choose("Kind", view.snapshot.action_kinds(), key="kind", spelt=label)
    with first[2]:
        system = parts.choose("System", list(view.project.connections), key="system", spelt=view.system)
    status = st.pills(
        "Status",
        _STATUSES,
        selection_mode="multi",
        default=["proposed", "approved"],
        format_func=label,
        key="action_status",
        bind="query-params",
    )
    return ActionFilter(
        status=tuple(status),
        kind=kind,
        system=system,
        search=search or "",
        root=parts.query("root"),
        legal_entity=view.legal_entity,
        currency=view.currency,
    )


def _columns() -> dict[str, Any]:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "status": text("Status", width=75),
        "kind": text("Kind", width=105),
        "connection": text("System", width=80),
        "reason": text("Why", width=325),
        "impact": number("Money", format="accounting", width=95),
        "currency": text("Cur.", width=45),
        "required_role": text("Approver", width=110),
        "object": text("Object", width=120),
        "record_id": text("Record"),
        "action_id": text("Action"),
    }


def _worded() -> tuple[pl.Expr, ...]:
    """What is said otherwise in a list than in the call."""
    return _sentences(), _approvers(), _records()


def _records() -> pl.Expr:
    """The record a call changes; one that an earlier call of its correction creates has no number yet."""
    name = pl.col("record_id")
    return pl.when(name.str.starts_with("${")).then(pl.lit(NEW_RECORD)).otherwise(name).alias("record_id")


def _sentences() -> pl.Expr:
    reason = pl.col("reason")
    return reason.str.slice(0, 1).str.to_uppercase() + reason.str.slice(1)


def _approvers() -> pl.Expr:
    """Who must approve; what nobody must is a task for a person, or a copy brought up to date."""
    return pl.col("required_role").fill_null(pl.lit("none needed"))


def _decide(picked: dict[str, int], page: pl.DataFrame) -> None:
    """A decision on the chosen rows, by id and version: what is decided is what was looked at."""
    if not picked:
        st.caption("Choose rows to decide on several at once, or open one:")
        for row in page.head(5).iter_rows(named=True):
            parts.link_to(
                "actions",
                escaped(f"{label(row['kind'])} · {sentence(row['reason'])}"),
                action=row["action_id"],
            )
        return
    with st.container(border=True):
        st.markdown(
            f"**{plural(len(picked), 'action')} chosen:** " + ", ".join(f"`{name}`" for name in list(picked)[:12])
        )
        if len(picked) == 1:
            parts.link_to("actions", "Open it", action=next(iter(picked)))
        _buttons(picked, key="many")


def _buttons(picked: dict[str, int], *, key: str) -> None:
    """Reason, approve, reject; the outcome is told after the page is drawn again."""
    view = parts.view()
    reason = st.text_input("Reason", key=f"reason-{key}", placeholder="Why this is right, or why not")
    left, right, _ = st.columns([1, 1, 4])
    approve = left.button(view.signed("Approve"), type="primary", key=f"approve-{key}", disabled=not view.person)
    reject = right.button(view.signed("Reject"), key=f"reject-{key}", disabled=not view.person)
    if not view.person:
        st.caption(decide.NOBODY)
    if approve or reject:
        st.session_state["said"] = decide.decide(view, picked, reason, approve=approve)
        st.rerun()


def _emit(approved: int) -> None:
    """Approved actions become one batch of files."""
    st.subheader("Batch", anchor=False)
    if not approved:
        st.caption("No approved action waits for a batch.")
        return
    st.write(f"{plural(approved, 'approved action')} can be written as one batch. Nothing is sent from here.")
    if st.button("Write batch", key="emit"):
        st.session_state["said"] = decide.emit(parts.view())
        st.rerun()


# --- one action --------------------------------------------------------------------------------------------------


def show_action(action_id: str) -> None:
    """Before and after, precondition, the native call, what would undo it, and the decision."""
    view = parts.view()
    parts.link_to("actions", "All actions", icon=":material/arrow_back:")
    parts.said()
    found = decide.with_decisions(view).action_by_id(action_id)
    if found is None:
        parts.empty(
            f"No action {action_id} in this run", "A later run may have replaced it: look for its break instead."
        )
        return
    target, approval = json.loads(found["target"]), json.loads(found["approval"])
    parts.heading(escaped(sentence(found["reason"])))
    with st.container(horizontal=True):
        st.badge(label(found["kind"]), color="blue")
        parts.status_badge(found["status"])
    facts = st.columns(4)
    facts[0].metric("System", view.system(target["connection"]), border=True)
    facts[1].metric("Money", money(found["impact"], found["currency"]) or "none", border=True)
    facts[2].metric("Approver", label(approval.get("required_role")) or "None needed", border=True)
    facts[3].metric("Posting period", found["posting_period"] or "none", border=True)
    st.caption(f"{found['action_id']} · version {found['version']} · correction {found['group_id']}")
    _changes(found, target)
    for break_id in found["breaks"][:8]:
        corrected = view.snapshot.break_by_id(break_id)
        title = corrected["title"] if corrected else break_id
        parts.link_to("breaks", escaped(f"Corrects: {title}"), **{"break": break_id})
    with st.expander("The call as it would be sent"):
        st.code(json.dumps(json.loads(found["request"]), indent=2, ensure_ascii=False), language="json")
    with st.expander("What would undo it"):
        undo = json.loads(found["compensation"] or "null")
        if undo:
            st.code(json.dumps(undo, indent=2, ensure_ascii=False), language="json")
        else:
            st.write("Nothing: repeating it changes nothing, or a person decides.")
    if approval.get("by"):
        so_far = "Approved so far" if found["status"] == "proposed" else "Decided"
        st.write(f"{so_far} by {', '.join(approval['by'])}.")
    if found["status"] in ("proposed", "approved"):
        _buttons({found["action_id"]: found["version"]}, key="one")


def _changes(found: Row, target: dict[str, Any]) -> None:
    record = target.get("record_id") or target.get("external_id")
    to_come = not record or str(record).startswith("${")
    st.subheader(f"{target['object']}, {NEW_RECORD}" if to_come else f"{target['object']} {record}", anchor=False)
    changes = json.loads(found["changes"] or "[]")
    if changes:
        st.dataframe(
            pl.DataFrame(
                {
                    "Field": [str(one.get("field")) for one in changes],
                    "Now": [_text(one.get("from")) for one in changes],
                    "Then": [_text(one.get("to")) for one in changes],
                }
            ),
            hide_index=True,
            key="changes",
        )
    guards = json.loads(found["precondition"] or "[]")
    if guards:
        st.caption("Only if: " + "; ".join(_guard(one) for one in guards))


def _guard(one: dict[str, Any]) -> str:
    return {"absent": f"{one['field']} is empty", "exists": f"{one['field']} is there"}.get(
        one["op"], f"{one['field']} is {_text(one.get('value'))}"
    )


def _text(value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    return figure(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


PAGE = Page(
    title="Actions",
    path="actions",
    icon=":material/published_with_changes:",
    order=4,
    show=show,
    shown=(Shown("corrections", "Proposed corrections by status, system and approver", "recon.actions"),),
)
