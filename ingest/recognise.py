"""Names the stream each file of a folder holds, and says what is missing: the eyes of ``init --from`` and ``doctor``.

Only the beginning of each file is read. A file is known by its name and its columns together; a file whose columns say
one thing and whose name another is named with the name it should have. Nothing here lands or changes anything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from contracts.errors import ConfigError, TieoutError
from contracts.registry import discover
from ingest.files import MANIFEST, Facts, SourceFile, find, listing, peek
from ingest.match import match_columns, missing_fields, nearest
from ingest.system import Connection, SourceSystem, Stream

__all__ = ["Finding", "Recognised", "diagnose", "propose", "recognise"]

#: A file less like every stream than this is left unnamed.
_LIKE = 0.5
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Recognised:
    """One file, and what it seems to be."""

    file: SourceFile
    system: str | None = None
    stream: str | None = None
    #: 0 to 1: how much of name and columns fits.
    likeness: float = 0.0
    delimiter: str = ","
    #: Columns the stream needs and the file lacks.
    missing: tuple[str, ...] = ()
    #: Custom fields that seem to have another name here: default name -> column of the file.
    renamed: tuple[tuple[str, str], ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Finding:
    """What doctor says of one stream or file."""

    connection: str
    stream: str
    status: Literal["ok", "incomplete", "missing", "absent", "broken", "unknown"]
    message: str = ""
    files: tuple[str, ...] = field(default_factory=tuple)


def recognise(folder: Path) -> list[Recognised]:
    """Every export file under `folder`, in the order of its path, with the stream it seems to hold."""
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder", then="Name the folder that holds the exports.")
    folders = [folder, *sorted(path for path in folder.rglob("*") if path.is_dir() and ".tieout" not in path.parts)]
    return [_recognise_file(file) for place in folders for file in listing(place)]


def _recognise_file(file: SourceFile) -> Recognised:
    delimiter, facts = _best_delimiter(file)
    candidates = [
        (_likeness(system, stream, file, facts), system, stream)
        for system in discover("ingest.systems", "SYSTEM").values()
        for stream in system.streams
    ]
    likeness, system, stream = max(candidates, key=lambda candidate: candidate[0])
    named = file.stem.lower() == stream.name.lower()
    if likeness < _LIKE and not (named and facts.problem):
        return Recognised(file, message=facts.problem or "neither its name nor its columns belong to a known stream")
    connection = Connection(system.name, system.name)
    missing = tuple(missing_fields(connection, stream, facts.columns, required=True)) if facts.columns else ()
    renamed = _renamed(stream, facts)
    found = Recognised(file, system.name, stream.name, likeness, delimiter, missing, renamed)
    return replace(found, message=_remark(found, facts, named))


def _best_delimiter(file: SourceFile) -> tuple[str, Facts]:
    if file.format != "csv":
        return ",", peek(file, ",")
    tried = {delimiter: peek(file, delimiter) for delimiter in _DELIMITERS}
    best = max(tried, key=lambda delimiter: len(tried[delimiter].columns))
    return best, tried[best]


def _likeness(system: SourceSystem, stream: Stream, file: SourceFile, facts: Facts) -> float:
    """Half by name, half by columns: those of the file that are known, and those required that are there."""
    named = file.stem.lower() == stream.name.lower()
    columns = {column.lower() for column in facts.columns}
    known = {item.name.lower() for item in stream.fields}
    needed = {item.name.lower() for item in stream.fields if item.required}
    if not columns:
        return 0.5 if named and file.format == system.format else 0.0
    fit = len(columns & known) / len(columns) * 0.5 + len(columns & needed) / len(needed) * 0.5
    breadth = len(columns & known) / len(known)
    return 0.5 * named + 0.45 * fit + 0.05 * breadth


def _renamed(stream: Stream, facts: Facts) -> tuple[tuple[str, str], ...]:
    known = {item.name.lower() for item in stream.fields}
    extras = tuple(column for column in facts.columns if column.lower() not in known)
    present = {column.lower() for column in facts.columns}
    pairs = []
    for item in stream.fields:
        if item.custom and item.name.lower() not in present and (near := nearest(item.name, extras)):
            pairs.append((item.name, near))
            extras = tuple(column for column in extras if column != near)
    return tuple(pairs)


def _remark(found: Recognised, facts: Facts, named: bool) -> str:
    remarks = [facts.problem] if facts.problem else []
    if not named:
        remarks.append(f"its columns are those of {found.stream}: name it {found.stream}")
    if found.missing:
        renamed = dict(found.renamed)
        lacking = [f"{name} (perhaps {renamed[name]})" if name in renamed else name for name in found.missing]
        remarks.append(f"required columns are missing: {', '.join(lacking)}")
    if found.delimiter != ",":
        remarks.append(f"its columns are separated by {found.delimiter!r}")
    return "; ".join(remarks)


def propose(folder: Path, root: Path) -> list[Connection]:
    """The connections a folder of exports seems to hold, for a first tieout.yml: one per folder with known files."""
    by_folder: dict[Path, list[Recognised]] = {}
    for item in recognise(folder):
        if item.system:
            by_folder.setdefault(item.file.path.parent, []).append(item)
    proposals = []
    names: Counter[str] = Counter()
    for place, items in sorted(by_folder.items()):
        for system in sorted({item.system for item in items if item.system}):
            mine = [item for item in items if item.system == system]
            names[system] += 1
            fields = {default: own for item in mine for default, own in item.renamed}
            delimiters = Counter(item.delimiter for item in mine if item.file.format == "csv")
            common = delimiters.most_common(1)[0][0] if delimiters else ","
            proposals.append(
                Connection(
                    name=system if names[system] == 1 else f"{system}_{place.name.lower()}",
                    system=system,
                    path=_relative(place, root),
                    fields=fields,
                    options={} if common == "," else {"delimiter": common},
                )
            )
    return proposals


def _relative(place: Path, root: Path) -> str:
    resolved, base = place.resolve(), root.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else str(resolved)


def diagnose(connection: Connection, root: Path) -> list[Finding]:
    """What landing a connection would find: one finding per stream, then files nobody knows."""
    system: SourceSystem = discover("ingest.systems", "SYSTEM")[connection.system]
    folder = root / connection.path
    if not folder.is_dir():
        return [Finding(connection.name, "", "broken", f"there is no folder {folder}. Correct its path in tieout.yml.")]
    files = listing(folder)
    findings = [_diagnose_stream(connection, system, stream, files) for stream in system.streams]
    known = {connection.file_stem(stream).lower() for stream in system.streams}
    for file in files:
        if file.stem.lower() not in known:
            guess = _recognise_file(file)
            findings.append(Finding(connection.name, "", "unknown", guess.message or "no stream", (file.name,)))
    if system.roles and not (folder / MANIFEST).is_file():
        message = f"no {MANIFEST}: the latest change in the data counts as the time of extraction"
        findings.append(Finding(connection.name, "", "incomplete", message))
    return findings


def _diagnose_stream(connection: Connection, system: SourceSystem, stream: Stream, files: list[SourceFile]) -> Finding:
    try:
        mine = find(files, connection.file_stem(stream))
        if not mine and stream.optional:
            return Finding(connection.name, stream.name, "absent", f"not exported: there is no {stream.optional}")
        if not mine:
            message = f"no file {connection.file_stem(stream)}.{system.format}; checks that need it will not run"
            return Finding(connection.name, stream.name, "missing", message)
        lacking: dict[str, None] = {}
        for file in mine:
            delimiter = str(connection.options.get("delimiter", system.delimiter))
            facts = peek(file, delimiter, str(connection.options.get("encoding", "utf-8")))
            if facts.problem:
                raise ConfigError(facts.problem, where=file.name)
            lacking.update(dict.fromkeys(match_columns(connection, system, stream, file, facts).missing))
    except TieoutError as error:
        return Finding(connection.name, stream.name, "broken", str(error))
    names = tuple(file.name for file in mine)
    if lacking:
        message = f"optional columns are missing: {', '.join(lacking)}"
        return Finding(connection.name, stream.name, "incomplete", message, names)
    return Finding(connection.name, stream.name, "ok", "", names)
