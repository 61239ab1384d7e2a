"""What must hold of a firm's run and of its corrections, whichever checks a test is about."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.tieout.loop import Correction, Firm

__all__ = [
    "STANDING", "assert_apart", "assert_clean", "assert_restored", "assert_scored", "assert_verified", "disturbed",
]  # fmt: skip

STANDING = "status not in ('cleared', 'verified', 'timing')"


def assert_clean(one: Firm) -> None:
    """No break, every proof to the cent, every rule ran, nothing set aside."""
    assert one.rows("select check_id, title from recon.breaks order by all") == []
    assert one.rows("select check_id, message from recon.proofs where residual <> 0 or status <> 'proved'") == []
    assert one.rows("select check_id, reason from recon.coverage where status <> 'ran'") == []
    assert one.rows("select stream, raw_row from quarantine.rows") == []


def assert_apart(truth: list[dict[str, Any]]) -> None:
    """There are faults, and no two of them strike the same record."""
    roots = [(row["root"]["object"], row["root"]["id"]) for row in truth]
    assert roots
    assert len(roots) == len(set(roots))


def assert_scored(one: Firm, of: Collection[str] = (), at_least: int = 1) -> None:
    """Every fault found with its money and its connection, every consequence under its cause, no false alarm.

    Each of the checks `of` found faults, and all of them together found `at_least` so many.
    """
    found = one.score()
    assert found.perfect, found.report(40)
    assert found.expected > 0
    roots = [check for (check,) in one.rows("select check_id from recon.breaks where is_root")]
    assert set(of) <= set(roots)
    assert len([check for check in roots if not of or check in of]) >= at_least


def disturbed(one: Firm, checks: Collection[str]) -> set[str]:
    """The checks that tell what follows from faults of some other checks. (What follows from nothing is no break.)"""
    under = one.rows(
        "select distinct r.check_id, b.check_id from recon.breaks as b join recon.breaks as r on r.break_id = b.root_id"
    )
    return {check for cause, check in under if cause in checks} - set(checks)


def assert_restored(done: Correction) -> None:
    """All corrections delivered: nothing stands, nothing new came, and delivering again changes nothing."""
    one = done.firm
    assert [answer for answer in done.answers if answer["outcome"] not in ("applied", "already_applied")] == []
    assert done.is_repeatable
    assert one.rows(f"select check_id, title from recon.breaks where {STANDING} order by all") == []
    assert {row[0] for row in one.rows("select break_id from recon.breaks where status <> 'timing'")} <= done.before
    unverified = "select b.title from recon.breaks as b where b.is_root and b.status = 'cleared' and exists "
    unverified += "(select 1 from recon.actions as a where list_contains(a.breaks, b.break_id))"
    assert one.rows(unverified) == []
    assert one.rows("select check_id from recon.proofs where residual <> 0") == []


def assert_verified(done: Correction) -> None:
    """Restored, and by the corrections alone: each was applied, and every break that one of them meant is verified."""
    assert_restored(done)
    assert {answer["outcome"] for answer in done.answers} == {"applied"}, done.answers
    acted = "break_id in (select unnest(breaks) from recon.actions)"
    assert done.firm.rows(f"select distinct status from recon.breaks where {acted}") == [("verified",)]
