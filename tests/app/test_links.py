"""The address that opens a record in its own system."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from app.links import fill_links
from app.project import Project

#: Connection, object, id, and the row it was landed as.
RECORDS = (
    ("netsuite", "transaction", "42", 1),
    ("netsuite", "transactionaccountingline", "1/77/3", 2),
    ("netsuite", "transactionaccountingline", "77", None),
    ("netsuite", "transactionline", "8801", 3),
    ("netsuite", "transactionline", "SOW-2025-014/1", 4),
    ("netsuite", "transactionline", "8802", None),
    ("netsuite", "transactionline", "8803", 5),
    ("netsuite", "revenueplan", "31", 6),
    ("netsuite", "transaction", "KAN-1/2", None),
    ("netsuite", "transaction", None, None),
)
#: The lines as they were landed: row, transaction, line.
LINES = ((3, "42", "1"), (4, "43", "2"), (5, "4 4", "1"), (9, "45", "1"))
PAGE = "https://{}.app.netsuite.com/app/accounting/transactions/transaction.nl?id={}"


def urls(folder: Path, options: str = "") -> dict[str | None, str | None]:
    (folder / "tieout.yml").write_text(
        f"firm: Acme\nbase_currency: USD\nconnections:\n  netsuite: {{system: netsuite, path: exports{options}}}\n",
        encoding="utf-8",
    )
    con = duckdb.connect()
    con.execute("create schema recon")
    con.execute(
        "create table recon.break_records "
        "(connection varchar, object varchar, record_id varchar, row_id bigint, url varchar)"
    )
    con.executemany("insert into recon.break_records values (?, ?, ?, ?, null)", RECORDS)
    con.execute("create schema raw")
    con.execute("create table raw.netsuite__transactionline (_row_id bigint, transaction varchar, id varchar)")
    con.executemany("insert into raw.netsuite__transactionline values (?, ?, ?)", LINES)
    fill_links(con, Project.load(folder))
    found = con.execute("select object, record_id, url from recon.break_records").fetchall()
    return {f"{name} {record}": url for name, record, url in found}


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    return tmp_path


def test_the_account_is_the_one_the_export_says(firm: Path) -> None:
    (firm / "exports" / "_manifest.json").write_text(json.dumps({"account": "acme"}), encoding="utf-8")

    assert urls(firm) == {
        "transaction 42": PAGE.format("acme", 42),
        "transactionaccountingline 1/77/3": PAGE.format("acme", 77),
        "transactionaccountingline 77": None,
        "transactionline 8801": PAGE.format("acme", 42),
        "transactionline SOW-2025-014/1": PAGE.format("acme", 43),
        "transactionline 8802": None,
        "transactionline 8803": None,
        "revenueplan 31": None,
        "transaction KAN-1/2": None,
        "transaction None": None,
    }
    assert urls(firm, ", options: {account: other}")["transaction 42"] == PAGE.format("other", 42)


def test_without_an_account_or_a_readable_manifest_the_vendors_own_address_stands(firm: Path) -> None:
    assert urls(firm)["transaction 42"] == PAGE.format("system", 42)

    (firm / "exports" / "_manifest.json").write_text("{", encoding="utf-8")

    assert urls(firm)["transaction 42"] == PAGE.format("system", 42)
