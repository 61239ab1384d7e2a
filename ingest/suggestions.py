"""What a person should look at: customers that look alike, and references that contradict each other.

Three kinds: a `match` (two systems, probably one customer), a `duplicate` (two records of one system, probably one
customer) and a `conflict` (a reference that was not followed, with the reason). A parent and its subsidiary are never
proposed, and what a person has decided is not proposed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from ingest import company_names
from ingest.enterprise_ids import LINK_KEY
from ingest.identities import Entity, Resolved, join_groups
from ingest.matching import REVIEW, RULE_VERSION, explained, judged, rival, score

__all__ = ["NONE", "QUERY", "Judged", "of"]

_SIDES: Final = ("left", "right")
#: Evidence on a customer: a group has the first value that one of its records has.
_EVIDENCE: Final = ("tax_id", "domain", "city", "postal_code")
_COLUMNS: Final = {
    "entity": pl.String, "kind": pl.String,
    **{f"{side}_{name}": pl.String for side in _SIDES for name in (*LINK_KEY, "name")},
    "score": pl.Float64, "runner_up": pl.Float64, "runner_up_record": pl.String, "status": pl.String,
    "explanation": pl.String, "rule_version": pl.Int64,
}  # fmt: skip

#: No proposals.
NONE: Final = pl.DataFrame(schema=_COLUMNS)
#: How proposals are published.
QUERY: Final = """
    select suggestion_id, entity, kind, left_connection, left_object, left_source_id, left_name, right_connection,
        right_object, right_source_id, right_name, cast(score as decimal(6, 4)) as score,
        cast(runner_up as decimal(6, 4)) as runner_up, runner_up_record, status, explanation,
        cast(rule_version as integer) as rule_version
    from suggestions order by entity, kind, score desc nulls last, suggestion_id
"""


@dataclass(frozen=True)
class Judged:
    """The groups after sure matches were joined, the records that hang on one (record, score), and all proposals."""

    groups: pl.DataFrame
    suggested: pl.DataFrame
    proposals: pl.DataFrame


def of(entity: Entity, records: pl.DataFrame, resolved: Resolved, decisions: pl.DataFrame) -> Judged:
    """Judges one entity: customers by likeness, all of them by refused references."""
    groups = resolved.groups
    suggested = pl.DataFrame(schema={"record": pl.Int64, "score": pl.Float64})
    conflicts = _conflicts(entity, records, resolved, decisions)
    if entity.name != "customer" or "customer_name" not in records.columns:
        return Judged(groups, suggested, conflicts)
    pairs = _ranked(_alike(records, groups, decisions), records, groups)
    sure = (
        pairs.filter("is_automatic")
        .sort(["score", "left_group", "right_group"], descending=[True, False, False])
        .with_row_index("rank")
        .select(left="left_group", right="right_group", rank="rank", score="score", field=pl.lit(""))
    )
    after, joined, _ = join_groups(groups, sure, records)
    moved = groups.join(after, on="record", suffix="_after").filter(pl.col("group") != pl.col("group_after"))
    ends = pl.concat([joined.select(pl.col(side).alias("group"), "score") for side in _SIDES])
    suggested = moved.join(ends, on="group").group_by("record").agg(pl.col("score").min()).sort("record")
    linked = joined.select(left_group="left", right_group="right", linked=pl.lit(value=True))
    proposals = _worded(entity, pairs.join(linked, on=["left_group", "right_group"], how="left"), records, groups)
    return Judged(after, suggested, pl.concat([proposals, conflicts]))


def _alike(records: pl.DataFrame, groups: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Scored pairs of groups: each group is looked up under every name its records have."""
    named = records.join(groups, on="record").filter(
        ~pl.col("gone")
        & pl.col("customer_name").is_not_null()
        & ~(pl.col("is_person").fill_null(value=False) if "is_person" in records.columns else pl.lit(value=False))
    )
    present = [name for name in _EVIDENCE if name in records.columns]
    known = named.sort("record").group_by("group").agg(pl.col(name).drop_nulls().first() for name in present)
    spelled = (
        named.select("record", "group", name="customer_name", clean=company_names.clean(pl.col("customer_name")))
        .sort("record")
        .unique(["group", "clean"], keep="first", maintain_order=True)
        .join(known, on="group")
        .sort("record")
        .with_row_index("key")
        .with_columns(pl.col("key").cast(pl.Int64))
    )
    pairs = score(spelled.select("key", "name", *present))
    of_key = spelled.select("key", "group")
    for side in _SIDES:
        pairs = pairs.join(of_key.rename({"key": f"{side}_key", "group": f"{side}_group"}), on=f"{side}_key")
    pairs = _one_way(pairs.filter(pl.col("left_group") != pl.col("right_group")))
    best = pairs.sort(["score", "left_key", "right_key"], descending=[True, False, False]).unique(
        ["left_group", "right_group"], keep="first", maintain_order=True
    )
    return best.join(_settled(records, groups, decisions), on=["left_group", "right_group"], how="anti")


