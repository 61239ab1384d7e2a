"""Plans of the sandbox's Kantata: a manager books the hours a project lacks for a role, or cuts what is too much."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports

__all__ = ["HANDLERS"]


def _replan(exports: Exports, call: Call) -> str:
    """Bring the hours booked on a project from what they are to what they should be."""
    project = str(call.body["id"])
    more = round((Decimal(str(call.body["to"])) - Decimal(str(call.body["from"]))) * 60)
    if more > 0:
        _book(exports, call.connection, project, more)
    else:
        _cut(exports, call.connection, project, -more)
    return project


def _book(exports: Exports, connection: str, project: str, minutes: int) -> None:
    resources, allocations = f"{connection}.workspace_resources", f"{connection}.workspace_allocations"
    resource = exports.next_id(resources)
    role = exports.frame(f"{connection}.roles").filter(pl.col("deleted_at").is_null())["id"].min()
    exports.add(resources, {"id": resource, "workspace_id": project, "role_id": role})
    until = max(exports.must(f"{connection}.workspaces", project)["due_date"] or exports.as_of, exports.as_of)
    exports.add(
        allocations,
        {
            "id": exports.next_id(allocations), "workspace_id": project, "workspace_resource_id": resource,
            "start_date": exports.as_of, "end_date": until, "minutes": minutes, "hard": False,
        },
    )  # fmt: skip


def _cut(exports: Exports, connection: str, project: str, minutes: int) -> None:
    """The bookings made last give way first."""
    name = f"{connection}.workspace_allocations"
    for booking in sorted(exports.find(name, "workspace_id", project), key=lambda one: int(one["id"]), reverse=True):
        less = min(minutes, booking["minutes"] if booking["end_date"] >= exports.as_of else 0)
        if less:
            exports.update(name, booking["id"], {"minutes": booking["minutes"] - less})
            minutes -= less


HANDLERS = (Handler("TASK", "workspaces.planned_hours", _replan),)
