"""The sandbox's systems carry out a batch: with preconditions, by key, once."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.errors import ConfigError
from ingest.sandbox.apply import apply_batch
from ingest.sandbox.exports import Exports, NoSuchRecord
from ingest.sandbox.handlers.netsuite import hours
from tests.app.world import write_exports

NS = "/services/rest/record/v1"


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    write_exports(tmp_path, entries=3, posted=2)
    return tmp_path


def action(number: int, method: str, path: str, body: dict[str, Any] | None = None, **facts: Any) -> dict[str, Any]:
    system = facts.pop("system", "netsuite")
    target = {
        "connection": system,
        "system": system,
        "object": facts.pop("object", "timebill"),
        **facts.pop("target", {}),
    }
    return {
        "action_id": f"ACT-{number}", "idempotency_key": f"key-{number}", "group_id": "GRP-1", "sequence": number,
        "depends_on": [], "precondition": [], "changes": [], "target": target,
        "request": {"method": method, "path": path, "headers": {}, "body": body or {}, **facts.pop("task", {})},
        **facts,
    }  # fmt: skip


def batch(root: Path, *actions: dict[str, Any], name: str = "BAT-1") -> Path:
    folder = root / "batches" / name
    folder.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(one) + "\n" for one in actions).encode()
    (folder / "actions.jsonl").write_bytes(content)
    manifest = {"files": {"actions.jsonl": {"sha256": hashlib.sha256(content).hexdigest()}}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def outcomes(root: Path, *actions: dict[str, Any], name: str = "BAT-1") -> list[str]:
    return [str(one["outcome"]) for one in apply_batch(root, batch(root, *actions, name=name))]


def test_a_keyed_create_makes_the_record_once(firm: Path) -> None:
    create = action(
        1, "PUT", f"{NS}/timebill/eid:KAN-TE-1002", {"hours": "7:45", "isBillable": True, "employee": {"id": "1"}}
    )

    assert outcomes(firm, create) == ["applied"]

    (made,) = Exports(firm).find("netsuite.timebill", "externalid", "KAN-TE-1002")
    assert (made["id"], made["hours"], made["employee"], made["approvalstatus"]) == (
        "5002",
        Decimal("7.7500"),
        "1",
        "3",
    )


def test_the_same_key_in_another_batch_is_answered_not_repeated(firm: Path) -> None:
    delete = action(1, "DELETE", f"{NS}/timebill/5000")
    assert outcomes(firm, delete) == ["applied"]
    assert outcomes(firm, delete, name="BAT-2") == ["already_applied"]


def test_applying_a_batch_again_changes_no_byte(firm: Path) -> None:
    folder = batch(firm, action(1, "PATCH", f"{NS}/timebill/5000", {"hours": "2"}))
    apply_batch(firm, folder)
    before = {path: path.read_bytes() for path in sorted(firm.rglob("*")) if path.is_file()}

    apply_batch(firm, folder)

    assert {path: path.read_bytes() for path in sorted(firm.rglob("*")) if path.is_file()} == before


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ({"field": "hours", "op": "eq", "value": "1.50"}, "applied"),
        ({"field": "hours", "op": "eq", "value": "9"}, "refused"),
        ({"field": "externalId", "op": "exists"}, "applied"),
        ({"field": "externalId", "op": "absent"}, "refused"),
        ({"field": "rate", "op": "absent"}, "applied"),
        ({"field": "nonsense", "op": "absent"}, "failed"),
    ],
)
def test_a_precondition_is_read_from_the_record_as_it_is_now(
    firm: Path, condition: dict[str, str], outcome: str
) -> None:
    change = action(
        1, "PATCH", f"{NS}/timebill/5000", {"isBillable": False}, target={"record_id": "5000"}, precondition=[condition]
    )
    assert outcomes(firm, change) == [outcome]


def test_an_action_whose_predecessor_was_refused_is_refused(firm: Path) -> None:
    first = action(1, "DELETE", f"{NS}/timebill/999")
    second = action(2, "PATCH", f"{NS}/timebill/5000", {"hours": "2"}, depends_on=["ACT-1"])
    assert outcomes(firm, first, second) == ["refused", "refused"]


def test_a_call_the_system_does_not_take_is_refused_with_its_name(firm: Path) -> None:
    (answer,) = apply_batch(firm, batch(firm, action(1, "POST", f"{NS}/unheard/of")))
    assert (answer["outcome"], answer["message"]) == ("refused", f"netsuite does not take POST {NS}/unheard/of")


def test_a_task_is_done_by_the_person_field_by_field(firm: Path) -> None:
    changes = [{"object": "timebill", "id": "5000", "field": "isBillable", "to": False},
               {"object": "timebill", "id": "5001", "field": "hours", "to": "3"}]  # fmt: skip
    assert outcomes(firm, action(1, "TASK", "", task={"queue": "finance", "changes": changes})) == ["applied"]

    exports = Exports(firm)
    assert exports.must("netsuite.timebill", "5000")["isbillable"] is False
    assert exports.must("netsuite.timebill", "5001")["hours"] == 3


def test_a_change_carries_its_time_and_moves_the_watermark_of_every_system(firm: Path) -> None:
    before = Exports(firm).watermark
    outcomes(firm, action(1, "PATCH", f"{NS}/timebill/5000", {"hours": "2"}))

    after = Exports(firm)
    changed = after.must("netsuite.timebill", "5000")["lastmodifieddate"]
    assert before < changed < after.watermark
    manifests = {json.loads(path.read_text())["extracted_at"] for path in firm.glob("exports/*/_manifest.json")}
    assert len(manifests) == 1


def test_kantata_takes_references_and_fields_by_name(firm: Path) -> None:
    reference = {"external_reference": {"subject_type": "Workspace", "subject_id": "7", "service_name": "netsuite",
                                        "service_model": "job", "service_model_ref": "42"}}  # fmt: skip
    link = action(
        1, "POST", "/api/v1/external_references/create_or_update", reference, system="kantata", object="workspaces"
    )
    again = {**link, "action_id": "ACT-2", "idempotency_key": "key-2"}
    move = action(3, "PUT", "/api/v1/time_entries/1000.json", {"time_entry": {"workspace_id": "70"}}, system="kantata",
                  object="time_entries")  # fmt: skip

    assert outcomes(firm, link, again, move) == ["applied", "applied", "applied"]

    exports = Exports(firm)
    assert exports.frame("kantata.external_references").height == 1
    assert exports.must("kantata.time_entries", "1000")["workspace_id"] == "70"


def test_exports_find_change_add_and_remove_single_records(firm: Path) -> None:
    exports = Exports(firm)
    exports.update("netsuite.timebill", "5000", {"employee": "77"})
    added = exports.add("netsuite.timebill", {"id": exports.next_id("netsuite.timebill"), "employee": "77"})
    exports.remove("netsuite.timebill", "5001")

    assert [row["id"] for row in exports.find("netsuite.timebill", "employee", "77")] == ["5000", added]
    assert exports.frame("netsuite.timebill")["id"].to_list() == ["5000", added]
    assert isinstance(exports.frame("netsuite.timebill"), pl.DataFrame)
    with pytest.raises(NoSuchRecord):
        exports.must("netsuite.timebill", "5001")


def test_hours_are_read_as_the_interface_writes_them() -> None:
    assert [hours("7:45"), hours("0:20"), hours("2.5")] == [Decimal("7.7500"), Decimal("0.3333"), Decimal("2.5")]


def test_a_folder_without_exports_is_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no sandbox"):
        apply_batch(tmp_path, tmp_path)
