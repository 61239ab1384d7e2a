"""Quarantine: rows come out by replay or by a corrected export, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from contracts.registry import discover
from ingest.loads import prepare
from ingest.quarantine import Replay, discard, open_rows, replay, set_aside_lines
from ingest.read import Reject

kantata = pytest.mark.parametrize("exports", ["kantata"], indirect=True)
netsuite = pytest.mark.parametrize("exports", ["netsuite"], indirect=True)


def rows(exports: Any) -> list[tuple[Any, ...]]:
    return exports.query("select row_id, status from quarantine.rows order by row_id")


@pytest.fixture
def barter(exports: Any) -> Any:
    """Three transactions, one of a type nobody declared."""
    types = ["CustInvc", "Barter", "Journal"]
    exports.csv("transaction.csv", exports.rows("transaction", 3, type=lambda number: types[number]))
    exports.land()
    return exports


@netsuite
def test_replay_lets_through_what_the_contract_now_accepts_and_repeats_safely(barter: Any) -> None:
    assert replay(barter.warehouse, [barter.connection], root=barter.root) == Replay(0, 1, 0)
    wider = replace(barter.connection, options={"values": {"transaction.type": ["Barter"]}})
    assert replay(barter.warehouse, [wider], root=barter.root) == Replay(1, 0, 0)
    assert replay(barter.warehouse, [wider], root=barter.root) == Replay(0, 0, 0)
    assert rows(barter) == [(2, "replayed")]
    assert barter.query("select _row_id, type from raw.netsuite__transaction order by 1") == [
        (1, "CustInvc"),
        (2, "Barter"),
        (3, "Journal"),
    ]
    assert barter.query("select count(*) from quarantine.keys") == [(0,)]


@netsuite
def test_named_rows_alone_are_judged_again_whatever_else_is_open(barter: Any) -> None:
    types = ["CustInvc", "Barter", "Barter"]
    barter.csv("customer.csv", barter.rows("customer", 2, isinactive=lambda number: "FX"[number]))
    barter.csv("transaction.csv", barter.rows("transaction", 3, type=lambda number: types[number]))
    barter.land()
    second, customer, third = (row_id for row_id, status in rows(barter) if status == "open")
    wider = replace(barter.connection, options={"values": {"transaction.type": ["Barter"]}})

    assert replay(barter.warehouse, [wider], root=barter.root, row_ids=[third, 999]) == Replay(1, 0, 0)
    assert rows(barter) == [(second, "open"), (customer, "open"), (third, "replayed")]
    assert replay(barter.warehouse, [wider], root=barter.root, row_ids=[customer]) == Replay(0, 1, 0)
    assert replay(barter.warehouse, [wider], root=barter.root, row_ids=[]) == Replay(0, 0, 0)


@netsuite
def test_a_quarantined_row_keeps_its_record_in_the_population(barter: Any) -> None:
    assert barter.query("select connection, stream, key, row_id from quarantine.keys") == [
        ("netsuite", "transaction", "1", 2)
    ]


@netsuite
def test_a_bad_row_that_did_not_change_stays_as_it_is(barter: Any) -> None:
    types = ["CustInvc", "Barter", "Journal", "CustCred"]
    barter.csv("transaction.csv", barter.rows("transaction", 4, type=lambda number: types[number]))
    landing = barter.land()["transaction"]
    assert (landing.rows_new, landing.rows_unchanged, landing.quarantined) == (1, 3, 0)
    assert rows(barter) == [(2, "open")]


@netsuite
def test_a_corrected_export_closes_the_row(barter: Any) -> None:
    barter.csv("transaction.csv", barter.rows("transaction", 3, type="CustInvc"))
    assert barter.land()["transaction"].rows_new == 2
    assert rows(barter) == [(2, "answered")]
    assert barter.query("select count(*) from quarantine.keys") == [(0,)]
    assert barter.query("select count(*) from raw.netsuite__transaction") == [(4,)]


@netsuite
def test_first_seen_survives_a_row_that_stays_bad(barter: Any) -> None:
    before = barter.query("select first_seen from quarantine.rows")
    stamps = {"type": "Barter", "lastmodifieddate": "2026-03-09 08:00:00"}
    changed = barter.rows("transaction", 1, start=1, **stamps)
    barter.csv("transaction.csv", [*barter.rows("transaction", 1), *changed, *barter.rows("transaction", 1, start=2)])
    barter.land()
    assert barter.query("select first_seen from quarantine.rows where status = 'open'") == before


@netsuite
def test_discard_marks_and_keeps(barter: Any) -> None:
    assert [row["row_id"] for row in open_rows(barter.warehouse, [1, 2])] == [2]
    assert discard(barter.warehouse, [2]) == 1
    assert discard(barter.warehouse, [2]) == 0
    assert open_rows(barter.warehouse, [2]) == []
    assert rows(barter) == [(2, "discarded")]
    assert barter.query("select count(*) from quarantine.violations") == [(1,)]
    assert barter.query("select count(*) from raw.netsuite__transaction") == [(2,)]


@netsuite
def test_a_discarded_row_keeps_its_record_until_a_later_export_answers_it(barter: Any) -> None:
    discard(barter.warehouse, [2])
    assert barter.query("select key, row_id from quarantine.keys") == [("1", 2)]
    types = ["CustInvc", "Barter", "Journal", "CustCred"]
    barter.csv("transaction.csv", barter.rows("transaction", 4, type=lambda number: types[number]))
    barter.land()
    assert rows(barter) == [(2, "discarded")]
    barter.csv("transaction.csv", barter.rows("transaction", 4, type="CustInvc"))
    barter.land()
    assert rows(barter) == [(2, "answered")]
    assert barter.query("select count(*) from quarantine.keys") == [(0,)]


def test_a_row_without_its_key_is_set_aside_once(exports: Any) -> None:
    keyless = [*exports.rows("Contact", 6), *exports.rows("Contact", 1, start=6, Id="")]
    exports.csv("Contact.csv", keyless)
    exports.land()
    exports.csv("Contact.csv", [*keyless, *exports.rows("Contact", 1, start=9)])
    landing = exports.land()["Contact"]
    assert (landing.rows_new, landing.rows_unchanged, landing.quarantined) == (1, 7, 0)
    assert rows(exports) == [(7, "open")]
    exports.csv("Contact.csv", [*exports.rows("Contact", 7), *exports.rows("Contact", 1, start=9)])
    exports.land()
    assert rows(exports) == [(7, "answered")]


def test_a_discarded_row_without_its_key_is_answered_when_an_export_no_longer_holds_it(exports: Any) -> None:
    keyless = [*exports.rows("Contact", 6), *exports.rows("Contact", 1, start=6, Id="")]
    exports.csv("Contact.csv", keyless)
    exports.land()
    discard(exports.warehouse, [7])
    exports.csv("Contact.csv", [*keyless, *exports.rows("Contact", 1, start=9)])
    exports.land()
    assert rows(exports) == [(7, "discarded")]
    exports.csv("Contact.csv", [*exports.rows("Contact", 7), *exports.rows("Contact", 1, start=9)])
    exports.land()
    assert rows(exports) == [(7, "answered")]


def test_broken_lines_wait_for_a_corrected_export(exports: Any) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 6))
    whole = path.read_text()
    exports.text("Contact.csv", whole[:-30])
    exports.land()
    assert replay(exports.warehouse, [exports.connection], root=exports.root) == Replay(0, 0, 1)
    exports.text("Contact.csv", whole)
    assert exports.land()["Contact"].rows_new == 1
    assert [status for _, status in rows(exports)] == ["answered"]


@kantata
def test_first_seen_survives_a_line_that_stays_broken(exports: Any) -> None:
    lines = exports.jsonl("roles.jsonl", exports.rows("roles", 6)).read_text().splitlines()
    broken = [*lines[:3], lines[3][:14], lines[4][:14], lines[4][:14], lines[5]]
    exports.text("roles.jsonl", "\n".join(broken) + "\n")
    exports.land()
    exports.warehouse.execute("update quarantine.rows set first_seen = timestamp '2026-01-01'")
    exports.text("roles.jsonl", "\n".join([*broken, lines[0][:14]]) + "\n")
    exports.land()
    assert exports.query(
        "select source_row, first_seen is not null from quarantine.rows where status = 'open' order by 1"
    ) == [(4, True), (5, True), (6, True), (8, False)]


class Counted:
    """A connection that counts the statements it is given."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con, self.statements = con, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)

    def execute(self, *given: Any) -> Any:
        self.statements += 1
        return self.con.execute(*given)

    def executemany(self, query: str, rows: list[Any]) -> Any:
        self.statements += len(rows)
        return self.con.executemany(query, rows)


@kantata
def test_broken_lines_are_set_aside_together(exports: Any) -> None:
    prepare(exports.warehouse)
    system = discover("ingest.systems", "SYSTEM")["kantata"]
    counts = []
    for number in (2, 200):
        counted: Any = Counted(exports.warehouse)
        lines = [(row, Reject(row, f"line {row}", "cut"), f"{row}" if row % 2 else None) for row in range(number)]
        where = (exports.connection, system, exports.stream("roles"), f"L{number}", "roles.jsonl")
        set_aside_lines(counted, where, lines, "timestamp '2026-03-01'")
        counts.append(counted.statements)
    assert counts[0] == counts[1]
    assert exports.query("select count(*), count(distinct row_id) from quarantine.keys") == [(101, 100)]
