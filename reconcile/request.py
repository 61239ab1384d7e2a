"""Turns a vendor's template of a native call into SQL, so that thousands of calls are written by one statement.

The values of an action lie in one JSON column; a template (`contracts.native.Write`) becomes an expression over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contracts.native import Write
from contracts.sql import literal

__all__ = ["path_sql", "request_sql", "template_sql"]

_WHOLE = re.compile(r"^\{([a-z_][a-z0-9_]*)(\??)\}$")
_PART = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def request_sql(write: Write, values: str = "vals") -> str:
    """The request of a `Write`: JSON {method, path, headers, body} over the JSON column `values`."""
    parts = {
        "method": f"to_json({literal(write.method)})",
        "path": f"to_json({path_sql(write.path, values)})",
        "headers": template_sql(dict(write.headers), values),
        "body": template_sql(dict(write.body), values),
    }
    return f"json_object({', '.join(f'{literal(key)}, {sql}' for key, sql in parts.items())})"


def path_sql(path: str, values: str = "vals") -> str:
    """A text with placeholders as SQL text: ``/invoice/{record_id}``."""
    pieces = []
    for index, piece in enumerate(_PART.split(path)):
        if index % 2:
            pieces.append(f"coalesce({values} ->> '$.{piece}', '')")
        elif piece:
            pieces.append(literal(piece))
    return f"concat({', '.join(pieces)})" if pieces else "''"


def template_sql(template: Any, values: str = "vals") -> str:  # noqa: PLR0911 - one answer per kind of leaf
    """A template, nested as it may be, as SQL expression of JSON."""
    match template:
        case Mapping():
            return _object_sql(template, values)
        case list() | tuple():
            return f"json_array({', '.join(template_sql(item, values) for item in template)})"
        case str():
            whole = _WHOLE.match(template)
            if whole:
                return f"({values} -> '$.{whole[1]}')"
            return f"to_json({path_sql(template, values)})"
        case bool():
            return f"to_json({str(template).lower()})"
        case None:
            return "json('null')"
        case _:
            return f"to_json({template})"


def _object_sql(template: Mapping[str, Any], values: str) -> str:
    """An object; members whose leaf is optional (``"{memo?}"``) are left out when they have no value."""
    kept: list[str] = []
    optional: list[str] = []
    for key, item in template.items():
        is_optional = isinstance(item, str) and (found := _WHOLE.match(item)) is not None and found[2] == "?"
        (optional if is_optional else kept).append(f"{literal(key)}, {template_sql(item, values)}")
    required = f"json_object({', '.join(kept)})"
    return f"json_merge_patch({required}, json_object({', '.join(optional)}))" if optional else required
