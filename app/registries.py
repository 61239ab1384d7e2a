"""Lists what exists: rules, systems, entities, metrics; and of a project its proofs and runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["KINDS", "listing"]

Rows = list[dict[str, Any]]


def listing(what: str, folder: Path) -> Rows:
    """The entries of one registry."""
    return KINDS[what](folder)


def _rules(folder: Path) -> Rows:
    from app.project import FILE, Project
    from reconcile.library import rules_of

    own = Project.load(folder).rules_path if folder.is_file() or (folder / FILE).is_file() else None
    return [
        {
            "check": rule.check, "name": rule.name, "shape": str(rule.shape), "severity": str(rule.severity),
            "owner": str(rule.owner), "help": rule.help.partition("\n")[0],
        }
        for rule in rules_of(own)
    ]  # fmt: skip


def _systems(_folder: Path) -> Rows:
    from contracts.registry import discover

    return [
        {
            "system": system.name, "title": system.title, "roles": ", ".join(system.roles), "format": system.format,
            "streams": ", ".join(stream.name for stream in system.streams), "calls": len(system.writes),
        }
        for system in discover("ingest.systems", "SYSTEM").values()
    ]  # fmt: skip


def _entities(_folder: Path) -> Rows:
    from contracts.entity import entities

    return [
        {"entity": name, "version": contract.version, "key": ", ".join(contract.key), "meaning": contract.summary}
        for name, contract in entities().items()
    ]


def _metrics(_folder: Path) -> Rows:
    from contracts.metric import metrics

    return [
        {
            "metric": metric.name, "title": metric.title, "unit": str(metric.unit), "owner": str(metric.owner),
            "available": metric.is_available, "roles": ", ".join(metric.roles), "asked_by": ", ".join(metric.keys),
            "meaning": metric.meaning if metric.is_available else f"{metric.meaning} Not held: {metric.not_held}.",
        }
        for metric in metrics().values()
    ]  # fmt: skip


def _proofs(folder: Path) -> Rows:
    return _from_snapshot(
        folder,
        "select check_id, other_role, currency, measure, reference_total, other_total, breaks, tolerated, quarantined, "
        "excluded, residual, status from recon.proofs order by all",
    )


def _runs(folder: Path) -> Rows:
    return _from_snapshot(
        folder,
        "select run_id, as_of, breaks, impact, proofs, proofs_failed, status from recon.runs order by sequence",
    )


def _from_snapshot(folder: Path, sql: str) -> Rows:
    from app.project import Project
    from app.publish import open_current

    with open_current(Project.load(folder)) as con:
        return con.sql(sql).pl().to_dicts()


#: What can be listed.
KINDS: dict[str, Callable[[Path], Rows]] = {
    "rules": _rules,
    "systems": _systems,
    "entities": _entities,
    "metrics": _metrics,
    "proofs": _proofs,
    "runs": _runs,
}
