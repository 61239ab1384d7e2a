"""Each vendor module is complete: keys, currencies, record links, and the firm's own names as configuration."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from app.home import models_root
from contracts.errors import ConfigError
from contracts.registry import discover
from ingest.loads import prepare
from ingest.system import Connection, Field, Stream

SYSTEMS = discover("ingest.systems", "SYSTEM")


@pytest.mark.parametrize("name", sorted(SYSTEMS))
def test_a_system_is_named_like_its_file_and_its_streams_hold_together(name: str) -> None:
    system = SYSTEMS[name]
    assert system.name == name
    claims = [*(models_root() / "models" / "staging" / name).glob(f"{name}__*_claims.sql")]
    assert bool(system.roles) == bool(claims), "whoever claims something plays a role, and nobody else does"
    for stream in system.streams:
        fields = {item.name: item for item in stream.fields}
        assert all(fields[key].required and not fields[key].nullable for key in stream.key), stream.name
        for item in stream.money:
            assert item.currency is None or item.currency in fields, (stream.name, item.name)
            assert not item.base_unit or item.base_unit in fields or item.base_unit.isdigit()


def test_streams_nobody_landed_exist_empty_and_typed() -> None:
    with duckdb.connect() as con:
        prepare(con, SYSTEMS.values())
        for system in SYSTEMS.values():
            for stream in system.streams:
                view = f'raw."{system.name}__{stream.name}"'
                assert con.execute(f"select count(*) from {view}").fetchall() == [(0,)]
        columns = con.execute("describe raw.netsuite__transaction").fetchall()
        assert {column: type_ for column, type_, *_ in columns}["_row_id"] == "BIGINT"


def test_a_record_opens_in_its_own_system() -> None:
    assert SYSTEMS["salesforce"].record_url("Order", "801x", "acme") == (
        "https://acme.lightning.force.com/lightning/r/Order/801x/view"
    )
    assert SYSTEMS["netsuite"].record_url("transaction", "42", "123456") == (
        "https://123456.app.netsuite.com/app/accounting/transactions/transaction.nl?id=42"
    )
    assert SYSTEMS["netsuite"].record_url("transactionaccountingline", "1/42/3", "123456") == (
        "https://123456.app.netsuite.com/app/accounting/transactions/transaction.nl?id=42"
    ), "a posting opens its transaction"
    assert SYSTEMS["kantata"].record_url("roles", "1") == ""


def test_a_custom_field_is_found_by_default_name_alias_or_stream(exports: Any) -> None:
    stream = SYSTEMS["salesforce"].stream("contract")
    item = stream.field("SOW_Number__c")
    for key in ("SOW_Number__c", "agreement_number", "Contract.SOW_Number__c"):
        assert Connection("s", "salesforce", fields={key: "Mine__c"}).column(stream, item) == "Mine__c"
    assert Connection("s", "salesforce").column(stream, item) == "SOW_Number__c"


def test_a_stream_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match="points at unknown"):
        Stream("x", ("id",), (Field("name"),))
