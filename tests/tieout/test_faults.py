"""Which faults strike typical firms of two hundred: every check has some, and no two of them strike the same record."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from contracts.registry import discover
from ingest.sandbox import grow
from tests.tieout.verdict import assert_apart

pytestmark = pytest.mark.long

SEEDS = (1, 7, 11)
BY_SEED = pytest.mark.parametrize("seed", SEEDS)
FAULTS: dict[str, Any] = discover("ingest.sandbox.faults", "FAULT")
#: Patterns that need what not every firm of this size has.
RARE = {"amended_at_old_progress", "deferred_revalued", "stated_as_unscheduled"}
#: Checks with a fault for every firm of this size.
CHECKS = {fault.check for fault in FAULTS.values() if not fault.is_noise and fault.pattern not in RARE}

Truths = list[dict[str, Any]]


@cache
def grown(seed: int) -> tuple[Truths, Truths]:
    """The faults and the noise of a firm."""
    return grow(size=200, seed=seed, faults="typical")[1:]


@pytest.mark.xdist_group("test_faults")
@BY_SEED
def test_every_check_has_faults_and_faults_stay_apart(seed: int) -> None:
    truth, _ = grown(seed)
    assert {want["check"] for row in truth for want in row["expected"]} >= CHECKS
    assert_apart(truth)


@pytest.mark.xdist_group("test_faults")
@BY_SEED
def test_every_pattern_of_fault_and_noise_strikes_but_for_rare_ones(seed: int) -> None:
    struck = {row["pattern"] for rows in grown(seed) for row in rows}
    assert FAULTS.keys() - struck <= RARE


@pytest.mark.xdist_group("test_faults")
def test_rare_patterns_strike_some_firm() -> None:
    assert {row["pattern"] for seed in SEEDS for rows in grown(seed) for row in rows} >= RARE
