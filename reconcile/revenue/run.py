"""Runs the recomputation over a warehouse: reads `revenue.evidence` in bulk, writes the computed tables in bulk.

The tables are replaced in one transaction, so a reader sees the tables of one recomputation or of the one before. Their
columns are the fields of the row types in `rows`; `TABLES` says which table holds which type.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing import get_context
from typing import Any, NamedTuple, cast

import duckdb
import polars as pl
import pyarrow as pa

from reconcile.revenue.columns import events_of
from reconcile.revenue.modification import Override
from reconcile.revenue.policy import Policy
from reconcile.revenue.recompute import recompute
from reconcile.revenue.rows import (
    Accrual,
    Allocation,
    ContractCost,
    Decision,
    Obligation,
    Position,
    Problem,
    Recognition,
    Recomputed,
)

__all__ = ["TABLES", "RevenueSummary", "columns_of", "create_tables", "recompute_agreement", "recompute_revenue"]

#: Table of schema `revenue` -> the type of its rows.
TABLES: Mapping[str, type[NamedTuple]] = {
    "obligations": Obligation,
    "allocations": Allocation,
    "decisions": Decision,
    "recognition": Recognition,
    "accruals": Accrual,
    "positions": Position,
    "contract_costs": ContractCost,
    "problems": Problem,
}

_KINDS: Mapping[type, str] = {str: "string", int: "integer", dt.date: "date", Decimal: "decimal(18, 4)"}
#: Numbers that are no amounts: progress and hours.
_WIDE: Mapping[str, str] = {
    "done": "decimal(38, 8)",
    "total": "decimal(38, 8)",
    "planned_quantity": "decimal(18, 8)",
    "hours": "decimal(18, 8)",
}
#: Fields whose name is a word of SQL: what their column is called.
_NAMES: Mapping[str, str] = {"then": "advice"}
#: Rows of evidence computed at a time, and from how many on other processes are worth their start.
_SHARE, _WORTH_A_PROCESS = 20_000, 60_000


@dataclass(frozen=True)
class RevenueSummary:
    """What one recomputation came to."""

    through: str
    events: int
    agreements: int
    rows: Mapping[str, int]

    @property
    def problems(self) -> int:
        """Pieces of evidence that could not be used."""
        return self.rows["problems"]


def columns_of(table: str) -> dict[str, str]:
    """Column -> type of a computed table, in order; the types are those the models write too."""
    hints = typing.get_type_hints(TABLES[table])
    return {_NAMES.get(name, name): _WIDE.get(name) or _KINDS[_plain(hint)] for name, hint in hints.items()}


def create_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Empty computed tables where there are none."""
    con.execute("create schema if not exists revenue")
    for table in TABLES:
        con.execute(f"create table if not exists revenue.{table} ({_ddl(table)})")


def recompute_revenue(
    con: duckdb.DuckDBPyConnection,
    policies: Mapping[str, Policy],
    *,
    as_of: dt.date,
    through: str | None = None,
    decisions: Iterable[Override] = (),
) -> RevenueSummary:
    """Recompute every agreement of every book from `revenue.evidence`, up to a period, and replace the computed tables.

    `policies` are the choices of each book; a book without evidence gets no rows. `through` is by default the month of
    `as_of`: the last closed months and the open one. `decisions` are what revenue accountants decided otherwise.
    """
    period = through or f"{as_of:%Y-%m}"
    known = _known(con, policies)
    evidence = _evidence(con, sorted(known), period)
    work = _Work(known, period, tuple(decisions))
    rows = dict.fromkeys(TABLES, 0)
    agreements = 0
    con.execute("create schema if not exists revenue")
    con.execute("begin")
    try:
        for table in TABLES:
            con.execute(f"create or replace table revenue.{table} ({_ddl(table)})")
        for frames in _computed(work, evidence):
            for table, frame in frames.items():
                con.register("_recomputed", frame.to_arrow())
                con.execute(f"insert into revenue.{table} select * from _recomputed")
                con.unregister("_recomputed")
                rows[table] += frame.height
            agreements += frames["obligations"].select("agreement_id", "book").n_unique()
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    return RevenueSummary(period, evidence.height, agreements, rows)


def recompute_agreement(
    con: duckdb.DuckDBPyConnection,
    policies: Mapping[str, Policy],
    agreement_id: str,
    book: str,
    *,
    through: str,
    decisions: Iterable[Sequence[Override]],
) -> list[Recomputed]:
    """One agreement of one book recomputed from `revenue.evidence` as a run would, and nothing written.

    Once for each sequence of decisions: what it comes to with each can then be compared.
    """
    known = _known(con, policies)
    events = events_of(_evidence(con, [book], through, agreement_id))
    own = ([one for one in taken if one.agreement_id == agreement_id and one.book == book] for taken in decisions)
    return [recompute(events, known, through=through, decisions=taken) for taken in own]


