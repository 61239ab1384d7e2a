"""What the revenue register takes, and what it refuses with a reason."""

from __future__ import annotations

import duckdb
import pytest

from contracts.methods import FIXED_PRICE
from ingest.judge import judge
from ingest.system import Connection
from ingest.systems.revenue_register import KINDS, STATED_BY_EXPORTS, SYSTEM
from reconcile.revenue import evidence, methods
from reconcile.revenue.policy import Policy

(STREAM,) = SYSTEM.streams
GOOD = {
    "entry_id": "R-1", "recorded_at": "2026-02-02T09:00:00Z", "agreement_number": "SOW-1", "happened_on": "2026-01-31",
    "currency": "USD",
}  # fmt: skip


def refused(**values: str) -> list[tuple[str, str]]:
    """The fields and rules an entry breaks."""
    names = [item.name for item in STREAM.fields]
    row = {**dict.fromkeys(names, ""), **GOOD, **values}
    with duckdb.connect() as con:
        con.execute(f"create table entries (_row_id bigint, {', '.join(f'{name} varchar' for name in names)})")
        con.execute(f"insert into entries values (1, {', '.join('?' * len(names))})", [row[name] for name in names])
        judge(con, "entries", SYSTEM, Connection("register", "revenue_register"), STREAM)
        return con.execute("select field, rule from land_violations order by all").fetchall()


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "cost", "amount": "40000.00", "uninstalled": "true"},
        {"kind": "Cost", "amount": "-5", "incremental": "false", "quantity": "0"},
        {"kind": "estimate", "amount": "200000"},
        {"kind": "estimate", "quantity": "800.5"},
        {"kind": "estimate", "exit_penalty": "9000"},
        {"kind": "contract_cost", "amount": "5", "purpose": "Obtain", "benefit_until": "2027-12-31"},
        {"kind": "contract_cost", "benefit_until": "2027-12-31", "cost_name": "Commission"},
        {"kind": "contract_cost", "amount": "5", "purpose": "fulfil", "recoverable": "false"},
        {"kind": "impaired", "amount": "5"},
        {"kind": "right_to_consideration", "document": "INV-1", "cancellable": "true"},
        {"kind": "right_to_consideration", "document": "INV-1", "cancellable": "false"},
        {"kind": "accepted", "obligation": "SOW-1/1", "share": "0.25"},
        {"kind": "accepted", "obligation": "SOW-1/1", "amount": "75000"},
        {"kind": "ssp", "obligation": "SOW-1/1", "amount": "60000", "ssp_low": "55000", "ssp_high": "70000"},
        {"kind": "ssp", "obligation": "SOW-1/1", "ssp_method": "Residual", "ssp_high": "70000"},
        {"kind": "ssp", "obligation": "SOW-1/1", "amount": "55", "bundle": "BC", "bundle_price": "60"},
        {"kind": "method", "obligation": "SOW-1/1", "method": "Hour_Bank"},
        {"kind": "method", "obligation": "SOW-1/1", "method": "cost"},
    ],
)
def test_entries_are_taken(values: dict[str, str]) -> None:
    assert refused(**values) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"kind": "worked", "amount": "5"}, [("kind", "enum"), ("kind", "stated_by_exports")]),
        ({"kind": "overhead", "amount": "5"}, [("kind", "enum")]),
        ({"kind": "cost"}, [("amount", "needed")]),
        ({"kind": "cost", "amount": "0"}, [("amount", "needed")]),
        ({"kind": "cost", "amount": "12,50"}, [("amount", "money"), ("amount", "needed")]),
        ({"kind": "cost", "amount": "5", "currency": "US$ "}, [("currency", "length")]),
        ({"kind": "cost", "amount": "5", "happened_on": "0202-01-31"}, [("happened_on", "day")]),
        ({"kind": "cost", "amount": "5", "quantity": "3"}, [("quantity", "other_kind")]),
        ({"kind": "cost", "amount": "5", "recoverable": "false"}, [("recoverable", "other_kind")]),
        ({"kind": "estimate"}, [("amount", "needed")]),
        ({"kind": "estimate", "quantity": "5", "limits_progress": "true"}, [("amount", "needed")]),
        ({"kind": "contract_cost", "amount": "5"}, [("purpose", "needed")]),
        ({"kind": "contract_cost", "cost_name": "Commission"}, [("benefit_until", "needed")]),
        (
            {"kind": "contract_cost", "amount": "5", "purpose": "obtain", "benefit_until": "2025-12-31"},
            [("benefit_until", "runs_backward")],
        ),
        ({"kind": "impaired", "amount": "5", "wasted": "true"}, [("wasted", "other_kind")]),
        ({"kind": "right_to_consideration", "cancellable": "true"}, [("document", "needed")]),
        ({"kind": "right_to_consideration", "document": "INV-1"}, [("cancellable", "needed")]),
        (
            {"kind": "right_to_consideration", "document": "INV-1", "cancellable": "true", "amount": "5"},
            [("amount", "other_kind")],
        ),
        ({"kind": "accepted", "share": "0.25"}, [("obligation", "needed")]),
        ({"kind": "accepted", "obligation": "SOW-1/1"}, [("share", "needed")]),
        ({"kind": "accepted", "obligation": "SOW-1/1", "share": "0.25", "amount": "5"}, [("share", "needed")]),
        ({"kind": "accepted", "obligation": "SOW-1/1", "share": "25"}, [("share", "range")]),
        ({"kind": "ssp", "amount": "5"}, [("obligation", "needed")]),
        ({"kind": "ssp", "obligation": "SOW-1/1"}, [("amount", "needed")]),
        ({"kind": "ssp", "obligation": "SOW-1/1", "amount": "5", "ssp_low": "4"}, [("ssp_high", "needed")]),
        (
            {"kind": "ssp", "obligation": "SOW-1/1", "amount": "5", "ssp_low": "6", "ssp_high": "4"},
            [("ssp_high", "runs_backward")],
        ),
        (
            {"kind": "ssp", "obligation": "SOW-1/1", "amount": "5", "ssp_method": "residual"},
            [("amount", "residual")],
        ),
        ({"kind": "ssp", "obligation": "SOW-1/1", "amount": "5", "bundle": "BC"}, [("bundle_price", "needed")]),
        ({"kind": "cost", "amount": "5", "cancellable": "false"}, [("cancellable", "other_kind")]),
        ({"kind": "method", "method": "cost"}, [("obligation", "needed")]),
        ({"kind": "method", "obligation": "SOW-1/1"}, [("method", "needed")]),
        ({"kind": "method", "obligation": "SOW-1/1", "method": "retainer"}, [("method", "enum")]),
        (
            {"kind": "method", "obligation": "SOW-1/1", "method": "as_charged"},
            [("method", "enum"), ("method", "priced_otherwise")],
        ),
        (
            {"kind": "method", "obligation": "SOW-1/1", "method": "cost", "amount": "5"},
            [("amount", "other_kind")],
        ),
        ({"kind": "cost", "amount": "5", "method": "cost"}, [("method", "other_kind")]),
    ],
)
def test_an_entry_that_says_nothing_usable_is_refused(values: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert refused(**values) == found


def test_every_kind_of_evidence_comes_from_exports_or_from_the_register() -> None:
    assert {*KINDS, *STATED_BY_EXPORTS} == {*evidence.KINDS} - {"unusable"}
    assert not {*KINDS} & {*STATED_BY_EXPORTS}


def test_every_field_of_a_kind_is_a_column() -> None:
    columns = {item.name for item in STREAM.fields}
    assert {field for fields in KINDS.values() for field in fields} <= columns


def test_each_method_that_may_be_stated_measures_a_fixed_price() -> None:
    known = [methods.method_named(name, Policy()) for name in FIXED_PRICE]
    assert all(method is not None and method.in_pool for method in known)
