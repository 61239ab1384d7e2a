from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from contracts import render as module
from contracts.diff import ContractBroken
from contracts.entity import entities
from contracts.render import main, render, rendered

ROOT = Path(__file__).parents[2]


def test_nothing_rendered_is_out_of_date() -> None:
    assert render(ROOT, check=True) == []


def test_check_names_what_differs_and_writes_nothing(tmp_path: Path) -> None:
    differing = render(tmp_path, check=True)
    assert Path("models/marts/_contracts.yml") in differing
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_rendering_twice_changes_nothing(tmp_path: Path) -> None:
    assert render(tmp_path) == sorted(rendered())
    assert render(tmp_path) == []
    assert main(["--check", "--root", str(tmp_path)]) == 0


@pytest.mark.long
def test_a_page_of_an_entity_that_is_gone_is_removed(tmp_path: Path) -> None:
    render(tmp_path)
    gone = tmp_path / "docs/entities/ledger.md"
    gone.write_text("# ledger\n", encoding="utf-8")
    assert render(tmp_path) == [Path("docs/entities/ledger.md")]
    assert not gone.exists()


def test_every_mart_has_an_enforced_contract_with_typed_columns() -> None:
    document = yaml.safe_load(rendered()[Path("models/marts/_contracts.yml")])
    marts = {name: contract for name, contract in entities().items() if contract.is_mart}
    assert [model["name"] for model in document["models"]] == list(marts)
    for model in document["models"]:
        assert model["config"]["contract"]["enforced"] is True
        types = {column["name"]: column["data_type"] for column in model["columns"]}
        assert types == {column.name: column.type.data_type for column in marts[model["name"]].columns}


def test_keys_values_and_links_are_tested_by_dbt() -> None:
    document = yaml.safe_load(rendered()[Path("models/marts/_contracts.yml")])
    agreement = next(model for model in document["models"] if model["name"] == "agreement")
    tests = {column["name"]: column.get("data_tests") for column in agreement["columns"]}
    assert tests["agreement_id"] == ["not_null", "unique"]
    assert tests["state"] == [{"accepted_values": {"arguments": {"values": ["draft", "signed", "active", "ended"]}}}]
    assert tests["customer_id"][0]["relationships"]["arguments"]["to"] == "ref('customer')"


def test_a_release_is_compared_with_what_git_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render(tmp_path)
    released = tmp_path / "contracts/odcs/rate.odcs.yaml"
    document = yaml.safe_load(released.read_text(encoding="utf-8"))
    document["schema"][0]["dataGranularityDescription"] = "One row per customer."
    released.write_text(yaml.safe_dump(document), encoding="utf-8")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for step in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "released", "--no-gpg-sign"]):
        subprocess.run([*git, *step], cwd=tmp_path, check=True)
    with pytest.raises(ContractBroken, match="rate: The contract changed since 1.0.0: rate: another grain"):
        render(tmp_path, check=True)
    monkeypatch.setattr(module, "_released", lambda *_: "")
    assert render(tmp_path) == [Path("contracts/odcs/rate.odcs.yaml")]
