"""What the sandbox's NetSuite does when time changes after the fact: charges and plans follow, and net to none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.sandbox.call import Call, Refused
from ingest.sandbox.exports import Exports, Row
from ingest.sandbox.handlers.netsuite_time import HANDLERS

_RECORD = "/services/rest/record/v1"
PLANNED = "netsuite.revenueplanplannedrevenue"


@pytest.fixture
def exports(never_run: Path) -> Exports:
    """What is played stays in memory: nothing of it is written back."""
    return Exports(never_run)


def play(exports: Exports, method: str, path: str, body: dict[str, Any] | None = None) -> str | None:
    for handler in HANDLERS:
        named = handler.match(method, path)
        if named is not None:
            return handler.play(exports, Call(method, path, named, body or {}, {"target": {"connection": "netsuite"}}))
    raise LookupError(path)


def charge_of(exports: Exports, *, billed: bool) -> Row:
    """A time charge with an amount, the latest: billed or not."""
    rows = exports.frame("netsuite.charge").filter(
        pl.col("timerecord").is_not_null() & (pl.col("amount") > 0) & (pl.col("invoice").is_not_null() == billed)
    )
    return rows.sort("chargedate", "id").row(-1, named=True)


def ahead(exports: Exports) -> Decimal:
    """Everything planned and not recognised by actual plans."""
    actual = exports.frame("netsuite.revenueplan").filter(pl.col("revenueplantype") == "ACTUAL")["id"].implode()
    rows = exports.frame(PLANNED).filter(~pl.col("isrecognized") & pl.col("revenueplan").is_in(actual))
    return Decimal(rows["amount"].sum())


def test_rejected_time_loses_its_charge_and_its_revenue(exports: Exports) -> None:
    charge, before = charge_of(exports, billed=False), ahead(exports)
    play(exports, "POST", f"{_RECORD}/timebill/{charge['timerecord']}/@reject")
    assert exports.get("netsuite.charge", charge["id"]) is None
    assert exports.must("netsuite.timebill", charge["timerecord"])["approvalstatus"] == "4"
    assert ahead(exports) == before - charge["amount"]


def test_approved_again_it_is_charged_and_earned_as_it_was(exports: Exports) -> None:
    charge, before = charge_of(exports, billed=False), ahead(exports)
    play(exports, "POST", f"{_RECORD}/timebill/{charge['timerecord']}/@reject")
    play(exports, "POST", f"{_RECORD}/timebill/{charge['timerecord']}/@approve")
    assert exports.must("netsuite.charge", charge["id"])["amount"] == charge["amount"]
    assert ahead(exports) == before


def test_billed_time_is_not_rejected_or_deleted(exports: Exports) -> None:
    bill = charge_of(exports, billed=True)["timerecord"]
    for method, path in (("POST", f"timebill/{bill}/@reject"), ("DELETE", f"timebill/{bill}")):
        with pytest.raises(Refused, match="billed on invoice"):
            play(exports, method, f"{_RECORD}/{path}")


def test_deleted_and_sent_again_with_its_first_day_it_nets_to_none(exports: Exports) -> None:
    charge, before = charge_of(exports, billed=False), ahead(exports)
    bill = exports.must("netsuite.timebill", charge["timerecord"])
    play(exports, "DELETE", f"{_RECORD}/timebill/{bill['id']}")
    body = {
        "employee": {"id": bill["employee"]},
        "customer": {"id": bill["customer"]},
        "hours": str(bill["hours"]),
        "caseTaskEvent": {"id": bill["casetaskevent"]},
        "item": {},
        "tranDate": str(bill["trandate"]),
        "isBillable": True,
        "custcol_psa_time_entry_id": bill["custcol_psa_time_entry_id"],
        "custcol_first_posted_on": str(bill["createddate"]),
    }
    again = play(exports, "PUT", f"{_RECORD}/timebill/eid:{bill['externalid']}", body)
    assert again != bill["id"]
    assert [row["amount"] for row in exports.find("netsuite.charge", "timerecord", again)] == [charge["amount"]]
    assert ahead(exports) == before


def test_a_further_charge_for_time_of_a_closed_month_is_a_catch_up(exports: Exports) -> None:
    charges = exports.frame("netsuite.charge").filter(
        pl.col("timerecord").is_not_null() & pl.col("invoice").is_not_null() & (pl.col("amount") > 0)
    )
    charge, before = charges.sort("chargedate", "id").row(0, named=True), ahead(exports)
    body = {"timeRecord": {"id": charge["timerecord"]}, "amount": "12.50", "rate": "1.00", "quantity": "0", "memo": "x"}
    for _ in range(2):
        made = play(exports, "PUT", f"{_RECORD}/charge/eid:TIE-1", body)
    assert made is not None
    assert exports.must("netsuite.charge", made)["salesorderline"] == charge["salesorderline"]
    assert ahead(exports) == before + Decimal("12.50")
    kinds = exports.frame(PLANNED).filter(pl.col("plannedrevenuetype") == "Catch-up")["amount"].to_list()
    assert kinds == [Decimal("12.50")]


def test_a_charge_is_changed_while_it_is_not_billed(exports: Exports) -> None:
    charge, before = charge_of(exports, billed=False), ahead(exports)
    play(exports, "PATCH", f"{_RECORD}/charge/{charge['id']}", {"amount": str(charge["amount"] + 5)})
    assert ahead(exports) == before + 5
    with pytest.raises(Refused, match="billed"):
        play(exports, "PATCH", f"{_RECORD}/charge/{charge_of(exports, billed=True)['id']}", {"amount": "1.00"})
