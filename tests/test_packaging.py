"""What a fresh clone is set up from: pinned, hashed, and from nowhere in particular."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app import home

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as a release would build it."""
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))))


def test_a_wheel_brings_the_models_and_what_they_are_built_with(wheel: Path) -> None:
    names = {name.partition("share/tieout/")[2] for name in zipfile.ZipFile(wheel).namelist()}
    wanted = ["dbt_project.yml", "profiles.yml"]
    for folder in ("models", "contracts/macros", "contracts/seeds"):
        wanted += [str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert set(wanted) - names == set()


def test_a_checkout_reads_its_own_models() -> None:
    assert home.models_root() == ROOT


def test_code_without_its_models_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "CODE", tmp_path)
    monkeypatch.setattr(home, "_installed", list)
    with pytest.raises(home.ModelsMissing, match="Install Tieout with pip"):
        home.models_root.__wrapped__()


@pytest.mark.long(minutes=2)
def test_an_installed_wheel_lands_and_builds_a_firm(wheel: Path, tmp_path: Path) -> None:
    prefix, firm = tmp_path / "prefix", tmp_path / "firm"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed"]
    subprocess.run(
        [*pip, "--prefix", str(prefix), str(wheel)], check=True
    )  # beside what is installed here, not instead
    code = sysconfig.get_path("purelib", vars={"base": str(prefix), "platbase": str(prefix)})
    for verb in (("sandbox", "new", str(firm), "--size", "40", "--faults", "none"), ("land",), ("build",)):
        project = () if verb[0] == "sandbox" else ("--project", str(firm))
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *verb, *project], cwd=tmp_path, env={**os.environ, "PYTHONPATH": code},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert (prefix / "share" / "tieout" / "models").is_dir()
