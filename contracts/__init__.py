"""The shared language of Tieout: what every word means, once, for people, Python and SQL alike.

agreement        the signed commercial contract or statement of work; *contract* always means data contract
action           a proposed correction of the system that is wrong, with precondition and compensation
as_of            the instant a run speaks about; never the clock
available hours  the workweek of the firm's own people less holidays and time off: what utilisation is measured by
book             an accounting book: standard, currency, policy; `primary` unless said
book of record   the role whose claim wins for an entity and field
break            claims that ought to agree and do not, or a claim that is missing, with its money
claim            what one system says about one thing: one row per connection and source key
connection       one configured instance of a system, for example `netsuite_emea`
entity           the canonical record, chosen from the claims by ownership, under a durable enterprise id
load             one landing of one file or page of a stream
metric           a number people read, with one definition: the sum of its terms, or the ratio of two such sums
proof            breaks explain the whole variance; a delivered action is verified by the next run
quarantine       where a row waits that failed its contract; it is never dropped and never stops the others
role             the part a system plays: CRM, PSA, ERP, REVREC, BILLING, HCM
run              one pass of land, build, reconcile, plan and publish
stream           one object of a system, for example `timebill`
system           a vendor, one file in `ingest/systems/`
term             a sum over the rows of a published relation: what metrics are made of
tolerance        how much two amounts may differ and still be called the same; what passes is kept and summed
violation        a row fails its contract

The package imports nothing of ours. Names are loaded when they are first asked for, so that a command answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contracts.actions import ACTIONS, ActionKind, ActionStatus, ApprovalPolicy, ApproverRole, may_approve
    from contracts.breaks import BREAKS, BreakStatus, BreakType, Direction, MoneyKind, Severity
    from contracts.check import Checked
    from contracts.entity import Column, Contract, Holds, entities
    from contracts.errors import ConfigError, ConservationError, LandError, StreamStopped, TieoutError
    from contracts.money import minor_units, round_money, split
    from contracts.native import TASK, Safety, Write
    from contracts.ownership import Ownership, load_ownership
    from contracts.registry import discover
    from contracts.roles import Role

__all__ = [
    "ACTIONS",
    "BREAKS",
    "TASK",
    "ActionKind",
    "ActionStatus",
    "ApprovalPolicy",
    "ApproverRole",
    "BreakStatus",
    "BreakType",
    "Checked",
    "Column",
    "ConfigError",
    "ConservationError",
    "Contract",
    "Direction",
    "Holds",
    "LandError",
    "MoneyKind",
    "Ownership",
    "Role",
    "Safety",
    "Severity",
    "StreamStopped",
    "TieoutError",
    "Write",
    "discover",
    "entities",
    "load_ownership",
    "may_approve",
    "minor_units",
    "round_money",
    "split",
]

_HOMES = {
    "actions": ("ACTIONS", "ActionKind", "ActionStatus", "ApprovalPolicy", "ApproverRole", "may_approve"),
    "breaks": ("BREAKS", "BreakStatus", "BreakType", "Direction", "MoneyKind", "Severity"),
    "check": ("Checked",),
    "entity": ("Column", "Contract", "Holds", "entities"),
    "errors": ("ConfigError", "ConservationError", "LandError", "StreamStopped", "TieoutError"),
    "money": ("minor_units", "round_money", "split"),
    "native": ("TASK", "Safety", "Write"),
    "ownership": ("Ownership", "load_ownership"),
    "registry": ("discover",),
    "roles": ("Role",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'contracts' has no attribute {name!r}")
    return getattr(import_module(f"contracts.{_HOME[name]}"), name)
