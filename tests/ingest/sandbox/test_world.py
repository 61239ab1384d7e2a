"""What the world of the sandbox computes once."""

from __future__ import annotations

import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.world import World


def test_what_is_shared_stays_as_it_was_when_it_was_first_asked_for() -> None:
    world = World(Firm(size=40, seed=1))
    world["kantata.users"] = pl.DataFrame({"id": ["1", "2"]})
    first = world.once("users", lambda own: own["kantata.users"].head(1))
    world["kantata.users"] = pl.DataFrame({"id": ["3"]})
    assert world.once("users", lambda own: own["kantata.users"].head(1)) is first
    assert first["id"].to_list() == ["1"]
