"""What the world of the sandbox computes once."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.world import World, kept, text_keys


def test_what_is_shared_stays_as_it_was_when_it_was_first_asked_for() -> None:
    world = World(Firm(size=40, seed=1))
    world["kantata.users"] = pl.DataFrame({"id": ["1", "2"]})
    first = world.once("users", lambda own: own["kantata.users"].head(1))
    world["kantata.users"] = pl.DataFrame({"id": ["3"]})
    assert world.once("users", lambda own: own["kantata.users"].head(1)) is first
    assert first["id"].to_list() == ["1"]


@kept
def first_user(world: World) -> pl.DataFrame:
    return world["kantata.users"].head(1)


@kept
def first_name(world: World) -> pl.DataFrame:
    return first_user(world).select("name")


def test_what_is_kept_is_made_again_once_a_frame_that_it_read_is_another_one() -> None:
    world = World(Firm(size=40, seed=1))
    world["kantata.users"] = pl.DataFrame({"id": ["1", "2"], "name": ["a", "b"]})
    user, name = first_user(world), first_name(world)
    world["kantata.roles"] = pl.DataFrame({"id": ["9"]})
    assert first_user(world) is user
    assert first_name(world) is name
    world["kantata.users"] = pl.DataFrame({"id": ["3"], "name": ["c"]})
    assert first_name(world)["name"].to_list() == ["c"]
    with world.apart({"kantata.users": pl.col("id") == "none"}):
        assert first_user(world).is_empty()
    assert first_user(world)["id"].to_list() == ["3"]


def test_hashes_of_text_are_of_its_bytes_whatever_pieces_it_comes_in() -> None:
    texts = ["a", None, "\u00e4bc", "", "longer than twelve bytes"]
    whole = text_keys(pl.Series(texts))
    pieces = text_keys(pl.concat([pl.Series(texts[:2]), pl.Series(texts[2:])], rechunk=False))
    assert whole.tolist() == pieces.tolist()
    assert whole[0] == 0xAF63DC4C8601EC8C
    assert whole[1] == 0
    assert text_keys(pl.Series(texts)[2:4]).tolist() == whole[2:4].tolist()
