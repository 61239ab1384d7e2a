"""What pages and commands may ask of a snapshot: filters of breaks and of actions, as SQL conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.breaks import GONE, LIVE, among
from reconcile.schema import own_run

__all__ = ["AGE", "AGES", "AS_OF", "NEW", "STATUSES", "WENT", "ActionFilter", "BreakFilter", "holds", "pattern"]

#: Everything a break can be at the moment, for the filter.
STATUSES = (*LIVE, "verified", "cleared")

#: How long breaks have stood, in days, and the same as SQL.
AGES = ("0-30", "31-60", "61-90", "over 90")
AGE = """case when age_days <= 30 then '0-30' when age_days <= 60 then '31-60' when age_days <= 90 then '61-90'
    else 'over 90' end"""

#: A legal entity is asked for by its code; a break that names none belongs to that of its agreement.
_CODED = "(select legal_entity_id from marts.legal_entity where legal_entity_code = ?)"
_OF_ENTITY = (
    f"(legal_entity_id in {_CODED} or legal_entity_id is null and agreement_id in "
    f"(select agreement_id from marts.agreement where legal_entity_id in {_CODED}))"
)
#: Where a search looks in a break.
_BREAK_WORDS = (
    "break_id, check_id, title, customer_name, project_code, agreement_number, document_number, left_record, "
    "right_record"
)
#: The day the snapshot speaks for.
AS_OF = f"(select as_of from {own_run()})"
#: What stands now and did not in the run before; what stood then and went.
NEW = f"""({among("status", LIVE)} and break_id not in (
    select break_id from recon.break_history
    where run_id = (select previous_run_id from {own_run()}) and {among("status", LIVE)}))"""
WENT = f"({among('status', GONE)})"


def holds(columns: str, parameter: str = "?") -> str:
    """SQL: the columns hold what was typed into a search box; `pattern` makes the value of the parameter."""
    return f"concat_ws(' ', {columns}) ilike {parameter} escape '\\'"


def pattern(search: str) -> str:
    """What was typed into a search box, as the pattern `holds` compares with; nothing typed matches everything.

    A person means what is typed: ``%`` and ``_`` are no wildcards.

    >>> pattern(" 100%_A ")
    '%100\\\\%\\\\_A%'
    """
    typed = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{typed}%"


@dataclass(frozen=True)
class BreakFilter:
    """What the queue shows. Empty means everything; `search` looks in names, projects, documents and titles."""

    search: str = ""
    check_id: str = ""
    status: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    owner: str = ""
    at_fault: str = ""
    legal_entity: str = ""
    currency: str = ""
    period: str = ""
    root: str = ""
    agreement: str = ""
    roots_only: bool = False
    changed: str = ""  # "new" or "gone": since the run before
    upto: str = ""  # breaks of this period and of those before it
    age: str = ""  # one of AGES

    def sql(self) -> tuple[str, list[Any]]:
        """The condition and its parameters."""
        terms: list[str] = []
        values: list[Any] = []
        equal = {
            "check_id": self.check_id,
            "owner": self.owner,
            "at_fault": self.at_fault,
            "currency": self.currency,
            "period": self.period,
            "root_id": self.root,
            "agreement_id": self.agreement,
        }
        for column, value in equal.items():
            if value:
                terms.append(f"{column} = ?")
                values.append(value)
        if self.legal_entity:
            terms.append(_OF_ENTITY)
            values.extend([self.legal_entity] * 2)
        for column, chosen in {"status": self.status, "severity": self.severity}.items():
            if chosen:
                terms.append(f"{column} in ({', '.join('?' for _ in chosen)})")
                values.extend(chosen)
        if self.search.strip():
            terms.append(holds(_BREAK_WORDS))
            values.append(pattern(self.search))
        if self.roots_only:
            terms.append("is_root")
        if self.changed == "new":
            terms.append(NEW)
        if self.changed == "gone":
            terms.append(WENT)
        if self.age:
            terms.append(f"{AGE} = ?")
            values.append(self.age)
        if self.upto:
            terms.append("coalesce(period, '') <= ?")
            values.append(self.upto)
        return " and ".join(terms) or "true", values


@dataclass(frozen=True)
class ActionFilter:
    """What the list of actions shows."""

    status: tuple[str, ...] = ("proposed",)
    kind: str = ""
    system: str = ""
    search: str = ""
    break_id: str = ""
    root: str = ""
    legal_entity: str = ""
    currency: str = ""

    def sql(self) -> tuple[str, list[Any]]:
        """The condition and its parameters."""
        terms: list[str] = []
        values: list[Any] = []
        if self.status:
            terms.append(f"status in ({', '.join('?' for _ in self.status)})")
            values.extend(self.status)
        if self.kind:
            terms.append("kind = ?")
            values.append(self.kind)
        if self.system:
            terms.append("target ->> '$.connection' = ?")
            values.append(self.system)
        if self.break_id:
            terms.append("list_contains(breaks, ?)")
            values.append(self.break_id)
        if self.currency:
            terms.append("currency = ?")
            values.append(self.currency)
        if self.legal_entity:
            terms.append(f"list_has_any(breaks, (select list(break_id) from recon.breaks where {_OF_ENTITY}))")
            values.extend([self.legal_entity] * 2)
        if self.root:
            terms.append("list_has_any(breaks, (select list(break_id) from recon.breaks where root_id = ?))")
            values.append(self.root)
        if self.search.strip():
            terms.append(holds("action_id, group_id, reason, target"))
            values.append(pattern(self.search))
        return " and ".join(terms) or "true", values
