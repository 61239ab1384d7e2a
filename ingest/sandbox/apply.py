"""Carries out a batch on a sandbox: plays the target systems, and the person for tasks, on the export files.

Each action is judged as the system would: a key seen before is answered `already_applied`, a precondition that no
longer holds is `refused`, and so is an action whose predecessor was not applied. Then the systems do what they do by
themselves, the changed streams are written back with a later watermark, and ``results.jsonl`` answers line by line.
Applying the same batch twice changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from contracts.errors import ConfigError
from contracts.native import TASK, with_results
from contracts.registry import discover
from ingest.sandbox.call import After, Call, Handler, Refused
from ingest.sandbox.exports import Exports, NoSuchRecord, coerced
from ingest.sandbox.objects import column_of, stream_of

__all__ = ["apply_batch"]

RESULTS = "results.jsonl"
#: The actions of a batch by id, each with its place.
_Batch = Mapping[str, tuple[int, Mapping[str, Any]]]


@dataclass
class _Ledger:
    """Keys of calls that were carried out, with the record each made or changed."""

    path: Path
    done: dict[str, str | None] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> _Ledger:
        ledger = cls(path)
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            entry = json.loads(line)
            ledger.attempts[entry["key"]] = entry["attempts"]
            if entry["applied"]:
                ledger.done[entry["key"]] = entry["record_id"]
        return ledger

    def write(self) -> None:
        lines = [
            json.dumps({"key": key, "applied": key in self.done, "record_id": self.done.get(key), "attempts": attempts})
            for key, attempts in sorted(self.attempts.items())
        ]
        _replace(self.path, "".join(f"{line}\n" for line in lines))


def apply_batch(folder: Path, batch: Path) -> list[dict[str, Any]]:
    """Carry out the batch in the folder `batch` on the sandbox in `folder`; returns the answers, in its order."""
    if not (folder / "exports").is_dir():
        raise ConfigError(
            "This is no sandbox: it has no exports", where=str(folder), then="Make one: tieout sandbox new."
        )
    actions = _actions(batch)
    answered = {row["action_id"]: row for row in _lines(batch / RESULTS)}
    exports = Exports(folder)
    ledger = _Ledger.read(folder / ".sandbox" / "ledger.jsonl")
    applied = {name for name, row in answered.items() if row["outcome"] in ("applied", "already_applied")}
    answers: list[dict[str, Any]] = []
    by_id = {action["action_id"]: (place, action) for place, action in enumerate(actions)}
    for action in actions:
        known = answered.get(action["action_id"])
        answer = (
            known
            if known and known["outcome"] in ("applied", "already_applied")
            else _play(action, exports, ledger, applied, by_id)
        )
        if answer["outcome"] in ("applied", "already_applied"):
            applied.add(action["action_id"])
        answers.append(answer)
    if any(answer["outcome"] == "applied" and answer is not answered.get(answer["action_id"]) for answer in answers):
        for after in _after(exports.connections):
            after(exports)
    exports.save()
    ledger.write()
    _replace(batch / RESULTS, "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers))
    return answers


def _play(
    action: Mapping[str, Any], exports: Exports, ledger: _Ledger, applied: set[str], batch: _Batch
) -> dict[str, Any]:
    """Carry out one action and answer."""
    key = action["idempotency_key"]
    ledger.attempts[key] = ledger.attempts.get(key, 0) + 1
    if key in ledger.done:
        return _answer(action, exports, ledger, "already_applied", ledger.done[key], "this key was carried out before")
    waiting = [name for name in action["depends_on"] if name in batch and name not in applied]
    try:
        if waiting:
            raise Refused(f"{waiting[0]} comes first and was not applied")
        action = _with_answers(action, ledger, batch)
        _check(action, exports)
        record_id = _task(action, exports) if action["request"]["method"] == TASK else _call(action, exports)
    except (Refused, NoSuchRecord) as refusal:
        return _answer(action, exports, ledger, "refused", None, str(refusal))
    except (LookupError, ValueError, InvalidOperation) as error:
        return _answer(action, exports, ledger, "failed", None, f"{type(error).__name__}: {error}")
    ledger.done[key] = record_id
    return _answer(action, exports, ledger, "applied", record_id, "")


def _with_answers(action: Mapping[str, Any], ledger: _Ledger, batch: _Batch) -> Mapping[str, Any]:
    """The action with the ids that the calls it depends on were answered with."""
    before = sorted(batch[name] for name in action["depends_on"] if name in batch)
    results = {one["sequence"]: ledger.done.get(one["idempotency_key"]) for _, one in before}
    return {**action, **{part: with_results(action[part], results) for part in ("target", "request", "changes")}}


def _call(action: Mapping[str, Any], exports: Exports) -> str | None:
    """Send a native call to the handler that plays it."""
    request = action["request"]
    handler, named = _route(action["target"]["system"], request["method"], request["path"])
    call = Call(request["method"], request["path"], named, request.get("body") or {}, action)
    return handler.play(exports, call)


def _task(action: Mapping[str, Any], exports: Exports) -> str | None:
    """Do what a person is asked to: make every change listed."""
    record_id = action["target"].get("record_id")
    system = action["target"]["system"]
    for change in action["request"]["changes"]:
        path = f"{change.get('object', '')}.{change.get('field', '')}"
        try:
            handler, named = _route(system, TASK, path)
        except Refused:
            name = stream_of(action["target"]["connection"], system, change["object"])
            exports.update(
                name, str(change["id"]), {column_of(system, change["field"], exports.schema(name)): change.get("to")}
            )
        else:
            record_id = handler.play(exports, Call(TASK, path, named, change, action)) or record_id
    return record_id


def _check(action: Mapping[str, Any], exports: Exports) -> None:
    """Raise `Refused` when a precondition no longer holds in the record as it is now."""
    if not action["precondition"]:
        return
    target = action["target"]
    name = stream_of(target["connection"], target["system"], target["object"])
    record = _record(exports, name, target)
    schema = exports.schema(name)
    for condition in action["precondition"]:
        column = column_of(target["system"], condition["field"], schema)
        now = record.get(column) if record else None
        wanted = coerced(condition.get("value"), schema[column])
        held = {"absent": now is None, "exists": now is not None, "eq": _same(now, wanted)}[condition["op"]]
        if not held:
            expected = {"absent": "nothing", "exists": "a value"}.get(condition["op"], repr(wanted))
            raise Refused(f"{condition['field']} is {now!r}, expected {expected}")


def _record(exports: Exports, name: str, target: Mapping[str, Any]) -> dict[str, Any] | None:
    if target.get("record_id"):
        return exports.get(name, target["record_id"])
    column = "externalid" if "externalid" in exports.schema(name) else None
    if target.get("external_id") and column:
        return next(iter(exports.find(name, column, target["external_id"])), None)
    return None


def _same(left: object, right: object) -> bool:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return left == right
    return left == right or (left is not None and right is not None and str(left) == str(right))


def _route(system: str, method: str, path: str) -> tuple[Handler, dict[str, str]]:
    plain = path.partition("?")[0]
    for handler in _handlers(system):
        named = handler.match(method, plain)
        if named is not None:
            return handler, {name: unquote(value) for name, value in named.items()}
    raise Refused(f"{system} does not take {method} {path}")


@cache
def _modules() -> dict[str, tuple[Handler, ...]]:
    return discover("ingest.sandbox.handlers", "HANDLERS")


@cache
def _handlers(system: str) -> tuple[Handler, ...]:
    """The handlers of a system, the most literal paths first."""
    found = [
        one for name, group in _modules().items() if name == system or name.startswith(f"{system}_") for one in group
    ]
    return tuple(sorted(found, key=lambda one: (one.generality, -len(one.path))))


def _after(systems: Iterable[str]) -> list[After]:
    """What the systems do by themselves, in the order of the modules."""
    import importlib

    found: list[After] = []
    for system in systems:
        for name in _modules():
            if name == system or name.startswith(f"{system}_"):
                found += getattr(importlib.import_module(f"ingest.sandbox.handlers.{name}"), "AFTER", ())
    return found


def _answer(
    action: Mapping[str, Any], exports: Exports, ledger: _Ledger, outcome: str, record_id: str | None, message: str
) -> dict[str, Any]:
    """One line of ``results.jsonl``."""
    content = json.dumps([action["idempotency_key"], outcome, record_id, message])
    return {
        "action_id": action["action_id"],
        "idempotency_key": action["idempotency_key"],
        "attempt": ledger.attempts[action["idempotency_key"]],
        "outcome": outcome,
        "record_id": record_id,
        "message": message,
        "response_hash": hashlib.sha256(content.encode()).hexdigest(),
        "at": f"{exports.now.isoformat(timespec='seconds')}Z",
    }


def _actions(batch: Path) -> list[dict[str, Any]]:
    """The actions of a batch, after checking them against its manifest."""
    try:
        manifest = json.loads((batch / "manifest.json").read_text("utf-8"))
        content = (batch / "actions.jsonl").read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(
            "This is no batch", where=str(batch), then="Give the folder `tieout emit` printed."
        ) from error
    if hashlib.sha256(content).hexdigest() != manifest["files"]["actions.jsonl"]["sha256"]:
        raise ConfigError("actions.jsonl was changed after it was emitted", where=str(batch), then="Emit it again.")
    return [json.loads(line) for line in content.decode().splitlines()]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, "utf-8")
    beside.replace(path)
