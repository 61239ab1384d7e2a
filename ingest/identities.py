"""Decides which records of all systems are the same thing: keys first, then references, then what people confirmed.

Records are joined in the order of how sure the evidence is. A key two records share joins them always. A reference
joins two records only if it is the best either has in the other's system and joins no two records of one system: what
contradicts is left apart and reported, never guessed. Nothing here depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

__all__ = ["ENTITIES", "Entity", "Key", "Resolved", "join_groups", "resolve"]

#: How often groups may be joined in turn. Chains are as long as there are systems.
_MOST_PASSES: Final = 64


@dataclass(frozen=True)
class Key:
    """Columns that name one thing in every system. All must be filled, except those that are `optional`."""

    columns: tuple[str, ...]
    method: str = "key"
    optional: tuple[str, ...] = ()
    #: Only records in one of these states (or without a state) are joined by it.
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """A master: the prefix of its enterprise ids, which role's records come first, and what identifies it."""

    name: str
    prefix: str
    owners: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    #: Staging relation of merged records, ``<system>__<survivors>_survivors``: which record took over which.
    survivors: str = ""


#: All masters with enterprise ids, in the order in which they are resolved.
ENTITIES: Final[tuple[Entity, ...]] = (
    Entity("legal_entity", "LEN", ("ERP", "PSA", "CRM"), (Key(("legal_entity_code",)),)),
    Entity("customer", "CUS", ("CRM", "ERP", "BILLING", "PSA"), survivors="account"),
    Entity("person", "PER", ("HCM", "PSA", "ERP", "CRM"), (Key(("email",)),)),
    Entity("opportunity", "OPP", ("CRM", "PSA", "ERP")),
    Entity("agreement", "AGR", ("CRM", "ERP", "REVREC", "BILLING", "PSA"), (Key(("agreement_number",)),)),
    Entity(
        "project",
        "PRJ",
        ("PSA", "ERP", "CRM"),
        (
            Key(
                ("agreement_number", "workstream", "legal_entity_code"),
                "composite",
                ("legal_entity_code",),
                ("active",),
            ),
        ),
    ),
)

_SIDES: Final = ("left", "right")


@dataclass(frozen=True)
class Resolved:
    """Records with their group, the links that hold, and the references that were refused.

    `groups`: record, group. `links`: left, right, method (left and right are record numbers). `refused`: left, right,
    field, reason.
    """

    groups: pl.DataFrame
    links: pl.DataFrame
    refused: pl.DataFrame


def resolve(
    entity: Entity,
    records: pl.DataFrame,
    references: pl.DataFrame,
    previous: pl.DataFrame,
    decisions: pl.DataFrame,
) -> Resolved:
    """Groups the records of one entity.

    `records`: record (number, owners first), slot (connection and object), claim_state and the entity's columns.
    `references`: left, right (record numbers; left holds the pointer), field, merged (the left record lives on as the
    right one). `previous`: left, right that had one id before. `decisions`: left, right, decision.
    """
    confirmed = decisions.filter(pl.col("decision") == "confirm").select("left", "right", method=pl.lit("confirmed"))
    rejected = decisions.filter(pl.col("decision") == "reject").select("left", "right")
    merged = references.filter("merged").select("left", "right", method=pl.lit("merged"))
    hard = pl.concat([*(_sharing(key, records) for key in entity.keys), merged, confirmed])
    groups = _components(records["record"], hard)
    soft = _weighed(references.filter(~pl.col("merged")), previous)
    soft = _without(soft, rejected)
    held, refused = _unrivalled(soft, records)
    groups, joined, apart = join_groups(groups, held, records)
    links = pl.concat([hard, joined.select("left", "right", "method")])
    reasons = [
        refused.select("left", "right", "field", reason=pl.lit("another record has the better claim")),
        apart.select("left", "right", "field", reason=pl.lit("it would join two records of one system")),
    ]
    return Resolved(groups, links, pl.concat(reasons).filter(pl.col("field") != ""))


