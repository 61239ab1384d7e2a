"""Writes the first tieout.yml of a firm from its own export files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from app.project import FILE
from contracts.errors import ConfigError
from ingest.system import Connection

if TYPE_CHECKING:
    from ingest.recognise import Recognised

__all__ = ["write_project"]


def write_project(
    folder: Path, source: Path, *, firm: str = "", base_currency: str = "USD", force: bool = False
) -> tuple[Path, list[str]]:
    """Write ``tieout.yml`` into `folder` for the exports below `source`; returns it and what a person should know."""
    from ingest.recognise import UNKNOWN, propose, recognise

    path = folder / FILE
    if path.exists() and not force:
        raise ConfigError(f"There is a {FILE} already", where=str(folder), then="Edit it, or replace it with --force.")
    found = recognise(source)
    proposals = propose(source, folder)
    if not proposals:
        raise ConfigError(
            "No file looks like an export of a known system", where=str(source),
            then="See `tieout list systems` for their streams; give the folder with --from.",
        )  # fmt: skip
    document = {
        "firm": firm or folder.resolve().name,
        "base_currency": base_currency,
        "time_zone": "UTC",
        "connections": {
            one.name: {
                "system": one.system, "mode": "files", "path": one.path,
                **({"fields": dict(one.fields)} if one.fields else {}),
                **({"options": dict(one.options)} if one.options else {}),
            }
            for one in proposals
        },
        "people": {},
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120), "utf-8")
    named = {(one.system, str(stem)) for one in proposals for stem in one.options.get("files", {}).values()}
    notes, left_alone = [], []
    for one in found:
        name, taken = one.file.path.relative_to(source), not one.advice or (one.system, one.file.stem) in named
        if one.message == UNKNOWN:
            left_alone.append(str(name))
            continue
        said = [f"{one.system} {one.stream}"] if one.system and taken else [one.advice] if one.system else []
        notes.append(f"{name}: {'; '.join(text for text in (*said, one.message) if text)}")
    if left_alone:
        notes.append(f"Left alone ({UNKNOWN}): {', '.join(left_alone)}.")
    return path, [*notes, *_absent(proposals, folder, found)]


def _absent(proposals: list[Connection], folder: Path, found: list[Recognised]) -> list[str]:
    """The streams each connection lacks; not those of a file that only has another name, whose own line says so."""
    from ingest.recognise import diagnose

    lines = []
    for connection in proposals:
        place = (folder / connection.path).resolve()
        there = {one.stream for one in found if one.system and one.file.path.resolve().parent == place}
        findings = diagnose(connection, folder)
        missing = [one.stream for one in findings if one.status == "missing" and one.stream not in there]
        if missing:
            it = "it" if len(missing) == 1 else "them"
            lines.append(f"{connection.name} lacks {', '.join(missing)}; checks that need {it} will not run.")
        absent: dict[str, list[str]] = {}
        for one in findings:
            if one.status == "absent" and one.stream not in there:
                absent.setdefault(one.message, []).append(one.stream)
        lines += [f"{connection.name}: {', '.join(streams)}: {message}." for message, streams in absent.items()]
    return lines
