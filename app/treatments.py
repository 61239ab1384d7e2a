"""Part of Revenue: how each version of an agreement was accounted for, and a decision in place of the policy's.

Whoever decides sees first what it would do: the month it counts from, what that does to revenue, and that the months
before stay as they are. What was decided stays listed, with who and why.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
import streamlit as st

from app import decide, drill, parts
from app.data import Row
from app.format import day, escaped, label, plural, sentence, signed
from app.revenue_data import Scope, obligations
from app.revenue_data.obligations import TREATMENTS
from contracts.errors import TieoutError
from reconcile.revenue.modification import TREATMENTS as CHOICES
from reconcile.revenue.modification import described
from reconcile.revenue.overrides import WhatIf

__all__ = ["history"]


def history(chosen: Scope, found: Row) -> None:
    """Each version with treatment, reason, effect and who decided; decisions taken by people; and the next one."""
    view = parts.view()
    st.subheader("Modifications", anchor=False)
    parts.said()
    decided = obligations.decisions(view.snapshot, chosen, found["agreement_id"], found["obligation_key"])
    if decided.is_empty():
        st.caption("No version of this agreement has been treated yet.")
        return
    for row in decided.iter_rows(named=True):
        _version(row)
    taken = decide.treatments(view, found["agreement_id"], chosen.book, found["obligation_key"])
    _taken(taken)
    open_ones = decided.filter(pl.col("treatment").is_in(CHOICES) & pl.col("obligation_key").is_not_null())
    if open_ones.height:
        with st.expander("Account for a version otherwise", icon=":material/gavel:"):
            _decide(chosen, found, open_ones, taken)


def _version(row: Row) -> None:
    with st.container(border=True):
        left, right = st.columns([4, 1])
        whole = "" if row["obligation_key"] else " · the whole agreement"
        left.markdown(
            escaped(
                f"**Version {row['version_no']}, {day(row['decided_on'])} · {_spelt(row['treatment'])}**{whole}  \n"
                f"{sentence(row['reason'])}"
            )
        )
        by = "by policy" if row["decided_by"] == "policy" else f"decided by {row['decided_by']}"
        over = f", who overrode: {label(row['overrides']).lower()}" if row["overrides"] else ""
        left.caption(" · ".join(text for text in (row["rule"], row["policy"], by + over) if text))
        if row["effect_amount"]:
            right.metric(f"Effect in {row['period']}", signed(row["effect_amount"], row["currency"]))
        else:
            right.caption(f"No effect in {row['period']}")


def _taken(taken: pl.DataFrame) -> None:
    """What people decided, the latest first: who, when, why, and whether it counts yet."""
    if taken.is_empty():
        return
    text = st.column_config.TextColumn
    st.caption("Decided in place of the policy:")
    parts.table(
        taken.reverse().with_columns(
            treatment=pl.col("treatment").replace(TREATMENTS),
            of_what=pl.col("obligation_key").fill_null("every line"),
            on=pl.Series([dt.date.fromisoformat(at[:10]) for at in reversed(taken["decided_at"])], dtype=pl.Date),
        ),
        {
            "version_no": st.column_config.NumberColumn("Version", width="small"), "of_what": text("Of"),
            "treatment": text("Treatment"), "period": text("From", width="small"), "person": text("Decided by"),
            "on": st.column_config.DateColumn("On", format="D MMM YYYY"), "reason": text("Why", width="large"),
            "standing": text("Standing"),
        },
        key="treatments-taken",
    )  # fmt: skip


def _decide(chosen: Scope, found: Row, versions: pl.DataFrame, taken: pl.DataFrame) -> None:
    """A version, its treatment, what that would do, the reason, and the decision."""
    view = parts.view()
    latest = {row["version_no"]: row for row in versions.iter_rows(named=True)}
    first, second, third = st.columns([3, 3, 3])
    version = first.selectbox(
        "Version", list(latest)[::-1], key="treat-version",
        format_func=lambda number: f"{number}: {_spelt(latest[number]['treatment'])} from {latest[number]['period']}",
    )  # fmt: skip
    stands = latest[version]["treatment"]
    is_open = taken.filter(pl.col("version_no") == version, pl.col("standing") == decide.NEXT_RUN).is_empty()
    treatment = second.selectbox(
        "Account for it as", [name for name in CHOICES if name != stands or not is_open], key=f"treat-as-{version}",
        format_func=_spelt,
    )  # fmt: skip
    whole = f"every line of version {version}"
    scope = third.selectbox("It concerns", [found["obligation_key"], whole], key=f"treat-of-{version}")
    key = "" if scope == whole else found["obligation_key"]
    st.caption(escaped(f"{described(treatment).reason} ({described(treatment).rule})."))
    try:
        outcome = decide.what_if(view, found["agreement_number"], version, treatment, book=chosen.book, key=key)
    except TieoutError as error:
        st.error(str(error))
        return
    _outcome(outcome, found["currency"])
    reason = st.text_input("Reason", key="treat-reason", placeholder="Why policy does not fit; it is kept")
    who = decide.treaters(view.project)
    st.caption(f"Revenue accountants and controllers decide: {', '.join(who) or 'nobody in this project'}.")
    if st.button(view.signed("Decide"), type="primary", key="treat", disabled=not view.person):
        st.session_state["said"] = decide.treat(
            view, found["agreement_number"], version, treatment, reason, book=chosen.book, key=key
        )
        st.rerun()


def _outcome(outcome: WhatIf, currency: str) -> None:
    """What the decision would do, before it is taken."""
    moved = [one for one in outcome.effects if one.catch_up or one.price_then != one.price]
    total = sum(one.catch_up for one in outcome.effects)
    effect = (
        f"revenue of {outcome.period} changes by **{signed(total, currency)}**" if total
        else f"revenue to date stays as it is in {outcome.period}"
    )  # fmt: skip
    st.markdown(
        escaped(
            f"It takes effect with the next run and counts from {outcome.period} on: {effect}. Months before "
            f"{outcome.period} are closed to it and stay as they are."
        )
    )
    if moved:
        parts.table(
            pl.DataFrame(
                [(one.obligation_key, one.recognised, one.recognised_then, one.catch_up, one.price, one.price_then)
                 for one in moved],
                schema={"obligation_key": pl.String, **dict.fromkeys(_EFFECT, pl.Decimal(18, 4))}, orient="row",
            ),
            {"obligation_key": st.column_config.TextColumn("Obligation"), **drill.amount_columns(**_EFFECT)},
            key="treat-effects",
        )  # fmt: skip
    for one in outcome.problems:
        st.warning(escaped(f"It would raise a problem: {one.message}. {one.then}"), icon=":material/report:")
    if outcome.problems:
        st.caption(f"{plural(len(outcome.problems), 'problem')} would stop or question the revenue above.")


#: Columns of the table of effects, and what they are called.
_EFFECT = {
    "recognised": "Recognised to date", "recognised_then": "As decided", "catch_up": "Catch-up", "price": "Price",
    "price_then": "Price as decided",
}  # fmt: skip


def _spelt(treatment: str) -> str:
    return TREATMENTS.get(treatment, label(treatment))
