from pathlib import Path

import pytest

from reconcile.library import rules_of
from tests.reconcile.case_format import outcome, read, render

CASES = Path(__file__).parents[1] / "cases"
RULES = {rule.name: rule for rule in rules_of()}


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_gives_the_breaks_and_proofs_of_its_cases(name: str, request: pytest.FixtureRequest) -> None:
    path = CASES / f"{name}.txt"
    assert path.exists(), f"reconcile/rules/{name}.py has no case file: write tests/cases/{name}.txt"
    cases = read(path)
    assert cases, f"{path.name} holds no case: begin one with '== what it shows'"
    results = [outcome(RULES[name], case) for case in cases]
    if request.config.getoption("--renew-cases", default=False):
        preface = path.read_text("utf-8").split("\n== ")[0] if not path.read_text("utf-8").startswith("== ") else ""
        path.write_text(render(cases, results, preface), "utf-8")
        return
    for case, result in zip(cases, results, strict=True):
        for part, rows in result.items():
            assert rows[1:] == case.expected.get(part, []), f"{path.name}, case {case.name!r}: {part}"
        assert {row[-1] for row in result["proof"][1:]} <= {"0"}, f"{path.name}, case {case.name!r}: not proved"


def test_every_case_file_belongs_to_a_rule() -> None:
    assert {path.stem for path in CASES.glob("*.txt")} <= set(RULES)
