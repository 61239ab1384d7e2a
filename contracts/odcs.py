"""A contract as an Open Data Contract Standard document: what other tools read, and what a release is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contracts.entity import Column, Contract
from contracts.ownership import Ownership

__all__ = ["API_VERSION", "odcs"]

#: Version of the standard the documents are written in.
API_VERSION = "v3.2.0"


def odcs(contract: Contract, ownership: Ownership) -> dict[str, Any]:
    """The document of one entity. Own facts (unit, sign, owner) are custom properties, as the standard asks."""
    physical = f"marts.{contract.name}" if contract.is_mart else f"intermediate.int_{contract.name}__claims"
    columns = contract.columns if contract.is_mart else contract.claims
    record = ownership.group(contract.name)
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"tieout-{contract.name.replace('_', '-')}",
        "name": contract.name,
        "version": contract.version,
        "status": "active",
        "domain": "professional services finance",
        "description": {"purpose": contract.summary},
        "schema": [
            {
                "id": contract.name,
                "name": contract.name,
                "physicalName": physical,
                "physicalType": "table" if contract.is_mart else "view",
                "logicalType": "object",
                "description": contract.summary,
                "dataGranularityDescription": contract.grain,
                "customProperties": _custom(owner=record.owner, queue=record.queue),
                "properties": [_property(contract, column, ownership) for column in columns],
                **_quality(contract),
            }
        ],
    }


def _property(contract: Contract, column: Column, ownership: Ownership) -> dict[str, Any]:
    position = contract.key.index(column.name) + 1 if column.name in contract.key else 0
    said: dict[str, Any] = {
        "id": column.name,
        "name": column.name,
        "logicalType": column.type.logical,
        "physicalType": column.type.data_type,
        "description": column.meaning,
        "required": column.is_required,
    }
    if position:
        said |= {"primaryKey": True, "primaryKeyPosition": position, "unique": len(contract.key) == 1}
    if bounds := _bounds(column):
        said["logicalTypeOptions"] = bounds
    if column.among:
        said["enum"] = [{"value": value} for value in column.among]
    if column.pii != "none":
        said["classification"] = column.pii
    if column.links_to:
        target = f"{column.links_to}.odcs.yaml#schema/{column.links_to}/properties/{column.links_to}_id"
        said["relationships"] = [{"type": "foreignKey", "to": target}]
    owner = "" if column.is_provenance or column.is_enterprise_id else _owner(contract, column, ownership)
    custom = _custom(unit=column.unit, sign=column.sign, timeZone=column.zone, sourceIdOf=column.refers_to, owner=owner)
    return said | ({"customProperties": custom} if custom else {})


def _owner(contract: Contract, column: Column, ownership: Ownership) -> str:
    """The book of record of the column, told where it is not the record's; after the moment it passes, the next."""
    group = ownership.group(contract.name, column.name)
    if group == ownership.group(contract.name):
        return ""
    return f"{group.owner}; {group.passes.to} once {group.passes.when}" if group.passes else str(group.owner)


def _bounds(column: Column) -> dict[str, int]:
    bounds = {"minimum": column.at_least, "maximum": column.at_most}
    return {name: value for name, value in bounds.items() if value is not None}


def _quality(contract: Contract) -> dict[str, Any]:
    checks = [
        {
            "id": rule.name,
            "type": "sql",
            "description": rule.message,
            "dimension": "consistency",
            "query": f"select count(*) from ${{object}} where not ({rule.predicate})",
            "mustBe": 0,
            "unit": "rows",
        }
        for rule in contract.rules
    ]
    return {"quality": checks} if checks else {}


def _custom(**facts: Any) -> list[dict[str, str]]:
    return [{"property": name, "value": str(value)} for name, value in _said(facts.items())]


def _said(facts: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    return ((name, value) for name, value in facts if value)
