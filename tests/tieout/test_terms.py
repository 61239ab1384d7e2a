"""Values, terms, versions and schedules: which faults strike, and that they stay apart."""

from __future__ import annotations

import pytest

from ingest.sandbox import grow
from tests.tieout.verdict import assert_apart

CHECKS = ("K08", "K09", "K10", "K11", "K42")


@pytest.mark.long
@pytest.mark.parametrize("faults", ["typical", "poor"])
def test_every_check_has_a_fault_and_faults_stay_apart(faults: str) -> None:
    _, truth, _ = grow(size=60, seed=7, faults=faults, only=CHECKS)
    assert {want["check"] for row in truth for want in row["expected"]} == set(CHECKS)
    assert_apart(truth)
