"""Each dropped file offers what its folder asks for, and comes with what belongs to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.entity import META, Contract, entities
from contracts.ownership import load_ownership
from contracts.registry import discover

ROOT = Path(__file__).parents[1]
MARTS = sorted(name for name, contract in entities().items() if contract.is_mart)


@pytest.mark.parametrize("name", entities())
def test_an_entity_says_what_it_is_and_who_owns_it(name: str) -> None:
    contract = entities()[name]
    assert isinstance(contract, Contract)
    assert contract.name == name
    assert contract.summary.endswith(".")
    assert contract.grain.startswith("One row per ")
    assert load_ownership().group(name).owner


@pytest.mark.parametrize("name", entities())
def test_a_column_says_what_it_means_and_points_at_what_exists(name: str) -> None:
    for column in entities()[name].columns:
        assert column.meaning.endswith("."), f"{name}.{column.name}"
        assert column.links_to == "" or column.links_to in MARTS, f"{name}.{column.name}"
        assert column.refers_to == "" or column.refers_to in entities(), f"{name}.{column.name}"


@pytest.mark.parametrize("name", entities())
def test_money_has_a_currency_beside_it(name: str) -> None:
    names = {column.name for column in entities()[name].columns}
    money = [column.name for column in entities()[name].columns if column.type.name == "amount"]
    assert not money or "currency" in names


@pytest.mark.parametrize("name", entities())
def test_claims_begin_with_where_they_come_from(name: str) -> None:
    claims = [column.name for column in entities()[name].claims]
    assert tuple(claims[: len(META)]) == META
    assert len(set(claims)) == len(claims)
    assert set(claims) == {column.name for column in entities()[name].columns} | {"claim_state"}


@pytest.mark.parametrize("name", MARTS)
def test_an_entity_has_a_mart(name: str) -> None:
    assert (ROOT / f"models/marts/{name}.sql").is_file()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"""A thing."""\n', "thing.py offers no CONTRACT"),
        ("CONTRACT = 1\n", "thing.py has no docstring"),
    ],
)
def test_a_dropped_file_that_offers_too_little_is_not_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    package = f"dropped_{tmp_path.name}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    (tmp_path / package / "_shared.py").touch()
    (tmp_path / package / "thing.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(LookupError, match=message):
        discover(package, "CONTRACT")
