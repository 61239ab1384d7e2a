"""Where a sandbox may be written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.sandbox import SandboxMisuse, new


def test_a_project_of_a_firm_is_never_taken_for_a_sandbox(tmp_path: Path) -> None:
    """It holds exports, as a sandbox does, and decisions that nobody could bring back."""
    kept = (tmp_path / "exports" / "salesforce" / "Account.csv", tmp_path / ".tieout" / "state.db")
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_text("the firm's own", "utf-8")
    with pytest.raises(SandboxMisuse, match="holds no sandbox"):
        new(tmp_path, size=40, seed=1)
    assert [path.read_text("utf-8") for path in kept] == ["the firm's own"] * 2


@pytest.mark.long
def test_a_sandbox_is_written_again_in_its_place(tmp_path: Path, never_run: Path) -> None:
    """One that broke off is a sandbox too: it says so before it holds anything else."""
    shutil.copytree(never_run / ".sandbox", tmp_path / ".sandbox")
    (tmp_path / ".tieout").mkdir()
    assert new(tmp_path, size=40, seed=2, months=3).seed == 2
    assert not (tmp_path / ".tieout").exists()


def test_faults_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    """Passed over, the firm would be clean, and look as if the faults had not been found."""
    with pytest.raises(SandboxMisuse, match="--only K999: no fault has this pattern or check"):
        new(tmp_path / "firm", size=40, only=("K14", "K999"))
    assert not (tmp_path / "firm").exists()
