"""Finds the files of a stream and states the facts about each: size, SHA-256, physical lines, header.

A stream is one file ``<Stream>.<ext>`` or many ``<Stream>-0001.<ext>``, plain or ``.gz``; CSV, JSON lines or Parquet.
One pass over the bytes gives hash, lines and columns; it is remembered by size, time and inode, so an untouched file is
never read again (`verify` reads it all the same). Lines are counted here, independently of whoever parses them later.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from contracts.errors import StreamStopped

__all__ = [
    "MANIFEST",
    "Facts",
    "SourceFile",
    "blank_lines",
    "examine",
    "find",
    "fingerprint",
    "listing",
    "peek",
    "read_manifest",
    "recall",
]

MANIFEST = "_manifest.json"
FORMATS = {
    "csv": "csv",
    "txt": "csv",
    "tsv": "csv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "jsonl",
    "parquet": "parquet",
}
_NAME = re.compile(r"^(?P<stem>.+?)(?P<part>-\d+|_\d+| ?\(\d+\)| copy)?\.(?P<ext>[a-z]+)(?P<gz>\.gz)?$", re.IGNORECASE)
_BLOCK = 1 << 20
#: A file up to this size has every line looked at for undeclared keys, a larger one a few lines of every block.
_EVERY_LINE = 8 * _BLOCK


@dataclass(frozen=True)
class SourceFile:
    """One file of an export, as named."""

    path: Path
    stem: str
    format: str
    compressed: bool

    @property
    def name(self) -> str:
        """The file name as messages show it."""
        return self.path.name


@dataclass(frozen=True)
class Facts:
    """What one pass over a file told."""

    bytes: int
    sha256: str
    #: Physical lines, an unfinished last one included.
    lines: int
    #: Header of a CSV file, top-level keys of JSON objects, columns of Parquet.
    columns: tuple[str, ...]
    #: Why the file cannot be read at all, or ''.
    problem: str = ""


def fingerprint(columns: tuple[str, ...]) -> str:
    """A short name for a header, so that a changed one is noticed."""
    return hashlib.sha256("\x1f".join(columns).encode()).hexdigest()[:16]


def listing(folder: Path) -> list[SourceFile]:
    """Every file of a folder that has the form of an export, by name."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = _NAME.match(path.name)
        if path.is_file() and match and match["ext"].lower() in FORMATS and not path.name.startswith(("_", ".")):
            found.append(SourceFile(path, match["stem"], FORMATS[match["ext"].lower()], bool(match["gz"])))
    return found


def find(files: list[SourceFile], stem: str) -> list[SourceFile]:
    """The files of one stream among those of a folder.

    Raises `StreamStopped` when a stream comes in two shapes at once: nobody can tell which one counts.
    """
    found = [file for file in files if file.stem.lower() == stem.lower()]
    shapes = {(file.format, file.compressed) for file in found}
    if len(shapes) > 1:
        raise StreamStopped(
            f"{stem} is exported twice, in different forms: {', '.join(file.name for file in found)}",
            then="Keep one of them.",
        )
    return found


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the export says about itself: extracted_at, time_zone, account, kind. Empty when it says nothing."""
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise StreamStopped(
            f"is not valid JSON ({error})", where=str(path), then="Write it again or remove it."
        ) from None
    return manifest if isinstance(manifest, dict) else {}


def recall(path: Path) -> tuple[int, int, int]:
    """What must be unchanged for a file to be known without reading it: size, time, inode."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def examine(file: SourceFile, delimiter: str, encoding: str = "utf-8") -> Facts:
    """Reads a file once and states the facts about it."""
    with file.path.open("rb") as raw:
        hashing = _Hashing(raw)
        if file.format == "parquet":
            facts = _examine_parquet(file.path)
        else:
            facts = _examine_text(file, hashing, delimiter, encoding)
        hashing.drain()
    return Facts(**{**asdict(facts), "sha256": hashing.digest.hexdigest(), "bytes": hashing.bytes})


def blank_lines(file: SourceFile) -> int:
    """How many lines of a text file have nothing on them; asked only when its lines do not add up otherwise."""
    with _open(file) as lines:
        return sum(1 for line in lines if not line.strip())


