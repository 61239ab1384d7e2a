"""Revenue in the ledger and the core identity: which faults strike, what a journal does, and what hangs under it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ingest.sandbox import grow
from ingest.sandbox.call import Call, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.netsuite_journals import HANDLERS
from ingest.sandbox.ns_accounts import account_id
from tests.tieout.loop import Firm
from tests.tieout.verdict import assert_apart

CHECKS = ("K54", "K58")
MINE = "check_id in ('K54', 'K58')"


@pytest.fixture(scope="module")
def exports(never_run: Path) -> Exports:
    return Exports(never_run)


def journal(exports: Exports, on: dt.date, debit: str, credit: str, external: str, **more: Any) -> str | None:
    """Post a journal of the first subsidiary from deferred revenue to revenue."""
    subsidiary = exports.frame("netsuite.subsidiary").row(0, named=True)
    lines = [
        {"account": {"id": account_id("2400")}, "debit": debit},
        {"account": {"id": account_id("4010")}, "credit": credit},
    ]
    body = {
        "externalId": external, "subsidiary": {"id": subsidiary["id"]}, "currency": {"id": subsidiary["currency"]},
        "tranDate": on.isoformat(), "line": {"items": lines}, **more,
    }  # fmt: skip
    call = Call("POST", "", {}, body, {"target": {"connection": "netsuite"}})
    return HANDLERS[0].play(exports, call)


@pytest.mark.long
@pytest.mark.parametrize("faults", ["typical", "poor"])
def test_both_checks_have_faults_and_the_noise_beside_them(faults: str) -> None:
    _, truth, noise = grow(size=60, seed=7, faults=faults, only=CHECKS)
    assert {row["pattern"] for row in truth} == {"top_side_journal", "moved_to_deposits", "billed_to_income"}
    assert {row["pattern"] for row in noise} >= {"journal_pending", "accrual_reversed", "posted_a_month_later"}
    assert_apart(truth)


def test_a_journal_of_a_correction_is_posted_once_and_marks_what_it_reverses(exports: Exports) -> None:
    original = journal(exports, exports.as_of, "120.00", "120.00", "TIE-1")
    assert journal(exports, exports.as_of, "120.00", "120.00", "TIE-1") == original
    second = journal(exports, exports.as_of, "-120.00", "-120.00", "TIE-2", custbody_reverses=original)
    assert exports.must("netsuite.transaction", str(original))["reversal"] == second
    ledger = exports.find("netsuite.transactionaccountingline", "transaction", str(second))
    assert sum(row["amount"] for row in ledger) == 0
    assert {row["posting"] for row in ledger} == {True}


def test_a_journal_with_a_reversal_date_reverses_itself_on_that_day(exports: Exports) -> None:
    day = exports.as_of + dt.timedelta(days=1)
    original = journal(exports, exports.as_of, "75.00", "75.00", "TIE-3", reversalDate=day.isoformat())
    made = exports.must("netsuite.transaction", str(original))
    undone = exports.must("netsuite.transaction", str(made["reversal"]))
    assert (undone["trandate"], undone["isreversal"], undone["reversal"]) == (day, True, original)
    both = [
        row["amount"]
        for one in (original, made["reversal"])
        for row in exports.find("netsuite.transactionaccountingline", "transaction", str(one))
    ]
    assert (len(both), sum(both)) == (4, 0)


@pytest.mark.parametrize(
    ("on", "debit", "why"), [(dt.date(2025, 6, 30), "5.00", "closed"), (None, "6.00", "debits and credits")]
)
def test_a_journal_that_the_system_would_not_take_is_refused(
    exports: Exports, on: dt.date | None, debit: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        journal(exports, on or exports.as_of, debit, "5.00", f"TIE-{why}")


def test_a_journal_on_revenue_is_the_root_and_the_identity_hangs_under_it(typical: Firm) -> None:
    hanging = typical.rows("select r.check_id from recon.breaks as b join recon.breaks as r on r.break_id = b.root_id "
                           "where b.check_id = 'K58' and not b.is_root")  # fmt: skip
    assert {row[0] for row in hanging} >= {"K54"}
    assert {row[0] for row in hanging} <= {"K53", "K54"}
    roots = {row[0] for row in typical.rows(f"select break_id from recon.breaks where {MINE} and is_root")}
    planned = typical.rows("select kind, unnest(breaks) from recon.actions")
    assert {kind for kind, name in planned if name in roots} == {"RECLASS", "REVERSE"}
    assert roots <= {name for _, name in planned}
