"""How the calls of a correction are written: each a select over the standing breaks of a rule, joined into one.

A planner of a rule (`Rule.plan`) lists its calls and joins them with `union`, which brings the ledger's own ids of
people, projects, companies and currencies beside the breaks (``b``). A call names them in its expressions: ``person``,
``job``, ``home``, ``money``, ``erp``; ``c`` is what was charged for a time record, ``p`` how it was posted.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.wording import filled

__all__ = ["account", "call", "change", "equals", "union"]


def account(role: str) -> str:
    """The ledger's own number of an account, by what the account is for."""
    return (
        "(select min(a.account_id) from intermediate.int_ledger__accounts as a "
        f"where a.connection = erp.connection and a.account_role = '{role}')"
    )


def change(field: str, before: str, after: str, object_: str = "", record: str = "", *, named: bool = True) -> str:
    """One field that changes, of the record that is called or of another one; `named`: the field is a name, not SQL."""
    where = f"'object', '{object_}', 'id', {record}, " if object_ else ""
    name = f"'{field}'" if named else field
    return f"json_object({where}'field', {name}, 'from', {before}, 'to', {after})"


def equals(field: str, value: str) -> tuple[str, str, str]:
    """A precondition: the field still says this."""
    return (field, "eq", value)


def call(
    number: int,
    kind: str,
    entity: str,
    variant: str,
    record: str,
    *,
    reason: str,
    where: str = "true",
    object_: str = "timebill",
    external: str = "null",
    values: Mapping[str, str] | None = None,
    precondition: list[tuple[str, str, str]] | None = None,
    changes: list[str] | None = None,
    bundle: str = "b.break_id",
    line: Mapping[str, str] | None = None,
    wanted: str = "null",
    after: str = "[]",
    queue: str = "b.owner",
    held_by: str = "",
) -> str:
    """One kind of call as a select over the breaks `b` and what is joined to them.

    A consequence gets no call, unless its root is a break of the check `held_by`: then the call comes after the root's.
    """
    given = ", ".join(f"'{name}', {sql}" for name, sql in (values or {}).items())
    listed = ", ".join(f"'{name}', {sql}" for name, sql in (line or {}).items())
    held = ", ".join(
        f"json_object('field', '{name}', 'op', '{operator}', 'value', {value})"
        for name, operator, value in precondition or []
    )
    guard = "coalesce(b.root_id, b.break_id) = b.break_id"
    if held_by:
        guard = f"({guard} or b.root_id in (select break_id from recon.breaks where check_id = '{held_by}'))"
    return (
        f"select b.break_id, b.evidence_hash, b.correlation_id, b.owner, '{kind}' as kind, '{entity}' as entity, "
        f"'{variant}' as variant, '' as compensation, erp.connection, '{object_}' as object, "
        f"cast({record} as varchar) as record_id, cast({external} as varchar) as external_id, "
        f"json_object({given}) as vals, json_array({held}) as precondition, "
        f"json_array({', '.join(changes or [])}) as changes, {filled(reason, of='b.', missing='-')} as reason, "
        "cast(coalesce(abs(b.variance), 0) as decimal(18,4)) as impact, b.currency, "
        f"cast({wanted} as varchar) as wanted, cast({bundle} as varchar) as bundle, "
        f"{f'json_object({listed})' if line else 'cast(null as json)'} as line, {queue} as queue, "
        f"{number} as correction, "
        f"cast({after} as integer[]) as after, "
        f"case when b.root_id <> b.break_id then b.root_id end as waits_for from {{from_}} where {guard} and ({where})"
    )


#: The ledger's own ids: relation -> entity.
_LINKED = (("people", "person"), ("projects", "project"), ("companies", "legal_entity"))
_LINKS = (
    "select enterprise_id, connection, min(source_id) as source_id from intermediate.int_links "
    "where entity = '{entity}' and is_current group by all"
)
_LINK = " left join {links} as {name} on {name}.connection = erp.connection and {name}.enterprise_id = {key}"


def ledger_of(breaks: str) -> str:
    """The ledger that each break is about: a relation of break_id and connection."""
    return (
        "(select x.break_id, coalesce(min(s.connection), min(x.at_fault)) as connection "
        f"from {breaks} as x left join recon.break_sides as s on s.break_id = x.break_id "
        "and s.role in ('ERP', 'REVREC') group by x.break_id)"
    )


def union(calls: list[str], breaks: str, *, charged: bool = False, posted: bool = False) -> str:
    """All calls over the breaks, with the ledger's own ids of people, projects, companies and currencies."""
    known = {"ledgers": f"select * from {ledger_of(breaks)}"}
    known |= {name: _LINKS.format(entity=entity) for name, entity in _LINKED}
    from_ = (
        f"{breaks} as b join ledgers as erp on erp.break_id = b.break_id"
        + _LINK.format(links="people", name="person", key="b.person_id")
        + _LINK.format(links="projects", name="job", key="b.project_id")
        + _LINK.format(links="companies", name="home", key="b.payload ->> '$.home_legal_entity_id'")
        + " left join intermediate.int_currency__ids as money on money.connection = erp.connection "
        "and money.currency = b.currency"
    )
    for is_wanted, name, key, alias in ((charged, "charged", "time_ref", "c"), (posted, "posted", "source_id", "p")):
        if is_wanted:
            known[name] = (
                f"select * from intermediate.int_time_entry__{name} "
                f"where {key} in (select payload ->> '$.erp_id' from {breaks})"
            )
            from_ += (
                f" left join {name} as {alias} on {alias}.connection = erp.connection "
                f"and {alias}.{key} = b.payload ->> '$.erp_id'"
            )
    read_once = ", ".join(f"{name} as materialized ({sql})" for name, sql in known.items())
    return f"with {read_once} " + " union all ".join(one.replace("{from_}", from_) for one in calls)
