"""Fills the address that opens a record in its own system, so that one click leads from a break to its evidence."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from contracts.errors import StreamStopped
from contracts.registry import discover
from ingest.files import read_manifest

if TYPE_CHECKING:
    from app.project import Project
    from ingest.system import SourceSystem

__all__ = ["fill_links"]

#: A part of an id that a vendor's page can be asked for; composed keys of ours have no page.
_PART = "[A-Za-z0-9]+"


def fill_links(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Give each record behind a break the page of its system, where that system has one."""
    con.execute("create or replace temp table _pages (connection varchar, object varchar, page varchar, parts integer)")
    pages = _pages(project)
    if pages:
        con.executemany("insert into _pages values (?, ?, ?, ?)", pages)
    filled = "_pages.page"
    for part in range(1, max((parts for *_, parts in pages), default=0) + 1):
        filled = f"replace({filled}, '<{part}>', split_part(record.record_id, '/', {part}))"
    con.execute(
        f"""
        update recon.break_records as record set url = {filled}
        from _pages
        where record.url is null and record.connection = _pages.connection and record.object = _pages.object
          and regexp_full_match(record.record_id, '{_PART}(/{_PART})*')
          and len(string_split(record.record_id, '/')) = _pages.parts
        """
    )
    con.execute("drop table _pages")


def _pages(project: Project) -> list[tuple[str, str, str, int]]:
    """Connection, object, the address of its records with ``<n>`` for the parts of their id, and how many parts."""
    systems: dict[str, SourceSystem] = {one.name: one for one in discover("ingest.systems", "SYSTEM").values()}
    found = []
    for name, one in sorted(project.connections.items()):
        account = _account(project, name)
        for stream in systems[one.system].streams:
            parts = "/".join(f"<{part}>" for part in range(1, len(stream.key) + 1))
            page = systems[one.system].record_url(stream.name, parts, account)
            if page:
                found.append((name, stream.name, page, len(stream.key)))
    return found


def _account(project: Project, connection: str) -> str:
    """The firm's own part of the address: as its settings say, else as the export says of itself."""
    settings = project.connections[connection]
    stated = settings.options.get("account")
    if not stated and settings.path:
        with suppress(StreamStopped):  # one that cannot be read was told when it landed
            stated = read_manifest(settings.path).get("account")
    return str(stated or "")