def peek(file: SourceFile, delimiter: str, encoding: str = "utf-8") -> Facts:
    """What the beginning of a file tells: its columns, and why it cannot be read. Lines and hash stay empty."""
    if file.format == "parquet":
        return _examine_parquet(file.path)
    try:
        with _open(file) as lines:
            head = lines.read(_BLOCK)
    except (OSError, EOFError, zlib.error) as error:
        return Facts(file.path.stat().st_size, "", 0, (), f"breaks off inside its compression ({error})")
    keys: dict[str, None] = {}
    if file.format == "jsonl":
        _collect_keys(b"", head if head.endswith(b"\n") else head + b"\n", keys, every_line=True)
    columns, problem = _columns(file.format, head, keys, delimiter, encoding)
    return Facts(file.path.stat().st_size, "", head.count(b"\n"), columns, problem)


class _Hashing(io.RawIOBase):
    """Hashes what is read through it, so that hashing and counting share one pass."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.digest, self.bytes = raw, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self.raw.read(size)
        self.digest.update(block)
        self.bytes += len(block)
        return block

    def drain(self) -> None:
        while self.read(_BLOCK):
            pass


def _examine_parquet(path: Path) -> Facts:
    try:
        meta = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        return Facts(0, "", 0, (), f"is not a readable Parquet file ({str(error).splitlines()[0]})")
    return Facts(0, "", meta.metadata.num_rows, tuple(meta.schema_arrow.names))


def _examine_text(file: SourceFile, hashing: _Hashing, delimiter: str, encoding: str) -> Facts:
    lines = 0
    head = last = b""
    keys: dict[str, None] = {}
    every_line = file.path.stat().st_size <= _EVERY_LINE // (8 if file.compressed else 1)
    problem = ""
    blocks = _decompressed(hashing) if file.compressed else iter(lambda: hashing.read(_BLOCK), b"")
    try:
        carried = b""
        for block in blocks:
            lines += block.count(b"\n")
            if len(head) < _BLOCK:
                head += block
            if file.format == "jsonl":
                carried = _collect_keys(carried, block, keys, every_line)
            last = block[-1:]
        if file.format == "jsonl":
            _collect_keys(carried, b"\n", keys, every_line)
    except (OSError, EOFError, zlib.error) as error:
        problem = f"breaks off inside its compression ({error})"
    if last and not last.endswith(b"\n"):
        lines += 1
    if file.format == "jsonl" and head.strip() and not keys and not problem:
        _collect_keys(b"", _first_line(file) + b"\n", keys, every_line=True)
    columns, trouble = _columns(file.format, head, keys, delimiter, encoding)
    return Facts(0, "", lines, columns, problem or trouble)


def _open(file: SourceFile) -> IO[bytes]:
    return gzip.open(file.path, "rb") if file.compressed else file.path.open("rb")  # type: ignore[return-value]


def _first_line(file: SourceFile) -> bytes:
    with _open(file) as lines:
        return lines.readline()


def _decompressed(hashing: _Hashing) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=hashing, mode="rb") as plain:
        while block := plain.read(_BLOCK):
            yield block


def _collect_keys(carried: bytes, block: bytes, keys: dict[str, None], every_line: bool) -> bytes:
    """Adds the keys of objects in a block; returns its unfinished last line, to be put before the next block."""
    if every_line:
        *lines, carried = (carried + block).split(b"\n")
    else:
        lines, carried = [block[: block.find(b"\n")] if not keys else b"", *_inner_lines(block)], b""
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            keys.update(dict.fromkeys(value))
    return carried


def _inner_lines(block: bytes) -> list[bytes]:
    """The first and the last whole line inside a block that begins and ends anywhere."""
    start, end = block.find(b"\n"), block.rfind(b"\n")
    if start < 0 or start == end:
        return []
    return [block[start + 1 : block.find(b"\n", start + 1)], block[block.rfind(b"\n", 0, end) + 1 : end]]


def _columns(
    form: str, head: bytes, keys: dict[str, None], delimiter: str, encoding: str
) -> tuple[tuple[str, ...], str]:
    """The columns a text file announces, and what makes it unreadable."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:4096]:
        return (), "is not UTF-8 but UTF-16 or binary"
    if form == "jsonl":
        if head.lstrip()[:1] == b"[":
            return (), "is one JSON array, not one object a line"
        return tuple(keys), "holds no JSON object" if head.strip() and not keys else ""
    if not head.strip():
        return (), "is empty: not even a header"
    first = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    header = next(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), [])
    return _unique(tuple(name.strip() for name in header)), ""


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """A header without repeats: the second ``Name`` becomes ``Name_2``."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        lower = name.lower()
        seen[lower] = seen.get(lower, 0) + 1
        out.append(name if seen[lower] == 1 else f"{name}_{seen[lower]}")
    return tuple(out)
