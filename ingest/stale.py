"""Streams left over from an older export: what is much older than the rest of its connection is not current.

A stream is as old as the manifest says (``{"streams": {"charge": {"extracted_at": ..}}}``), else as its newest file. It
is stale when that lies more than a week before the connection was read; options ``stale_after`` (days) and
``may_be_old`` (streams that are rarely exported) of a connection say otherwise.

Times of files are told by whoever copied them: they count only where the newest file was written when the connection
was read, or later. Of a delta they say nothing, because a stream in which nothing changed may have no new file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.errors import ConfigError, StreamStopped
from ingest.files import MANIFEST, SourceFile
from ingest.loads import to_utc
from ingest.system import Connection, Stream

__all__ = ["Age", "extracted_at"]

#: Days that a stream may lie behind its connection where the project does not say.
STALE_AFTER = 7
#: Clocks that write files and those that state when a connection was read may differ by this.
_CLOCKS = dt.timedelta(days=1)


def extracted_at(stated: object) -> dt.datetime | None:
    """An instant of the manifest as naive UTC."""
    try:
        return to_utc(dt.datetime.fromisoformat(str(stated)), "UTC") if stated else None
    except ValueError:
        raise StreamStopped(
            f"extracted_at is {stated!r}, which is no date and time",
            where=MANIFEST,
            then="Write 2026-03-31T06:00:00Z.",
        ) from None


@dataclass(frozen=True)
class Age:
    """What a connection and its folder tell of how old a stream is."""

    connection: Connection
    manifest: dict[str, Any]
    folder: Path
    files: list[SourceFile]
    watermark: dt.datetime | None

    def trouble(self, stream: Stream, kind: str) -> str:
        """Why a stream is stale, as a sentence; empty text where it is current, or nothing tells."""
        if self.watermark is None or stream.name in self.connection.options.get("may_be_old", ()):
            return ""
        own = self.manifest.get("streams", {}).get(stream.name, {})
        stated = extracted_at(own.get("extracted_at")) if isinstance(own, dict) else None
        moment = stated or (self._written(stream) if kind == "full" else None)
        if moment is None or self.watermark - moment <= self._allowed:
            return ""
        days = (self.watermark - moment).days
        return (
            f"It is of {moment:%Y-%m-%d}, {days} days before the rest of {self.connection.name}: left over from an "
            f"older export. Export it again; where it is rarely exported, set options: {{may_be_old: [{stream.name}]}}."
        )

    @property
    def _allowed(self) -> dt.timedelta:
        stated = self.connection.options.get("stale_after", STALE_AFTER)
        if not isinstance(stated, int) or stated < 0:
            raise ConfigError(
                f"stale_after of connection {self.connection.name} is {stated!r}, which is no number of days",
                then=f"Write options: {{stale_after: {STALE_AFTER}}}.",
            )
        return dt.timedelta(days=stated)

    def _written(self, stream: Stream) -> dt.datetime | None:
        """When the newest file of a stream was written, where the times of the folder can be relied on."""
        stem = self.connection.file_stem(stream).lower()
        newest = _newest([*(file.path for file in self.files), self.folder / MANIFEST])
        if newest is None or self.watermark is None or newest < self.watermark - _CLOCKS:
            return None
        return _newest(file.path for file in self.files if file.stem.lower() == stem)


def _newest(paths: Iterable[Path]) -> dt.datetime | None:
    written = [path.stat().st_mtime for path in paths if path.is_file()]
    return dt.datetime.fromtimestamp(max(written), dt.UTC).replace(tzinfo=None) if written else None
