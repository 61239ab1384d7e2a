"""What the sandbox writes in a vendor's format it reads back equal."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.sandbox import writer
from ingest.sandbox.writer import read_stream, schemas, streams, write_exports, write_stream

ALL = [(system, stream) for system in ("salesforce", "kantata", "netsuite") for stream in schemas(system)]


def value(dtype: pl.DataType, number: int) -> Any:
    """A value of a column that is awkward to write."""
    kinds: list[tuple[Any, Any]] = [
        (pl.String, 'a "quoted", line\nof text'),
        (pl.Boolean, number == 1),
        (pl.Datetime, dt.datetime(2026, 3, 8, 11, number)),
        (pl.Date, dt.date(2026, 2, 28)),
        (pl.Decimal, Decimal("-1.50")),
        (pl.List, ["1", "2"] if number else []),
        (pl.Struct, {"key": 1, "message": "a", "color": None}),
    ]
    return next((found for kind, found in kinds if dtype == kind or isinstance(dtype, kind)), 5)


@pytest.mark.parametrize(("system", "stream"), ALL)
def test_every_stream_survives_writing_and_reading(tmp_path: Path, system: str, stream: str) -> None:
    schema = schemas(system)[stream]
    frame = pl.DataFrame(
        {
            name: pl.Series([value(kind, 0), None, value(kind, 1)], dtype=kind, strict=False)
            for name, kind in schema.items()
        }
    ).with_columns(pl.col(next(iter(schema))).fill_null("k"))

    write_stream(tmp_path, system, stream, frame)

    assert read_stream(tmp_path, system, stream).equals(frame)


def test_a_large_stream_is_gzipped_parts_that_replace_an_older_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = pl.DataFrame(
        {"id": ["1", "2", "3"], "name": ["a", "b", "c"], "deleted_at": None}, schema=schemas("kantata")["roles"]
    )
    write_stream(tmp_path, "kantata", "roles", roles)
    monkeypatch.setattr(writer, "PART_ROWS", 2)
    monkeypatch.setattr(writer, "GZIP_ABOVE", 10)

    write_stream(tmp_path, "kantata", "roles", roles)

    assert [path.name for path in streams(tmp_path, "kantata")["roles"]] == [
        "roles-0001.jsonl.gz",
        "roles-0002.jsonl.gz",
    ]
    assert read_stream(tmp_path, "kantata", "roles").equals(roles)


def test_formats_are_the_vendors_own(tmp_path: Path) -> None:
    at = dt.datetime(2026, 3, 9, 12, 0)
    product = pl.DataFrame(
        [{"Id": "1", "Name": "A", "IsActive": True, "CreatedDate": at}], schema=schemas("salesforce")["Product2"]
    )
    role = pl.DataFrame([{"id": "1", "name": "A", "deleted_at": at}], schema=schemas("kantata")["roles"])
    customer = pl.DataFrame([{"id": "1", "isperson": False, "datecreated": at}], schema=schemas("netsuite")["customer"])

    write_exports(tmp_path, {"salesforce.Product2": product, "kantata.roles": role, "netsuite.customer": customer}, at)

    assert '"1","A","","","true","2026-03-09T12:00:00.000Z"' in (tmp_path / "salesforce/Product2.csv").read_text()
    assert json.loads((tmp_path / "kantata/roles.jsonl").read_text())["deleted_at"] == "2026-03-09T08:00:00-04:00"
    assert "2026-03-09 08:00:00" in (tmp_path / "netsuite/customer.csv").read_text()
    assert json.loads((tmp_path / "netsuite/_manifest.json").read_text())["extracted_at"] == "2026-03-09T12:00:00Z"


@pytest.mark.parametrize(("system", "stream"), [("kantata", "timesheet_submissions"), ("netsuite", "timebill")])
def test_moments_and_days_that_are_looked_up_are_those_that_are_formatted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, stream: str
) -> None:
    """Over both changes of the clock, with seconds and without a moment."""
    schema = schemas(system)[stream]
    starts = [dt.datetime(2025, 11, 2, 4, 0), dt.datetime(2026, 3, 8, 5, 0)]
    moments = [start + dt.timedelta(seconds=one * 37) for start in starts for one in range(4_000)]
    values: dict[Any, list[Any]] = {pl.Datetime: moments, pl.Date: [one.date() for one in moments]}
    frame = pl.DataFrame(
        {column: [None, *values.get(dtype.base_type(), [None] * len(moments))] for column, dtype in schema.items()},
        schema=schema,
    )
    texts = []
    for few in (frame.height, 0):
        monkeypatch.setattr(writer, "_FEW", few)
        texts.append([file.read_bytes() for file in write_stream(tmp_path, system, stream, frame)])
    assert texts[0] == texts[1]
    assert read_stream(tmp_path, system, stream).height == frame.height
