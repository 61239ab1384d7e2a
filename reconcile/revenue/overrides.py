"""What revenue accountants decided on amendments: recorded once, read by every recomputation.

A decision names an agreement, one of its versions and the treatment in place of the policy's. It counts from the open
month on - closed months are never restated - and the recomputation shows it with what policy would have said.
"""

from __future__ import annotations

import datetime as dt

import duckdb
from sqlalchemy import select

from contracts.errors import ConfigError, TieoutError
from contracts.state import State, rows, schema, treat
from reconcile.approvals import Approver
from reconcile.revenue.modification import TREATMENTS, Override

__all__ = ["ROLES", "NotDecidable", "decide_treatment", "overrides"]

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
    if treatment not in TREATMENTS:
        raise ConfigError(f"{treatment} is no treatment", then=f"There are {', '.join(TREATMENTS)}.")
    if not reason.strip():
        raise ConfigError("A decision needs a reason", where="--reason", then="Say why policy does not fit.")
    if not set(ROLES) & set(by.roles):
        raise NotDecidable(f"{by.person} is neither {' nor '.join(ROLES)}", where="tieout.yml people")
    found = con.execute(
        """
        select distinct decisions.agreement_id, (
            select max(positions.period) from revenue.positions
            where positions.agreement_id = decisions.agreement_id and positions.book = decisions.book
        )
        from revenue.decisions
        inner join marts.agreement on agreement.agreement_id = decisions.agreement_id
        where agreement.agreement_number = ? and decisions.book = ? and decisions.version_no = ?
            and decisions.treatment not in ('original', 'unsigned')
            and (? is null or decisions.obligation_key = ?)
        """,
        [agreement_number, book, version_no, obligation_key, obligation_key],
    ).fetchall()
    if not found or found[0][1] is None:
        raise NotDecidable(
            f"Version {version_no} of {agreement_number} has no treatment to decide in book {book}",
            then="`tieout revenue` lists the amendments and how each is treated.",
        )
    agreement_id, period = found[0]
    with state.begin() as connection:
        return treat(
            connection, agreement_id, version_no, treatment, book=book, obligation_key=obligation_key, period=period,
            decided_on=as_of, by=by.person, reason=reason, at=at,
        )  # fmt: skip
