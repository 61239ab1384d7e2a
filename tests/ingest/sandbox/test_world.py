"""What the world of the sandbox remembers of its frames."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.world import World


def _world() -> World:
    world = World(Firm(size=40, seed=1))
    world["kantata.users"] = pl.DataFrame({"id": ["1", "2"]})
    world["kantata.roles"] = pl.DataFrame({"id": ["7"]})
    return world


def test_what_follows_from_a_frame_is_made_once_until_the_frame_is_replaced() -> None:
    world, made = _world(), []

    def users(own: World) -> pl.DataFrame:
        made.append(own["kantata.users"].height)
        return own["kantata.users"].head(1)

    first = world.remembered("users", users)
    world["kantata.roles"] = pl.DataFrame({"id": ["8"]})
    assert world.remembered("users", users) is first
    assert made == [2]
    world["kantata.users"] = pl.DataFrame({"id": ["3"]})
    assert world.remembered("users", users)["id"].to_list() == ["3"]
    assert made == [2, 1]


def test_what_follows_from_something_remembered_follows_from_its_frames_too() -> None:
    world = _world()

    def inner(own: World) -> pl.DataFrame:
        return own.remembered("users", lambda one: one["kantata.users"].tail(1))

    assert world.remembered("users", lambda one: one["kantata.users"].tail(1))["id"].to_list() == ["2"]
    assert world.remembered("outer", inner)["id"].to_list() == ["2"]
    world["kantata.users"] = pl.DataFrame({"id": ["1", "9"]})
    assert world.remembered("outer", inner)["id"].to_list() == ["9"]
