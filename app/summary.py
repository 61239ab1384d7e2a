"""What a run came to, in a few numbers: read from its snapshot, for the command line and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from app.project import Project
from app.publish import Pointer, open_snapshot
from contracts.breaks import STANDING, among, worth
from reconcile.coverage import NOT_ASKED

if TYPE_CHECKING:
    from ingest.land import Landing

__all__ = ["NOT_RUN", "CheckLine", "RunSummary", "summarise"]


@dataclass(frozen=True)
class CheckLine:
    """One check's breaks: how many, how many are causes of their own, and their money in base currency."""

    check: str
    rule: str
    severity: str
    breaks: int
    roots: int
    impact: Decimal
    timing: int


@dataclass(frozen=True)
class RunSummary:
    """One published run. `exit_code` follows the rules of the command: 0 done, 2 failed, 3 partial."""

    run_id: str
    as_of: str
    firm: str
    base_currency: str
    is_unchanged: bool
    snapshot: Path
    rows_landed: int
    quarantined: int
    breaks: int
    timing: int
    roots: int
    #: Money of the causes, in base currency: a consequence is not counted again.
    impact: Decimal
    by_severity: Mapping[str, int]
    by_check: tuple[CheckLine, ...]
    actions: Mapping[str, int]
    proofs: int
    proofs_failed: int
    #: Identities of the recomputed balances (I1 to I18) that were tested, and those that do not hold, a sentence each.
    identities: int
    residuals: tuple[str, ...]
    not_run: tuple[tuple[str, str], ...]
    stopped: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0 when all is well, 2 when a proof failed, 3 when something did not run."""
        if self.proofs_failed:
            return 2
        return 3 if self.not_run or self.stopped else 0

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values; money as text."""
        plain = asdict(self)
        plain["snapshot"] = str(self.snapshot)
        plain["impact"] = str(self.impact)
        plain["by_check"] = [{**asdict(line), "impact": str(line.impact)} for line in self.by_check]
        return plain


def summarise(
    project: Project, pointer: Pointer, landings: Mapping[str, Landing] | None = None, *, is_unchanged: bool = True
) -> RunSummary:
    """Read the numbers of a published run; `landings` add what landing had to say."""
    given = landings or {}
    path = project.folder("published") / pointer.file
    with open_snapshot(path) as con:
        lines = _by_check(con)
        has_revenue = _number(con, _COMPUTED) > 0
        return RunSummary(
            run_id=pointer.run_id,
            as_of=pointer.as_of,
            firm=project.firm,
            base_currency=project.base_currency,
            is_unchanged=is_unchanged,
            snapshot=path,
            rows_landed=sum(stream.rows_new for one in given.values() for stream in one.streams),
            quarantined=_number(con, "select count(*) from quarantine.rows where status = 'open'"),
            breaks=sum(line.breaks for line in lines),
            timing=sum(line.timing for line in lines),
            roots=sum(line.roots for line in lines),
            impact=sum((line.impact for line in lines), Decimal(0)),
            by_severity=dict(con.execute(_SEVERITIES).fetchall()),
            by_check=lines,
            actions=dict(con.execute("select status, count(*) from recon.actions group by 1 order by 1").fetchall()),
            proofs=_number(con, "select count(*) from recon.proofs"),
            proofs_failed=_number(con, "select count(*) from recon.proofs where status = 'failed'"),
            identities=_number(con, _IDENTITIES) if has_revenue else 0,
            residuals=tuple(row[0] for row in con.execute(_RESIDUALS).fetchall()) if has_revenue else (),
            not_run=tuple(con.execute(NOT_RUN).fetchall()),
            stopped=_stopped(con),
            notes=tuple(note for one in given.values() for note in one.notes),
        )


#: Breaks that stand: neither late only, nor accepted, nor gone.
_STANDS = among("status", STANDING)
_SEVERITIES = f"select severity, count(*) from recon.breaks where {_STANDS} group by 1 order by 1"
#: Checks that did not run although they were asked for, and why.
NOT_RUN = (
    f"select check_id, reason from recon.coverage where status = 'not_run' and reason <> '{NOT_ASKED}' order by all"
)

#: A snapshot of a firm whose revenue was not computed has none of it.
_COMPUTED = (
    "select count(*) from information_schema.tables where (table_schema, table_name) = ('revenue', 'identities')"
)
_IDENTITIES = "select count(*) from revenue.identities where of_what = 'recomputed'"
_RESIDUALS = (
    "select identity || ' (' || statement || '): ' || sum(failed) || ' of ' || sum(tested) || ' differ, by ' "
    "|| sum(residual_amount) || ' ' || coalesce(currency, '') from revenue.identities "
    "where of_what = 'recomputed' and failed > 0 group by identity, statement, currency order by all"
)


def _by_check(con: duckdb.DuckDBPyConnection) -> tuple[CheckLine, ...]:
    rows = con.execute(
        f"""
        select check_id, rule, min(severity),
          count(*) filter (where {_STANDS}),
          count(*) filter (where {_STANDS} and is_root),
          {worth(_STANDS)},
          count(*) filter (where status = 'timing')
        from recon.breaks group by 1, 2 order by 6 desc, 1
        """
    ).fetchall()
    return tuple(CheckLine(*row) for row in rows if row[3] or row[6])


def _stopped(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    rows = con.execute(
        "select connection || '.' || stream || ': ' || coalesce(message, status) from raw.streams "
        "where status in ('stopped', 'missing', 'stale') order by 1"
    ).fetchall()
    return tuple(row[0] for row in rows)


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
