"""The world of the sandbox: what every system of a synthetic firm holds, as typed frames in each system's own words.

A `World` is one dictionary of polars frames, ``"salesforce.Account"`` or ``"netsuite.timebill"``, with the vendor's own
column names. Each simulated system (`salesforce`, `kantata`, `netsuite`) reads the frames of the systems before it and
adds its own, exactly as the firm's integrations do. Faults change frames between two stages, so that everything
downstream follows from them by itself.

Typed frames, rendered to the vendors' text only when they are written:

- ids are strings (``"0018c00000A1b2CQAR"``, ``"5914"``); an absent id is null;
- money is ``Decimal(18, 2)`` in document currency (Kantata: integer ``*_in_cents`` as the vendor has it); rates of
  exchange are ``Decimal(18, 6)``; no float ever holds an amount;
- booleans are booleans; dates are dates; datetimes are naive UTC microseconds.

Every random draw is a pure function of (seed, salt, record key): see `draw`. Adding, dropping or changing one record
never changes what is drawn for another, so the faulty world equals the clean one wherever no fault reached.
"""

from __future__ import annotations

import datetime as dt
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from ingest.sandbox.firm import Firm

__all__ = ["STAGES", "Stage", "World", "draw", "kept", "normal", "text_keys"]

#: The order in which the systems of the first stack act. A fault names the stage after which it strikes.
STAGES: tuple[str, ...] = ("sold", "delivered", "integrated", "billed", "recognised", "copied", "planned")


@dataclass
class World:
    """Everything every system holds. `frames` maps ``"<connection>.<Stream>"`` to a typed frame."""

    firm: Firm
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)
    #: Business keys (agreements, customers) a fault has struck already, so that faults stay apart.
    taken: set[str] = field(default_factory=set)
    #: Time entries, by id, that a fault has struck one by one.
    taken_entries: set[str] = field(default_factory=set)
    #: What several faults or later stages look at, computed once.
    shared: dict[str, pl.DataFrame] = field(default_factory=dict)
    #: What functions marked `kept` made, with the frames each read to make it; and what is read at the moment.
    _made: dict[Look, tuple[pl.DataFrame, _Read]] = field(default_factory=dict, repr=False)
    _reading: list[_Read] = field(default_factory=list, repr=False)

    def __getitem__(self, name: str) -> pl.DataFrame:
        try:
            frame = self.frames[name]
        except KeyError:
            raise KeyError(f"The world holds no frame {name!r}. It holds: {', '.join(sorted(self.frames))}") from None
        for read in self._reading:
            read[name] = weakref.ref(frame)
        return frame

    def __setitem__(self, name: str, frame: pl.DataFrame) -> None:
        self.frames[name] = frame

    def once(self, name: str, make: Callable[[World], pl.DataFrame]) -> pl.DataFrame:
        """What `make` made of the world when it was first asked for: kept in `shared`, whatever changes since."""
        if name not in self.shared:
            self.shared[name] = make(self)
        return self.shared[name]

    def look(self, make: Look) -> pl.DataFrame:
        """What `make` makes of the world, made again once a frame that it read is another one.

        Frames are replaced and never changed, so the same frame holds the same rows; it is not kept alive for that.
        """
        made = self._made.get(make)
        if made is None or any(self.frames.get(name) is not frame() for name, frame in made[1].items()):
            self._reading.append({})
            try:
                result = make(self)
            finally:
                read = self._reading.pop()
            made = self._made[make] = result, read
        for reading in self._reading:
            reading.update(made[1])
        return made[0]

    def is_taken(self, key: str | pl.Expr) -> pl.Expr:
        """Whether a fault has struck what a column, or an expression, names."""
        return _is_among(pl.col(key) if isinstance(key, str) else key, self.taken)

    def of_taken_entries(self, entry: str) -> pl.Expr:
        """Whether a column names a time entry that a fault has struck."""
        return _is_among(pl.col(entry), self.taken_entries)

    def as_of(self) -> dt.date:
        """The date at which the firm is observed: the fifth business day after its last month."""
        return self.firm.as_of

    @contextmanager
    def apart(self, wanted: Mapping[str, pl.Expr]) -> Iterator[None]:
        """The world with only the `wanted` rows of some frames, so that changes to large frames cost little.

        Afterwards the other rows are back, before those that were changed or added.
        """
        others: dict[str, pl.DataFrame] = {}
        for name, rows in wanted.items():
            frame = self[name]
            kept = frame.select(rows.fill_null(value=False)).to_series()
            others[name], self[name] = (frame.filter(~kept) if kept.any() else frame), frame.filter(kept)
        yield
        for name, frame in others.items():
            self[name] = pl.concat([frame, self[name]])

    def each(self, chosen: pl.DataFrame, wanted: Mapping[str, pl.Expr]) -> Iterator[dict[str, Any]]:
        """The rows of `chosen` one by one, with only the `wanted` rows of some frames in the world, as in `apart`."""
        with self.apart(wanted):
            yield from chosen.iter_rows(named=True)


