"""Decisions of the dashboard."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app import decide
from app.project import Project
from contracts.state import State, open_state


def test_the_state_store_is_opened_once_however_often_pages_ask(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counted(url: str) -> State:
        opened.append(url)
        return open_state(url)

    monkeypatch.setattr(decide, "open_state", counted)
    view: Any = SimpleNamespace(project=tiny)
    assert decide.taken(view, "BRK-1") == decide.taken(view, "BRK-2") == []
    assert opened == [tiny.state]
