"""Every way a file can be broken: a clear message, the rest goes on, and no line is lost."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

import pytest

kantata = pytest.mark.parametrize("exports", ["kantata"], indirect=True)
netsuite = pytest.mark.parametrize("exports", ["netsuite"], indirect=True)


def aside(exports: Any) -> list[tuple[Any, ...]]:
    """Line and message of everything in quarantine."""
    return exports.query(
        "select r.source_row, v.field, v.rule, v.message from quarantine.rows r "
        "join quarantine.violations v using (row_id) order by r.row_id, v.field"
    )


@pytest.mark.parametrize("cut", [30, 60, 100])
def test_a_truncated_csv_line_is_set_aside_and_the_lines_after_it_land(exports: Any, cut: int) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 10))
    lines = path.read_text().splitlines()
    lines[4] = lines[4][:cut]
    exports.text("Contact.csv", "\n".join(lines) + "\n")
    landing = exports.land()["Contact"]
    assert (landing.status, landing.rows_new, landing.rejected, landing.lines) == ("landed", 9, 1, 11)
    assert "1 broken lines are in quarantine, the first in Contact.csv line 5: " in landing.message
    [(line, _, rule, message)] = aside(exports)
    assert (line, rule) == (5, "line")
    assert "cut short" in message
    assert exports.query("select _source_row from raw.salesforce__Contact order by 1") == [
        (line,) for line in (2, 3, 4, 6, 7, 8, 9, 10, 11)
    ]
    assert exports.query("select key from quarantine.keys") == [("000000000000003AAA",)]
    assert exports.conserved()


def test_lines_swallowed_by_an_open_quote_are_read_again(exports: Any) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 10))
    lines = path.read_text().replace('"', "").splitlines()
    lines[3] = '000000000000002AAA,"000'
    lines[6] = 'x,"y'
    exports.text("Contact.csv", "\n".join(lines) + "\n")
    landing = exports.land()["Contact"]
    assert (landing.rows_new, landing.rejected, landing.lines) == (8, 2, 11)
    assert [line for line, *_ in aside(exports)] == [4, 7]
    assert exports.query("select _source_row from raw.salesforce__Contact order by 1") == [
        (line,) for line in (2, 3, 5, 6, 8, 9, 10, 11)
    ]


@kantata
def test_a_truncated_json_line_is_set_aside(exports: Any) -> None:
    path = exports.jsonl("roles.jsonl", exports.rows("roles", 5))
    lines = path.read_text().splitlines()
    lines[2] = lines[2][:14]
    exports.text("roles.jsonl", "\n".join(lines))
    landing = exports.land()["roles"]
    assert (landing.rows_new, landing.rejected, landing.lines) == (4, 1, 5)
    assert aside(exports) == [
        (3, None, "line", "roles.jsonl line 3: the line is no complete JSON object: cut short or damaged")
    ]
    assert exports.query("select _source_row from raw.kantata__roles order by 1") == [(1,), (2,), (4,), (5,)]
    assert exports.query("select key from quarantine.keys") == [("2",)]


def test_a_wrong_delimiter_is_named_and_can_be_configured(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3), delimiter=";")
    exports.csv("Product2.csv", exports.rows("Product2", 3))
    landing = exports.land()
    assert landing["Contact"].status == "stopped"
    assert "Contact.csv: the header is separated by semicolons, not commas." in landing["Contact"].message
    assert "set options: {delimiter: ';'} on connection salesforce" in landing["Contact"].message
    assert landing["Product2"].rows_new == 3
    exports.connection = replace(exports.connection, options={"delimiter": ";"})
    assert exports.land()["Contact"].rows_new == 3


def test_a_renamed_required_column_stops_its_stream_and_names_the_nearest(exports: Any) -> None:
    rows = [
        {("SOW_No__c" if k == "SOW_Number__c" else k): v for k, v in row.items()} for row in exports.rows("Contract", 3)
    ]
    exports.csv("Contract.csv", rows)
    exports.csv("Product2.csv", exports.rows("Product2", 3))
    landing = exports.land()
    assert landing["Contract"].status == "stopped"
    assert (
        "required column SOW_Number__c is missing; the nearest column of the file is SOW_No__c"
        in landing["Contract"].message
    )
    assert "fields: {SOW_Number__c: SOW_No__c} on connection salesforce" in landing["Contract"].message
    assert landing["Product2"].status == "landed"
    assert exports.query("select status from raw.streams where stream = 'Contract'") == [("stopped",)]
    assert exports.query("select count(*) from raw.salesforce__Contract") == [(0,)]


def test_a_retyped_required_column_stops_its_stream(exports: Any) -> None:
    exports.csv("Opportunity.csv", exports.rows("Opportunity", 20, CloseDate="31/03/2026"))
    landing = exports.land()["Opportunity"]
    assert landing.status == "stopped"
    assert "required column CloseDate changed its type: 20 of 20 rows do not fit" in landing.message
    assert "CloseDate is 31/03/2026, which is not a date YYYY-MM-DD" in landing.message


def test_an_added_column_is_kept_and_told_once(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3, Shoe_Size__c=lambda number: 40 + number))
    assert "New columns, kept in _extra: Shoe_Size__c." in exports.land()["Contact"].message
    exports.csv("Contact.csv", exports.rows("Contact", 4, Shoe_Size__c=lambda number: 40 + number))
    assert exports.land()["Contact"].message == ""
    assert exports.query("select _extra from raw.salesforce__Contact order by _row_id limit 1") == [
        ('{"Shoe_Size__c":"40"}',)
    ]
    assert exports.query("select kind, field, severity from raw.drift") == [("added", "Shoe_Size__c", "S3")]


def test_a_missing_optional_column_is_empty_and_told_once(exports: Any) -> None:
    rows = [{key: value for key, value in row.items() if key != "TotalAmount"} for row in exports.rows("Order", 2)]
    exports.csv("Order.csv", rows)
    assert "Optional columns the export lacks: TotalAmount." in exports.land()["Order"].message
    assert exports.query('select TotalAmount from raw."salesforce__Order"') == [(None,), (None,)]


def test_three_decimals_in_a_two_decimal_column_are_never_rounded(exports: Any) -> None:
    amounts = ["10.00", "1.005", "2.50"]
    exports.csv(
        "Opportunity.csv", exports.rows("Opportunity", 3, Amount=lambda number: amounts[number], CurrencyIsoCode="EUR")
    )
    landing = exports.land()["Opportunity"]
    assert (landing.rows_new, landing.quarantined) == (2, 1)
    assert aside(exports) == [(3, "Amount", "scale", "Amount is 1.005, which has more than 2 decimals")]
    assert exports.query("select amount::varchar, currency, status, source from quarantine.rows") == [
        ("1.0050", "EUR", "open", "Opportunity.csv")
    ]
    assert exports.query("select read::varchar, landed::varchar, quarantined::varchar from raw.load_money") == [
        ("13.5050", "12.5000", "1.0050")
    ]
    assert exports.query("select Amount from raw.salesforce__Opportunity order by 1") == [("10.00",), ("2.50",)]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("Amount", "1,000.00", "Amount is 1,000.00, which is not an amount of at most 18 digits"),
        ("Amount", "NaN", "Amount is NaN, which is not an amount of at most 18 digits"),
        ("CloseDate", "2026-02-30", "CloseDate is 2026-02-30, which is not a date YYYY-MM-DD"),
        ("IsWon", "yes", "IsWon is yes, which is not one of true, 1, false, 0"),
        ("SystemModstamp", "yesterday", "SystemModstamp is yesterday, which is not a date and time"),
        ("SystemModstamp", "", "SystemModstamp is empty"),
        ("AccountId", "001", "AccountId is 001, which is not 15 or 18 characters long"),
    ],
)
def test_a_value_that_breaks_its_contract_is_set_aside_with_a_sentence(
    exports: Any, field: str, value: str, message: str
) -> None:
    exports.csv(
        "Opportunity.csv", exports.rows("Opportunity", 4, **{field: value})[:1] + exports.rows("Opportunity", 4)[1:]
    )
    assert exports.land()["Opportunity"].rows_new == 3
    assert [found for *_, found in aside(exports)] == [message]


@netsuite
def test_an_unknown_enum_value_is_set_aside_until_the_firm_declares_it(exports: Any) -> None:
    types = ["CustInvc", "custinvc", "Barter"]
    exports.csv("transaction.csv", exports.rows("transaction", 3, type=lambda number: types[number]))
    assert exports.land()["transaction"].quarantined == 1
    assert aside(exports)[0][3].startswith("type is Barter, which is none of CustInvc, CustCred, ")


def test_a_copied_file_lands_once_and_is_said_so(exports: Any) -> None:
    path = exports.csv("Contact-0001.csv", exports.rows("Contact", 3))
    exports.text("Contact-0002.csv", path.read_text())
    landing = exports.land()
    assert landing["Contact"].rows_new == 3
    assert (
        "Contact-0002.csv is a byte-for-byte copy of Contact-0001.csv and was landed once."
        in landing["Contact"].message
    )


def test_one_stream_in_two_forms_is_refused(exports: Any) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 3))
    (exports.folder / "Contact.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    message = exports.land()["Contact"].message
    assert message == "Contact is exported twice, in different forms: Contact.csv, Contact.csv.gz. Keep one of them."


def test_an_empty_csv_stops_its_stream(exports: Any) -> None:
    exports.text("Contact.csv", "")
    landing = exports.land()["Contact"]
    assert (landing.status, landing.message) == (
        "stopped",
        "Contact.csv: is empty: not even a header. Export it again. The stream is stopped; the others go on.",
    )


@kantata
def test_empty_json_lines_are_an_export_of_nothing(exports: Any) -> None:
    exports.text("time_adjustments.jsonl", "")
    landing = exports.land()["time_adjustments"]
    assert (landing.status, landing.rows_new, landing.message) == ("landed", 0, "time_adjustments.jsonl holds no rows.")


def test_a_file_with_only_its_header_holds_no_rows(exports: Any) -> None:
    header = exports.csv("Contact.csv", exports.rows("Contact", 1)).read_text().splitlines()[0]
    exports.text("Contact.csv", header + "\n")
    landing = exports.land()["Contact"]
    assert (landing.status, landing.rows_new, landing.message) == ("landed", 0, "Contact.csv holds no rows.")


def test_a_header_alone_after_rows_is_taken_for_a_cut_export(exports: Any) -> None:
    header = exports.csv("Contact.csv", exports.rows("Contact", 2)).read_text().splitlines()[0]
    exports.land()
    exports.text("Contact.csv", header + "\n")
    assert "2 of 2 known records are not in this full export" in exports.land()["Contact"].message
    assert exports.query("select count(*) from raw.salesforce__Contact") == [(2,)]


def test_latin_1_lines_are_set_aside_with_the_byte_and_land_once_the_encoding_is_said(exports: Any) -> None:
    names = ["Anne", "Zoë", "Bob"]
    path = exports.csv("Contact.csv", exports.rows("Contact", 3, FirstName=lambda number: names[number]))
    exports.text("Contact.csv", path.read_text(), encoding="latin-1")
    at = path.read_bytes().index(b"\xeb") + 1
    landing = exports.land()["Contact"]
    assert (landing.rows_new, landing.rejected) == (2, 1)
    assert f"byte {at} of the file is 0xEB ('ë' in Windows-1252)" in aside(exports)[0][3]
    assert "set options: {encoding: latin-1}" in aside(exports)[0][3]
    exports.connection = replace(exports.connection, options={"encoding": "latin-1"})
    assert exports.land()["Contact"].rows_new == 1
    assert exports.query("select FirstName from raw.salesforce__Contact order by _source_row") == [
        ("Anne",),
        ("Zoë",),
        ("Bob",),
    ]
    assert exports.query("select status from quarantine.rows") == [("answered",)]
    assert exports.conserved()


@kantata
def test_latin_1_json_lines_are_set_aside(exports: Any) -> None:
    names = ["Anne", "Zoë", "Bob"]
    rows = exports.rows("roles", 3, name=lambda number: names[number])
    exports.text(
        "roles.jsonl", "".join(f'{{"id": "{row["id"]}", "name": "{row["name"]}"}}\n' for row in rows), "latin-1"
    )
    landing = exports.land()["roles"]
    assert (landing.rows_new, landing.rejected) == (2, 1)
    assert "0xEB" in aside(exports)[0][3]
    assert aside(exports)[0][0] == 2


def test_line_breaks_in_quotes_are_counted_right(exports: Any) -> None:
    streets = ["1 Main St", "2 Main St\nSuite 5\n", "3 Main St\n\nRear"]
    rows = exports.rows("Account", 3, BillingStreet=lambda number: streets[number], Note="a\nb")
    exports.csv("Account.csv", rows)
    landing = exports.land()["Account"]
    assert (landing.status, landing.rows_new, landing.lines) == ("landed", 3, 4)
    assert exports.query("select BillingStreet from raw.salesforce__Account order by _row_id")[2] == (streets[2],)
    assert exports.conserved()


def test_blank_lines_are_no_records(exports: Any) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 3))
    exports.text("Contact.csv", path.read_text().replace("\n", "\r\n") + "\r\n\r\n")
    landing = exports.land()["Contact"]
    assert (landing.status, landing.rows_new, landing.lines) == ("landed", 3, 4)


def test_a_missing_stream_is_said_and_remembered(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3))
    landing = exports.land()
    assert landing["Account"].message == "no file Account.csv in exports."
    assert landing.partial
    (exports.folder / "Contact.csv").unlink()
    later = exports.land()["Contact"]
    assert later.status == "missing"
    assert "It was there before; what was landed then stays, but nothing is concluded from it." in later.message
    assert exports.query("select count(*) from raw.salesforce__Contact where _op = 'I'") == [(3,)]


def test_a_cut_gzip_file_stops_its_stream(exports: Any) -> None:
    path = exports.csv("Contact.csv", exports.rows("Contact", 300))
    (exports.folder / "Contact.csv.gz").write_bytes(gzip.compress(path.read_bytes())[:-40])
    path.unlink()
    landing = exports.land()["Contact"]
    assert landing.status == "stopped"
    assert "Contact.csv.gz: breaks off inside its compression" in landing.message


@kantata
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"id": "1"}]', "is one JSON array, not one object a line"),
        ("id,name\n1,x\n", "holds no JSON object"),
        ("\x00\x01", "is not UTF-8 but UTF-16 or binary"),
    ],
)
def test_a_file_of_another_kind_stops_its_stream(exports: Any, content: str, message: str) -> None:
    exports.text("roles.jsonl", content)
    assert message in exports.land()["roles"].message


def test_nothing_is_taken_for_deleted_while_lines_cannot_be_read(exports: Any) -> None:
    rows = exports.rows("Contact", 20)
    exports.csv("Contact.csv", rows)
    exports.land()
    path = exports.csv("Contact.csv", rows[:19])
    exports.text("Contact.csv", path.read_text() + '"00')
    landing = exports.land()["Contact"]
    assert (landing.rows_deleted, landing.rejected) == (0, 1)
    assert "Some lines could not be read, so nothing was taken for deleted." in landing.message


def test_an_unknown_file_is_left_alone_and_named(exports: Any) -> None:
    exports.text("Budget.csv", "a,b\n1,2\n")
    assert "Budget.csv is no stream of Salesforce and was left alone." in exports.land().notes
