"""What a fault of the sandbox is: something that goes wrong in a firm, labelled with what a check must find.

A file of `ingest/sandbox/faults/` offers one `FAULT`. It strikes after one stage of the world (see `world.STAGES`), so
that everything downstream follows from it as it would in life, and says what it did as truth rows. Patterns that only
look like faults (late but arriving, pending, rounding) are noise: same type, `is_noise`, with the status they must get.

A truth row of a fault: ``{"root": {connection, object, id}, "injected_on": date, "visible_from": date, "expected":
[{check, break_type, money, currency, records: [{connection, object, id}], owner, at_fault, action_kind}],
"consequences": [check, ...]}``; `action_kind` is the kind of the first call of the correction. A truth row of noise:
``{"records": [...], "expected_status": "timing" | "nothing"}``. `fault_id`, `pattern` and `seed` are
added when they are written. Money is text with two decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from ingest.sandbox.world import STAGES, World, draw

__all__ = ["LEVELS", "Fault", "Truth", "expected", "numbered", "pick", "record", "with_kind"]

#: How badly a firm is run, from the best to the poorest. `none` injects nothing.
LEVELS: tuple[str, ...] = ("none", "best", "typical", "poor")

Truth = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One pattern: its check, the stage after which it strikes, and its share of the stated unit at each level.

    `inject` changes the frames of the world and returns the truth rows. `settle`, when given, completes these rows at
    the end, when everything downstream has happened (money that only later stages decide).
    """

    pattern: str
    check: str
    stage: str
    rates: Mapping[str, float]
    inject: Callable[[World, float], list[Truth]]
    settle: Callable[[World, list[Truth]], list[Truth]] | None = None
    is_noise: bool = False

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"Fault {self.pattern}: no stage {self.stage!r}. Stages: {', '.join(STAGES)}.")
        missing = set(LEVELS[1:]) - set(self.rates)
        if missing:
            raise ValueError(f"Fault {self.pattern}: no rate for {', '.join(sorted(missing))}.")


def record(connection: str, name: str, record_id: str) -> dict[str, str]:
    """A record as the truth files name it."""
    return {"connection": connection, "object": name, "id": str(record_id)}


def expected(
    check: str,
    break_type: str,
    money: Decimal | int,
    currency: str | None,
    records: list[dict[str, str]],
    *,
    at_fault: str,
    owner: str,
    action_kind: str,
) -> dict[str, Any]:
    """One break that a check must find, as the truth files hold it."""
    return {
        "check": check,
        "break_type": break_type,
        "money": f"{Decimal(money):.2f}",
        "currency": currency,
        "records": records,
        "owner": owner,
        "at_fault": at_fault,
        "action_kind": action_kind,
    }


def with_kind(row: Truth, kind: str | None) -> Truth:
    """A truth row whose breaks are corrected by another kind of action; as it is without one."""
    return {**row, "expected": [{**want, "action_kind": kind or want["action_kind"]} for want in row["expected"]]}


def pick(
    world: World, candidates: pl.DataFrame, share: float, *, salt: str, key: str = "id", alone: str | None = None
) -> pl.DataFrame:
    """The candidates a fault strikes: `share` of them, at least one, the same for the same seed.

    With `alone`, a column of business keys (an agreement, a customer), candidates of keys that another fault already
    struck are left out, at most one candidate is taken per key, and its key is marked: faults stay apart, so that the
    money of each is its own.
    """
    if share <= 0 or candidates.is_empty():
        return candidates.clear()
    wanted = max(1, round(candidates.height * share))
    ranked = candidates.with_columns(_draw=pl.Series(draw(candidates[key], salt, world.firm.seed))).sort("_draw", key)
    if alone is not None:
        ranked = ranked.filter(pl.col(alone).is_not_null() & ~world.is_taken(alone))
        ranked = ranked.unique(subset=[alone], keep="first", maintain_order=True)
    chosen = ranked.head(wanted).drop("_draw")
    if alone is not None:
        world.taken.update(chosen[alone].to_list())
    return chosen.sort(key)


def numbered(rows: list[Truth], fault: Fault, seed: int) -> list[Truth]:
    """Truth rows with their ids, in the order in which the pattern gave them."""
    prefix = "N" if fault.is_noise else "F"
    return [
        {
            "fault_id": f"{prefix}-{fault.check}-{fault.pattern}-{number:04d}",
            "pattern": fault.pattern,
            "seed": seed,
            **row,
        }
        for number, row in enumerate(rows, 1)
    ]
