"""Which corrections only a person may make.

`contracts/ownership.yml` says of every field how it may be corrected. Where a break is about a field whose update
policy is `human_only` - for the role, the connection and the legal entity concerned - its corrections become tasks,
whatever calls the system at fault would take. A break about no field (something is missing, a sum is wrong) needs none.
"""

from __future__ import annotations

import duckdb
import polars as pl

from contracts.errors import ConfigError
from contracts.ownership import Ownership, UpdatePolicy
from reconcile.context import stored_columns

__all__ = ["mark_human"]

_ASKED = ("entity", "field", "role", "connection", "legal_entity")

#: What each candidate corrects: the field of its break, where, and in which role.
_SUBJECTS = """
create or replace temp table _plan_subjects as
select distinct c.break_id, c.connection, b.entity, b.field,
  case when c.connection = b.left_connection then b.left_role else b.right_role end as role, {company} as legal_entity
from _plan_candidates as c join recon.breaks as b using (break_id) {companies}
where b.field <> ''
"""
_COMPANIES = "left join marts.legal_entity as e on e.legal_entity_id = b.legal_entity_id"


def mark_human(con: duckdb.DuckDBPyConnection, ownership: Ownership) -> None:
    """Fill ``_plan_human (break_id, connection)``: the ``_plan_candidates`` that only a person may carry out."""
    has_companies = "legal_entity_code" in stored_columns(con, "marts.legal_entity")
    company, companies = ("e.legal_entity_code", _COMPANIES) if has_companies else ("b.legal_entity", "")
    con.execute(_SUBJECTS.format(company=company, companies=companies))
    listed = ", ".join(_ASKED)
    asked = con.execute(f"select distinct {listed} from _plan_subjects order by all").fetchall()
    human = [row for row in asked if _is_human(ownership, *row)]
    found = pl.DataFrame(human, schema=dict.fromkeys(_ASKED, pl.String), orient="row")
    con.register("_given", found.to_arrow())
    same = " and ".join(f"g.{name} is not distinct from s.{name}" for name in _ASKED)
    con.execute(
        "create or replace temp table _plan_human as select distinct s.break_id, s.connection from _plan_subjects as s "
        f"join _given as g on {same}"
    )
    con.unregister("_given")


def _is_human(
    ownership: Ownership, entity: str, field: str, role: str | None, connection: str | None, legal_entity: str | None
) -> bool:
    """Whether the field may be changed by a person only; what is no entity of ours has no owner and no policy."""
    try:
        group = ownership.group(entity, field, role=role, connection=connection, legal_entity=legal_entity)
    except ConfigError:
        return False
    return group.update is UpdatePolicy.HUMAN_ONLY
