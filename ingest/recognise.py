"""Names the stream each file of a folder holds, and says what is missing: the eyes of ``init --from`` and ``doctor``.

Only the beginning of each file is read. A file is known by its name and its columns together. Columns that few streams
have say most, and what a firm added says nothing against a file: real exports have dozens of fields nobody reads. A
file whose name holds that of its stream (``netsuite_transaction_2026``) is taken for it, one that only looks like a
stream is told so. Nothing here lands or changes anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from contracts.errors import ConfigError, TieoutError
from contracts.registry import discover
from ingest.files import MANIFEST, Facts, SourceFile, find, listing, peek
from ingest.match import match_columns, missing_fields, require_files
from ingest.system import Connection, SourceSystem, Stream

__all__ = ["UNKNOWN", "Finding", "Recognised", "diagnose", "propose", "recognise"]

#: What is said of a file that is none of a known system.
UNKNOWN = "neither its name nor its columns belong to a known stream"
#: Share of a stream's columns, by what they say, that a file must have: one that holds the stream's name, and another.
_SHARE_NAMED, _SHARE = 0.35, 0.6
#: What columns must say together, where the name says nothing: a column of one stream alone says 1, one of two 0.5.
_TELLING = 2
#: How alike the firm's name of a custom field and ours must be (Jaro-Winkler), without what marks custom fields.
_SAME_FIELD = 0.8
_CUSTOM = re.compile(r"^(?P<before>cust(?:body|col|entity|event|item|record))?.*?(?P<after>__c)?$")
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Recognised:
    """One file, and what it seems to be."""

    file: SourceFile
    system: str | None = None
    stream: str | None = None
    #: 0 to 1: how much of name and columns fits.
    likeness: float = 0.0
    #: 1 where it is called like its stream, a half where its name holds the stream's.
    named: float = 0.0
    delimiter: str = ","
    #: Columns the stream needs and the file lacks.
    missing: tuple[str, ...] = ()
    #: Custom fields that seem to have another name here: default name -> column of the file.
    renamed: tuple[tuple[str, str], ...] = ()
    message: str = ""
    #: Where it is called otherwise than its stream: how to say that it is that. Empty where it is called so.
    advice: str = ""

    @property
    def is_held(self) -> bool:
        """Whether its name holds that of its stream, so that it is taken for it."""
        return self.named > 0


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
    named = _named(file, stream)
    if not likeness and not (named == 1 and facts.problem):
        return Recognised(file, message=facts.problem or UNKNOWN)
    connection = Connection(system.name, system.name)
    missing = tuple(missing_fields(connection, stream, facts.columns, required=True)) if facts.columns else ()
    renamed = _renamed(stream, facts)
    found = Recognised(file, system.name, stream.name, likeness, named, delimiter, missing, renamed)
    return replace(found, message=_remark(found, facts), advice=_advice(found))


def _best_delimiter(file: SourceFile) -> tuple[str, Facts]:
    if file.format != "csv":
        return ",", peek(file, ",")
    tried = {delimiter: peek(file, delimiter) for delimiter in _DELIMITERS}
    best = max(tried, key=lambda delimiter: len(tried[delimiter].columns))
    return best, tried[best]


def _likeness(system: SourceSystem, stream: Stream, file: SourceFile, facts: Facts) -> float:
    """Half by name, half by columns; 0 where it cannot be told."""
    named = _named(file, stream)
    columns = {column.lower() for column in facts.columns}
    if not columns:
        return 0.5 if named == 1 and file.format == system.format else 0.0
    weights = _weights(system.name, stream.name)
    there = weights.keys() & columns
    share = sum(weights[name] for name in there) / sum(weights.values())
    told = sum(_rarity()[name] for name in there)
    is_like = share >= _SHARE_NAMED if named else share >= _SHARE and told >= _TELLING
    return 0.5 * named + 0.5 * share if named == 1 or is_like else 0.0


def _named(file: SourceFile, stream: Stream) -> float:
    """1 where a file is called like the stream, a half where its name holds the stream's."""
    if file.stem.lower() == stream.name.lower():
        return 1
    own, wanted = (re.sub("[^a-z]", "", name.lower()) for name in (file.stem, stream.name))
    return 0.5 if wanted in own else 0


