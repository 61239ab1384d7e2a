"""Salesforce of the sandbox: updates of objects by id, and upserts by an external id."""

from __future__ import annotations

import numpy as np

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.objects import column_of

__all__ = ["HANDLERS"]

_OBJECTS = "/services/data/v60.0/sobjects"


def _update(exports: Exports, call: Call) -> str:
    """Change fields of one object."""
    name = f"{call.connection}.{call.named['object']}"
    schema = exports.schema(name)
    values = {column_of("salesforce", field, schema): value for field, value in call.body.items()}
    exports.update(name, call.named["id"], values)
    return call.named["id"]


def _upsert(exports: Exports, call: Call) -> str:
    """Change the object that has an external id, or make it."""
    name = f"{call.connection}.{call.named['object']}"
    schema = exports.schema(name)
    key = column_of("salesforce", call.named["field"], schema)
    values = {column_of("salesforce", field, schema): value for field, value in call.body.items()}
    found = exports.find(name, key, call.named["value"])
    if found:
        exports.update(name, found[0]["Id"], values)
        return str(found[0]["Id"])
    record_id = _new_id(exports, name)
    exports.add(name, {"Id": record_id, key: call.named["value"], "IsDeleted": False, **values})
    return record_id


def _new_id(exports: Exports, name: str) -> str:
    """An id of the object that no record has: its prefix, then a number counted down from the end of the range."""
    from ingest.sandbox.salesforce_ids import salesforce_ids

    frame = exports.frame(name)
    prefix = str(frame["Id"][0])[:3] if frame.height else "a00"
    number = 60_000_000 + frame.height
    while True:
        candidate = str(salesforce_ids(prefix, np.array([number]))[0])
        if exports.get(name, candidate) is None:
            return candidate
        number += 1


HANDLERS = (
    Handler("PATCH", f"{_OBJECTS}/{{object}}/{{id}}", _update),
    Handler("PATCH", f"{_OBJECTS}/{{object}}/{{field}}/{{value}}", _upsert),
)
