"""Workweeks, holidays and time off of Kantata: nobody need export them; what cannot be is set aside with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.recognise import diagnose
from ingest.systems.kantata import CAPACITY

kantata = pytest.mark.parametrize("exports", ["kantata"], indirect=True)

SENSELESS = [
    ("workweeks", {"monday_minutes": -60}, [("monday_minutes", "negative")]),
    ("workweeks", {"friday_minutes": 1441}, [("friday_minutes", "over_a_day")]),
    ("workweeks", {"start_date": "2026-03-08", "end_date": "2026-03-07"}, [("end_date", "runs_backward")]),
    ("workweek_memberships", {"sunday_minutes": 2400}, [("sunday_minutes", "over_a_day")]),
    ("workweek_memberships", {"user_id": ""}, [("user_id", "required")]),
    ("holidays", {"end_date": "2026-02-28"}, [("end_date", "runs_backward")]),
    ("holiday_calendar_memberships", {"end_date": "2025-03-01"}, [("end_date", "runs_backward")]),
    ("time_off_entries", {"hours": "-4"}, [("hours", "negative")]),
    ("time_off_entries", {"hours": "24.5"}, [("hours", "over_a_day")]),
    ("account_memberships", {"disabled_at": "2025-03-01T08:00:00Z"}, [("disabled_at", "runs_backward")]),
]
SENSIBLE = [
    ("workweeks", {"monday_minutes": 1440, "tuesday_minutes": 0, "end_date": None}),
    ("workweek_memberships", {f"{day}_minutes": None for day in ("monday", "friday")}),
    ("holidays", {"end_date": None, "paid": None}),
    ("time_off_entries", {"hours": "3.75", "submission_date": "2026-04-01"}),
    ("account_memberships", {"disabled_at": None}),
]


@kantata
@pytest.mark.parametrize(("stream", "values", "found"), SENSELESS)
def test_what_cannot_be_is_set_aside_with_its_reason(
    exports: Any, stream: str, values: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    good, bad = exports.rows(stream, 1), exports.rows(stream, 1, start=1, **values)
    exports.jsonl(f"{stream}.jsonl", [*good, *bad])
    landed = exports.land()[stream]
    assert (landed.status, landed.rows_new, landed.quarantined) == ("landed", 1, 1)
    assert exports.query("select field, rule from quarantine.violations") == found
    ((message,),) = exports.query("select message from quarantine.violations")
    assert message.startswith(f"{found[0][0]} is ")
    assert exports.conserved()


@kantata
@pytest.mark.parametrize(("stream", "values"), SENSIBLE)
def test_what_can_be_is_taken(exports: Any, stream: str, values: dict[str, Any]) -> None:
    exports.jsonl(f"{stream}.jsonl", exports.rows(stream, 1, **values))
    landed = exports.land()[stream]
    assert (landed.rows_new, landed.quarantined) == (1, 0)


@kantata
@pytest.mark.parametrize("stream", [one.name for one in CAPACITY])
def test_a_firm_need_not_export_them(exports: Any, stream: str) -> None:
    others = [one for one in exports.land().streams if one.stream != stream and one.status == "absent"]
    landed = exports.land()[stream]
    assert len(others) == len(CAPACITY) - 1
    assert landed.status == "absent"
    assert landed.message.startswith("not exported: there is no ")
    (told,) = [one for one in diagnose(exports.connection, exports.root) if one.stream == stream]
    assert (told.status, f"{told.message}.") == ("absent", landed.message)


@kantata
def test_what_was_exported_before_is_missed(exports: Any) -> None:
    exports.jsonl("workweeks.jsonl", exports.rows("workweeks", 1)).touch()
    exports.land()
    (exports.folder / "workweeks.jsonl").unlink()
    landing = exports.land()
    assert landing["workweeks"].status == "missing"
    assert "It was there before" in landing["workweeks"].message
    assert landing.partial
