"""Kantata of the sandbox: updates and creates of a collection's objects, external references, custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports, Row
from ingest.sandbox.objects import column_of, singular

__all__ = ["HANDLERS", "columns", "create", "refer", "set_custom_field"]

_API = "/api/v1"
#: Fields of the interface that are amounts of whole units; exports hold minor units.
_IN_UNITS = {"price": "price_in_cents"}
#: Collection -> the type its objects have as subject of a reference.
_SUBJECTS = {
    "workspace_groups": "WorkspaceGroup",
    "workspaces": "Workspace",
    "invoices": "Invoice",
    "time_adjustments": "TimeAdjustment",
}


def columns(exports: Exports, name: str, fields: Mapping[str, Any], before: Row | None = None) -> Row:
    """The columns of an export that the fields of a call fill."""
    schema = exports.schema(name)
    values: Row = {}
    for field, value in fields.items():
        if field in _IN_UNITS:
            unit = (before or {}).get("currency_base_unit") or _base_unit(exports, fields.get("currency"))
            values[_IN_UNITS[field]] = None if value is None else int((Decimal(str(value)) * unit).to_integral_value())
        elif field not in ("external_reference", "custom_fields", "creator_role"):
            values[column_of("kantata", field, schema)] = value
    return values


def refer(exports: Exports, connection: str, subject_type: str, subject_id: str, reference: Mapping[str, Any]) -> str:
    """Make or change the reference of a subject to another system; it has one per service and model."""
    name = f"{connection}.external_references"
    for known in exports.find(name, "subject_id", subject_id):
        same = known["subject_type"] == subject_type and known["service_name"] == reference["service_name"]
        if same and known["service_model"] == reference["service_model"]:
            if known["locked"]:
                raise Refused(f"the reference {known['id']} is locked")
            exports.update(
                name, known["id"], {"service_model_ref": reference["service_model_ref"], "status": "successful"}
            )
            return str(known["id"])
    reference_id = exports.next_id(name)
    exports.add(
        name,
        {
            "id": reference_id, "subject_type": subject_type, "subject_id": subject_id, "locked": False,
            "service_name": reference["service_name"], "service_model": reference["service_model"],
            "service_model_ref": reference["service_model_ref"], "status": "successful", "last_synced_at": exports.now,
        },
    )  # fmt: skip
    _list_id(exports, connection, subject_type, subject_id, reference_id)
    return reference_id


def _update(exports: Exports, call: Call) -> str:
    """Change fields of one object; the body is named by the singular of the collection."""
    collection = call.named["collection"]
    name = f"{call.connection}.{collection}"
    fields = call.body.get(singular(collection), {})
    before = exports.must(name, call.named["id"])
    if before.get("is_invoiced") and collection in ("time_entries", "expenses"):
        raise Refused(f"{collection} {call.named['id']} is invoiced and locked")
    exports.update(name, call.named["id"], columns(exports, name, fields, before))
    return call.named["id"]


def create(exports: Exports, call: Call) -> str:
    """Make one object, with its reference and custom fields."""
    collection = call.named["collection"]
    name = f"{call.connection}.{collection}"
    fields = dict(call.body.get(singular(collection), {}))
    record_id = exports.next_id(name)
    schema = exports.schema(name)
    values: Row = {"id": record_id, **columns(exports, name, fields)}
    if "currency_base_unit" in schema and values.get("currency"):
        values["currency_base_unit"] = _base_unit(exports, values["currency"])
    values |= {column: [] for column, kind in schema.items() if kind.is_nested() and column.endswith("_ids")}
    exports.add(name, values)
    if fields.get("external_reference"):
        refer(exports, call.connection, _SUBJECTS.get(collection, collection), record_id, fields["external_reference"])
    for label, value in (fields.get("custom_fields") or {}).items():
        set_custom_field(exports, call.connection, _SUBJECTS.get(collection, collection), record_id, label, value)
    return record_id


def set_custom_field(
    exports: Exports, connection: str, subject_type: str, subject_id: str, label: str, value: object
) -> str:
    """Set a custom field of a subject, making its value where there was none."""
    name = f"{connection}.custom_field_values"
    for known in exports.find(name, "subject_id", subject_id):
        if known["subject_type"] == subject_type and known["custom_field_name"] == label:
            exports.update(name, known["id"], {"value": value, "display_value": value})
            return str(known["id"])
    frame = exports.find(name, "custom_field_name", label)
    like = frame[0] if frame else {"custom_field_id": exports.next_id(name), "type": "string"}
    value_id = exports.next_id(name)
    exports.add(
        name,
        {
            "id": value_id, "subject_type": subject_type, "subject_id": subject_id, "custom_field_name": label,
            "custom_field_id": like["custom_field_id"], "type": like["type"], "value": value, "display_value": value,
        },
    )  # fmt: skip
    return value_id


def _set_value(exports: Exports, call: Call) -> str:
    """Change a custom field's value, shown text and all."""
    value = call.body.get("custom_field_value", {}).get("value")
    name = f"{call.connection}.custom_field_values"
    exports.update(name, call.named["id"], {"value": value, "display_value": value})
    return call.named["id"]


def _refer(exports: Exports, call: Call) -> str:
    """``external_references/create_or_update``."""
    body = call.body["external_reference"]
    return refer(exports, call.connection, body["subject_type"], str(body["subject_id"]), body)


def _cancel(exports: Exports, call: Call) -> str:
    """Cancel the copy of an invoice: its status is not writable otherwise."""
    exports.update(f"{call.connection}.invoices", call.named["id"], {"status": "cancelled"})
    return call.named["id"]


def _base_unit(exports: Exports, currency: object) -> int:  # noqa: ARG001 - the same for every sandbox
    from ingest.sandbox.firm import CURRENCIES

    known = CURRENCIES.get(str(currency))
    return known.base_unit if known else 100


def _list_id(exports: Exports, connection: str, subject_type: str, subject_id: str, reference_id: str) -> None:
    """A subject lists the ids of its references."""
    collection = next((name for name, kind in _SUBJECTS.items() if kind == subject_type), None)
    if collection is None:
        return
    name = f"{connection}.{collection}"
    subject = exports.get(name, subject_id)
    if subject is not None and "external_reference_ids" in exports.schema(name):
        known = [*(subject["external_reference_ids"] or []), reference_id]
        exports.update(name, subject_id, {"external_reference_ids": known})


HANDLERS = (
    Handler("PUT", f"{_API}/custom_field_values/{{id}}.json", _set_value),
    Handler("POST", f"{_API}/external_references/create_or_update", _refer),
    Handler("PUT", f"{_API}/invoices/{{id}}/cancel", _cancel),
    Handler("PUT", f"{_API}/{{collection}}/{{id}}.json", _update),
    Handler("POST", f"{_API}/{{collection}}.json", create),
)
