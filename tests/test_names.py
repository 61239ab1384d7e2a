"""Nobody else owns, shadows or is shadowed by our top-level names."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions

import pytest

OURS = ("contracts", "ingest", "reconcile", "app")


@pytest.mark.parametrize("name", OURS)
def test_no_installed_distribution_owns_our_name(name: str) -> None:
    others = set(packages_distributions().get(name, [])) - {"tieout"}
    assert others == set(), f"{name} is also a package of {', '.join(sorted(others))}"


@pytest.mark.parametrize("name", OURS)
def test_no_module_of_the_language_has_our_name(name: str) -> None:
    assert name not in sys.stdlib_module_names
