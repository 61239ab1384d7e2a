"""Customers, projects and references: which faults strike, and what a merge of customers keeps."""

from __future__ import annotations

import pytest

from ingest.sandbox import grow
from tests.tieout.loop import Correction, Firm

CHECKS = ("K01", "K02", "K05", "K07", "K77")


@pytest.mark.long
def test_every_check_has_a_fault() -> None:
    _, truth, _ = grow(size=60, seed=7, faults="typical", only=CHECKS)
    assert {want["check"] for row in truth for want in row["expected"]} == set(CHECKS)


@pytest.mark.long
def test_a_merged_customer_keeps_its_invoices(typical: Firm, put_right: Correction) -> None:
    merges = typical.rows(
        "select json_extract_string(payload, '$.copy'), json_extract_string(payload, '$.kept') from recon.breaks "
        "where check_id = 'K02' and right_connection = 'netsuite'"
    )
    assert merges
    for copy, kept in merges:
        billed = f"select document_number from marts.invoice where customer_ref in ('{copy}', '{kept}')"
        now = f"select document_number from marts.invoice where customer_ref = '{kept}'"
        assert set(typical.rows(billed)) <= set(put_right.firm.rows(now))
        assert put_right.firm.rows(f"select count(*) from marts.invoice where customer_ref = '{copy}'") == [(0,)]
