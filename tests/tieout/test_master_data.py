"""Customers, projects and references: what was injected is found to the cent, and what is corrected stays corrected."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tieout.loop import Firm, firm

pytestmark = pytest.mark.soak

CHECKS = ("K01", "K02", "K05", "K07", "K77")
MINE = "check_id in ('K01', 'K02', 'K05', 'K07', 'K77')"


@pytest.mark.parametrize(("seed", "size"), [(1, 60), (7, 60), (11, 60), (7, 200)])
def test_every_fault_is_found_and_nothing_else(tmp_path: Path, seed: int, size: int) -> None:
    small = firm(tmp_path, *CHECKS, seed=seed, size=size, faults="typical")

    small.run()

    found = small.score()
    assert found.perfect, found.report()
    assert {row[0] for row in small.rows(f"select distinct check_id from recon.breaks where {MINE}")} == set(CHECKS)
    assert small.rows(f"select message from recon.proofs where status = 'failed' and {MINE}") == []


def test_a_clean_firm_has_no_break_and_every_link_is_judged(tmp_path: Path) -> None:
    clean = firm(tmp_path, faults="none", size=40)

    clean.run()

    assert clean.rows(f"select check_id, title from recon.breaks where {MINE}") == []
    proved = clean.rows(
        f"select distinct check_id from recon.proofs where status = 'proved' and residual = 0 and {MINE}"
    )
    assert {row[0] for row in proved} >= {"K01", "K05", "K77"}


def test_what_is_corrected_stays_corrected(tmp_path: Path) -> None:
    broken = firm(tmp_path, *CHECKS, seed=7, size=60, faults="typical")
    broken.run()
    before = _ids(broken, "true")

    broken.approve_all()
    answers = broken.deliver()
    exported = broken.exports()
    again = broken.apply_again()
    broken.run()

    assert {answer["outcome"] for answer in answers} <= {"applied", "already_applied"}
    assert {answer["outcome"] for answer in again} <= {"applied", "already_applied"}
    assert broken.exports() == exported
    assert _ids(broken, "status not in ('verified', 'cleared', 'timing')") == set()
    assert _ids(broken, "status = 'verified'") <= before
    assert {row[0] for row in broken.rows("select distinct status from recon.breaks where status <> 'timing'")} == {
        "verified"
    }


def test_a_merged_customer_keeps_its_invoices(tmp_path: Path) -> None:
    broken = firm(tmp_path, "customer_typed_twice", seed=7, size=60, faults="typical")
    broken.run()
    (copy, kept), *_ = broken.rows(
        "select json_extract_string(payload, '$.copy'), json_extract_string(payload, '$.kept') from recon.breaks "
        "where check_id = 'K02' order by break_id"
    )
    billed = broken.rows(f"select count(*) from marts.invoice where customer_ref in ('{copy}', '{kept}')")

    broken.approve_all()
    broken.deliver()
    broken.run()

    assert broken.rows(f"select count(*) from marts.invoice where customer_ref = '{kept}'") == billed
    assert broken.rows(f"select count(*) from marts.invoice where customer_ref = '{copy}'") == [(0,)]


def _ids(of: Firm, where: str) -> set[str]:
    return {row[0] for row in of.rows(f"select break_id from recon.breaks where {where}")}
