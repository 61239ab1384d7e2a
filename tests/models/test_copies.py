"""What a project that was created twice repeats: its tasks count once, as those of another legal entity's part do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

#: 41 is known to the ERP, 42 is its copy; 43 is the same workstream in another legal entity.
PROJECTS = (("41", "US01", "2026-01-05 09:00"), ("42", "US01", "2026-01-05 09:02"), ("43", "UK01", "2026-01-06 09:00"))
TASKS = (("411", "41", 600), ("421", "42", 600), ("431", "43", 90))
RELATIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "intermediate.int_project__claims": (
        "row_id bigint, connection varchar, role varchar, object varchar, source_id varchar, project_id varchar, "
        "project_code varchar, project_name varchar, agreement_id varchar, agreement_number varchar, "
        "customer_id varchar, workstream varchar, legal_entity_code varchar, billing_type varchar, state varchar, "
        "budget_amount decimal(18,4), currency varchar, cap_amount decimal(18,4), start_on date, end_on date, "
        "version_no integer, created_at timestamp, psa_project_ref varchar, claim_state varchar",
        [
            *(
                {"source_id": one, "project_id": f"PRJ-{one}", "legal_entity_code": entity, "created_at": at}
                for one, entity, at in PROJECTS
            ),
            {"connection": "netsuite", "role": "ERP", "source_id": "900", "psa_project_ref": "41"},
        ],
    ),
    "intermediate.int_task__claims": (
        "row_id bigint, connection varchar, role varchar, object varchar, source_id varchar, project_ref varchar, "
        "agreement_line_key varchar, kind varchar, planned_minutes bigint, start_on date, due_on date, "
        "updated_at timestamp, claim_state varchar",
        [{"source_id": one, "project_ref": project, "planned_minutes": minutes} for one, project, minutes in TASKS],
    ),
}
USUAL: dict[str, Any] = {
    "row_id": 1, "connection": "kantata", "role": "PSA", "object": "workspaces", "claim_state": "ok", "kind": "task",
    "agreement_id": "AGR-1", "agreement_number": "SOW-1", "workstream": "Build", "state": "active",
    "agreement_line_key": "SOW-1/1",
}  # fmt: skip


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    models = "int_project__survivors int_task__planned"
    with raw.built(tmp_path_factory.mktemp("copies"), RELATIONS, USUAL, models) as con:
        yield con


def test_the_project_that_the_ledger_knows_stays_and_its_copy_counts_nowhere(
    copies: duckdb.DuckDBPyConnection,
) -> None:
    query = "select source_id, is_survivor from intermediate.int_project__survivors order by all"
    assert copies.execute(query).fetchall() == [("41", True), ("42", False), ("43", True)]


def test_tasks_of_a_copy_plan_nothing(copies: duckdb.DuckDBPyConnection) -> None:
    query = "select source_id, planned_minutes from intermediate.int_task__planned order by all"
    assert copies.execute(query).fetchall() == [("411", 600), ("431", 90)]
