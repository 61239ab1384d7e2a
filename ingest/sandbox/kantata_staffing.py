"""Who works on what: consultants staffed week by week on the lines that still have work to do.

Each seat has a main, a second and a minor assignment. An assignment lasts while its line has work for it; free ones go
to lines in proportion to the work left until their end, first within the seat's own legal entity. What a line may take
is limited by what was signed at that moment, so that no T&M line ever runs past its value.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ingest.sandbox.agreements import ROLES
from ingest.sandbox.firm import CURRENCIES, Firm
from ingest.sandbox.kantata_people import Staff
from ingest.sandbox.world import World, draw, normal

__all__ = ["SLOTS", "Lines", "Staffing", "line_arrays"]

SLOTS = np.array([0.55, 0.30, 0.15])
_WEEK_MINUTES = 2_400.0
_CLIENT = 0.83  # the rest of an assigned week is internal anyway
_NEVER = 10**6


@dataclass(frozen=True)
class Lines:
    """Signed agreement lines as arrays. Days are numbers since 1970, money is minor units, effort minutes."""

    workspace: np.ndarray
    entity: np.ndarray
    currency: np.ndarray
    timed: np.ndarray
    first: np.ndarray
    last: np.ndarray
    ends: np.ndarray
    story: np.ndarray
    tasks: np.ndarray
    travels: np.ndarray
    rate_from: np.ndarray  # line x epoch
    rates: np.ndarray  # line x epoch x role
    step_day: np.ndarray  # what is signed when: day, line, value, minutes
    step_line: np.ndarray
    step_value: np.ndarray
    step_minutes: np.ndarray


def line_arrays(world: World, lines: pl.DataFrame, items: pl.DataFrame, spaces: pl.DataFrame) -> Lines:
    """The lines of signed agreements, with what may be worked on them from which day at which rate."""
    firm = world.firm
    lines = lines.filter("signed").with_row_index("line")
    currency = (
        lines["currency"].replace_strict({c: i for i, c in enumerate(CURRENCIES)}, return_dtype=pl.Int64).to_numpy()
    )
    per_usd = np.array([c.per_usd for c in CURRENCIES.values()])[currency]
    blended = 150.0 * per_usd * lines["unit"].to_numpy()
    kind = lines["line_type"].to_numpy()
    eac = np.clip(np.exp(0.18 * normal(lines["line_key"], "line/eac", firm.seed)) * 1.06, 0.6, 1.7)
    appetite = 0.84 + 0.20 * draw(lines["line_key"], "line/appetite", firm.seed)
    factor = np.where(kind == "T&M", appetite, np.where(kind == "Managed Service", 0.95, eac))
    signed = lines["activated_at"].dt.date().cast(pl.Int32).to_numpy() + 1
    service_to = lines["service_to"].cast(pl.Int32).to_numpy()
    place = spaces.with_row_index("place").select("workspace_id", "place")
    travel = draw(lines["workspace_id"], "workspace/travels", firm.seed) < 0.12
    epochs, rates = _rate_cards(world, lines)
    steps = items.join(lines.select("line_key", "line"), on="line_key", how="inner")
    at = steps["line"].to_numpy()
    effort = np.where(
        kind[at] == "Managed Service", steps["value"].to_numpy() / blended[at], steps["planned"].to_numpy()
    )
    day = steps["activated_at"].dt.date().cast(pl.Int32).to_numpy() + 1
    day = np.where(steps["value"].to_numpy() < 0, 0, day)
    order = np.lexsort((at, day))
    entity = {e.code: i for i, e in enumerate(firm.entities)}
    return Lines(
        workspace=lines.join(place, on="workspace_id", how="left").sort("line")["place"].to_numpy().astype(np.int64),
        entity=lines["entity"].replace_strict(entity, default=0, return_dtype=pl.Int64).to_numpy(),
        currency=currency, timed=kind == "T&M",
        first=np.maximum(lines["service_from"].cast(pl.Int32).to_numpy(), signed),
        last=np.minimum(service_to, (firm.as_of - dt.date(1970, 1, 1)).days - 1), ends=service_to,
        story=lines["story_id"].to_numpy(), tasks=lines["tasks"].to_numpy(), travels=travel,
        rate_from=epochs, rates=rates, step_day=day[order], step_line=at[order],
        step_value=steps["value"].to_numpy()[order], step_minutes=(effort * 60 * factor[at])[order],
    )  # fmt: skip


def _rate_cards(world: World, lines: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rates by line, epoch and role: the agreement's own on T&M lines, list prices in its currency on all others."""
    names = {role.name: index for index, role in enumerate(ROLES)}
    card = world["salesforce.SOW_Rate__c"].filter(~pl.col("IsDeleted")).select(
        contract_id="Contract__c", role=pl.col("Role__c").replace_strict(names, default=None, return_dtype=pl.Int64),
        start=pl.col("Effective_From__c").cast(pl.Int32), cents=(pl.col("Rate__c") * 100).cast(pl.Int64),
    )  # fmt: skip
    card = card.with_columns(epoch=pl.col("start").rank("dense").over("contract_id").cast(pl.Int64) - 1)
    timed = lines.filter(pl.col("line_type") == "T&M").select("line", "contract_id", "unit")
    card = timed.join(card, on="contract_id", how="inner").drop_nulls("role")
    depth = int(card.select(pl.col("epoch").max().fill_null(0)).item()) + 1
    starts = np.full((lines.height, depth), _NEVER, dtype=np.int64)
    starts[:, 0] = 0
    unit = lines["unit"].to_numpy()
    per_usd = np.array([CURRENCIES[code].per_usd for code in lines["currency"].to_list()])
    listed = (
        np.round(np.array([role.price for role in ROLES])[None, :] * per_usd[:, None]).astype(np.int64) * unit[:, None]
    )
    rates = np.repeat(listed[:, None, :], depth, axis=1)
    line, epoch = card["line"].to_numpy(), card["epoch"].to_numpy()
    later = epoch > 0
    starts[line[later], epoch[later]] = card["start"].to_numpy()[later]
    rates[line, epoch, card["role"].to_numpy()] = (card["cents"] // (100 // card["unit"])).to_numpy()
    return starts, rates


@dataclass
class Staffing:
    """The state of staffing while the weeks go by: assignments, work left and value used per line."""

    firm: Firm
    lines: Lines
    staff: Staff
    current: np.ndarray = field(init=False)
    left: np.ndarray = field(init=False)
    cap: np.ndarray = field(init=False)
    used: np.ndarray = field(init=False)
    _done: int = 0

    def __post_init__(self) -> None:
        count = len(self.lines.workspace)
        self.current = np.full((self.firm.size, len(SLOTS)), -1, dtype=np.int64)
        self.left = np.zeros(count)
        self.cap = np.zeros(count, dtype=np.int64)
        self.used = np.zeros(count, dtype=np.int64)
        by_entity = np.argsort(self.lines.entity, kind="stable")
        self._order = by_entity
        self._bounds = np.searchsorted(self.lines.entity[by_entity], np.arange(len(self.firm.entities) + 1))

    def assign(self, monday: int, working: np.ndarray, home: np.ndarray) -> np.ndarray:
        """The line (or -1) of each seat and slot in a week."""
        lines = self.lines
        self._sign(monday)
        active = (lines.first <= monday + 4) & (lines.last >= monday) & (self.left > 30)
        weeks = np.maximum(1.0, (lines.ends - monday + 1) / 7.0)
        month = monday // 28
        tide = 0.6 + 0.8 * draw(np.arange(len(active)) * 4_096 + month, "line/tide", self.firm.seed)
        demand = np.where(active, self.left / weeks * tide, 0.0)
        self._release(monday, working, active, demand)
        minutes = _WEEK_MINUTES * SLOTS * _CLIENT
        kept = (self.current >= 0) & working[:, None]
        seat, slot = np.nonzero(kept)
        taken = np.bincount(self.current[seat, slot], weights=minutes[slot], minlength=len(active))
        self._fill(monday, working, home, np.maximum(demand - taken, 0.0), minutes)
        return np.where(working[:, None], self.current, -1)

    def book(self, line: np.ndarray, minutes: np.ndarray, value: np.ndarray) -> None:
        """Count delivered effort and value against the lines."""
        count = len(self.left)
        self.left -= np.bincount(line, weights=minutes, minlength=count)
        self.used += np.bincount(line, weights=value, minlength=count).astype(np.int64)

    def _sign(self, monday: int) -> None:
        """Add what was signed since last week to what may be worked."""
        until = int(np.searchsorted(self.lines.step_day, monday, side="right"))
        new = slice(self._done, until)
        np.add.at(self.cap, self.lines.step_line[new], self.lines.step_value[new])
        np.add.at(self.left, self.lines.step_line[new], self.lines.step_minutes[new])
        self._done = until

    def _release(self, monday: int, working: np.ndarray, active: np.ndarray, demand: np.ndarray) -> None:
        """End assignments whose line has ended, and some of those on lines with more people than work."""
        minutes = _WEEK_MINUTES * SLOTS * _CLIENT
        held = (self.current >= 0) & working[:, None]
        seat, slot = np.nonzero(held)
        line = self.current[seat, slot]
        assigned = np.bincount(line, weights=minutes[slot], minlength=len(active))
        chance = np.where(active, np.minimum(0.97, demand / np.maximum(assigned, 1.0)), 0.0)
        stays = draw((seat * 4 + slot) * 1_048_576 + monday, "seat/stays", self.firm.seed) < chance[line]
        self.current[seat[~stays], slot[~stays]] = -1

    def _fill(
        self, monday: int, working: np.ndarray, home: np.ndarray, open_work: np.ndarray, minutes: np.ndarray
    ) -> None:
        """Give free slots to lines with open work: mostly in the seat's own entity, some across entities."""
        seat, slot = np.nonzero((self.current < 0) & working[:, None])
        if not len(seat) or open_work.sum() <= 0:
            return
        key = (seat * 4 + slot) * 1_048_576 + monday
        cumulative = np.concatenate([[0.0], np.cumsum(open_work[self._order])])
        low, high = cumulative[self._bounds[:-1]], cumulative[self._bounds[1:]]
        entity = home[seat]
        supply = np.bincount(entity, weights=minutes[slot], minlength=len(low))
        across = draw(key, "seat/across", self.firm.seed) < self.firm.count("intercompany share")
        start = np.where(across, 0.0, low[entity])
        width = np.where(across, cumulative[-1], high[entity] - low[entity])
        ratio = np.where(across, cumulative[-1] / supply.sum(), ((high - low) / np.maximum(supply, 1.0))[entity])
        filled = (draw(key, "seat/fills", self.firm.seed) < ratio) & (width > 0)
        point = start + width * draw(key, "seat/line", self.firm.seed)
        chosen = np.clip(np.searchsorted(cumulative, point, side="right") - 1, 0, len(open_work) - 1)
        self.current[seat[filled], slot[filled]] = self._order[chosen[filled]]
