"""The tables of `recon`: what a run writes, column by column, and the shape of what a rule hands over."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

__all__ = ["BREAK", "CANDIDATE", "PROOF_TERMS", "RECORD", "TABLES", "create", "ddl", "own_run"]

#: One record behind a break.
RECORD = (
    "struct(side varchar, row_id bigint, connection varchar, object varchar, record_id varchar, "
    "amount decimal(18,4), currency varchar)"
)

_CHAIN = {"connection": "varchar", "object": "varchar", "record": "varchar", "value": "varchar"}


def _sides(names: Mapping[str, str]) -> dict[str, str]:
    return {f"{side}_{name}": kind for side in ("left", "right") for name, kind in names.items()}


#: What every rule yields, one row a break: before money is converted, names are looked up and life is known.
#: `left_amount` and `right_amount` are what the break contributes to the law. `title` overrides the rule's template.
CANDIDATE: dict[str, str] = {
    "check_id": "varchar",
    "rule": "varchar",
    "rule_version": "integer",
    "shape": "varchar",
    "book": "varchar",
    "entity": "varchar",
    "entity_key": "varchar",
    "field": "varchar",
    "side": "integer",
    "break_type": "varchar",
    "severity": "varchar",
    "status_hint": "varchar",
    "expected_by": "date",
    "money_kind": "varchar",
    "variance": "decimal(18,4)",
    "currency": "varchar",
    "direction": "varchar",
    **_sides({"role": "varchar", **_CHAIN, "amount": "decimal(18,4)", "currency": "varchar"}),
    "customer_id": "varchar",
    "agreement_id": "varchar",
    "project_id": "varchar",
    "person_id": "varchar",
    "legal_entity_id": "varchar",
    "document_number": "varchar",
    "period": "varchar",
    "posting_date": "date",
    "at_fault": "varchar",
    "cause": "varchar",
    "confidence": "varchar",
    "title": "varchar",
    "payload": "varchar",
    "records": f"{RECORD}[]",
}

#: The terms of the law, one row per follower, book, currency and measure (money or rows).
PROOF_TERMS: dict[str, str] = {
    "side": "integer",
    "reference_role": "varchar",
    "other_role": "varchar",
    "book": "varchar",
    "currency": "varchar",
    "measure": "varchar",
    "reference_total": "decimal(38,4)",
    "other_total": "decimal(38,4)",
    "breaks": "decimal(38,4)",
    "tolerated": "decimal(38,4)",
    "quarantined": "decimal(38,4)",
    "excluded": "decimal(38,4)",
    "residual": "decimal(38,4)",
    "rows_read": "bigint",
    "rows_tested": "bigint",
}

#: `recon.breaks`: one row per break of the current run, the ones that went away in it included.
BREAK: dict[str, str] = {
    "break_id": "varchar",
    "version": "integer",
    "evidence_hash": "varchar",
    "run_id": "varchar",
    "as_of": "date",
    "book": "varchar",
    "check_id": "varchar",
    "rule": "varchar",
    "rule_version": "integer",
    "shape": "varchar",
    "break_type": "varchar",
    "severity": "varchar",
    "status": "varchar",
    "times_reopened": "integer",
    "title": "varchar",
    "entity": "varchar",
    "entity_id": "varchar",
    "agreement_id": "varchar",
    "agreement_number": "varchar",
    "project_id": "varchar",
    "project_code": "varchar",
    "customer_id": "varchar",
    "customer_name": "varchar",
    "legal_entity": "varchar",
    "document_number": "varchar",
    "period": "varchar",
    "posting_date": "date",
    **_sides(_CHAIN),
    "field": "varchar",
    "money_kind": "varchar",
    "variance": "decimal(18,4)",
    "currency": "varchar",
    "variance_functional": "decimal(18,4)",
    "functional_currency": "varchar",
    "impact": "decimal(18,4)",
    "fx_rate": "decimal(18,6)",
    "fx_date": "date",
    "fx_source": "varchar",
    "direction": "varchar",
    "expected_by": "date",
    "first_seen": "date",
    "last_seen": "date",
    "age_days": "integer",
    "owner": "varchar",
    "assignee": "varchar",
    "due_on": "date",
    "accepted_until": "date",
    "at_fault": "varchar",
    "cause": "varchar",
    "root_id": "varchar",
    "is_root": "boolean",
    "population": "bigint",
    "confidence": "varchar",
    "match_id": "varchar",
    "correlation_id": "varchar",
    "evidence": "varchar",
    "left_role": "varchar",
    "right_role": "varchar",
    "left_amount": "decimal(18,4)",
    "left_currency": "varchar",
    "right_amount": "decimal(18,4)",
    "right_currency": "varchar",
    "side": "integer",
    "person_id": "varchar",
    "person_name": "varchar",
    "legal_entity_id": "varchar",
    "payload": "varchar",
}

_NOT_IN_HISTORY = {"evidence", "payload"}
_RUN = {"run_id": "varchar"}
_RULE = {**_RUN, "check_id": "varchar", "rule": "varchar"}

#: Every table of the schema. The keys of `breaks` are (run_id, break_id). Runs are numbered as they follow each other:
#: their ids and dates say nothing about that.
TABLES: dict[str, dict[str, str]] = {
    "runs": {
        **_RUN,
        "as_of": "date",
        "previous_run_id": "varchar",
        "base_currency": "varchar",
        "rules": "integer",
        "rules_not_run": "integer",
        "breaks": "bigint",
        "impact": "decimal(18,4)",
        "proofs": "integer",
        "proofs_failed": "integer",
        "status": "varchar",
        "message": "varchar",
        "sequence": "integer",
    },
    "rules": {
        **_RULE,
        "version": "integer",
        "entity": "varchar",
        "shape": "varchar",
        "severity": "varchar",
        "owner": "varchar",
        "money_kind": "varchar",
        "help": "varchar",
        "requires": "varchar",
        "caused_by": "varchar",
        "definition_hash": "varchar",
    },
    "coverage": {**_RULE, "status": "varchar", "reason": "varchar", "rows_tested": "bigint", "breaks": "bigint"},
    "proofs": {**_RULE, "shape": "varchar", **PROOF_TERMS, "status": "varchar", "message": "varchar"},
    "breaks": BREAK,
    "break_history": {name: kind for name, kind in BREAK.items() if name not in _NOT_IN_HISTORY},
    "break_sides": {
        **_RUN,
        "break_id": "varchar",
        "side": "varchar",
        "role": "varchar",
        "connection": "varchar",
        "is_reference": "boolean",
        "present": "boolean",
        "value": "varchar",
        "amount": "decimal(18,4)",
        "currency": "varchar",
        "records": "bigint",
    },
    "break_records": {
        **_RUN,
        "break_id": "varchar",
        "side": "varchar",
        "row_id": "bigint",
        "connection": "varchar",
        "object": "varchar",
        "record_id": "varchar",
        "amount": "decimal(18,4)",
        "currency": "varchar",
        "allocated": "decimal(18,4)",
        "url": "varchar",
    },
}


def ddl(columns: Mapping[str, str]) -> str:
    """The column list of a table."""
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def create(con: duckdb.DuckDBPyConnection, schema: str = "recon") -> None:
    """Create the tables that are not there yet."""
    con.execute(f"create schema if not exists {schema}")
    for name, columns in TABLES.items():
        con.execute(f"create table if not exists {schema}.{name} ({ddl(columns)})")
    con.execute(f"alter table {schema}.runs add column if not exists sequence {TABLES['runs']['sequence']}")


def own_run(runs: str = "recon.runs") -> str:
    """The run a snapshot was published by, as a relation of one row: it follows all others the snapshot knows."""
    return f"(select * from {runs} order by sequence desc nulls last, as_of desc, run_id desc limit 1)"
