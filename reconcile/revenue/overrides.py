"""What revenue accountants decided on amendments: recorded once, read by every recomputation.

A decision names an agreement, one of its versions and the treatment in place of the policy's. It counts from the open
month on - closed months are never restated - and the recomputation shows it with what policy would have said. Before
it is recorded, `what_if` says what it would do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
from sqlalchemy import select

from contracts.errors import ConfigError, TieoutError
from contracts.state import State, rows, schema, treat
from reconcile.approvals import Approver
from reconcile.revenue.modification import TREATMENTS, Override
from reconcile.revenue.policy import Policy
from reconcile.revenue.rows import Problem, Recognition
from reconcile.revenue.run import recompute_agreement

__all__ = ["ROLES", "Effect", "NotDecidable", "WhatIf", "decide_treatment", "overrides", "what_if"]

#: Who may decide how an amendment is accounted for.
ROLES = ("revenue_accountant", "controller")


class NotDecidable(TieoutError):
    """The version is not known, has nothing to decide, or the person may not decide on it."""


def overrides(state: State) -> list[Override]:
    """Every decision taken so far, in the order in which they were taken."""
    table = schema.revenue_decisions
    with state.read() as connection:
        found = rows(connection, select(table).order_by(table.c.decided_at, table.c.decision_id))
    return [
        Override(
            agreement_id=row["agreement_id"],
            book=row["book"],
            version_no=row["version_no"],
            obligation_key=row["obligation_key"],
            treatment=row["treatment"],
            decided_on=dt.date.fromisoformat(row["decided_on"]),
            period=row["period"],
            decided_by=row["person"],
            reason=row["reason"],
        )
        for row in found
    ]


def decide_treatment(
    con: duckdb.DuckDBPyConnection,
    state: State,
    agreement_number: str,
    version_no: int,
    treatment: str,
    *,
    by: Approver,
    reason: str,
    as_of: dt.date,
    at: dt.datetime,
    book: str = "primary",
    obligation_key: str | None = None,
) -> str:
    """Record a treatment of a version, from the open month on; `con` reads the published snapshot.

    Raises `NotDecidable` when the person may not decide or the snapshot knows no such version to be treated, and
    `ConfigError` for a treatment that does not exist or a missing reason.
    """
    if not reason.strip():
        raise ConfigError("A decision needs a reason", where="--reason", then="Say why policy does not fit.")
    if not set(ROLES) & set(by.roles):
        raise NotDecidable(f"{by.person} is neither {' nor '.join(ROLES)}", where="tieout.yml people")
    agreement_id, period = _open_month(con, agreement_number, version_no, treatment, book, obligation_key)
    with state.begin() as connection:
        return treat(
            connection, agreement_id, version_no, treatment, book=book, obligation_key=obligation_key, period=period,
            decided_on=as_of, by=by.person, reason=reason, at=at,
        )  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """One obligation at the end of the open month: revenue and price as they stand, and as they would be."""

    obligation_key: str
    recognised: Decimal
    recognised_then: Decimal
    price: Decimal
    price_then: Decimal

    @property
    def catch_up(self) -> Decimal:
        """What the decision would add to the revenue of the open month."""
        return self.recognised_then - self.recognised


@dataclass(frozen=True)
class WhatIf:
    """What a decision would do: from which month on, to which obligations, and which problems it would raise."""

    period: str
    effects: tuple[Effect, ...]
    problems: tuple[Problem, ...]


def what_if(
    con: duckdb.DuckDBPyConnection,
    policies: Mapping[str, Policy],
    taken: Sequence[Override],
    agreement_number: str,
    version_no: int,
    treatment: str,
    *,
    as_of: dt.date,
    book: str = "primary",
    obligation_key: str | None = None,
) -> WhatIf:
    """Recompute an agreement with all decisions `taken` and with one more; nothing is recorded.

    The months before the open one are the same in both: a decision never reaches them. Raises as `decide_treatment`.
    """
    agreement_id, period = _open_month(con, agreement_number, version_no, treatment, book, obligation_key)
    more = Override(agreement_id, book, version_no, obligation_key, treatment, as_of, period, "", "")
    stands, then = recompute_agreement(
        con, policies, agreement_id, book, through=period, decisions=(taken, [*taken, more])
    )
    before, after = ({row.obligation_key: row for row in one.recognition} for one in (stands, then))  # the last month
    known = {(one.code, one.obligation_key) for one in stands.problems}
    return WhatIf(
        period,
        tuple(_effect(key, before.get(key), after.get(key)) for key in sorted(before | after)),
        tuple(one for one in then.problems if (one.code, one.obligation_key) not in known),
    )


def _effect(key: str, before: Recognition | None, after: Recognition | None) -> Effect:
    nothing = Decimal(0)
    return Effect(
        key,
        before.cumulative_amount if before else nothing, after.cumulative_amount if after else nothing,
        before.price_amount if before else nothing, after.price_amount if after else nothing,
    )  # fmt: skip


def _open_month(
    con: duckdb.DuckDBPyConnection,
    agreement_number: str,
    version_no: int,
    treatment: str,
    book: str,
    obligation_key: str | None,
) -> tuple[str, str]:
    """The agreement's id and the month a decision on a version counts from; raises when there is none to be taken."""
    if treatment not in TREATMENTS:
        raise ConfigError(f"{treatment} is no treatment", then=f"There are {', '.join(TREATMENTS)}.")
    found = con.execute(
        """
        select distinct decisions.agreement_id, (
            select max(positions.period) from revenue.positions
            where positions.agreement_id = decisions.agreement_id and positions.book = decisions.book
        )
        from revenue.decisions
        inner join marts.agreement on agreement.agreement_id = decisions.agreement_id
        where agreement.agreement_number = ? and decisions.book = ? and decisions.version_no = ?
            and list_contains(?, decisions.treatment) and (? is null or decisions.obligation_key = ?)
        """,
        [agreement_number, book, version_no, list(TREATMENTS), obligation_key, obligation_key],
    ).fetchall()
    if not found or found[0][1] is None:
        raise NotDecidable(
            f"Version {version_no} of {agreement_number} has no treatment to decide in book {book}",
            then="`tieout revenue` lists the amendments and how each is treated.",
        )
    agreement_id, period = found[0]
    return str(agreement_id), str(period)
