"""A project stands in Kantata twice: the create call timed out and was sent again.

The copy has the SOW number, the fields, the tasks and the deal's reference of the first, but NetSuite does not know it;
time of the last two weeks that nobody submitted yet is on it, so that nobody takes it off the plan of the first (K67).
Money: the price of the copy.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Fault, Truth, expected, pick, record
from ingest.sandbox.ns_links import workspaces
from ingest.sandbox.world import World

_STORIES = 400_000_000


def _inject(world: World, share: float) -> list[Truth]:
    active = (
        workspaces(world)
        .filter(~pl.col("archived") & pl.col("sow_number").is_not_null() & (pl.col("price_in_cents") > 0))
        .filter(~world.is_taken("id"))
    )
    chosen = pick(world, active, share, salt="K07", alone="sow_number")
    world.taken.update(chosen["id"].to_list())
    if not chosen.is_empty():
        _double(world, {first: _copy_of(first) for first in chosen["id"].to_list()})
    return [_truth(row) for row in chosen.iter_rows(named=True)]


def _copy_of(project: str) -> str:
    return str(int(project) + 1)


def _double(world: World, ids: dict[str, str]) -> None:
    """The projects once more, with their tasks, fields and references."""
    again_at = pl.col("created_at") + pl.duration(minutes=2)
    spaces, stories = world["kantata.workspaces"], world["kantata.stories"]
    again = spaces.filter(pl.col("id").is_in(list(ids))).with_columns(
        id=pl.col("id").replace(ids), created_at=again_at, updated_at=pl.max_horizontal("updated_at", again_at)
    )
    tasks = stories.filter(pl.col("workspace_id").is_in(list(ids)))
    moved = {old: str(int(old) + _STORIES) for old in tasks["id"].to_list()}
    tasks = tasks.with_columns(
        pl.col("id", "parent_id").replace(moved),
        workspace_id=pl.col("workspace_id").replace(ids),
        created_at=again_at,
        updated_at=pl.max_horizontal("updated_at", again_at),
    )
    fields, field_ids = _repeated(world["kantata.custom_field_values"], {**ids, **moved}, skip=())
    links, link_ids = _repeated(world["kantata.external_references"], ids, skip=("netsuite",))
    world["kantata.custom_field_values"], world["kantata.external_references"] = fields, links
    world["kantata.workspaces"] = pl.concat([spaces, _listing(again, field_ids, link_ids)])
    world["kantata.stories"] = pl.concat([stories, _listing(tasks, field_ids, {})])
    _book_on_copy(world, ids, moved)


def _truth(row: dict[str, object]) -> Truth:
    first, made = str(row["id"]), row["created_at"]
    assert isinstance(made, dt.datetime)  # noqa: S101 - a moment
    unit, price = int(str(row["currency_base_unit"])), int(str(row["price_in_cents"]))
    kept, doubled = record("kantata", "workspaces", first), record("kantata", "workspaces", _copy_of(first))
    return {
        "root": doubled,
        "injected_on": made.date(),
        "visible_from": made.date(),
        "expected": [
            expected(
                "K07",
                "duplicate",
                Decimal(price) / unit,
                str(row["currency"]),
                [kept, doubled],
                at_fault="kantata",
                owner="service_delivery",
                action_kind="MERGE",
            )
        ],
        "consequences": ["K09", "K10", "K14", "K46", "K67", "K77"],
    }


def _repeated(
    rows: pl.DataFrame, subjects: dict[str, str], skip: tuple[str, ...]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """Rows of the copied subjects once more under new ids, and the new id of each."""
    mine = rows.filter(
        pl.col("subject_id").is_in(list(subjects)) & pl.col("subject_type").is_in(["Workspace", "Story"])
    )
    if skip:
        mine = mine.filter(~pl.col("service_name").is_in(list(skip)))
    highest = int(rows["id"].cast(pl.Int64).max() or 0)  # type: ignore[arg-type]
    new = [str(highest + 1 + place) for place in range(mine.height)]
    names = dict(zip(mine["id"].to_list(), new, strict=True))
    again = mine.with_columns(id=pl.Series(new, dtype=pl.String), subject_id=pl.col("subject_id").replace(subjects))
    return pl.concat([rows, again]), names


def _listing(frame: pl.DataFrame, fields: dict[str, str], links: dict[str, str]) -> pl.DataFrame:
    """Objects that list the ids of their own fields and references."""
    columns = {"custom_field_value_ids": fields, "external_reference_ids": links}
    return frame.with_columns(
        pl.col(name)
        .list.eval(pl.element().replace_strict(ids, default=None, return_dtype=pl.String))
        .list.drop_nulls()
        .alias(name)
        for name, ids in columns.items()
        if name in frame.columns
    )


def _book_on_copy(world: World, ids: dict[str, str], stories: dict[str, str]) -> None:
    """Time of the last two weeks that is not in any sheet yet is on the copy."""
    entries = world["kantata.time_entries"]
    since = world.as_of() - dt.timedelta(days=14)
    there = (
        pl.col("workspace_id").is_in(list(ids))
        & ~pl.col("approved")
        & pl.col("active_submission_id").is_null()
        & pl.col("recent_submission_id").is_null()
        & (pl.col("date_performed") >= since)
    )
    world["kantata.time_entries"] = entries.with_columns(
        workspace_id=pl.when(there).then(pl.col("workspace_id").replace(ids)).otherwise("workspace_id"),
        story_id=pl.when(there).then(pl.col("story_id").replace(stories)).otherwise("story_id"),
    )


FAULT = Fault(
    pattern="project_created_twice",
    check="K07",
    stage="integrated",
    rates={"best": 0.001, "typical": 0.007, "poor": 0.025},
    inject=_inject,
)
