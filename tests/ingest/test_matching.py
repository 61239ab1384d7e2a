"""Company names: what form is taken away, which evidence weighs what, and how good the matches are."""

from __future__ import annotations

import json

import polars as pl
import pytest

from benchmarks.names import generate, measure
from ingest import company_names, matching


def cleaned(*names: str | None) -> list[str | None]:
    frame = pl.DataFrame({"name": names}, schema={"name": pl.String})
    return frame.select(company_names.clean(pl.col("name"))).to_series().to_list()


def customers(*rows: dict[str, str | None]) -> pl.DataFrame:
    names = ("name", "tax_id", "domain", "city", "postal_code")
    frame = pl.DataFrame(
        [{name: row.get(name) for name in names} for row in rows], schema=dict.fromkeys(names, pl.String)
    )
    return frame.with_row_index("key")


def pair(left: dict[str, str | None], right: dict[str, str | None]) -> dict[str, object]:
    return matching.match(customers(left), customers(right)).to_dicts()[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ÅSLAND Intl. (Pty) Ltd", "asland international"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Straßenbau Łódź Sp. z o.o.", "strassenbau lodz"),
        ("O'Brien Svcs., Inc.", "obrien services"),
        ("Hansen A/S", "hansen"),
        ("Grupo Sol S.A. de C.V.", "grupo sol"),
        ("Limited", "limited"),
        ("AS Group", "as group"),
        ("  ", ""),
        (None, None),
    ],
)
def test_form_is_taken_away_from_a_name(name: str | None, expected: str | None) -> None:
    assert cleaned(name) == [expected]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Kestrel Harbor Logistics", "Kestrel Harbour Logistics"),
        ("Kestrel Harbor Logistics", "Logistics Kestrel Harbor"),
        ("Kestrel Harbor Logistics", "Ketsrel Harbor Logistics"),
        ("Kestrel Harbor International", "KESTREL HARBOR INTL. GmbH"),
    ],
)
def test_the_same_name_in_another_form_is_shown_to_a_person(left: str, right: str) -> None:
    found = pair({"name": left}, {"name": right})
    assert found["score"] >= matching.REVIEW  # type: ignore[operator]
    assert not found["is_automatic"]


def test_a_shared_leading_word_is_not_enough() -> None:
    left = customers({"name": "Kestrel Logistics"}, {"name": "Kestrel Foods"}, {"name": "Alder Foods"})
    pairs = matching.match(left, customers({"name": "Kestrel Mining"}))
    assert pairs.filter(pl.col("score") >= matching.REVIEW).is_empty()


def test_another_tax_number_outweighs_the_name() -> None:
    found = pair({"name": "Kestrel Foods", "tax_id": "12-345"}, {"name": "Kestrel Foods", "tax_id": "99-999"})
    assert found["score"] < matching.REVIEW  # type: ignore[operator]


def test_the_same_tax_number_finds_a_renamed_firm() -> None:
    found = pair(
        {"name": "Kestrel Foods", "tax_id": "DE 123.456", "domain": "kestrel.example"},
        {"name": "Zephyr Wick Optics", "tax_id": "de123456", "domain": "https://www.kestrel.example/home"},
    )
    assert found["score"] >= matching.REVIEW  # type: ignore[operator]
    assert not found["is_automatic"]


def test_a_domain_many_share_says_nothing() -> None:
    right = customers(*({"name": f"Firm {word}", "domain": "mail.example"} for word in "abcdef"))
    pairs = matching.match(customers({"name": "Kestrel", "domain": "mail.example"}), right)
    assert pairs.filter(pl.col("score") >= matching.REVIEW).is_empty()


def test_two_equal_candidates_are_refused() -> None:
    twin = {"name": "Kestrel Foods", "domain": "kestrel.example"}
    pairs = matching.match(customers(twin), customers(twin, twin))
    assert not pairs["is_best"].any()
    assert not pairs["is_automatic"].any()


def test_likeness_with_corroboration_and_without_rival_is_automatic() -> None:
    found = pair(
        {"name": "Kestrel Foods Inc.", "domain": "kestrel.example"},
        {"name": "KESTREL FOODS", "domain": "kestrel.example"},
    )
    assert found["is_automatic"]


def test_each_pair_explains_itself() -> None:
    pairs = matching.match(
        customers({"name": "Kestrel Foods Inc.", "tax_id": "1", "city": "Berlin"}),
        customers({"name": "KESTREL FOODS", "tax_id": "1", "city": "Oslo"}),
    )
    explanation = json.loads(matching.explained(pairs)[0])
    terms = {term["term"]: term for term in explanation["terms"]}
    assert set(terms) == {"name", "tax_id", "city"}
    assert (terms["name"]["left"], terms["name"]["similarity"], terms["name"]["weight"]) == (
        "Kestrel Foods Inc.",
        1.0,
        9.0,
    )
    assert explanation["bits"] == sum(term["weight"] for term in terms.values())
    assert (explanation["runner_up"], bool(explanation["reason"])) == (0.0, True)


def test_one_list_is_compared_with_itself_once_a_pair() -> None:
    pairs = matching.score(customers({"name": "Kestrel Foods"}, {"name": "Kestrel Foods LLC"}, {"name": "Alder Media"}))
    assert pairs.select("left_key", "right_key").rows() == [(0, 1)]


def test_empty_lists_give_no_pairs() -> None:
    assert matching.match(customers(), customers({"name": "Kestrel"})).is_empty()
    assert matching.score(customers()).is_empty()


def test_pairs_do_not_depend_on_the_order_of_rows() -> None:
    left, right = generate(300, 3)
    once = matching.match(left, right).sort("left_key", "right_key")
    again = matching.match(left.reverse(), right.sample(fraction=1.0, shuffle=True, seed=1)).sort(
        "left_key", "right_key"
    )
    assert once.equals(again)


@pytest.mark.parametrize("names_only", [True, False])
def test_three_thousand_generated_names_are_matched_as_well_as_promised(names_only: bool) -> None:
    found, _, _ = measure(3_000, 11, names_only=names_only)
    assert found.f1 >= 0.985
    assert found.recall_at_99 >= 0.98
    assert found.automatic_precision >= 0.995
    assert (found.automatic > 500) is not names_only
