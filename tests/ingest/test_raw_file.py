"""A raw file holds what its query reads, in its order, whatever its text is like."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from ingest.raw_file import write

QUERY = (
    "select cast(i as varchar) as own, cast(i % 7 as varchar) as shared, nullif(cast(i % 3 as varchar), '0') as some, "
    "cast(null as varchar) as none, hash(i) as number from range(300000) as t(i)"
)


def test_rows_keep_their_order_over_row_groups_and_only_text_that_repeats_is_a_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "raw.parquet"
    with duckdb.connect() as con:
        assert write(con, QUERY, path) == 300_000
        stored = f"select * exclude (file_row_number) from read_parquet('{path}', file_row_number = true)"
        assert con.sql(f"{stored} order by file_row_number").fetchall() == con.sql(QUERY).fetchall()
        assert con.sql(f"describe {stored}").fetchall() == con.sql(f"describe {QUERY}").fetchall()
    meta = parquet.ParquetFile(path).metadata
    assert meta.num_row_groups == 3
    group = meta.row_group(0)
    are_dictionaries = {
        group.column(at).path_in_schema: group.column(at).has_dictionary_page for at in range(group.num_columns)
    }
    assert are_dictionaries == {"own": False, "shared": True, "some": True, "none": True, "number": False}


def test_a_query_without_rows_gives_a_file_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "raw.parquet"
    with duckdb.connect() as con:
        assert write(con, f"{QUERY} where i < 0", path) == 0
        assert con.sql(f"select count(*), min(own) from read_parquet('{path}')").fetchall() == [(0, None)]


def test_what_stops_the_query_is_said_in_duckdbs_own_words(tmp_path: Path) -> None:
    query = "select case when i = 200000 then error('broken at ' || i) else i end as n from range(300000) as t(i)"
    with duckdb.connect() as con, pytest.raises(duckdb.Error, match="broken at 200000"):
        write(con, query, tmp_path / "raw.parquet")
