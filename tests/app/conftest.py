"""Fixtures of the tests of `app`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.project import Project
from tests.app.world import CLAIMS, PROJECT, RULE, WRITE, write_exports


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of two systems whose ledger lacks two of four entries."""
    import getpass

    from app import build, pipeline, reconciliation, warehouse
    from reconcile.corrections import Target

    (tmp_path / "tieout.yml").write_text(PROJECT + f"act_for: {{{getpass.getuser()}: [ana, carl, cleo]}}\n")
    write_exports(tmp_path, posted=2)

    def build_claims(project: Project, state: object, **_: object) -> None:
        with warehouse.opened(project) as con:
            con.execute(CLAIMS)

    monkeypatch.setattr(build, "build", build_claims)
    monkeypatch.setattr(reconciliation, "all_rules", lambda project: [RULE])
    monkeypatch.setattr(
        pipeline,
        "targets",
        lambda project: [
            Target("kantata", "kantata", ("PSA",)),
            Target("netsuite", "netsuite", ("ERP", "REVREC"), (WRITE,)),
        ],
    )
    return Project.load(tmp_path)