Stage = Callable[[World], None]
Look = Callable[[World], pl.DataFrame]
_Read = dict[str, "weakref.ref[pl.DataFrame]"]


def _is_among(named: pl.Expr, ids: set[str]) -> pl.Expr:
    return named.is_in(pl.Series(list(ids), dtype=pl.String).implode())


def kept(make: Look) -> Look:
    """Marks what is made of the frames of a world and of its firm alone, and asked for again and again: see `look`."""

    @wraps(make)
    def looked_at(world: World) -> pl.DataFrame:
        return world.look(make)

    return looked_at


def draw(keys: pl.Series | np.ndarray, salt: str, seed: int) -> np.ndarray:
    """Uniform numbers in [0, 1), one per key, that depend on nothing but (seed, salt, key).

    `keys` are integers or strings. splitmix64 over the key mixed with a checksum of the salt.
    """
    if isinstance(keys, pl.Series):
        keys = text_keys(keys) if keys.dtype == pl.String else keys.cast(pl.Int64).to_numpy()
    x = np.asarray(keys).astype(np.uint64, copy=True)
    mix = np.uint64((zlib.crc32(salt.encode()) << 20) ^ (seed * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF))
    with np.errstate(over="ignore"):
        x ^= mix
        for _ in range(2):
            x += np.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            x ^= x >> np.uint64(31)
    return (x >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def normal(keys: pl.Series | np.ndarray, salt: str, seed: int) -> np.ndarray:
    """Standard normal numbers by Box-Muller, one per key, as pure as `draw`."""
    radius = np.sqrt(-2.0 * np.log(np.maximum(draw(keys, salt + "/r", seed), 1e-12)))
    return radius * np.cos(2.0 * np.pi * draw(keys, salt + "/a", seed))


def text_keys(keys: pl.Series) -> np.ndarray:
    """Stable 64-bit numbers for text keys: FNV-1a over UTF-8, a byte of all keys at a time. No key is 0."""
    _, offsets, text = keys.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[: len(keys) + 1] if len(keys) else np.zeros(1, dtype=np.int64)
    data = np.frombuffer(text, dtype=np.uint8) if text else np.zeros(0, dtype=np.uint8)
    starts, sizes = ends[:-1], np.diff(ends)
    value = np.full(len(keys), _FNV_BASIS, dtype=np.uint64)
    shortest = int(sizes.min()) if len(sizes) else 0
    with np.errstate(over="ignore"):
        for place in range(int(sizes.max(initial=0))):
            rows = slice(None) if place < shortest else np.flatnonzero(sizes > place)
            value[rows] = (value[rows] ^ data[starts[rows] + place]) * _FNV_PRIME
    if keys.null_count():
        value[keys.is_null().to_numpy()] = 0
    return value


_FNV_BASIS, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
