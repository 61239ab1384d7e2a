"""How codes are said where a person reads them."""

import pytest

from app.format import figure, label, words


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("finance_operations", "Finance operations"),
        ("rpo_disclosed", "RPO disclosed"),
        ("fx_on_balances", "FX on balances"),
        ("tm", "T&M"),
        ("RE_RATE", "Re-rate"),
        ("TRUE_UP", "True-up"),
        ("agreement_id", "Agreement ID"),
        ("Finance operations", "Finance operations"),
        (None, ""),
    ],
)
def test_a_code_is_said_as_people_say_it(code: str | None, said: str) -> None:
    assert label(code) == said


def test_words_of_a_code_stay_small_but_for_abbreviations() -> None:
    assert words("rpo_disclosed") == "RPO disclosed"
    assert words("missing_right") == "missing right"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("62374.17", "62,374.17"), ("-1000.5", "−1,000.5"), ("347", "347"), ("PO-959533", "PO-959533"),
        ("2026-03-31", "2026-03-31"), ("Ready", "Ready"),
    ],
)  # fmt: skip
def test_an_amount_among_texts_has_its_thousands_apart(stored: str, said: str) -> None:
    assert figure(stored) == said
