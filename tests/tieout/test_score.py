"""The score judges consequences as the grouping of breaks does: sharing an agreement with a fault is not enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.sandbox.score import Score, score

LINE = ("K28", "1850.00", "7")
CREDIT = ("K35", "9000.00", "8")


def truth(folder: Path, *faults: tuple[str, str, str]) -> Path:
    """Faults (check, money, record), each of which may break K56 too."""
    rows = [_fault(number, *fault) for number, fault in enumerate(faults, 1)]
    folder.mkdir()
    (folder / "faults.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (folder / "noise.jsonl").write_text("", "utf-8")
    return folder


def _fault(number: int, check: str, money: str, record: str) -> dict[str, Any]:
    records = [{"connection": "netsuite", "object": "transactionline", "id": record}]
    want = {"check": check, "break_type": "amount", "money": money, "currency": "USD", "records": records}
    return {
        "fault_id": f"F-{number}", "pattern": f"pattern_{number}", "consequences": ["K56"],
        "expected": [{**want, "at_fault": "netsuite", "action_kind": "CREDIT_AND_REBILL"}],
    }  # fmt: skip


def scored(
    folder: Path, *breaks: tuple[str, str, str, str, str], calls: tuple[str, ...] = ("CREDIT_AND_REBILL", "ROUTE")
) -> Score:
    """Score breaks (id, check, money, root, record) of one agreement against the line and the credit.

    Each is corrected by calls of these kinds, one after the other.
    """
    con = duckdb.connect()
    con.execute("create schema recon")
    con.execute(
        "create table recon.breaks (break_id varchar, check_id varchar, break_type varchar, status varchar, "
        "variance decimal(18,4), currency varchar, at_fault varchar, root_id varchar, agreement_id varchar, "
        "title varchar)"
    )
    con.execute(
        "create table recon.break_records (break_id varchar, connection varchar, object varchar, record_id varchar)"
    )
    con.execute("create table recon.actions (breaks varchar[], kind varchar, sequence integer)")
    for name, check, money, root, record in breaks:
        for place, kind in enumerate(calls, 1):
            con.execute("insert into recon.actions values ([?], ?, ?)", [name, kind, place])
        con.execute(
            "insert into recon.breaks values (?, ?, 'amount', 'open', ?, 'USD', 'netsuite', ?, 'AGR-1', '')",
            [name, check, money, root],
        )
        con.execute("insert into recon.break_records values (?, 'netsuite', 'transactionline', ?)", [name, record])
    return score(con, truth(folder / "truth", LINE, CREDIT))


FOUND = (("line", "K28", "1850.00", "line", "7"), ("credit", "K35", "9000.00", "credit", "8"))


def test_a_consequence_under_its_cause_is_explained(tmp_path: Path) -> None:
    assert scored(tmp_path, *FOUND, ("account", "K56", "-1850.00", "line", "5")).perfect


def test_a_consequence_under_the_wrong_cause_of_its_agreement_is_not(tmp_path: Path) -> None:
    found = scored(tmp_path, *FOUND, ("account", "K56", "1850.00", "credit", "5"))
    assert not found.perfect
    assert "worth what F-1 is and hangs under F-2" in found.ungrouped[0]


def test_money_that_none_of_the_causes_tells_is_explained_by_the_one_it_hangs_under(tmp_path: Path) -> None:
    assert scored(tmp_path, *FOUND, ("account", "K56", "700.00", "credit", "5")).perfect


def test_a_fault_that_hangs_under_another_fault_would_not_be_corrected(tmp_path: Path) -> None:
    line = (*FOUND[0][:3], "credit", FOUND[0][4])
    assert "F-1 itself and hangs under F-2" in scored(tmp_path, line, FOUND[1]).ungrouped[0]


@pytest.mark.parametrize(("record", "where"), [("8", "ungrouped"), ("5", "false_alarms")])
def test_a_break_of_no_cause_is_a_consequence_left_alone_or_a_false_alarm(
    tmp_path: Path, record: str, where: str
) -> None:
    found = scored(tmp_path, *FOUND, ("account", "K56", "700.00", "account", record))
    assert len(getattr(found, where)) == 1


@pytest.mark.parametrize("calls", [(), ("ROUTE",), ("ROUTE", "CREDIT_AND_REBILL")])
def test_a_correction_that_does_not_begin_as_expected_is_wrong(tmp_path: Path, calls: tuple[str, ...]) -> None:
    found = scored(tmp_path, *FOUND, calls=calls)
    assert (found.found, found.expected) == (2, 2)
    assert not found.perfect
    assert len(found.wrong_action) == 2
    assert "expected CREDIT_AND_REBILL" in found.report()
