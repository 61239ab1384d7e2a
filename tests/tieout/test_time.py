"""Time and expenses: which faults strike, what follows from them, and what is only late."""

from __future__ import annotations

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Firm

CHECKS = ("K14", "K15", "K16", "K18", "K21", "K24", "K46")
PATTERNS = {
    "charge_rule_unticked",
    "entry_deleted_after_sync",
    "expense_line_dropped",
    "expense_report_twice",
    "rate_of_default_card",
    "rate_of_expired_row",
    "time_edited_after_sync",
    "time_imported_again",
    "time_in_other_company",
    "time_page_skipped",
    "timesheet_withdrawn",
}


@pytest.mark.long
@pytest.mark.parametrize("faults", ["best", "typical"])
def test_every_pattern_strikes_a_small_firm_and_no_entry_twice(faults: str) -> None:
    _, truth, noise = grow(size=60, seed=7, faults=faults, only=CHECKS)
    assert {row["pattern"] for row in truth} == PATTERNS
    assert {row["pattern"] for row in noise} == {"time_approved_just_now", "hours_in_two_decimals", "rejected_copy"}
    struck = [
        one["id"]
        for row in truth
        for want in row["expected"]
        for one in want["records"]
        if one["object"] == "time_entries"
    ]
    assert len(struck) == len(set(struck))


def test_what_follows_from_wrong_time_hangs_under_it(typical: Firm) -> None:
    below = "select r.check_id from recon.breaks as b join recon.breaks as r on r.break_id = b.root_id "
    below += "where b.check_id = 'K46' and not b.is_root"
    assert {"K14", "K16", "K18"} <= {row[0] for row in typical.rows(below)}


def test_time_on_its_way_waits_and_gets_no_action(typical: Firm) -> None:
    waiting = typical.rows("select break_id from recon.breaks where check_id = 'K14' and status = 'timing'")
    acted = {row[0] for row in typical.rows("select unnest(breaks) from recon.actions")}
    assert waiting
    assert not acted & {row[0] for row in waiting}


def test_charges_that_are_not_the_approved_time_at_its_rate_are_named_by_a_break(typical: Firm) -> None:
    off = "select agreement_id from revenue.identity_residuals where identity = 'I10'"
    assert typical.rows(off)
    named = "select agreement_id from recon.breaks where check_id in ('K15', 'K16', 'K18')"
    assert typical.rows(f"{off} and agreement_id not in ({named})") == []
