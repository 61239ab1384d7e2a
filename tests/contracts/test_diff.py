"""Every row of the table of breaking changes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contracts.diff import ContractBroken, Level, bumped, diff, refuse_breaking
from contracts.entities.invoice import CONTRACT
from contracts.odcs import odcs
from contracts.ownership import load_ownership

Edit = Callable[[dict[str, Any]], None]
RELEASED = odcs(CONTRACT, load_ownership())


def column(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(found for found in document["schema"][0]["properties"] if found["name"] == name)


def changed(edit: Edit) -> dict[str, Any]:
    document = copy.deepcopy(RELEASED)
    edit(document)
    return document


def drop(name: str) -> Edit:
    return lambda document: document["schema"][0]["properties"].remove(column(document, name))


def add(**said: Any) -> Edit:
    return lambda document: document["schema"][0]["properties"].append(
        {"name": "margin", "physicalType": "date", **said}
    )


def say(name: str, **said: Any) -> Edit:
    return lambda document: column(document, name).update(said)


def of_object(**said: Any) -> Edit:
    return lambda document: document["schema"][0].update(said)


CUSTOM = [{"property": "unit", "value": "thousands"}]

CASES: list[tuple[str, Edit, Level, Level]] = [
    ("nothing", lambda document: None, Level.NONE, Level.NONE),
    ("a column is removed", drop("due_on"), Level.MAJOR, Level.NONE),
    ("an optional column is added", add(required=False), Level.MINOR, Level.NONE),
    ("a required column is added", add(required=True), Level.MINOR, Level.MAJOR),
    ("another type", say("due_on", physicalType="string"), Level.MAJOR, Level.NONE),
    ("a narrower decimal", say("net_amount", physicalType="decimal(12,4)"), Level.MAJOR, Level.NONE),
    ("a wider decimal", say("net_amount", physicalType="decimal(24,4)"), Level.MINOR, Level.NONE),
    ("another scale", say("net_amount", physicalType="decimal(24,6)"), Level.MAJOR, Level.NONE),
    ("no longer required", say("source_id", required=False), Level.MAJOR, Level.NONE),
    ("now required", say("due_on", required=True), Level.MINOR, Level.MAJOR),
    (
        "an allowed value more",
        say("kind", enum=[{"value": v} for v in ("invoice", "credit", "fee")]),
        Level.MINOR,
        Level.NONE,
    ),
    ("an allowed value less", say("kind", enum=[{"value": "invoice"}]), Level.MINOR, Level.MAJOR),
    ("any value allowed", say("kind", enum=None), Level.MAJOR, Level.NONE),
    ("a bound is gone", say("exchange_rate", logicalTypeOptions={}), Level.MAJOR, Level.NONE),
    ("a bound is new", say("net_amount", logicalTypeOptions={"minimum": 0}), Level.MINOR, Level.MAJOR),
    (
        "personal data is lowered",
        lambda d: column(d, "document_number").update(classification="public"),
        Level.MAJOR,
        Level.NONE,
    ),
    ("personal data is raised", say("document_number", classification="personal"), Level.MINOR, Level.NONE),
    ("another unit", say("net_amount", customProperties=CUSTOM), Level.MAJOR, Level.NONE),
    ("other words", say("net_amount", description="Net."), Level.PATCH, Level.NONE),
    ("another grain", of_object(dataGranularityDescription="One row per customer."), Level.MAJOR, Level.NONE),
    ("a view now", of_object(physicalType="view"), Level.MAJOR, Level.NONE),
    ("a rule is gone", of_object(quality=[]), Level.MAJOR, Level.NONE),
    ("another key", say("document_number", primaryKey=True, primaryKeyPosition=3), Level.MAJOR, Level.NONE),
]


@pytest.mark.parametrize(("case", "edit", "reader", "writer"), CASES, ids=[case for case, *_ in CASES])
def test_a_change_is_judged_for_readers_and_writers(case: str, edit: Edit, reader: Level, writer: Level) -> None:
    changes = diff(RELEASED, changed(edit))
    assert max((change.reader for change in changes), default=Level.NONE) is reader, case
    assert max((change.writer for change in changes), default=Level.NONE) is writer, case


def test_a_breaking_change_needs_a_new_major() -> None:
    broken = changed(drop("due_on"))
    for version in ("1.0.0", "1.9.0"):
        with pytest.raises(ContractBroken, match=r"invoice.due_on: removed \(major\).*must be 2.0.0 or higher"):
            refuse_breaking(RELEASED, broken | {"version": version})
    refuse_breaking(RELEASED, broken | {"version": "2.0.0"})


def test_an_addition_needs_a_new_minor() -> None:
    with pytest.raises(ContractBroken, match="must be 1.1.0 or higher"):
        refuse_breaking(RELEASED, changed(add(required=False)))


def test_versions_rise_by_level() -> None:
    assert [bumped("1.2.3", level) for level in Level] == ["1.2.3", "1.2.4", "1.3.0", "2.0.0"]
