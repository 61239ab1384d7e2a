"""What a fresh clone is set up from: pinned, hashed, and from nowhere in particular."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_locked_package_is_pinned_with_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert [entry for entry in entries if not re.match(r"[a-z0-9.-]+(\[[a-z,-]+\])?==\S+", entry)] == []
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_address() -> None:
    assert re.findall(r"https?:|file:|--(?:extra-)?index-url|--find-links|--trusted-host", LOCK) == []


def test_everything_the_project_asks_for_is_locked_within_its_bounds() -> None:
    asked = [Requirement(line) for line in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"])]
    locked = dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,-]+\])?==([^\s;]+)", LOCK, re.MULTILINE))
    wrong = [str(each) for each in asked if locked.get(canonicalize_name(each.name), "") not in each.specifier]
    assert wrong == []


def test_the_driver_of_postgresql_is_an_extra() -> None:
    (driver,) = (Requirement(line) for line in PROJECT["optional-dependencies"]["postgres"])
    assert (driver.name, driver.extras) == ("psycopg", {"binary"})


def test_no_file_with_addresses_of_registries_is_kept() -> None:
    assert not (ROOT / "uv.lock").exists()
