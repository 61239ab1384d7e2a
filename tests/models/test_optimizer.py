"""What the models say does not depend on how DuckDB rewrites them: each is asked twice, and answers alike."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from app.database import SETTINGS
from app.project import Project

#: What a statement of joins needs to be done in reasonable time; everything else is switched off the second time.
_NEEDED = {
    "build_side_probe_side", "column_lifetime", "cte_inlining", "deliminator", "empty_result_pullup",
    "expression_rewriter", "filter_pullup", "filter_pushdown", "in_clause", "join_order", "materialized_cte",
    "unnest_rewriter", "unused_columns",
}  # fmt: skip
_DIFFERENT = """
select count(*) from (
    (from once except all from again) union all (from again except all from once)
)
"""


@pytest.mark.long
def test_no_answer_of_a_model_hangs_on_a_rewrite_of_the_optimizer(typical_firm: Path) -> None:
    project = Project.load(typical_firm)
    differing, asked = [], 0
    with duckdb.connect(str(project.warehouse), read_only=True, config={**SETTINGS}) as con:
        con.execute("set TimeZone = 'UTC'")
        known = con.execute("select name from duckdb_optimizers()").fetchall()
        without = ",".join(sorted(name for (name,) in known if name not in _NEEDED))
        for path in sorted((project.warehouse.parent / "dbt" / "compiled").rglob("models/**/*.sql")):
            query = path.read_text(encoding="utf-8")
            for name, off in (("once", SETTINGS["disabled_optimizers"]), ("again", without)):
                con.execute(f"set disabled_optimizers = '{off}'")
                con.execute(f"create or replace temp table {name} as {query}")
            asked += 1
            if con.execute(_DIFFERENT).fetchall() != [(0,)]:
                differing.append(path.stem)
    assert asked > 200
    assert differing == []
