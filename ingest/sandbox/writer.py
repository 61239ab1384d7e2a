"""Writes and reads the sandbox's exports: typed frames on one side, each vendor's own file format on the other.

Salesforce: CSV, all quoted, API names, UTC instants with milliseconds. Kantata: JSON lines, local instants with offset,
gzip above 100 MB. NetSuite: CSV, ``T``/``F``, account-local datetimes. Large streams are written in parts of a million
rows. What `write_stream` writes, `read_stream` reads back equal.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

import polars as pl

from ingest.sandbox.clock import local, looked_up
from ingest.sandbox.firm import ZONE

__all__ = ["FORMATS", "Format", "read_stream", "schemas", "streams", "write_exports", "write_manifest", "write_stream"]

PART_ROWS = 1_000_000
GZIP_ABOVE = 100_000_000
_SAMPLE_ROWS = 2_000
#: Up to so many rows, a text for every hour is more work than a text for every row.
_FEW = 20_000

Schema = Mapping[str, pl.DataType]


@dataclass(frozen=True)
class Format:
    """How one vendor exports a stream: file ending, and its columns as text and back."""

    extension: str
    rendered: Callable[[str, pl.DataType], pl.Expr]
    parsed: Callable[[str, pl.DataType], pl.Expr]
    quoted: bool = False
    #: How a moment is written before and after its minutes and seconds, where it is local time: see `clock`.
    moments: tuple[str, str] | None = None


def _from_local(column: str, pattern: str) -> pl.Expr:
    local = pl.col(column).str.to_datetime(pattern, time_unit="us")
    zoned = local.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
    return zoned.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _salesforce_out(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("true")).when(~pl.col(column)).then(pl.lit("false")).alias(column)
    if dtype == pl.Datetime:
        return pl.col(column).dt.to_string("%Y-%m-%dT%H:%M:%S%.3fZ")
    return pl.col(column)


def _salesforce_in(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.col(column).is_in(["true", "1"]).alias(column)
    if dtype == pl.Datetime:
        return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="us")
    return _plain_in(column, dtype)


def _netsuite_out(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("T")).when(~pl.col(column)).then(pl.lit("F")).alias(column)
    if dtype == pl.Datetime:
        return local(column).dt.to_string("%Y-%m-%d %H:%M:%S")
    return pl.col(column)


def _netsuite_in(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return (pl.col(column) == "T").alias(column)
    if dtype == pl.Datetime:
        return _from_local(column, "%Y-%m-%d %H:%M:%S")
    return _plain_in(column, dtype)


def _kantata_out(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Datetime:
        return local(column).dt.to_string("%Y-%m-%dT%H:%M:%S%:z")
    return pl.col(column)


def _kantata_in(column: str, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Datetime:
        return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%:z", time_unit="us").dt.replace_time_zone(None)
    return _plain_in(column, dtype)


def _plain_in(column: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d") if dtype == pl.Date else pl.col(column).cast(dtype)


FORMATS: dict[str, Format] = {
    "salesforce": Format("csv", _salesforce_out, _salesforce_in, quoted=True),
    "kantata": Format("jsonl", _kantata_out, _kantata_in, moments=("%Y-%m-%dT%H:", "%:z")),
    "netsuite": Format("csv", _netsuite_out, _netsuite_in, moments=("%Y-%m-%d %H:", "")),
}


@cache
def schemas(system: str) -> dict[str, dict[str, pl.DataType]]:
    """The typed columns of every stream the sandbox plays for a system."""
    module = importlib.import_module(f"ingest.sandbox.{system}_schema")
    found: dict[str, dict[str, pl.DataType]] = module.SCHEMAS
    return found


def write_exports(folder: Path, frames: Mapping[str, pl.DataFrame], extracted_at: dt.datetime) -> None:
    """Write every frame ``"<connection>.<Stream>"`` and one manifest per connection. Streams without rows too.

    Two streams at a time: what is compressed, or written to the disk, takes one core.
    """
    connections = sorted({name.split(".", 1)[0] for name in frames})
    with ThreadPoolExecutor(max_workers=2) as writers:
        writing = [
            writers.submit(write_stream, folder / connection, connection, stream,
                           frames.get(f"{connection}.{stream}", pl.DataFrame(schema=schema)))
            for connection in connections for stream, schema in schemas(connection).items()
        ]  # fmt: skip
        for one in writing:
            one.result()
    for connection in connections:
        write_manifest(folder / connection, extracted_at, account=f"{connection}-sandbox")


def write_manifest(folder: Path, extracted_at: dt.datetime, *, account: str) -> None:
    """The watermark of a connection: when it was extracted (UTC), in which zone its local datetimes are."""
    content = {"extracted_at": f"{extracted_at.isoformat(timespec='seconds')}Z", "time_zone": ZONE, "account": account}
    _replace(folder / "_manifest.json", lambda path: path.write_text(json.dumps(content, indent=2) + "\n", "utf-8"))


def write_stream(folder: Path, system: str, stream: str, frame: pl.DataFrame) -> list[Path]:
    """Write one stream in its vendor's format, atomically per file, and drop what an earlier shape left behind."""
    folder.mkdir(parents=True, exist_ok=True)
    style, schema = FORMATS[system], schemas(system)[stream]
    is_large = style.extension == "jsonl" and _is_large(
        _rendered(frame.head(_SAMPLE_ROWS), style, schema), frame.height
    )
    suffix = f".{style.extension}" + (".gz" if is_large else "")
    parts = max(1, -(-frame.height // PART_ROWS))
    written = []
    for part in range(parts):
        name = f"{stream}{suffix}" if parts == 1 else f"{stream}-{part + 1:04d}{suffix}"
        rows = _rendered(frame.slice(part * PART_ROWS, PART_ROWS), style, schema)
        _replace(folder / name, partial(_sink, rows, style, gzip=is_large))
        written.append(folder / name)
    for stale in set(streams(folder, system).get(stream, [])) - set(written):
        stale.unlink()
    return written


def _rendered(frame: pl.DataFrame, style: Format, schema: Schema) -> pl.DataFrame:
    """The columns of a stream as they are written: text where the vendor's differs from that of the type."""
    texts = {column: style.rendered(column, dtype) for column, dtype in schema.items()}
    if style.moments and frame.height > _FEW:
        texts |= looked_up(frame, schema, *style.moments)
    return frame.select(texts.values())


def read_stream(folder: Path, system: str, stream: str) -> pl.DataFrame:
    """Read one stream back as typed frame. Without a file: no rows."""
    style, schema = FORMATS[system], schemas(system)[stream]
    files = streams(folder, system).get(stream, [])
    if not files:
        return pl.DataFrame(schema=schema)
    parse = [style.parsed(column, dtype) for column, dtype in schema.items()]
    if style.extension == "csv":
        text = pl.concat([pl.read_csv(file, infer_schema=False) for file in files])
        return text.with_columns(pl.col(pl.String).replace("", None)).select(parse)
    as_text = {column: _wire(dtype) for column, dtype in schema.items()}
    return pl.concat([pl.read_ndjson(file, schema=as_text) for file in files]).select(parse)


def streams(folder: Path, system: str) -> dict[str, list[Path]]:
    """The files of every stream in a connection's folder, parts in order."""
    extension = FORMATS[system].extension
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*")):
        name = file.name.removesuffix(".gz")
        if not name.endswith(f".{extension}"):
            continue
        stem = name.removesuffix(f".{extension}")
        head, dash, number = stem.rpartition("-")
        found.setdefault(head if dash and number.isdigit() else stem, []).append(file)
    return found


def _wire(dtype: pl.DataType) -> pl.DataType:
    """What a column looks like in JSON before it is parsed: dates, instants and decimals are text."""
    return pl.String() if dtype in (pl.Datetime, pl.Date, pl.Decimal) else dtype


def _is_large(sample: pl.DataFrame, height: int) -> bool:
    return bool(sample.height) and len(sample.write_ndjson()) * height > GZIP_ABOVE * sample.height


def _sink(rows: pl.DataFrame, style: Format, path: Path, *, gzip: bool) -> None:
    if style.extension == "csv":
        quote: Literal["always", "necessary"] = "always" if style.quoted else "necessary"
        rows.lazy().sink_csv(path, quote_style=quote, null_value="", check_extension=False)
    elif gzip:
        # In one piece: what deflate makes of the same text depends on the pieces it comes in.
        whole = rows.rechunk().lazy()
        whole.sink_ndjson(path, check_extension=False, compression="gzip", compression_level=1)
    else:
        rows.lazy().sink_ndjson(path, check_extension=False)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside and switch, so that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    write(beside)
    shutil.move(beside, path)
