"""The other systems of a break: what each role beside the two compared says of the same thing.

A break names a reference and who deviates from it. Where it is about a customer, an agreement or a project, every other
role that keeps such records is there too: with its value where its records have the compared field (amounts added up,
other values side by side), as present where they do not, as absent where it has no record.
"""

from __future__ import annotations

import duckdb

from contracts.sql import literal
from reconcile.context import Context, stored_columns

__all__ = ["testify"]

#: Entities under one enterprise id in all systems, and the column of a break that holds it.
_ENTITIES = {"customer": "customer_id", "agreement": "agreement_id", "project": "project_id"}

_MONEY = "DECIMAL(18,4)"


def testify(con: duckdb.DuckDBPyConnection, context: Context) -> None:
    """Add the other roles of each break of `_breaks` to ``recon.break_sides``."""
    asked = con.execute("select distinct entity, coalesce(field, '') from _breaks order by all").fetchall()
    for entity, field in asked:
        own = _ENTITIES.get(entity)
        kinds = stored_columns(con, f"intermediate.int_{entity}__claims", context.stored) if own else {}
        if own and own in kinds:
            con.execute(f"insert into recon.break_sides {_select(entity, own, field, kinds, context.run_id)}")


def _select(entity: str, own: str, field: str, kinds: dict[str, str], run_id: str) -> str:
    is_amount = kinds.get(field) == _MONEY
    value = f"cast({field} as varchar)" if field in kinds else "cast(null as varchar)"
    said = "cast(sum(amount) as varchar)" if is_amount else "string_agg(distinct value, '; ' order by value)"
    return f"""
        with things as (
          select break_id, {own} as thing, left_role, right_role from _breaks
          where entity = {literal(entity)} and coalesce(field, '') = {literal(field)} and {own} is not null
        ),
        claims as (
          select {own} as thing, role, connection, {value} as value,
            {f"cast({field} as decimal(18,4))" if is_amount else "cast(null as decimal(18,4))"} as amount,
            {"currency" if is_amount and "currency" in kinds else "cast(null as varchar)"} as currency
          from intermediate.int_{entity}__claims where claim_state = 'ok'
        ),
        held as (
          select thing, role, connection, {said} as value, sum(amount) as amount, count(*) as records,
            case when count(distinct currency) = 1 then min(currency) end as currency
          from claims where thing in (select thing from things) group by thing, role, connection
        ),
        keepers as (select distinct role, connection from claims)
        select {literal(run_id)}, things.break_id, 'witness', keepers.role, keepers.connection, false,
          held.thing is not null, held.value, cast(held.amount as decimal(18,4)), held.currency,
          coalesce(held.records, 0)
        from things
        join keepers on keepers.role <> things.left_role and keepers.role is distinct from things.right_role
        left join held on held.thing = things.thing
          and held.role = keepers.role and held.connection = keepers.connection
        order by things.break_id, keepers.role, keepers.connection
    """
