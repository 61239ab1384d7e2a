"""Building: who provides what, what is rendered, and how a failure reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.build import BuildFailed, build_models, default_claims, default_ownership, parsed_models, render_defaults
from app.home import models_root
from contracts.errors import ConfigError


def test_each_entity_knows_who_provides_it() -> None:
    claims = default_claims({"emea": "netsuite", "crm": "salesforce"})
    assert claims["invoice_line"] == [{"connection": "emea", "system": "netsuite", "roles": ["ERP", "REVREC"]}]
    assert [provider["connection"] for provider in claims["agreement"]] == ["crm", "emea"]
    assert claims["task"] == []


def test_a_connection_is_asked_only_for_its_roles() -> None:
    claims = default_claims({"emea": "netsuite"}, {"emea": ["ERP"]})
    assert claims["agreement"] == [{"connection": "emea", "system": "netsuite", "roles": ["ERP"]}]


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(ConfigError, match="abacus"):
        default_claims({"books": "abacus"})


def test_the_owner_of_a_field_comes_first() -> None:
    owners = default_ownership()
    assert owners["customer"]["*"][0] == "CRM"
    assert owners["customer"]["tax_id"][0] == "ERP"


def test_the_default_variables_are_rendered() -> None:
    assert render_defaults(models_root(), check=True) == []


def test_a_model_that_fails_is_named(tmp_path: Path, raw: Any) -> None:
    path = tmp_path / "warehouse.duckdb"
    with pytest.raises(BuildFailed, match="stg_kantata__roles"):
        build_models(path, raw.VARIABLES, select="stg_kantata__roles")


def test_models_are_read_once_and_without_their_data_tests(
    tmp_path: Path, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "warehouse.duckdb"
    first = parsed_models(path, raw.VARIABLES)
    monkeypatch.setattr("app.build._invoke", lambda *_: pytest.fail("the models were read again"))
    kept = parsed_models(path, raw.VARIABLES)
    assert kept.nodes.keys() == first.nodes.keys()
    assert {"model", "seed"} <= {str(node.resource_type) for node in kept.nodes.values()}
    assert not {"test", "unit_test"} & {str(node.resource_type) for node in kept.nodes.values()}


def test_another_day_book_or_time_zone_asks_for_no_other_models(
    tmp_path: Path, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed_models(tmp_path / "warehouse.duckdb", raw.VARIABLES)
    monkeypatch.setattr("app.build._invoke", lambda *_: pytest.fail("the models were read again"))
    other = {"as_of": "2027-01-31", "base_currency": "EUR", "books": ["primary", "tax"], "time_zone": "Asia/Tokyo"}
    parsed_models(tmp_path / "warehouse.duckdb", raw.VARIABLES | other)
