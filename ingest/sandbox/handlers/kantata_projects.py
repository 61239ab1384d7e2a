"""Projects of the sandbox's Kantata: a new one runs under its own code, in the group of its customer."""

from __future__ import annotations

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.kantata import create, set_custom_field

__all__ = ["HANDLERS"]

_STATUS = {"key": 305, "message": "In Progress", "color": "green"}
_PRACTICE = "Cloud"


def _create(exports: Exports, call: Call) -> str:
    """Make a project, give it a code and the practice a new project has until its lead chooses one."""
    project_id = create(exports, Call(call.method, call.path, {"collection": "workspaces"}, call.body, call.action))
    name = f"{call.connection}.workspaces"
    group = exports.must(name, project_id)["primary_workspace_group_id"]
    exports.update(
        name,
        project_id,
        {
            "stage": "project", "archived": False, "status": _STATUS, "require_time_approvals": True,
            "client_role_name": "client", "percentage_complete": 0, "stories_are_fixed_fee_by_default": False,
            "workspace_group_ids": [group] if group else [],
        },
    )  # fmt: skip
    set_custom_field(exports, call.connection, "Workspace", project_id, "Project Code", f"PRJ-{project_id[2:]}")
    if not (call.body["workspace"].get("custom_fields") or {}).get("Practice"):
        set_custom_field(exports, call.connection, "Workspace", project_id, "Practice", _PRACTICE)
    return project_id


HANDLERS = (Handler("POST", "/api/v1/workspaces.json", _create),)
