"""Building: who provides what, what is rendered, and how a failure reads."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from app import parsed
from app.build import (
    BuildFailed,
    build_models,
    default_claims,
    default_ownership,
    parsed_models,
    parsing_ahead,
    registers,
    render_defaults,
)
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


def test_whoever_needs_what_is_parsed_ahead_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsed, "_folder", lambda _: tmp_path)
    warehouse, said = tmp_path / "warehouse.duckdb", tmp_path / "said"
    says = (sys.executable, "-c", f"open({str(said)!r}, 'a').write('done ')")
    with parsed.ahead(warehouse, {}, says), parsed.ahead(warehouse, {}, says):
        parsed.parsed(warehouse, {}, Manifest)
        assert said.read_text() == "done ", "one process, and it had ended"
    with parsed.ahead(warehouse, {}, says):
        pass
    assert said.read_text() == "done ", "what is kept is not parsed again"


def test_nobody_parses_on_when_a_run_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsed, "_folder", lambda _: tmp_path)
    goes_on = (sys.executable, "-c", "import signal; signal.pause()")
    with parsed.ahead(tmp_path / "warehouse.duckdb", {}, goes_on):
        (process,) = parsed._at_work.values()
    assert process.returncode == -signal.SIGTERM
    assert parsed._at_work == {}


@pytest.mark.long
def test_what_is_parsed_ahead_is_what_a_build_asks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse, systems = tmp_path / "ahead.duckdb", {"crm": "salesforce"}
    with parsing_ahead(warehouse, systems):
        (process,) = parsed._at_work.values()
        process.wait()
    monkeypatch.setattr("app.build._invoke", lambda *_: pytest.fail("the models were read again"))
    found = parsed_models(warehouse, {"claims": default_claims(systems), "registers": registers(systems)})
    assert "model.tieout.stg_salesforce__accounts" in found.nodes
