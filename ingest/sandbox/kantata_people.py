"""The consultants of the firm: seats, who sits in them when, their roles, homes and rates.

A firm of 200 has 200 seats, always filled; about one in eight changes hands within a year. A person keeps the seat's
role; a few move to another legal entity at some date and keep the memory of the previous one. The people of about one
seat in eight are subcontractors: a supplier sends them and bills their work.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.agreements import ROLES
from ingest.sandbox.frames import choose, moments
from ingest.sandbox.names import company_words, people
from ingest.sandbox.world import World, draw

__all__ = ["USER_ID", "Staff", "staff"]

USER_ID = 12_000_000
ROLE_ID = 301
_SUPPLIED = 0.12  # share of seats that suppliers fill
_SEATS_A_SUPPLIER = 8
_FIRST_SUPPLIER = 33_000  # among the numbers of companies, behind all customers


@dataclass(frozen=True)
class Staff:
    """Seats as arrays (person before and after the hand-over, home before and after a transfer) and users as a frame.

    Days are numbers since 1970; a seat without hand-over or transfer has a day beyond all time.
    """

    role: np.ndarray
    home: np.ndarray
    later_home: np.ndarray
    moves_on: np.ndarray
    successor: np.ndarray
    leaves_on: np.ndarray
    users: pl.DataFrame
    roles: pl.DataFrame


def staff(world: World) -> Staff:
    """Everybody who delivers, with the columns of ``kantata.users`` and ``kantata.roles``."""
    firm = world.firm
    seats = np.arange(firm.size, dtype=np.int64)
    never = np.int64(10**6)
    first = (firm.start_on - dt.date(1970, 1, 1)).days
    days = (firm.as_of - firm.start_on).days
    weights = np.cumsum([entity.weight for entity in firm.entities])
    home = np.searchsorted(weights, (seats * 0.6180339887498949 + 0.13) % 1.0 * weights[-1], side="right")
    names = [role.name for role in ROLES]
    role = choose(draw(seats, "seat/role", firm.seed), {r.name: r.share for r in ROLES})
    role_number = np.array([names.index(name) for name in role])

    leaves = (draw(seats, "seat/leaves", firm.seed) < 0.125 * days / 365) & (seats % 20 != 11)
    when = first + 30 + (draw(seats, "seat/leaves/on", firm.seed) * (days - 60)).astype(np.int64)
    when += (4 - when) % 7  # day 4 was a Monday
    leaves_on = np.where(leaves, when, never)
    successor = np.where(leaves, firm.size + np.cumsum(leaves) - 1, seats)

    moves = ~leaves & ((draw(seats, "seat/moves", firm.seed) < 0.02) | (seats == 11)) & (len(firm.entities) > 1)
    later = (home + 1 + (draw(seats, "seat/moves/to", firm.seed) * (len(firm.entities) - 1)).astype(np.int64)) % len(
        firm.entities
    )
    moves_on = np.where(
        moves, first + 60 + (draw(seats, "seat/moves/on", firm.seed) * (days - 120)).astype(np.int64), never
    )
    later_home = np.where(moves, later, home)

    supplied = (draw(seats, "seat/supplied", firm.seed) < _SUPPLIED) | (seats % 20 == 7)
    many = max(2, round(firm.size * _SUPPLIED / _SEATS_A_SUPPLIER))
    supplier = np.where(supplied, (draw(seats, "seat/supplier", firm.seed) * many).astype(np.int64), -1)

    joined = np.flatnonzero(leaves)
    seat_of = np.concatenate([seats, joined])
    frame = _users(
        world, seat_of, role=role_number, home=home, later=later_home, moves_on=moves_on, leaves_on=leaves_on,
        supplier=supplier,
    )  # fmt: skip
    made = [ROLE_ID + index for index in range(len(ROLES) + 1)]
    gone = dt.datetime.combine(firm.start_on + dt.timedelta(days=40), dt.time(16, 0))
    roles = pl.DataFrame(
        {"id": [str(n) for n in made], "name": [*names, "Associate (old)"], "deleted_at": [*[None] * len(ROLES), gone]},
        schema={"id": pl.String, "name": pl.String, "deleted_at": pl.Datetime("us")},
    )
    return Staff(role_number, home, later_home, moves_on, successor, leaves_on, frame, roles)


def _users(
    world: World, seat_of: np.ndarray, *, role: np.ndarray, home: np.ndarray, later: np.ndarray, moves_on: np.ndarray,
    leaves_on: np.ndarray, supplier: np.ndarray,
) -> pl.DataFrame:  # fmt: skip
    firm = world.firm
    numbers = np.arange(len(seat_of), dtype=np.int64)
    successor = numbers >= firm.size
    codes = np.array([entity.code for entity in firm.entities])
    gone = ~successor & (leaves_on[seat_of] < 10**6)
    moved = ~successor & (moves_on[seat_of] < 10**6)
    start = np.datetime64(firm.start_on, "D")
    created = np.where(successor, leaves_on[seat_of] - 5, (start - 70).astype(np.int64) - (numbers % 30))
    touched = np.where(gone, leaves_on[seat_of], np.where(moved, moves_on[seat_of], created))
    touched = np.minimum(touched, (np.datetime64(firm.as_of, "D") - 1).astype(np.int64))
    who = people(numbers, "user", firm.seed)
    text = pl.concat_str(pl.col("given").str.to_lowercase(), pl.lit("."), pl.col("family").str.to_lowercase(), "number")
    return who.with_columns(
        number=pl.Series(numbers), role=pl.Series(role[seat_of]), disabled=pl.Series(gone),
        home=pl.Series(np.where(moved, codes[later[seat_of]], codes[home[seat_of]])),
        previous=pl.Series(np.where(moved, codes[home[seat_of]], "")),
        since=pl.Series(np.where(moved, moves_on[seat_of], 0).astype("datetime64[D]")), moved=pl.Series(moved),
        supplier=pl.Series(supplier[seat_of]), supplier_name=pl.Series(_suppliers(supplier)[seat_of].tolist()),
        created_at=pl.Series(moments(created, 50_000)),
        updated_at=pl.Series(moments(np.maximum(touched, created), 54_000)),
    ).with_columns(
        id=(USER_ID + pl.col("number") * 7).cast(pl.String), full_name=pl.concat_str("given", pl.lit(" "), "family"),
        email_address=text + pl.lit("@northway.example"), role_id=(ROLE_ID + pl.col("role")).cast(pl.String),
    )  # fmt: skip


def _suppliers(numbers: np.ndarray) -> np.ndarray:
    """The names of suppliers by number; no customer has one of them."""
    return company_words(np.maximum(numbers, 0) + _FIRST_SUPPLIER) + " Staffing"
