from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from contracts.check import VIOLATION_COLUMNS, check
from contracts.entities.invoice import CONTRACT
from contracts.entities.time_entry import CONTRACT as TIME_ENTRY
from contracts.entity import entities

SOUND: dict[str, Any] = {
    "connection": "netsuite",
    "source_id": "1",
    "document_number": "INV-1",
    "kind": "invoice",
    "gross_amount": Decimal("110.00"),
    "net_amount": Decimal("100.00"),
    "tax_amount": Decimal("10.00"),
}


def invoices(*changes: dict[str, Any]) -> pl.DataFrame:
    rows = [SOUND | {"source_id": str(number)} | change for number, change in enumerate(changes)]
    return pl.DataFrame(rows, schema={column.name: column.type.dtype for column in CONTRACT.columns})


def told(frame: pl.DataFrame | pl.LazyFrame) -> list[tuple[Any, ...]]:
    return check(frame, CONTRACT).violations.select("row", "rule", "field", "message").rows()


def test_sound_rows_are_good() -> None:
    checked = check(invoices({}, {}, {"tax_amount": None}), CONTRACT)
    assert checked.ok
    assert checked.good.height == 3
    assert checked.violations.schema == VIOLATION_COLUMNS


@pytest.mark.parametrize("lazy", [False, True])
def test_a_bad_row_is_set_aside_with_its_reason_also_when_lazy(lazy: bool) -> None:
    frame = invoices({}, {"kind": "bill"}, {"gross_amount": Decimal("111.00")}, {"exchange_rate": Decimal(-1)})
    checked = check(frame.lazy() if lazy else frame, CONTRACT)
    assert checked.good["source_id"].to_list() == ["0"]
    assert checked.bad["source_id"].to_list() == ["1", "2", "3"]
    assert checked.violations.rows() == [
        (1, "netsuite/1", "among", "kind", "bill", "kind is 'bill'; known are invoice, credit."),
        (
            2,
            "netsuite/2",
            "gross_is_net_plus_tax",
            "gross_amount, net_amount, tax_amount",
            "gross_amount=111.0000, net_amount=100.0000, tax_amount=10.0000",
            "Gross is not net plus tax.",
        ),
        (3, "netsuite/3", "at_least", "exchange_rate", "-1.000000", "exchange_rate is -1.000000; the least is 0."),
    ]


def test_an_empty_key_is_required() -> None:
    assert told(invoices({"source_id": None})) == [
        (0, "required", "source_id", "source_id is empty; every invoice needs one.")
    ]


def test_every_row_of_a_repeated_key_is_told() -> None:
    checked = check(invoices({}, {"source_id": "7"}, {"source_id": "7"}), CONTRACT)
    assert checked.good.height == 1
    assert checked.violations["row"].to_list() == [1, 2]
    assert set(checked.violations["rule"]) == {"unique"}


def test_a_row_may_fail_several_rules() -> None:
    rules = [rule for _, rule, *_ in told(invoices({"kind": "bill", "gross_amount": Decimal(0)}))]
    assert rules == ["among", "gross_is_net_plus_tax"]


def test_a_missing_column_makes_every_row_bad_and_is_told_once() -> None:
    checked = check(invoices({}, {}).drop("kind"), CONTRACT)
    assert checked.good.is_empty()
    assert checked.bad.height == 2
    assert checked.violations.rows() == [(None, None, "missing_column", "kind", None, "The column kind is missing.")]


def test_a_column_of_another_type_makes_every_row_bad() -> None:
    frame = invoices({}, {}).with_columns(net_amount=pl.col("net_amount").cast(pl.Float64))
    checked = check(frame, CONTRACT)
    assert checked.good.is_empty()
    assert checked.violations["message"][0] == "net_amount is Float64; the contract says decimal(18,4)."


def test_text_where_a_number_belongs_is_told_and_never_raised() -> None:
    checked = check(invoices({}).with_columns(net_amount=pl.lit("1.005")), CONTRACT)
    assert checked.good.is_empty()
    assert "type" in set(checked.violations["rule"])


def test_an_unexpected_column_is_told_and_left_out() -> None:
    checked = check(invoices({}).with_columns(margin=1), CONTRACT)
    assert checked.good.height == 1
    assert "margin" not in checked.good.columns
    assert checked.violations["message"].to_list() == ["invoice has no column margin: it is left out."]


def test_recorded_work_fits_a_day_but_an_adjustment_may_be_negative() -> None:
    rows = [
        {"connection": "k", "source_id": key, "time_entry_key": key, "kind": kind, "minutes": minutes}
        for key, kind, minutes in (("1", "actual", 480), ("2", "actual", 1441), ("3", "adjustment", -60))
    ]
    frame = pl.DataFrame(rows, schema={column.name: column.type.dtype for column in TIME_ENTRY.columns})
    assert check(frame, TIME_ENTRY).bad["time_entry_key"].to_list() == ["2"]


@pytest.mark.parametrize("name", entities())
def test_a_frame_without_rows_meets_every_contract(name: str) -> None:
    contract = entities()[name]
    assert check(contract.empty, contract).ok
