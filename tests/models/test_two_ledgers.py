"""Two ERPs that gave their records the same ids: what names a record by its id means one of them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

_CLAIM = (
    "row_id bigint, connection varchar, role varchar, system varchar, object varchar, source_id varchar, "
    "claim_state varchar"
)
_INVOICE = (
    f"{_CLAIM}, document_number varchar, customer_id varchar, agreement_id varchar, invoice_ref varchar, "
    "gross_amount decimal(18,4), net_amount decimal(18,4), credited_amount decimal(18,4), period varchar, "
    "state varchar, currency varchar"
)
_POINTER = (
    f"{_CLAIM}, from_entity varchar, from_object varchar, from_id varchar, field varchar, to_role varchar, "
    "to_system varchar, to_object varchar, to_id varchar"
)
#: Both ERPs have a customer 107 and an invoice 5001; the customers are two, and so are the invoices.
INVOICES: list[dict[str, Any]] = [
    {"connection": "netsuite_us", "role": "ERP", "system": "netsuite", "object": "transaction", "source_id": "5001",
     "document_number": "INV5001", "customer_id": "CUS-1", "gross_amount": 120, "net_amount": 100},
    {"connection": "netsuite_emea", "role": "ERP", "system": "netsuite", "object": "transaction", "source_id": "5001",
     "document_number": "INV5001", "customer_id": "CUS-2", "gross_amount": 1190, "net_amount": 1000},
    {"source_id": "a01", "document_number": "INV5001", "customer_id": "CUS-1", "gross_amount": 120},
    {"source_id": "a02", "document_number": "INV5001", "customer_id": "CUS-2", "gross_amount": 1190},
]  # fmt: skip
CUSTOMERS = [("salesforce", "001A", "CUS-1"), ("salesforce", "001B", "CUS-2"), ("netsuite_us", "107", "CUS-1"),
             ("netsuite_emea", "107", "CUS-2")]  # fmt: skip
#: Links that ended: customer 108 was corrected, then deleted; 109 was corrected.
ENDED = [("108", "CUS-2", "2025-01-01", "2026-01-15"), ("108", "CUS-3", "2026-01-15", "2026-02-01"),
         ("109", "CUS-5", "2025-01-01", "2026-01-15")]  # fmt: skip


def _customer(connection: str, number: str) -> dict[str, Any]:
    if connection == "salesforce":
        return {"source_id": number, "object": "Account"}
    return {"connection": connection, "role": "ERP", "system": "netsuite", "source_id": number, "object": "customer"}


def _pointer(entity: str, holder: tuple[str, str, str], names: tuple[str, str, str, str], field: str) -> dict[str, Any]:
    connection, held, number = holder
    role, system, kind, named = names
    return {
        **_customer(connection, number),
        "object": held,
        "source_id": f"{number}/{field}",
        "from_entity": entity,
        "from_object": held,
        "from_id": number,
        "field": field,
        "to_role": role,
        "to_system": system,
        "to_object": kind,
        "to_id": named,
    }


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    erp = ("ERP", "netsuite")
    pointers = [
        _pointer("customer", ("salesforce", "Account", "001A"), (*erp, "customer", "107"), "ERP_Customer_Id__c"),
        _pointer("customer", ("salesforce", "Account", "001B"), (*erp, "customer", "107"), "ERP_Customer_Id__c"),
        *(
            _pointer("customer", (one, "customer", "107"), ("CRM", "salesforce", "Account", account), "externalid")
            for one, account in (("netsuite_us", "001A"), ("netsuite_emea", "001B"))
        ),
        *(
            _pointer(
                "invoice", ("salesforce", "ERP_Invoice__c", copy), (*erp, "transaction", "5001"), "ERP_Invoice_Id__c"
            )
            for copy in ("a01", "a02")
        ),
    ]
    numbered = f"{_CLAIM}, agreement_id varchar, customer_id varchar, opportunity_id varchar, project_id varchar"
    reader = raw.built(
        tmp_path_factory.mktemp("ledgers"),
        {
            "intermediate.int_invoice__claims": (_INVOICE, INVOICES),
            "intermediate.int_customer__claims": (_CLAIM, [_customer(one, number) for one, number, _ in CUSTOMERS]),
            **{
                f"intermediate.int_{name}__claims": (numbered, [])
                for name in ("project", "agreement", "opportunity", "person", "milestone")
            },
            "intermediate.int_cross_reference__claims": (_POINTER, pointers),
            "crosswalk.links": (
                "entity varchar, connection varchar, object varchar, source_id varchar, enterprise_id varchar, "
                "method varchar, status varchar, valid_from timestamp, valid_to timestamp",
                [
                    {"entity": "customer", "connection": one, "source_id": number, "enterprise_id": customer}
                    for one, number, customer in [*CUSTOMERS, ("netsuite_us", "109", "CUS-4")]
                ]
                + [
                    {"entity": "customer", "connection": "netsuite_us", "source_id": number, "enterprise_id": was,
                     "valid_from": since, "valid_to": until}
                    for number, was, since, until in ENDED
                ],
            ),
        },
        {
            "row_id": 1, "connection": "salesforce", "role": "CRM", "system": "salesforce", "object": "ERP_Invoice__c",
            "claim_state": "ok", "invoice_ref": "5001", "state": "open", "currency": "USD", "period": "2026-02",
            "method": "exact", "status": "confirmed",
        },
        "int_links int_invoice__copies int_cross_reference__judged",
    )  # fmt: skip
    with reader as con:
        yield con


def test_a_record_leads_to_its_id_also_when_it_is_gone(firm: duckdb.DuckDBPyConnection) -> None:
    found = firm.execute(
        "select source_id, enterprise_id, is_current from intermediate.int_links "
        "where source_id in ('108', '109') order by all"
    ).fetchall()

    assert found == [("108", "CUS-3", False), ("109", "CUS-4", True)]


def test_a_copy_is_of_the_invoice_of_its_customer(firm: duckdb.DuckDBPyConnection) -> None:
    found = firm.execute(
        "select source_id, invoice_connection, billed_amount from intermediate.int_invoice__copies order by source_id"
    ).fetchall()

    assert found == [("a01", "netsuite_us", Decimal(100)), ("a02", "netsuite_emea", Decimal(1_000))]


def test_an_id_leads_to_the_record_of_the_same_customer(firm: duckdb.DuckDBPyConnection) -> None:
    found = firm.execute(
        "select connection, from_id, target_connection, break_type from intermediate.int_cross_reference__judged "
        "order by all"
    ).fetchall()

    assert found == [
        ("netsuite_emea", "107", "salesforce", None),
        ("netsuite_us", "107", "salesforce", None),
        ("salesforce", "001A", "netsuite_us", None),
        ("salesforce", "001B", "netsuite_emea", None),
        ("salesforce", "a01", "netsuite_us", None),
        ("salesforce", "a02", "netsuite_emea", None),
    ]
