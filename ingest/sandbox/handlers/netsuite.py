"""NetSuite of the sandbox: records that are one row (customers, jobs, time, charges, headers of transactions).

What touches lines, journals or schedules has modules of its own beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports, Row
from ingest.sandbox.objects import TRANSACTION_TYPES, column_of, stream_of

__all__ = ["HANDLERS", "columns", "delete", "hours", "upsert"]

_RECORD = "/services/rest/record/v1"
#: What a created record has unless the call says otherwise.
_DEFAULTS: dict[str, Row] = {
    "customer": {"isperson": False, "isinactive": False, "searchstage": "Customer"},
    "job": {"isinactive": False},
    "timebill": {"approvalstatus": "3", "timetype": "A"},
    "charge": {"stage": "Ready", "use": "Actual"},
}
#: Columns that a later change of a posted document may still touch.
_FREE_AFTER_POSTING = {"memo", "custbody_billing_event_key"}


def hours(text: object) -> Decimal:
    """Hours as REST writes them: ``7:45``, or a number."""
    whole, colon, minutes = str(text).partition(":")
    if not colon:
        return Decimal(whole)
    sign = -1 if whole.startswith("-") else 1
    exact = Decimal(whole) + sign * Decimal(minutes) / 60
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def columns(exports: Exports, name: str, fields: Mapping[str, Any]) -> Row:
    """The columns of an export that the fields of a call fill. Sublists (`item`, `line`) are not columns."""
    schema = exports.schema(name)
    values: Row = {}
    for field, value in fields.items():
        if isinstance(value, Mapping) and (not value or "items" in value):
            continue
        column = column_of("netsuite", field, schema)
        values[column] = hours(value) if column == "hours" and value is not None else value
    return values


def delete(exports: Exports, connection: str, record_type: str, record_id: str) -> Row:
    """Delete a record; the account keeps a note of it where it notes deletions."""
    before = exports.remove(stream_of(connection, "netsuite", record_type), record_id)
    name = f"{connection}.deletedrecord"
    try:
        schema = exports.schema(name)
    except KeyError:
        return before
    note = {"recordid": record_id, "type": record_type, "name": record_id, "deleteddate": exports.now}
    if exports.get(name, f"{record_id}/{record_type}") is None:
        exports.add(name, {column: value for column, value in note.items() if column in schema})
    return before


def _update(exports: Exports, call: Call) -> str:
    """Change fields of one record. A posted document keeps what was posted."""
    record_type = call.named["type"].lower()
    name = stream_of(call.connection, "netsuite", call.named["type"])
    before = exports.must(name, call.named["id"])
    values = columns(exports, name, call.body)
    if record_type in TRANSACTION_TYPES and before.get("posting") and set(values) - _FREE_AFTER_POSTING:
        raise Refused(f"{call.named['type']} {call.named['id']} is posted; credit or reverse it")
    exports.update(name, call.named["id"], values)
    return call.named["id"]


def upsert(exports: Exports, call: Call) -> str:
    """Change the record that has an external id, or make it."""
    record_type = call.named["type"]
    name = stream_of(call.connection, "netsuite", record_type)
    values = columns(exports, name, call.body)
    found = exports.find(name, "externalid", call.named["external"])
    if found:
        exports.update(name, found[0]["id"], values)
        return str(found[0]["id"])
    if record_type.lower() not in _DEFAULTS:
        raise Refused(f"{record_type} is not made from one row")
    record_id = _next_id(exports, call.connection, record_type.lower())
    row = {**_DEFAULTS[record_type.lower()], **values, "id": record_id, "externalid": call.named["external"]}
    schema = exports.schema(name)
    if "entityid" in schema and not row.get("entityid"):
        row["entityid"] = row.get("companyname") or record_id
    exports.add(name, row)
    return record_id


def _delete(exports: Exports, call: Call) -> str:
    """Delete a record; time that was billed stays."""
    record_id = call.named["id"]
    if call.named["type"].lower() == "timebill":
        _refuse_billed(exports, call.connection, record_id)
    delete(exports, call.connection, call.named["type"], record_id)
    return record_id


def _delete_by_key(exports: Exports, call: Call) -> str:
    """Delete the record that has an external id."""
    name = stream_of(call.connection, "netsuite", call.named["type"])
    found = exports.find(name, "externalid", call.named["external"])
    if not found:
        raise Refused(f"{call.named['type']} {call.named['external']} is not there")
    return _delete(exports, Call(call.method, call.path, {**call.named, "id": found[0]["id"]}, call.body, call.action))


def _refuse_billed(exports: Exports, connection: str, time_id: str) -> None:
    for charge in exports.find(f"{connection}.charge", "timerecord", time_id):
        if charge["invoice"] is not None:
            raise Refused(f"time {time_id} is billed on invoice {charge['invoice']}")


def _next_id(exports: Exports, connection: str, record_type: str) -> str:
    """Customers, jobs and employees share one series of ids; other records have their own."""
    entities = ("customer", "job", "employee")
    shared = entities if record_type in entities else (record_type,)
    return exports.next_id(*(f"{connection}.{one}" for one in shared))


HANDLERS = (
    Handler("PUT", f"{_RECORD}/{{type}}/eid:{{external}}", upsert),
    Handler("DELETE", f"{_RECORD}/{{type}}/eid:{{external}}", _delete_by_key),
    Handler("PATCH", f"{_RECORD}/{{type}}/{{id}}", _update),
    Handler("DELETE", f"{_RECORD}/{{type}}/{{id}}", _delete),
)
