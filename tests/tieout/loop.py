"""The whole loop on a small firm: write it, run, score against the truth, approve, emit, apply, run again."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import pipeline, publish, warehouse
from app.project import Project
from app.summary import RunSummary
from contracts.state import open_state
from ingest.sandbox import new
from ingest.sandbox.apply import apply_batch
from ingest.sandbox.score import Score, score
from reconcile.approvals import Approver, approve
from reconcile.outbox import emit, read_results

__all__ = ["OF_THE_BOOKS", "Correction", "Firm", "corrected", "firm", "struck", "untied"]

#: Checks on what finance recognises, accrues, recharges, revalues and discloses, and on what it costs and is planned.
OF_THE_BOOKS = (
    "K17", "K22", "K43", "K44", "K45", "K47", "K48", "K49", "K50", "K51", "K52", "K53", "K55", "K56", "K57", "K59",
    "K60", "K61", "K62", "K63", "K64", "K65", "K66", "K67", "K68", "K69", "K70", "K71", "K72", "K73",
)  # fmt: skip

#: Balances of an agreement that the evidence and the books both state.
_POSITIONS = ("billed", "recognised", "unbilled_receivable", "contract_asset", "contract_liability", "refund_liability")
_DIFFERS = " or ".join(f"{name}_difference_amount <> 0" for name in _POSITIONS)
#: Where a clean firm's books part from the evidence, an identity fails, or evidence cannot be used.
_UNTIED = (
    "select obligation_key, period, difference_amount from revenue.line_balances where difference_amount <> 0",
    f"select agreement_id, period, 'balance' from revenue.balances where {_DIFFERS}",
    "select identity, statement, period from revenue.identities where failed > 0",
    "select agreement_id, period, message from revenue.problems "
    "where code not in ('progress_over_100', 'ended_without_work')",
)


@dataclass(frozen=True)
class Firm:
    """A sandbox and its project."""

    folder: Path

    @property
    def project(self) -> Project:
        """The project as it stands."""
        return Project.load(self.folder)

    def run(self) -> RunSummary:
        """One run; raises when a proof does not hold."""
        return pipeline.run(self.project)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the published snapshot says."""
        with publish.open_current(self.project) as con:
            return con.execute(query).fetchall()

    def score(self) -> Score:
        """The run against the truth."""
        with publish.open_current(self.project) as con:
            return score(con, self.folder / "truth")

    def approve_all(self) -> None:
        """Two controllers approve whatever is proposed."""
        project = self.project
        with publish.open_current(project) as con:
            open_ids = [
                row[0]
                for row in con.execute("select action_id from recon.actions where status = 'proposed'").fetchall()
            ]
        for person in ("carl", "cleo"):
            with publish.open_current(project) as con:
                by = Approver(person, ("controller",), actor=person)
                approve(con, open_state(project.state), open_ids, by, "as proposed", at=_NOON)

    def deliver(self) -> list[dict[str, Any]]:
        """Emit what is approved and play the target systems; the answers, in the batch's order."""
        project = self.project
        state = open_state(project.state)
        with publish.open_current(project) as con:
            batch = emit(con, state, pipeline.batches(project), actor="carl", at=_NOON)
        if batch is None:
            return []
        answers = apply_batch(self.folder, batch.path)
        read_results(state, pipeline.batches(project), at=_NOON)
        return answers

    def apply_again(self) -> list[dict[str, Any]]:
        """Play the last batch once more."""
        batches = sorted(pipeline.batches(self.project).iterdir())
        return apply_batch(self.folder, batches[-1])

    def exports(self) -> dict[str, bytes]:
        """Every file the systems exported."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted((self.folder / "exports").rglob("*"))
            if path.is_file()
        }


_NOON = dt.datetime(2026, 3, 6, 17, 0)


@dataclass(frozen=True)
class Correction:
    """A firm after its corrections were approved, delivered more than once, and looked at by another run."""

    firm: Firm
    before: frozenset[str]
    answers: list[dict[str, Any]]
    #: Whether delivering again gave the same answers and changed no byte of the exports.
    is_repeatable: bool
    #: How long the last run took.
    seconds: float


def corrected(one: Firm) -> Correction:
    """Approve everything, emit, apply, apply and emit again, and run."""
    before = frozenset(row[0] for row in one.rows("select break_id from recon.breaks"))
    one.approve_all()
    answers = one.deliver()
    exports = one.exports()
    again = [one.apply_again(), one.deliver()]
    is_repeatable = again == [answers, answers] and one.exports() == exports
    began = time.monotonic()
    one.run()
    return Correction(one, before, answers, is_repeatable, time.monotonic() - began)


def firm(folder: Path, *only: str, seed: int = 7, size: int = 60, faults: str = "poor") -> Firm:
    """A small firm with the faults of some checks or patterns."""
    new(folder, size=size, seed=seed, faults=faults, only=only)
    return Firm(folder)


def struck(folder: Path, *only: str, seed: int = 7, size: int = 60) -> Firm:
    """A firm with the faults of some checks and no others, run once."""
    made = firm(folder, *only, seed=seed, size=size)
    made.run()
    return made


def untied(project: Project) -> list[tuple[Any, ...]]:
    """Every difference between a firm's books and what its evidence says they should be; a clean firm has none."""
    with warehouse.opened(project) as con:
        return [row for query in _UNTIED for row in con.execute(f"{query} order by all").fetchall()]
