"""`init --from` and `doctor` read the first lines of files and say what they are and what is missing."""

from __future__ import annotations

from typing import Any

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
    assert found["report1743430000000.csv"].stream is None or "Opportunity" in found["report1743430000000.csv"].message
    assert found["notes.csv"].system is None
    assert found["notes.csv"].message == "neither its name nor its columns belong to a known stream"


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
