"""The closed vocabularies are complete, and the package tells what its words mean."""

from __future__ import annotations

import subprocess
import sys

import pytest

import contracts
from contracts.actions import ACTIONS, ActionKind, ApprovalPolicy, may_approve
from contracts.breaks import BREAKS, BreakStatus, BreakType, Severity


def test_every_break_type_has_title_meaning_and_remedy() -> None:
    assert set(BREAKS) == set(BreakType)
    for facts in BREAKS.values():
        assert facts.title
        assert facts.meaning.endswith(".")
        assert facts.remedy.endswith(".")


def test_every_action_kind_says_what_it_does_and_who_approves() -> None:
    assert set(ACTIONS) == set(ActionKind)
    for facts in ACTIONS.values():
        assert facts.effect
        is_asked = facts.policy in (ApprovalPolicy.SINGLE, ApprovalPolicy.DUAL)
        assert is_asked == (facts.approver is not None)


def test_whatever_moves_money_is_approved_by_a_person() -> None:
    for kind, facts in ACTIONS.items():
        assert not facts.is_financial or facts.approver, kind


def test_a_controller_may_approve_everything_and_others_their_own() -> None:
    assert may_approve(["controller"], "general_ledger")
    assert may_approve(["data_steward"], "data_steward")
    assert not may_approve(["analyst"], "controller")
    assert may_approve([], None)


def test_a_break_lives_until_it_is_verified_or_cleared() -> None:
    assert {status for status in BreakStatus if not status.is_live} == {BreakStatus.VERIFIED, BreakStatus.CLEARED}
    assert Severity.S1.meaning


@pytest.mark.parametrize("name", contracts.__all__)
def test_a_public_name_can_be_had_from_the_package(name: str) -> None:
    assert getattr(contracts, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = contracts.nonsense


def test_importing_the_package_loads_nothing_heavy() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, contracts, contracts.errors, contracts.actions; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"pandera", "polars", "pydantic"} & set(seen.stdout.split()) == set()


@pytest.mark.parametrize("word", ["claim", "entity", "break", "action", "proof", "book of record", "connection"])
def test_the_glossary_says_what_the_word_means(word: str) -> None:
    assert f"\n{word} " in (contracts.__doc__ or "")
