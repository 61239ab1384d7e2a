"""The whole chain against the truth: a clean firm has no break, every fault is found, corrections put it right."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.tieout.loop import OF_THE_BOOKS, Correction, Firm, corrected, firm, struck, untied
from tests.tieout.verdict import assert_clean, assert_restored, assert_scored

#: A break without what names a run and the place of a row in a file.
CONTENT = "* exclude (run_id) replace (regexp_replace(evidence, '\"row_id\":[0-9]+', '', 'g') as evidence)"


def test_a_firm_without_faults_has_no_break(faultless_firm: Path) -> None:
    one = Firm(faultless_firm)
    assert_clean(one)
    assert untied(one.project) == []


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize("seed", [seed for seed in range(1, 21) if seed != 11])  # the firm above has 11
def test_clean_firms_of_many_seeds_have_no_break(tmp_path: Path, seed: int) -> None:
    one = firm(tmp_path / "firm", size=40 + seed * 2, seed=seed, faults="none")
    one.run()
    assert_clean(one)
    assert untied(one.project) == []


@pytest.mark.long
def test_faults_of_the_books_are_found_where_delivery_and_billing_are_right(tmp_path: Path) -> None:
    """Those of another firm are what the modules about books, costs, recognition and currencies look at."""
    assert_scored(struck(tmp_path / "firm", *OF_THE_BOOKS, seed=1, size=120))


def test_every_fault_of_a_typical_firm_is_found_and_nothing_else(typical: Firm) -> None:
    assert_scored(typical)


def test_every_check_finds_something_in_a_typical_firm(typical: Firm) -> None:
    """All but K67: in a firm this small something else struck every agreement that has a plan."""
    ran = typical.rows("select distinct check_id from recon.coverage where check_id <> 'K67' order by 1")
    assert typical.rows("select distinct check_id from recon.breaks order by 1") == ran


@pytest.mark.long
def test_approved_corrections_put_a_typical_firm_right(put_right: Correction) -> None:
    assert_restored(put_right)


def test_the_same_input_again_is_the_same_run(typical_copy: Firm) -> None:
    assert typical_copy.run().is_unchanged


@pytest.mark.long(minutes=2)
@pytest.mark.parametrize(
    ("faults", "seed", "size"),
    [
        ("poor", 13, 200),
        ("typical", 7, 200),
        ("best", 3, 200),
        ("poor", 5, 80),
        ("typical", 11, 120),
        ("typical", 1, 80),
    ],
)
def test_firms_of_many_seeds_are_understood_and_put_right(tmp_path: Path, faults: str, seed: int, size: int) -> None:
    other = firm(tmp_path / "firm", size=size, seed=seed, faults=faults)
    other.run()
    assert_scored(other)
    assert_restored(corrected(other))


@pytest.mark.long
def test_the_order_of_rows_in_the_exports_changes_no_byte_of_a_break(typical: Firm, tmp_path: Path) -> None:
    """Three orders of a whole firm; what a single comparison makes of five is asked where comparisons are."""
    told = typical.rows(f"select {CONTENT} from recon.breaks order by break_id")
    for number in range(1, 4):
        other = tmp_path / str(number)
        shutil.copytree(typical.folder, other, ignore=shutil.ignore_patterns(".tieout"))
        shuffle(other / "exports", number)
        again = Firm(other)
        again.run()
        assert again.rows(f"select {CONTENT} from recon.breaks order by break_id") == told


def shuffle(exports: Path, seed: int) -> None:
    """Put the records of every export in another order; headers stay. No field of the sandbox holds a line break."""
    dice = random.Random(seed)
    for path in sorted(exports.rglob("*.*")):
        if path.name.startswith("_"):
            continue
        lines = path.read_text("utf-8").splitlines(keepends=True)
        head, rows = (lines[:1], lines[1:]) if path.suffix == ".csv" else ([], lines)
        dice.shuffle(rows)
        path.write_text("".join([*head, *rows]), "utf-8")
