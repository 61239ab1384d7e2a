"""Opens one page of the dashboard in a test, at an address."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

#: One page with its view, as `app.main` shows it; links are written as text, since a test has no menu to link to.
_SCRIPT = """
import streamlit as st
from app import main, parts
from app.page import pages

parts.link_to = lambda path, label, **address: st.markdown(f"LINK {path} {label} {address}")
parts.downloads = lambda rows, name, columns: st.session_state.update(
    {f"exported-{name}": rows() if callable(rows) else rows}
)
if main.prepare():
    next(page for page in pages() if page.path == "PAGE_PATH").show()
"""


def opened(project: Path, page: str, monkeypatch: pytest.MonkeyPatch, **address: str) -> AppTest:
    """The dashboard at an address, run once."""
    monkeypatch.setenv("TIEOUT_PROJECT", str(project))
    test = AppTest.from_string(_SCRIPT.replace("PAGE_PATH", page), default_timeout=60)
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, [one.value for one in test.exception]
    return test
