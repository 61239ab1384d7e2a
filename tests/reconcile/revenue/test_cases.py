from pathlib import Path

import pytest

from tests.reconcile.revenue.case_text import Case, differences, labels, read, recomputed

CASES = sorted((Path(__file__).parents[2] / "cases" / "revenue").glob("*.txt"))
#: Tables that say what happened; all others say what must come out.
INPUTS = ("events", "overrides", "rates", "journals")
NAMED = [
    *(f"C{number:02d}" for number in range(1, 12)), "C12a", "C12b", *(f"C{number:02d}" for number in range(13, 29)),
    *(f"OD-{number:02d}" for number in range(1, 16)), "S01", "S03a", "S03b", "S03c", "S03d", "S04", "S22", "S26",
]  # fmt: skip


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_comes_out_as_stated_to_the_cent(path: Path) -> None:
    case = read(path)
    found: list[str] = []
    for part in case.parts:
        found += differences(part, recomputed(part))
    assert not found, f"{case.title}\n" + "\n".join(found)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_says_what_confirms_it_and_expects_something(path: Path) -> None:
    case: Case = read(path)
    assert labels(case.source), f"{path.name}: 'source' with its label [P..], [S], [M] or [D] is missing"
    legend = (path.parent / "SOURCES.md").read_text("utf-8").replace("[P..]", "")
    assert all(label in legend for label in labels(case.source)), f"{path.name}: a label SOURCES.md does not explain"
    expected = [table for part in case.parts for table in part.tables if table.name not in INPUTS]
    assert expected, f"{path.name} expects nothing"


def test_every_published_and_derived_case_is_there() -> None:
    there = {path.stem.split("_")[0] for path in CASES}
    assert set(NAMED) <= there, f"missing: {sorted(set(NAMED) - there)}"
