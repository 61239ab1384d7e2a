"""`init --from` and `doctor` read the first lines of files and say what they are and what is missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.errors import ConfigError
from ingest.recognise import diagnose, propose, recognise
from ingest.system import Connection


def test_a_file_is_known_by_name_and_columns(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 1))
    exports.csv("report1743430000000.csv", exports.rows("Opportunity", 1))
    exports.text("notes.csv", "who,what\nme,that\n")
    found = {item.file.name: item for item in recognise(exports.root)}
    assert (found["Contact.csv"].system, found["Contact.csv"].stream, found["Contact.csv"].message) == (
        "salesforce",
        "Contact",
        "",
    )
    assert found["report1743430000000.csv"].advice == (
        "its columns are those of Opportunity: name it Opportunity, or write files: {Opportunity: report1743430000000} "
        "under options"
    )
    assert found["notes.csv"].system is None
    assert found["notes.csv"].message == "neither its name nor its columns belong to a known stream"


def widened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With as many columns of the firm's own as real exports have."""
    return [{**row, **{f"Field_{number}__c": "x" for number in range(150)}} for row in rows]


def test_columns_of_the_firms_own_say_nothing_against_a_file(exports: Any) -> None:
    exports.csv("sf_opportunity_2026.csv", widened(exports.rows("Opportunity", 1)))
    exports.csv("deals.csv", widened(exports.rows("Opportunity", 1)))
    exports.csv("vendors.csv", [{"Id": 1, "Name": "a", "CreatedDate": "", "CurrencyIsoCode": "USD", "Score": 5}])
    found = {item.file.name: item for item in recognise(exports.root)}
    assert (found["sf_opportunity_2026.csv"].stream, found["sf_opportunity_2026.csv"].is_held) == ("Opportunity", True)
    assert (found["deals.csv"].stream, found["deals.csv"].is_held) == ("Opportunity", False)
    assert found["vendors.csv"].stream is None  # columns that every stream has say nothing


def test_a_file_whose_name_holds_its_streams_is_proposed_and_landed_under_it(exports: Any) -> None:
    exports.csv("sf_contact_export.csv", exports.rows("Contact", 2))
    exports.csv("sf_contact_old.csv", [{"Id": row["Id"], "LastName": "x"} for row in exports.rows("Contact", 2)])
    exports.csv("deals.csv", exports.rows("Opportunity", 1))
    (proposal,) = propose(exports.folder, exports.root)
    assert proposal.options == {"files": {"Contact": "sf_contact_export"}}  # what only looks like a stream is not taken
    exports.connection = proposal
    assert exports.land()["Contact"].rows_new == 2
    assert {item.stream: item.status for item in diagnose(proposal, exports.root)}["Contact"] == "ok"


def test_a_file_that_only_looks_like_a_stream_renames_no_field(exports: Any) -> None:
    rows = exports.rows("Contract", 1)
    exports.csv(
        "papers.csv", [{("SOW_No__c" if k == "SOW_Number__c" else k): v for k, v in row.items()} for row in rows]
    )
    (found,) = recognise(exports.root)
    assert (found.stream, found.renamed) == ("Contract", (("SOW_Number__c", "SOW_No__c"),))
    (proposal,) = propose(exports.folder, exports.root)
    assert (proposal.fields, proposal.options) == ({}, {})


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"Contacts": "people"}, "Salesforce has no stream 'Contacts'.*Nearest: 'Contact'"),
        ({"Contact": "people.csv.gz"}, "'people.csv.gz' has an ending.*without it"),
        (["people"], r"\['people'\] does not name files of streams"),
    ],
)
def test_files_that_cannot_be_meant_are_refused(exports: Any, files: Any, message: str) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 1))
    exports.connection = replace(exports.connection, options={"files": files})
    with pytest.raises(ConfigError, match=message):
        diagnose(exports.connection, exports.root)
    with pytest.raises(ConfigError, match=message):
        exports.land()


@pytest.mark.parametrize(
    ("column", "is_ours"),
    [
        ("SOW_No__c", True),
        ("Sow_Number_2__c", True),
        ("SOWNumber", False),  # not marked as the firm's own field
        ("Region__c", False),
    ],
)
def test_a_renamed_field_is_one_of_the_firms_own_that_reads_alike(exports: Any, column: str, is_ours: bool) -> None:
    rows = [
        {(column if key == "SOW_Number__c" else key): value for key, value in row.items()}
        for row in exports.rows("Contract", 1)
    ]
    exports.csv("Contract.csv", rows)
    (proposal,) = propose(exports.folder, exports.root)
    assert proposal.fields == ({"SOW_Number__c": column} if is_ours else {})


def test_a_proposal_names_folders_renamed_fields_and_the_delimiter(exports: Any) -> None:
    rows = exports.rows("Contract", 1)
    own = [{("SOW_No__c" if key == "SOW_Number__c" else key): value for key, value in row.items()} for row in rows]
    exports.csv("Contract.csv", own, delimiter=";")
    exports.csv("Contact.csv", exports.rows("Contact", 1), delimiter=";")
    assert propose(exports.folder, exports.root) == [
        Connection(
            "salesforce", "salesforce", "exports", fields={"SOW_Number__c": "SOW_No__c"}, options={"delimiter": ";"}
        )
    ]


def test_doctor_says_of_every_stream_how_it_stands(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 1))
    exports.csv("Order.csv", [{k: v for k, v in row.items() if k != "PoNumber"} for row in exports.rows("Order", 1)])
    exports.text("Product2.csv", "")
    exports.text("Budget.csv", "a,b\n1,2\n")
    found = {item.stream or item.files: item for item in diagnose(exports.connection, exports.root)}
    assert found["Contact"].status == "ok"
    assert (found["Order"].status, found["Order"].message) == ("incomplete", "optional columns are missing: PoNumber")
    assert (found["Product2"].status, found["Product2"].message) == (
        "broken",
        "Product2.csv: is empty: not even a header",
    )
    assert found["Account"].message == "no file Account.csv; checks that need it will not run"
    assert found[("Budget.csv",)].status == "unknown"
