"""How the command speaks: tables and colours on a terminal, plain lines elsewhere, JSON when asked."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

__all__ = ["emit_json", "fail", "is_terminal", "plain", "progress", "say", "table"]


def is_terminal() -> bool:
    """Whether a person watches."""
    return sys.stdout.isatty()


def say(text: str = "") -> None:
    """One line for a person."""
    sys.stdout.write(f"{text}\n")


def fail(text: str) -> None:
    """One line about what went wrong."""
    sys.stderr.write(f"{text}\n")


def emit_json(value: object) -> None:
    """One JSON document: a list or an object. Money is text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2 if is_terminal() else None, default=plain) + "\n")


def plain(value: object) -> object:
    """What JSON has no type for, as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value)


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, title: str = "") -> None:
    """Rows under headings; `columns` maps a key of the rows to its heading, with ``>`` before it to align right."""
    heads = {key: head.lstrip(">") for key, head in columns.items()}
    if is_terminal():
        _rich_table(rows, columns, heads, title)
        return
    cells = [list(heads.values()), *[[_cell(row.get(key)) for key in columns] for row in rows]]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    right = [head.startswith(">") for head in columns.values()]
    if title:
        say(title)
    for row in cells:
        padded = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        say("  ".join(padded).rstrip())


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str, str, int, int], None]]:
    """A function that tells how far a job is: a bar on a terminal, a line per step elsewhere, nothing if `quiet`."""
    if quiet:
        yield _silent
    elif is_terminal():
        with _bar() as told:
            yield told
    else:
        yield _lines()


def _silent(_step: str, _detail: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def _rich_table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], heads: Mapping[str, str], title: str
) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for key, head in columns.items():
        shown.add_column(heads[key], justify="right" if head.startswith(">") else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(_cell(row.get(key))) for key in columns))
    Console().print(shown)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


@contextmanager
def _bar() -> Iterator[Callable[[str, str, int, int], None]]:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    layout = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*layout, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(step: str, detail: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None, detail=detail)
            bars.update(tasks[step], completed=done, total=total or None, detail=detail)

        yield told


def _lines() -> Callable[[str, str, int, int], None]:
    started = time.monotonic()
    seen: list[str] = []

    def told(step: str, detail: str, done: int, total: int) -> None:  # noqa: ARG001 - one line a step
        if step not in seen:
            seen.append(step)
            fail(f"{time.monotonic() - started:6.1f} s  {step}")

    return told
