"""Noise: a task was opened again for a small thing after the customer had accepted it; the acceptance stands."""

from __future__ import annotations

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import choose, milestones_billed
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, milestones_billed(world), share, salt="noise/task_reopened", key="milestone")
    again = {"state": "started", "status": "Started", "percentage_complete": 95}
    set_rows(world, "kantata.stories", chosen["story"].to_list(), "id", again)
    records = [[record("kantata", "billing_milestones", one)] for one in chosen["milestone"].to_list()]
    return [{"records": one, "expected_status": "nothing"} for one in records]


FAULT = Fault(
    pattern="task_reopened",
    check="K30",
    stage="recognised",
    rates=shares(0.03, 0.03, 0.03),
    inject=_inject,
    is_noise=True,
)