def join_groups(
    groups: pl.DataFrame, edges: pl.DataFrame, records: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Joins groups along edges (left, right, rank), the best first, never two records of one slot.

    Returns the new groups, the edges within one group, and those that stayed between two.
    """
    slots = records.select("record", "slot")
    for _ in range(_MOST_PASSES):
        between = _between(groups, edges)
        taken = groups.join(slots, on="record").select("group", "slot").unique()
        clashing = (
            between.join(taken, left_on="left_group", right_on="group")
            .join(taken, left_on=["right_group", "slot"], right_on=["group", "slot"])
            .select("rank")
            .unique()
        )
        free = between.join(clashing, on="rank", how="anti")
        if free.is_empty():
            break
        best = (
            pl.concat([free.select(pl.col(f"{side}_group").alias("group"), "rank") for side in _SIDES])
            .group_by("group")
            .agg(pl.col("rank").min())
        )
        wanted = free
        for side in _SIDES:
            wanted = wanted.join(best, left_on=[f"{side}_group", "rank"], right_on=["group", "rank"], how="semi")
        joins = wanted.select(
            group=pl.max_horizontal("left_group", "right_group"), into=pl.min_horizontal("left_group", "right_group")
        )
        groups = groups.join(joins, on="group", how="left").select("record", group=pl.coalesce("into", "group"))
    between = _between(groups, edges)
    return (
        groups.sort("record"),
        edges.join(between.select("rank"), on="rank", how="anti"),
        between.select(edges.columns),
    )


def _between(groups: pl.DataFrame, edges: pl.DataFrame) -> pl.DataFrame:
    """The edges whose ends are in different groups, with both groups."""
    for side in _SIDES:
        of = groups.select(pl.col("record").alias(side), pl.col("group").alias(f"{side}_group"))
        edges = edges.join(of, on=side)
    return edges.filter(pl.col("left_group") != pl.col("right_group"))


def _sharing(key: Key, records: pl.DataFrame) -> pl.DataFrame:
    """Links every record to the first one that has the same key."""
    empty = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "method": pl.String})
    if any(column not in records.columns for column in key.columns):
        return empty
    folded = [pl.col(name).cast(pl.String).str.strip_chars().str.to_uppercase() for name in key.columns]
    filled = [
        text.fill_null("") if name in key.optional else pl.when(text != "").then(text)
        for name, text in zip(key.columns, folded, strict=True)
    ]
    keyed = records.select(
        "record",
        *(text.alias(f"key_{place}") for place, text in enumerate(filled)),
        state="state" if "state" in records.columns else pl.lit(None, dtype=pl.String),
    )
    names = [f"key_{place}" for place in range(len(key.columns))]
    keyed = keyed.drop_nulls(names)
    if key.states:
        keyed = keyed.filter(pl.col("state").is_null() | pl.col("state").is_in(key.states))
    first = keyed.with_columns(left=pl.col("record").min().over(names)).filter(pl.col("left") != pl.col("record"))
    return first.select("left", right="record", method=pl.lit(key.method))


def _components(records: pl.Series, edges: pl.DataFrame) -> pl.DataFrame:
    """Groups of records connected by edges, each named by its smallest record."""
    groups = pl.DataFrame({"record": records, "group": records})
    both = pl.concat([edges.select("left", "right"), edges.select(left="right", right="left")]).unique()
    for _ in range(_MOST_PASSES):
        lowest = (
            both.join(groups, left_on="right", right_on="record")
            .group_by("left")
            .agg(lowest=pl.col("group").min())
            .rename({"left": "record"})
        )
        closer = groups.join(lowest, on="record", how="left").select(
            "record", group=pl.min_horizontal("group", "lowest")
        )
        jumped = (
            closer.join(closer.select(group="record", root="group"), on="group")
            .select("record", group="root")
            .sort("record")
        )
        if jumped.equals(groups.sort("record")):
            break
        groups = jumped
    return groups.sort("record")


def _weighed(references: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """One edge per pair of records: weight, method and the fields that hold it.

    Both records naming each other weighs most, then the pointer of the record whose role comes first, then the other's,
    then that they were one before.
    """
    pointers = references.select(
        left=pl.min_horizontal("left", "right"),
        right=pl.max_horizontal("left", "right"),
        by_owner=pl.col("left") < pl.col("right"),
        field="field",
    )
    before = previous.select(
        left=pl.min_horizontal("left", "right"), right=pl.max_horizontal("left", "right"), before=pl.lit(value=True)
    ).unique()
    pairs = pointers.group_by("left", "right").agg(
        owner=pl.col("by_owner").any(),
        other=(~pl.col("by_owner")).any(),
        field=pl.col("field").unique().sort().str.join(", "),
    )
    edges = pairs.join(before, on=["left", "right"], how="full", coalesce=True).with_columns(
        pl.col("owner", "other", "before").fill_null(value=False), pl.col("field").fill_null("")
    )
    weight = (
        8 * (pl.col("owner") & pl.col("other")).cast(pl.Int64)
        + 4 * pl.col("owner").cast(pl.Int64)
        + 2 * pl.col("other").cast(pl.Int64)
    )
    method = pl.when(pl.col("owner") | pl.col("other")).then(pl.lit("reference")).otherwise(pl.lit("previous"))
    weighed = edges.select("left", "right", "field", method=method, weight=weight + pl.col("before").cast(pl.Int64))
    return weighed.sort(["weight", "left", "right"], descending=[True, False, False]).with_row_index("rank")


def _unrivalled(edges: pl.DataFrame, records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Edges that are the one best of both records in the other's slot, and the rest.

    A record that found its one best is out of reach for others; what is left is looked at again, so that a wrong
    pointer at somebody else's record does not hide the right one.
    """
    slots = records.select("record", "slot")
    placed = edges
    for side in _SIDES:
        placed = placed.join(slots.rename({"record": side, "slot": f"{side}_slot"}), on=side)
    placed = placed.filter(pl.col("left_slot") != pl.col("right_slot"))
    held, rest = placed.clear(), placed
    for _ in range(_MOST_PASSES):
        best = rest
        for side, slot in (("left", "right_slot"), ("right", "left_slot")):
            over = [side, slot]
            is_top = pl.col("weight") == pl.col("weight").max().over(over)
            best = best.with_columns((is_top & (is_top.sum().over(over) == 1)).alias(f"{side}_best"))
        good = best.filter(pl.col("left_best") & pl.col("right_best")).select(placed.columns)
        if good.is_empty():
            break
        held = pl.concat([held, good])
        rest = rest.join(good, on=["left", "right_slot"], how="anti").join(good, on=["right", "left_slot"], how="anti")
    return held.sort("rank").select(edges.columns), placed.join(held, on="rank", how="anti").select(edges.columns)


def _without(edges: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Edges that no person has rejected."""
    either = (
        pl.concat([pairs.select("left", "right"), pairs.select(left="right", right="left")]) if pairs.height else pairs
    )
    return edges.join(either, on=["left", "right"], how="anti")


def empty_edges(names: Sequence[str]) -> pl.DataFrame:
    """No edges, typed."""
    types = {"left": pl.Int64, "right": pl.Int64, "merged": pl.Boolean}
    return pl.DataFrame(schema={name: types.get(name, pl.String) for name in names})
