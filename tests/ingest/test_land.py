"""What landing promises: every line is accounted for, nothing lands twice, absence proves nothing."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from contracts.errors import ConfigError
from ingest import register

kantata = pytest.mark.parametrize("exports", ["kantata"], indirect=True)
netsuite = pytest.mark.parametrize("exports", ["netsuite"], indirect=True)


def test_every_row_of_a_csv_lands_as_text_with_its_origin(exports: Any) -> None:
    exports.csv("Opportunity.csv", exports.rows("Opportunity", 3))
    landing = exports.land()["Opportunity"]
    assert (landing.status, landing.rows_new, landing.lines) == ("landed", 3, 4)
    assert exports.query(
        "select _row_id, _source, _source_row, _op, Amount, _connection from raw.salesforce__Opportunity order by 1"
    ) == [
        (1, "Opportunity.csv", 2, "I", "0.25", "salesforce"),
        (2, "Opportunity.csv", 3, "I", "1.25", "salesforce"),
        (3, "Opportunity.csv", 4, "I", "2.25", "salesforce"),
    ]
    assert exports.query("select field, read, landed from raw.load_money") == [("Amount", 3.75, 3.75)]


@kantata
def test_json_lines_keep_lists_and_objects_as_json_text(exports: Any) -> None:
    rows = exports.rows("workspaces", 2, status={"key": 305, "message": "On track"}, workspace_group_ids=["7", "8"])
    exports.jsonl("workspaces.jsonl", rows)
    assert exports.land()["workspaces"].rows_new == 2
    status, groups = exports.query("select status, workspace_group_ids from raw.kantata__workspaces limit 1")[0]
    assert (json.loads(status), json.loads(groups)) == ({"key": 305, "message": "On track"}, ["7", "8"])


def test_gzip_parts_and_parquet_land_like_a_plain_file(exports: Any) -> None:
    plain = exports.csv("Product2-0001.csv", exports.rows("Product2", 4))
    (exports.folder / "Product2-0001.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    other = exports.csv("Product2-0002.csv", exports.rows("Product2", 3, start=4))
    (exports.folder / "Product2-0002.csv.gz").write_bytes(gzip.compress(other.read_bytes()))
    plain.unlink()
    other.unlink()
    contact = str(exports.folder / "Contact.parquet")
    exports.warehouse.register("rows", _arrow(exports.rows("Contact", 5)))
    exports.warehouse.execute(f"copy rows to '{contact}'")
    landing = exports.land()
    assert (landing["Product2"].rows_new, landing["Contact"].rows_new) == (7, 5)
    assert exports.query("select count(distinct _row_id), count(distinct _source) from raw.salesforce__Product2") == [
        (7, 2)
    ]
    assert exports.conserved()


def _arrow(rows: list[dict[str, Any]]) -> Any:
    import pyarrow as pa

    return pa.Table.from_pylist([{key: str(value) for key, value in row.items()} for row in rows])


def test_the_same_files_land_once(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3))
    first, second, third = exports.land(), exports.land(), exports.land(verify=True)
    assert first["Contact"].status == "landed"
    assert second["Contact"].status == third["Contact"].status == "unchanged"
    assert exports.query("select count(*) from raw.loads") == [(1,)]


def test_the_same_input_gives_the_same_load_and_rows(exports: Any, tmp_path: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3))
    exports.land()
    rows = exports.query("select * from raw.salesforce__Contact order by _row_id")
    with duckdb.connect(":memory:") as other:
        again = replace_warehouse(exports, other)
        again.land()
        assert again.query("select * from raw.salesforce__Contact order by _row_id") == rows


def replace_warehouse(exports: Any, warehouse: duckdb.DuckDBPyConnection) -> Any:
    return replace(exports, warehouse=warehouse)


def test_a_later_full_export_lands_only_what_changed_and_marks_what_is_gone(exports: Any) -> None:
    rows = exports.rows("Contact", 10)
    exports.csv("Contact.csv", rows)
    exports.land()
    rows[3]["Title"] = "Partner"
    exports.csv("Contact.csv", [*rows[:9], *exports.rows("Contact", 1, start=20)])
    landing = exports.land()["Contact"]
    assert (landing.rows_new, landing.rows_unchanged, landing.rows_deleted) == (2, 8, 1)
    assert exports.query(
        "select Id, _op, _row_id, _source_row from raw.salesforce__Contact where _row_id > 10 order by _row_id"
    ) == [
        (rows[3]["Id"], "I", 11, 5),
        ("000000000000020AAA", "I", 12, 11),
        (rows[9]["Id"], "D", 13, 0),
    ]
    assert exports.conserved()


def test_a_record_that_returns_to_an_earlier_version_lands_again(exports: Any) -> None:
    old, new = exports.rows("Contact", 5), exports.rows("Contact", 5, Title="Partner")
    for rows in (old, new, old):
        exports.csv("Contact.csv", rows)
        assert exports.land()["Contact"].rows_new == 5
    assert exports.query("select count(*), count(distinct load_id) from raw.loads") == [(3, 3)]


def test_repeats_within_a_load_are_evidence_and_land(exports: Any) -> None:
    rows = exports.rows("Contact", 3)
    exports.csv("Contact.csv", [*rows, rows[0]])
    assert exports.land()["Contact"].rows_new == 4
    exports.csv("Contact.csv", rows)
    landing = exports.land()["Contact"]
    assert (landing.rows_new, landing.rows_unchanged, landing.rows_deleted) == (1, 2, 0)


def test_more_than_a_fifth_gone_stops_the_stream(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 10))
    exports.land()
    exports.csv("Contact.csv", exports.rows("Contact", 7))
    landing = exports.land()["Contact"]
    assert landing.status == "stopped"
    assert "3 of 10 known records are not in this full export (more than 20%)" in landing.message
    assert "may_shrink: [Contact]" in landing.message
    assert exports.query("select count(*) from raw.salesforce__Contact where _op = 'I'") == [(10,)]
    exports.connection = replace(exports.connection, options={"may_shrink": ["Contact"]})
    assert exports.land()["Contact"].rows_deleted == 3


def test_a_delta_says_nothing_about_what_it_leaves_out(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 10))
    exports.land()
    exports.text("_manifest.json", '{"extracted_at": "2026-03-31T06:00:00Z", "kind": "delta"}')
    exports.csv("Contact-0002.csv", exports.rows("Contact", 2, start=9, Title="Partner"))
    landing = exports.land()["Contact"]
    assert (landing.kind, landing.rows_new, landing.rows_deleted) == ("delta", 2, 0)


def test_the_manifest_is_the_watermark_and_dates_the_load(exports: Any) -> None:
    exports.text("_manifest.json", '{"extracted_at": "2026-03-31T06:00:00-04:00", "time_zone": "America/New_York"}')
    exports.csv("Contact.csv", exports.rows("Contact", 1))
    assert str(exports.land().watermark) == "2026-03-31 10:00:00"
    assert exports.query("select watermark::varchar, source, time_zone from raw.watermarks") == [
        ("2026-03-31 10:00:00", "manifest", "America/New_York")
    ]
    assert exports.query("select landed_at::varchar from raw.loads") == [("2026-03-31 10:00:00",)]


READ = '{"extracted_at": "2026-03-31T06:00:00Z"}'


def written(exports: Any, **days: str) -> None:
    """Gives files the day on which they were written."""
    for name, day in days.items():
        path = exports.folder / ("_manifest.json" if name == "manifest" else f"{name}.csv")
        seconds = dt.datetime.fromisoformat(f"{day}T07:00:00+00:00").timestamp()
        os.utime(path, (seconds, seconds))


@pytest.fixture
def two_streams(exports: Any) -> Any:
    """Two streams of an export of 31 March."""
    exports.text("_manifest.json", READ)
    exports.csv("Contact.csv", exports.rows("Contact", 2))
    exports.csv("Opportunity.csv", exports.rows("Opportunity", 2))
    return exports


@pytest.mark.parametrize(
    ("days", "options", "expected"),
    [
        ({"Contact": "2026-03-24"}, {}, "landed"),
        ({"Contact": "2026-03-23"}, {}, "stale"),
        ({"Contact": "2026-03-23"}, {"stale_after": 8}, "landed"),
        ({"Contact": "2026-03-23"}, {"may_be_old": ["Contact"]}, "landed"),
        ({"Contact": "2026-03-30"}, {"stale_after": 0}, "stale"),
        ({"Contact": "2026-03-01", "Opportunity": "1980-01-01", "manifest": "1980-01-01"}, {}, "landed"),
        ({"Contact": "1980-01-01", "Opportunity": "1980-01-01", "manifest": "1980-01-01"}, {}, "landed"),
    ],
)
def test_a_file_left_over_from_an_older_export_is_stale(
    two_streams: Any, days: dict[str, str], options: dict[str, Any], expected: str
) -> None:
    two_streams.connection = replace(two_streams.connection, options=options)
    written(two_streams, **{"Contact": "2026-03-31", "Opportunity": "2026-03-31", "manifest": "2026-03-31", **days})
    landing = two_streams.land()
    assert (landing["Contact"].status, landing["Contact"].rows_new) == (expected, 2)
    assert two_streams.query("select status from raw.streams where stream = 'Contact'") == [(expected,)]
    again = two_streams.land()["Contact"]
    assert again.status == ("stale" if expected == "stale" else "unchanged")


def test_a_stale_stream_says_how_old_it_is_and_what_to_do(two_streams: Any) -> None:
    written(two_streams, Contact="2026-03-01", Opportunity="2026-03-31", manifest="2026-03-31")
    landing = two_streams.land()
    assert landing.partial
    assert landing["Contact"].message == (
        "It is of 2026-03-01, 29 days before the rest of salesforce: left over from an older export. Export it again; "
        "where it is rarely exported, set options: {may_be_old: [Contact]}."
    )


def test_the_manifest_says_how_old_a_stream_is_whatever_its_file(two_streams: Any) -> None:
    stated = '"streams": {"Contact": {"extracted_at": "2026-03-20T06:00:00Z"}}'
    two_streams.text("_manifest.json", f"{READ[:-1]}, {stated}}}")
    landing = two_streams.land()
    assert (landing["Contact"].status, landing["Opportunity"].status) == ("stale", "landed")


def test_a_stream_of_a_delta_without_a_new_file_is_current(two_streams: Any) -> None:
    two_streams.text("_manifest.json", f'{READ[:-1]}, "kind": "delta"}}')
    written(two_streams, Contact="2026-03-01", Opportunity="2026-03-31", manifest="2026-03-31")
    assert two_streams.land()["Contact"].status == "landed"


def test_a_time_of_ageing_that_is_none_is_refused(two_streams: Any) -> None:
    two_streams.connection = replace(two_streams.connection, options={"stale_after": "week"})
    written(two_streams, Contact="2026-03-01", Opportunity="2026-03-31", manifest="2026-03-31")
    with pytest.raises(ConfigError, match="stale_after of connection salesforce is 'week'"):
        two_streams.land()


@netsuite
def test_without_a_manifest_the_largest_cursor_is_the_watermark_in_utc(exports: Any) -> None:
    exports.connection = replace(exports.connection, time_zone="America/New_York")
    exports.csv("customer.csv", exports.rows("customer", 2, lastmodifieddate="2026-03-30 21:00:00"))
    assert str(exports.land().watermark) == "2026-03-31 01:00:00"


def test_the_firms_own_names_become_the_default_ones(exports: Any) -> None:
    exports.connection = replace(exports.connection, fields={"agreement_number": "SOW_No__c", "SOW_Rate__c": "Card__c"})
    rows = [
        {("SOW_No__c" if k == "SOW_Number__c" else k): v for k, v in row.items()} for row in exports.rows("Contract", 2)
    ]
    exports.csv("Contract.csv", rows)
    exports.csv("Card__c.csv", exports.rows("SOW_Rate__c", 2))
    landing = exports.land()
    assert landing["Contract"].rows_new == landing["SOW_Rate__c"].rows_new == 2
    assert exports.query("select SOW_Number__c, _extra from raw.salesforce__Contract order by 1") == [
        ("0", None),
        ("1", None),
    ]


@kantata
def test_labels_of_custom_fields_get_their_default_spelling(exports: Any) -> None:
    exports.connection = replace(exports.connection, fields={"SOW Number": "Contract ref"})
    exports.jsonl("custom_field_values.jsonl", exports.rows("custom_field_values", 1, custom_field_name="Contract ref"))
    exports.land()
    assert exports.query("select custom_field_name from raw.kantata__custom_field_values") == [("SOW Number",)]


def test_two_connections_of_one_system_share_a_view(exports: Any) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 2))
    exports.land()
    exports.connection = replace(exports.connection, name="salesforce_emea")
    exports.land()
    assert exports.query("select _connection, count(*) from raw.salesforce__Contact group by 1 order by 1") == [
        ("salesforce", 2),
        ("salesforce_emea", 2),
    ]


def test_a_landing_killed_between_files_and_books_is_repeated_safely(
    exports: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports.csv("Contact.csv", exports.rows("Contact", 3))
    with monkeypatch.context() as patch:
        patch.setattr(register, "_enter", _killed)
        with pytest.raises(KeyboardInterrupt):
            exports.land()
    assert exports.query("select count(*) from raw.loads") == [(0,)]
    assert list((exports.root / ".tieout").rglob("*.parquet"))
    landing = exports.land()["Contact"]
    assert (landing.status, landing.rows_new) == ("landed", 3)
    assert exports.query("select min(_row_id), max(_row_id) from raw.salesforce__Contact") == [(1, 3)]
    assert len(list((exports.root / ".tieout").rglob("*.*"))) == 1


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_row_that_goes_missing_inside_fails_the_load(exports: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from contracts.errors import ConservationError
    from ingest import commit

    exports.csv("Contact.csv", exports.rows("Contact", 5))
    exports.land()
    exports.csv("Contact.csv", exports.rows("Contact", 6, Title="Partner"))
    whole = commit._keep_new

    def leaky(con: Any, staged: Any) -> Any:
        con.execute("delete from land_new where place = 2")
        return [replace(kept, rows=6) for kept in whole(con, staged)]

    monkeypatch.setattr(commit, "_keep_new", leaky)
    with pytest.raises(ConservationError, match="7 lines were read, but 1 headers, 5 rows landed"):
        exports.land()
    assert exports.query("select count(*) from raw.loads") == [(1,)]


def test_misuse_names_what_is_known(exports: Any) -> None:
    exports.connection = replace(exports.connection, system="salesfarce")
    with pytest.raises(ConfigError, match="Known: kantata, netsuite, revenue_register, salesforce"):
        exports.land()
    exports.connection = replace(exports.connection, system="salesforce", path="nowhere")
    with pytest.raises(ConfigError, match="has no folder .*nowhere"):
        exports.land()