@cache
def _rarity() -> Mapping[str, float]:
    """Column -> 1 / the streams that have it: ``id`` says nothing of a file, ``postingperiod`` nearly everything."""
    streams = [stream for system in discover("ingest.systems", "SYSTEM").values() for stream in system.streams]
    counted = Counter(name for stream in streams for name in {item.name.lower() for item in stream.fields})
    return {name: 1 / count for name, count in counted.items()}


@cache
def _weights(system: str, stream: str) -> Mapping[str, float]:
    """What each column of a stream says of a file that has it; required ones three times as much."""
    fields = discover("ingest.systems", "SYSTEM")[system].stream(stream).fields
    return {item.name.lower(): _rarity()[item.name.lower()] * (3 if item.required else 1) for item in fields}


def _renamed(stream: Stream, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Custom fields of the stream that a file lacks, each with the custom column that is probably the firm's for it."""
    known = {item.name.lower() for item in stream.fields}
    extras = [column for column in facts.columns if column.lower() not in known]
    present = {column.lower() for column in facts.columns}
    pairs = []
    for item in stream.fields:
        if not item.custom or item.name.lower() in present:
            continue
        mark, own = _custom(item.name)
        plain = {column: bare for column in extras for marked, bare in [_custom(column)] if marked == mark}
        found = process.extractOne(own, plain, scorer=JaroWinkler.normalized_similarity, score_cutoff=_SAME_FIELD)
        if found:
            pairs.append((item.name, found[2]))
            extras.remove(found[2])
    return tuple(pairs)


def _custom(name: str) -> tuple[str, str]:
    """By what a vendor marks custom fields (``custcol_``, ``__c``), and the rest of a name in plain letters."""
    found = _CUSTOM.match(name.lower())
    mark = (found["before"] or found["after"] or "") if found else ""
    return mark, re.sub("[^a-z0-9]", "", name.lower().removeprefix(mark).removesuffix(mark))


def _remark(found: Recognised, facts: Facts) -> str:
    remarks = [facts.problem] if facts.problem else []
    if found.missing:
        renamed = dict(found.renamed)
        lacking = [f"{name} (perhaps {renamed[name]})" if name in renamed else name for name in found.missing]
        remarks.append(f"required columns are missing: {', '.join(lacking)}")
    if found.delimiter != ",":
        remarks.append(f"its columns are separated by {found.delimiter!r}")
    return "; ".join(remarks)


def _advice(found: Recognised) -> str:
    if found.named == 1:
        return ""
    files = f"files: {{{found.stream}: {found.file.stem}}}"
    return f"its columns are those of {found.stream}: name it {found.stream}, or write {files} under options"


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
            fields = {default: own for item in mine if item.is_held for default, own in item.renamed}
            delimiters = Counter(item.delimiter for item in mine if item.file.format == "csv")
            common = delimiters.most_common(1)[0][0] if delimiters else ","
            files = _called_otherwise(mine)
            proposals.append(
                Connection(
                    name=system if names[system] == 1 else f"{system}_{place.name.lower()}",
                    system=system,
                    path=_relative(place, root),
                    fields=fields,
                    options={**({} if common == "," else {"delimiter": common}), **({"files": files} if files else {})},
                )
            )
    return proposals


def _called_otherwise(items: list[Recognised]) -> dict[str, str]:
    """Stream -> the name of its file, where that holds the stream's and none is called so; the likest of several."""
    called = {item.stream for item in items if item.named == 1}
    held = [item for item in items if item.is_held and item.stream not in called]
    likest = {str(item.stream): item.file.stem for item in sorted(held, key=lambda item: item.likeness)}
    return dict(sorted(likest.items()))


def _relative(place: Path, root: Path) -> str:
    resolved, base = place.resolve(), root.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else str(resolved)


def diagnose(connection: Connection, root: Path) -> list[Finding]:
    """What landing a connection would find: one finding per stream, then files nobody knows."""
    system: SourceSystem = discover("ingest.systems", "SYSTEM")[connection.system]
    require_files(connection, system)
    folder = root / connection.path
    if not folder.is_dir():
        return [Finding(connection.name, "", "broken", f"there is no folder {folder}. Correct its path in tieout.yml.")]
    files = listing(folder)
    findings = [_diagnose_stream(connection, system, stream, files) for stream in system.streams]
    known = {connection.file_stem(stream).lower() for stream in system.streams}
    for file in files:
        if file.stem.lower() not in known:
            guess = _recognise_file(file)
            message = "; ".join(text for text in (guess.advice, guess.message) if text) or "no stream"
            findings.append(Finding(connection.name, "", "unknown", message, (file.name,)))
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
