"""Fills the address that opens a record in its own system, so that one click leads from a break to its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from contracts.registry import discover

if TYPE_CHECKING:
    from app.project import Project
    from ingest.system import SourceSystem

__all__ = ["fill_links"]

#: An id a vendor's page can be asked for; composed keys of ours have no page.
_ID = "[A-Za-z0-9]+"


def fill_links(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Give each record behind a break the page of its system, where that system has one."""
    con.execute("create or replace temp table _pages (connection varchar, object varchar, page varchar)")
    pages = _pages(project)
    if pages:
        con.executemany("insert into _pages values (?, ?, ?)", pages)
    con.execute(
        f"""
        update recon.break_records as record set url = replace(_pages.page, '{{id}}', record.record_id)
        from _pages
        where record.url is null and record.connection = _pages.connection and record.object = _pages.object
          and regexp_full_match(record.record_id, '{_ID}')
        """
    )
    con.execute("drop table _pages")


def _pages(project: Project) -> list[tuple[str, str, str]]:
    """Connection, object and the address of its records, ``{id}`` still to be filled."""
    systems: dict[str, SourceSystem] = {one.name: one for one in discover("ingest.systems", "SYSTEM").values()}
    return [
        (name, stream.name, systems[one.system].record_url(stream.name, "{id}", str(one.options.get("account", ""))))
        for name, one in sorted(project.connections.items())
        for stream in systems[one.system].streams
        if stream.record_url
    ]
