"""The sandbox: a synthetic but faithful professional-services firm.

`new` grows a clean firm stage by stage (sales, delivery, integration, billing, recognition, feedback, plans), lets
labelled faults and noise strike between the stages, and writes what each system would export. `ingest.sandbox.apply`
plays the systems, and the people, that carry out a batch of corrections.
"""

from __future__ import annotations

import getpass
import importlib
import json
import os
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.errors import TieoutError

if TYPE_CHECKING:
    from ingest.sandbox.fault import Fault, Truth
    from ingest.sandbox.world import World

__all__ = ["STACKS", "Sandbox", "SandboxMisuse", "grow", "new"]

#: The stacks the sandbox can play: connections, each with the role it plays.
STACKS: tuple[str, ...] = ("salesforce+kantata+netsuite",)

#: Stage of the world -> the function that plays it, in the order of `world.STAGES`.
_STAGES: dict[str, str] = {
    "sold": "salesforce.sell",
    "delivered": "kantata.deliver",
    "integrated": "netsuite.integrate",
    "billed": "netsuite.bill",
    "recognised": "netsuite.recognise",
    "copied": "feedback.copy",
    "planned": "kantata_plans.plan",
}

#: Frames of millions of rows are made and dropped all the time: what was dropped is kept a while to be used again, and
#: not given back to the operating system at once. Polars reads this when it is first imported.
_MEMORY = "dirty_decay_ms:20000"


class SandboxMisuse(TieoutError):
    """The sandbox was asked for something it cannot play."""


@dataclass(frozen=True)
class Sandbox:
    """What was written: where, how many rows per connection, how many faults and noises."""

    path: Path
    size: int
    seed: int
    faults: str
    as_of: str
    rows: dict[str, int]
    fault_count: int
    noise_count: int


def new(
    path: Path | str,
    *,
    size: int = 200,
    seed: int = 7,
    faults: str = "typical",
    stack: str = STACKS[0],
    months: int = 15,
    only: tuple[str, ...] = (),
) -> Sandbox:
    """Write a synthetic firm: exports, ``tieout.yml`` and, unless `faults` is ``none``, the truth about its faults.

    The same arguments give the same files. `only` restricts the faults to some patterns or checks. A folder that holds
    something other than a sandbox is refused.
    """
    os.environ.setdefault("_RJEM_MALLOC_CONF", _MEMORY)
    from ingest.sandbox.writer import write_exports

    folder = Path(path)
    _refuse(folder, size=size, faults=faults, stack=stack, months=months)
    world, truth, noise = grow(size=size, seed=seed, faults=faults, months=months, only=only)
    for stale in ("exports", "truth", "batches", ".sandbox", ".tieout"):
        shutil.rmtree(folder / stale, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / ".sandbox" / "firm.json", [{"size": size, "seed": seed, "months": months}])
    write_exports(folder / "exports", world.frames, world.firm.watermark)
    _write_lines(folder / "truth" / "faults.jsonl", truth)
    _write_lines(folder / "truth" / "noise.jsonl", noise)
    (folder / "tieout.yml").write_text(_project_file(world), "utf-8")
    return Sandbox(
        path=folder,
        size=size,
        seed=seed,
        faults=faults,
        as_of=world.as_of().isoformat(),
        rows=_row_counts(world),
        fault_count=len(truth),
        noise_count=len(noise),
    )


def grow(
    *, size: int, seed: int, faults: str = "none", months: int = 15, only: tuple[str, ...] = ()
) -> tuple[World, list[Truth], list[Truth]]:
    """Grow the world in memory: its frames, the truth about its faults, and the truth about its noise."""
    from ingest.sandbox.fault import numbered
    from ingest.sandbox.firm import Firm
    from ingest.sandbox.world import World

    world = World(Firm(size=size, seed=seed, months=months))
    striking = _striking(faults, only)
    rows: list[tuple[Fault, list[Truth]]] = []
    for stage, function in _STAGES.items():
        module, name = function.split(".")
        getattr(importlib.import_module(f"ingest.sandbox.{module}"), name)(world)
        rows += [(fault, fault.inject(world, fault.rates[faults])) for fault in striking.get(stage, ())]
    truth: list[Truth] = []
    noise: list[Truth] = []
    for fault, found in rows:
        settled = fault.settle(world, found) if fault.settle else found
        (noise if fault.is_noise else truth).extend(numbered(settled, fault, seed))
    return world, truth, noise


def _striking(faults: str, only: tuple[str, ...]) -> dict[str, list[Fault]]:
    """The faults of a level by the stage after which they strike, roots first: in the order of their checks."""
    from contracts.registry import discover

    if faults == "none":
        return {}
    known: dict[str, Fault] = discover("ingest.sandbox.faults", "FAULT")
    unknown = set(only) - {name for fault in known.values() for name in (fault.pattern, fault.check)}
    if unknown:
        raise SandboxMisuse(f"--only {min(unknown)}: no fault has this pattern or check. See ingest/sandbox/faults.")
    by_stage: dict[str, list[Fault]] = defaultdict(list)
    for fault in sorted(known.values(), key=lambda one: (one.is_noise, one.check, one.pattern)):
        if not only or fault.pattern in only or fault.check in only:
            by_stage[fault.stage].append(fault)
    return by_stage


def _refuse(folder: Path, *, size: int, faults: str, stack: str, months: int) -> None:
    from ingest.sandbox.fault import LEVELS

    if stack not in STACKS:
        raise SandboxMisuse(f"--stack {stack}: the sandbox plays {', '.join(STACKS)}. Choose one of these.")
    if faults not in LEVELS:
        raise SandboxMisuse(f"--faults {faults}: not a level. Choose one of {', '.join(LEVELS)}.")
    if not 40 <= size <= 20_000:
        raise SandboxMisuse(f"--size {size}: a sandbox has 40 to 20,000 consultants.")
    if not 3 <= months <= 60:
        raise SandboxMisuse(f"--months {months}: a sandbox has 3 to 60 months of history.")
    if folder.exists() and any(folder.iterdir()) and not (folder / ".sandbox").is_dir():
        raise SandboxMisuse(f"{folder} is not empty and holds no sandbox. Name a new or an empty folder.")


def _project_file(world: World) -> str:
    from ingest.sandbox.ns_intercompany import rates_of

    firm = world.firm
    connections = "\n".join(
        f"  {name + ':':<12}{{system: {name}, mode: files, path: exports/{name}}}" for name in STACKS[0].split("+")
    )
    recharged = "\n".join(
        f"      - {{performer: {one.performer}, rate: {one.rate}, currency: {one.currency}"
        + ("}" if one.from_month is None else f", valid_from: {one.from_month // 12}-01-01}}")
        for one in rates_of(firm)
    )
    return f"""\
firm: Northway Consulting
base_currency: USD
time_zone: America/New_York
as_of: {world.as_of().isoformat()}
start_on: {firm.start_on.isoformat()}
connections:
{connections}
books:
  primary:
    intercompany:
{recharged}
    cost_ledger: [labour, subcontractors]
people:
  ana:  {{roles: [analyst]}}
  carl: {{roles: [controller], limits: {{USD: 250000}}}}
  cleo: {{roles: [controller]}}
act_for: {{{_user()}: [ana, carl, cleo]}}
"""


def _user() -> str:
    """The operating-system user, who may act for the people of a sandbox."""
    return getpass.getuser()


def _row_counts(world: World) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for name, frame in sorted(world.frames.items()):
        counts[name.split(".", 1)[0]] += frame.height
    return dict(counts)


def _write_lines(path: Path, rows: list[Truth]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows]
    path.write_text("".join(lines), "utf-8")
