"""How Kantata takes a correction: one JSON body per call, named by the singular of the collection.

Kantata has no idempotency key: a create is looked up by its external reference before it is repeated.
"""

from __future__ import annotations

from contracts.actions import ActionKind
from contracts.native import Safety, Write

__all__ = ["WRITES"]

_API = "/api/v1"
_REFERENCE = {
    "service_name": "{service_name}",
    "service_model": "{service_model}",
    "service_model_ref": "{service_model_ref}",
}


def _put(kind: ActionKind, entity: str, collection: str, name: str, variant: str = "", /, **fields: object) -> Write:
    """An update of one record by id; repeated, it is the same."""
    return Write(
        kind, entity, variant, method="PUT", path=f"{_API}/{collection}/{{record_id}}.json", body={name: fields},
        object=collection, safety="upsert",
    )  # fmt: skip


def _post(
    kind: ActionKind, entity: str, collection: str, name: str, variant: str = "", safety: Safety = "read_back",
    path: str = "", /, **fields: object,
) -> Write:  # fmt: skip
    """A create, or an upsert by the keys in its body."""
    return Write(
        kind, entity, variant, method="POST", path=path or f"{_API}/{collection}.json", body={name: fields},
        object=collection, safety=safety,
    )  # fmt: skip


def _reference(entity: str) -> Write:
    """The link of a record to another system: keyed by subject and service, refused while it is locked."""
    return _post(
        ActionKind.LINK, entity, "external_references", "external_reference", "reference", "keyed",
        f"{_API}/external_references/create_or_update", subject_type="{subject_type}", subject_id="{subject_id}",
        **_REFERENCE,
    )  # fmt: skip


def _value(kind: ActionKind, entity: str) -> Write:
    """A custom field of a project, a task or a person."""
    return _put(kind, entity, "custom_field_values", "custom_field_value", "custom_field", value="{value}")


_K = ActionKind

WRITES: tuple[Write, ...] = (
    _post(_K.CREATE, "customer", "workspace_groups", "workspace_group", name="{customer_name}", company=True,
          email="{email?}", website="{website?}", external_reference=_REFERENCE),
    _post(_K.CREATE, "project", "workspaces", "workspace", title="{title}", creator_role="maven",
          currency="{currency}", price="{price}", start_date="{start_on}", due_date="{end_on}",
          primary_workspace_group_id="{workspace_group_id}", custom_fields="{custom_fields?}",
          external_reference=_REFERENCE),
    *(_put(kind, "project", "workspaces", "workspace", "price", price="{price}")
      for kind in (_K.COMPLETE, _K.REPLAY, _K.REVERSE)),
    *(_put(kind, "project", "workspaces", "workspace", "dates", start_date="{start_on?}", due_date="{end_on?}")
      for kind in (_K.COMPLETE, _K.REPLAY)),
    *(_value(kind, entity) for entity in ("project", "task", "person", "agreement", "agreement_version")
      for kind in (_K.COMPLETE, _K.REPLAY)),
    _put(_K.MERGE, "time_entry", "time_entries", "time_entry", workspace_id="{workspace_id}", story_id="{story_id}"),
    _put(_K.SPLIT, "time_entry", "time_entries", "time_entry", workspace_id="{before_workspace_id}",
         story_id="{before_story_id}"),
    _put(_K.MERGE, "project", "workspaces", "workspace", archived=True),
    _put(_K.SPLIT, "project", "workspaces", "workspace", archived=False),
    _put(_K.DEACTIVATE, "project", "workspaces", "workspace", archived=True),
    _put(_K.RE_RATE, "time_entry", "time_entries", "time_entry", rate_in_cents="{rate_in_cents}"),
    _post(_K.TRUE_UP, "time_entry", "time_adjustments", "time_adjustment", workspace_id="{workspace_id}",
          user_id="{user_id}", story_id="{story_id}", original_date="{original_on}", posted_on_date="{posting_on}",
          time="{minutes}", bill_rate_in_cents="{rate_in_cents}", external_reference=_REFERENCE),
    _post(_K.REFRESH_STATUS, "payment", "external_payments", "external_payment", invoice_id="{invoice_id}",
          workspace_id="{workspace_id}", amount_in_cents="{amount_in_cents}"),
    Write(_K.REFRESH_STATUS, "invoice", "cancel", method="PUT", path=f"{_API}/invoices/{{record_id}}/cancel",
          object="invoices", safety="upsert"),
    *(_reference(entity)
      for entity in ("customer", "project", "invoice", "opportunity", "agreement_line", "time_entry")),
)  # fmt: skip
