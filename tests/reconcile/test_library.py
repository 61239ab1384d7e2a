"""The rules of a firm are read as ours are, and a file that cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.registries import listing
from contracts.errors import ConfigError
from reconcile.library import rules_of

GOOD = '''
"""Every project has a manager.

Whoever staffs it names one.
"""
from __future__ import annotations

from reconcile.rule import Rule, Shape, Side

RULE = Rule(
    check="X01", name="has_manager", entity="project", shape=Shape.SEQUENCE, left=Side("PSA", "marts.project"),
    broken="manager is null",
)
'''


def test_a_rule_of_the_firm_stands_among_ours_with_its_help(tmp_path: Path) -> None:
    (tmp_path / "has_manager.py").write_text(GOOD)
    (tmp_path / "_shared.py").write_text("")

    found = {rule.name: rule for rule in rules_of(tmp_path)}

    assert found.keys() - {rule.name for rule in rules_of()} == {"has_manager"}
    assert found["has_manager"].help == "Every project has a manager.\n\nWhoever staffs it names one."
    assert found["contract_value"].help


def test_the_list_of_rules_has_those_of_the_firm(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "has_manager.py").write_text(GOOD)
    (tmp_path / "tieout.yml").write_text(
        "firm: A\nbase_currency: USD\nconnections: {kantata: {system: kantata, path: x}}\nrules_path: checks\n"
        "routing: {X01: ana}\npeople: {ana: {roles: [analyst]}}\n"
    )
    (listed,) = (row for row in listing("rules", tmp_path) if row["check"] == "X01")
    assert (listed["name"], listed["help"]) == ("has_manager", "Every project has a manager.")
    assert len(listing("rules", tmp_path / "nowhere")) == len(rules_of())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name="has_manager"', 'name="other_name"', "Its rule is named 'other_name'. Say name='has_manager'."),
        ("RULE =", "MINE =", "It offers no RULE. Add one, or move the file elsewhere."),
        ('"""Every project has a manager.\n\nWhoever staffs it names one.\n"""', "", "It has no docstring"),
        ("RULE =", "RULE ==", "It cannot be read: NameError: name 'RULE' is not defined"),
        ("manager is null", "", "a sequence needs broken="),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "has_manager.py"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        rules_of(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere: There is no such folder. Correct rules_path"):
        rules_of(tmp_path / "nowhere")
