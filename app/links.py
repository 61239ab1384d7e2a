"""Fills the address that opens a record in its own system, so that one click leads from a break to its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from contracts.errors import StreamStopped
from contracts.registry import discover
from contracts.sql import literal, name
from ingest.files import read_manifest

if TYPE_CHECKING:
    from app.project import Project
    from ingest.system import SourceSystem

__all__ = ["fill_links"]

#: A part of an id that a vendor's page can be asked for; composed keys of ours have no page.
_PART = "[A-Za-z0-9]+"


@dataclass(frozen=True)
class _Page:
    """Where a person opens the records of a stream: `address` has ``<n>`` for the n-th field of the key."""

    connection: str
    system: str
    stream: str
    key: tuple[str, ...]
    address: str


def fill_links(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Give each record behind a break the page of its system, where that system has one.

    A record that is named by something else than its key (a line by its unique key, a project by its agreement) is
    found by the row it was landed as.
    """
    pages = _pages(project)
    con.execute("create or replace temp table _pages (connection varchar, object varchar, page varchar, parts integer)")
    if pages:
        con.executemany(
            "insert into _pages values (?, ?, ?, ?)",
            [(one.connection, one.stream, one.address, len(one.key)) for one in pages],
        )
    ids = [f"split_part(record.record_id, '/', {part})" for part in range(1, _most_parts(pages) + 1)]
    con.execute(
        f"""
        update recon.break_records as record set url = {_filled("_pages.page", ids)}
        from _pages
        where record.url is null and record.connection = _pages.connection and record.object = _pages.object
          and regexp_full_match(record.record_id, '{_PART}(/{_PART})*')
          and len(string_split(record.record_id, '/')) = _pages.parts
        """
    )
    con.execute("drop table _pages")
    unnamed = set(
        con.execute(
            "select distinct connection, object from recon.break_records where url is null and row_id is not null"
        ).fetchall()
    )
    for page in pages:
        if (page.connection, page.stream) in unnamed:
            _fill_by_row(con, page)


def _fill_by_row(con: duckdb.DuckDBPyConnection, page: _Page) -> None:
    """The same from the key that the landed row of a record has."""
    mine = f"url is null and connection = {literal(page.connection)} and object = {literal(page.stream)}"
    keys = [f"source.{name(field)}" for field in page.key]
    told = [f"regexp_full_match({key}, '{_PART}')" for part, key in enumerate(keys, 1) if f"<{part}>" in page.address]
    con.execute(
        f"""
        update recon.break_records as record set url = {_filled(literal(page.address), keys)}
        from raw.{name(f"{page.system}__{page.stream}")} as source
        where source._row_id in (select row_id from recon.break_records where {mine})
          and record.row_id = source._row_id and {mine} and {" and ".join(told)}
        """
    )


def _filled(page: str, values: Sequence[str]) -> str:
    """SQL: a page with the parts of a key in their places."""
    for part, value in enumerate(values, 1):
        page = f"replace({page}, '<{part}>', {value})"
    return page


def _most_parts(pages: Sequence[_Page]) -> int:
    return max((len(one.key) for one in pages), default=0)


def _pages(project: Project) -> list[_Page]:
    """The pages of all streams of the project's connections, each with the firm's own part of the address."""
    systems: dict[str, SourceSystem] = {one.name: one for one in discover("ingest.systems", "SYSTEM").values()}
    found = []
    for connection, one in sorted(project.connections.items()):
        account = _account(project, connection)
        for stream in systems[one.system].streams:
            parts = "/".join(f"<{part}>" for part in range(1, len(stream.key) + 1))
            page = systems[one.system].record_url(stream.name, parts, account)
            if page:
                found.append(_Page(connection, one.system, stream.name, stream.key, page))
    return found


def _account(project: Project, connection: str) -> str:
    """The firm's own part of the address: as its settings say, else as the export says of itself."""
    settings = project.connections[connection]
    stated = settings.options.get("account")
    if not stated and settings.path:
        with suppress(StreamStopped):  # one that cannot be read was told when it landed
            stated = read_manifest(settings.path).get("account")
    return str(stated or "")