def _evidence(
    con: duckdb.DuckDBPyConnection, books: Sequence[str], through: str, agreement_id: str = ""
) -> pl.DataFrame:
    """Evidence of some books up to a period, of one agreement or of all, all rows of an agreement together."""
    found: pl.DataFrame = con.sql(
        """
        select
          agreement_id, book, legal_entity_id, customer_id, currency, kind, happened_on, period, version_no,
          obligation_key, amount, quantity, unit, attributes, connection, object, source_id, row_id, records
        from revenue.evidence
        where book in (select unnest(?)) and period <= ? and (? = '' or agreement_id = ?)
        order by agreement_id, book, period, kind, happened_on, obligation_key, source_id, row_id
        """,
        params=[list(books), through, agreement_id, agreement_id],
    ).pl()
    return found


@dataclass(frozen=True)
class _Work:
    """What every share of the evidence is computed with."""

    policies: Mapping[str, Policy]
    through: str
    decisions: tuple[Override, ...]

    def __call__(self, evidence: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The computed tables of some agreements, as typed columns."""
        held = set(evidence["agreement_id"])
        decisions = [one for one in self.decisions if one.agreement_id in held]
        done = recompute(events_of(evidence), self.policies, through=self.through, decisions=decisions)
        return {table: _frame(table, getattr(done, table)) for table in TABLES}


def _computed(work: _Work, evidence: pl.DataFrame) -> Iterator[dict[str, pl.DataFrame]]:
    """The tables of every share of the agreements, in order; large books on all processors."""
    shares = _shares(evidence)
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if evidence.height < _WORTH_A_PROCESS or processors == 1:
        yield from map(work, shares)
        return
    # nothing computed refers back to itself: looking for such rings among all events again and again is a tenth of it
    workers, spawn = min(processors, len(shares)), get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=gc.disable) as pool:
        yield from pool.map(work, shares)


def _shares(evidence: pl.DataFrame) -> list[pl.DataFrame]:
    """The evidence in shares of about `_SHARE` rows; an agreement is never split."""
    row = pl.col("_row")
    starts = evidence.with_row_index("_row").group_by("agreement_id", maintain_order=True).agg(row.first())
    firsts = starts.group_by(row // _SHARE, maintain_order=True).agg(at=row.first())["at"].to_list()
    return [evidence[start:end] for start, end in zip(firsts, [*firsts[1:], evidence.height], strict=True)]


def _known(con: duckdb.DuckDBPyConnection, policies: Mapping[str, Policy]) -> dict[str, Policy]:
    """The policies of all books, with legal entities by their ids."""
    codes = _legal_entities(con) if any(policy.entities for policy in policies.values()) else {}
    return {book: _by_id(policy, codes) for book, policy in policies.items()}


def _legal_entities(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Code of a legal entity -> its id."""
    return dict(
        con.execute(
            "select legal_entity_code, legal_entity_id from marts.legal_entity where legal_entity_code is not null"
        ).fetchall()
    )


def _by_id(policy: Policy, codes: Mapping[str, str]) -> Policy:
    """The same policy with the choices of legal entities under their ids: people write their codes."""
    if not policy.entities:
        return policy
    return policy.model_copy(
        update={"entities": {codes.get(code, code): choices for code, choices in policy.entities.items()}}
    )


_ARROW: Mapping[str, pa.DataType] = {
    "string": pa.large_string(),
    "integer": pa.int32(),
    "date": pa.date32(),
    "decimal(18, 4)": pa.decimal128(18, 4),
    "decimal(18, 8)": pa.decimal128(18, 8),
    "decimal(38, 8)": pa.decimal128(38, 8),
}


#: Whose an agreement is; not known of all of them.
_WHOSE = ("legal_entity_id", "customer_id")


def _frame(table: str, rows: Sequence[NamedTuple]) -> pl.DataFrame:
    """Rows as typed columns; whose it is stays empty where nobody knows it, as in the canonical records."""
    columns = columns_of(table)
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    # Arrow takes decimals of Python in two thirds of the time polars needs
    arrays = [pa.array(column, type=_ARROW[kind]) for column, kind in zip(values, columns.values(), strict=True)]
    typed = cast(pl.DataFrame, pl.from_arrow(pa.table(arrays, names=list(columns))))
    return typed.with_columns(pl.col(name).replace("", None) for name in _WHOSE if name in columns)


def _ddl(table: str) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns_of(table).items())


def _plain(hint: Any) -> type:
    """The type of a field without the None it may be."""
    found: type = next((arg for arg in typing.get_args(hint) if arg is not type(None)), hint)
    return found