def _one_way(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the smaller group left, all columns of both sides swapped where needed."""
    wrong = pl.col("left_group") > pl.col("right_group")
    swapped = {}
    for name in pairs.columns:
        side, _, rest = name.partition("_")
        if side in _SIDES:
            other = f"{'right' if side == 'left' else 'left'}_{rest}"
            swapped[name] = pl.when(wrong).then(pl.col(other)).otherwise(pl.col(name))
    return pairs.with_columns(**swapped)


def _settled(records: pl.DataFrame, groups: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Pairs of groups not to propose: rejected by a person, or parent and subsidiary."""
    pairs = [decisions.filter(pl.col("decision") == "reject").select("left", "right")]
    if "parent_ref" in records.columns:
        parents = records.select("connection", right="record", parent_ref="source_id")
        children = records.select("connection", "parent_ref", left="record")
        pairs.append(children.join(parents, on=["connection", "parent_ref"]).select("left", "right"))
    every = pl.concat(pairs)
    for side in _SIDES:
        every = every.join(groups.select(pl.col("record").alias(side), pl.col("group").alias(f"{side}_group")), on=side)
    return every.select(
        left_group=pl.min_horizontal("left_group", "right_group"),
        right_group=pl.max_horizontal("left_group", "right_group"),
    ).unique()


def _ranked(pairs: pl.DataFrame, records: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Pairs with `shared` (slots both groups are in) and the judgement: a group has one best partner in each slot.

    `runner_up` is the best score that either group has with somebody else, `rival` is that group.
    """
    slots = (
        records.filter(~pl.col("gone"))
        .select("record", "slot")
        .join(groups, on="record")
        .select("group", "slot")
        .unique()
    )
    pair = ["left_group", "right_group"]
    shared = (
        pairs.select(pair)
        .join(slots, left_on="left_group", right_on="group")
        .join(slots, left_on=["right_group", "slot"], right_on=["group", "slot"])
        .group_by(pair)
        .agg(shared=pl.col("slot").sort())
    )
    placed = pairs.join(shared, on=pair, how="left")
    both = pl.concat(
        [
            placed.select(*pair, "score", is_match=pl.col("shared").is_null(), one=one, other=other)
            for one, other in (pair, reversed(pair))
        ]
    )
    directed = both.join(slots, left_on="other", right_on="group")
    created = pl.col("created_at").cast(pl.String) if "created_at" in records.columns else pl.lit(None, dtype=pl.String)
    ages = records.join(groups, on="record").group_by(other="group").agg(age=created.min())
    second = rival("other", ["one", "slot", "is_match"], ["age", "other"])
    others = (
        directed.join(ages, on="other", how="left")
        .with_columns(second=second)
        .select(*pair, runner_up=pl.col("second").struct.field("score"), rival=pl.col("second").struct.field("other"))
        .join(ages.rename({"other": "rival"}), on="rival", how="left")
        .sort(["runner_up", "age", "rival"], descending=[True, False, False], nulls_last=True)
        .group_by(pair, maintain_order=True)
        .agg(pl.col("runner_up").first().fill_null(0.0), pl.col("rival").first())
    )
    return judged(placed.join(others, on=pair)).with_columns(
        is_automatic=pl.col("is_automatic") & pl.col("shared").is_null()
    )


def _worded(entity: Entity, pairs: pl.DataFrame, records: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Proposals for a person: a match by the first record of each group, a duplicate by those of the shared system."""
    firsts = records.filter(~pl.col("gone")).join(groups, on="record").sort("record")
    rivals = firsts.group_by(rival="group").agg(
        runner_up_record=pl.concat_str(LINK_KEY, separator="/").first(), runner_up_name=pl.col("customer_name").first()
    )
    shown = pairs.filter(pl.col("score") >= REVIEW).join(rivals, on="rival", how="left")
    shown = shown.with_columns(explanation=explained(shown)).explode("shared")
    of_group = firsts.group_by("group").agg(pl.col("record").first(), slot=pl.lit("")).cast({"slot": pl.String})
    of_slot = firsts.group_by("group", "slot").agg(pl.col("record").first()).select("group", "record", "slot")
    chosen = pl.concat([of_group, of_slot])
    shown = shown.with_columns(pl.col("shared").fill_null(""))
    for side in _SIDES:
        shown = shown.join(
            chosen.rename({"group": f"{side}_group", "record": f"{side}_record", "slot": "shared"}),
            on=[f"{side}_group", "shared"],
        )
    status = pl.when(pl.col("linked")).then(pl.lit("linked")).otherwise(pl.lit("review"))
    kind = pl.when(pl.col("shared") == "").then(pl.lit("match")).otherwise(pl.lit("duplicate"))
    rows = shown.with_columns(kind=kind, status=status)
    return _typed(entity, rows, records, name="customer_name")


def _conflicts(entity: Entity, records: pl.DataFrame, resolved: Resolved, decisions: pl.DataFrame) -> pl.DataFrame:
    """References that were not followed and still part two things."""
    refused = resolved.refused.unique(maintain_order=True)
    for side in _SIDES:
        of = resolved.groups.select(pl.col("record").alias(side), pl.col("group").alias(f"{side}_group"))
        refused = refused.join(of, on=side)
    decided = pl.concat(
        [decisions.select("left", "right"), decisions.select(left="right", right="left")], how="vertical_relaxed"
    )
    open_ = refused.filter(pl.col("left_group") != pl.col("right_group")).join(
        decided, on=["left", "right"], how="anti"
    )
    term = pl.struct(term=pl.lit("reference"), field=pl.col("field"), weight=pl.lit(None, dtype=pl.Float64))
    rows = open_.select(
        left_record="left",
        right_record="right",
        kind=pl.lit("conflict"),
        score=pl.lit(None, dtype=pl.Float64),
        runner_up=pl.lit(None, dtype=pl.Float64),
        runner_up_record=pl.lit(None, dtype=pl.String),
        status=pl.lit("review"),
        explanation=pl.struct(terms=pl.concat_list(term), reason=pl.col("reason")).struct.json_encode(),
    )
    label = f"{entity.name}_name"
    return _typed(entity, rows, records, name=label if label in records.columns else "source_id")


def _typed(entity: Entity, rows: pl.DataFrame, records: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Rows with `left_record` and `right_record` as proposals."""
    for side in _SIDES:
        shown = records.select(
            pl.col("record").alias(f"{side}_record"),
            *(pl.col(column).cast(pl.String).alias(f"{side}_{column}") for column in LINK_KEY),
            pl.col(name).cast(pl.String).alias(f"{side}_label"),
        )
        rows = (
            rows.drop(f"{side}_name", strict=False)
            .join(shown, on=f"{side}_record")
            .rename({f"{side}_label": f"{side}_name"})
        )
    rows = rows.with_columns(entity=pl.lit(entity.name), rule_version=pl.lit(RULE_VERSION, dtype=pl.Int64))
    return rows.select(pl.col(column).cast(kind) for column, kind in _COLUMNS.items()).sort(
        "entity", "kind", "left_source_id", "right_source_id"
    )
