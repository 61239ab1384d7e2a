"""The crosswalk: which record of which system is which customer, person, agreement or project of the firm.

`build` reads the claims in staging and joins records by keys, by the references the systems keep of each other and by
what people confirmed (`ingest.identities`). It gives each thing its durable enterprise id (`ingest.enterprise_ids`),
proposes customers that look alike (`ingest.suggestions`), and publishes `crosswalk.links` and `crosswalk.suggestions`.

A link has a `valid_to` when it ended: the record is gone from its system, or it is taken for another thing since,
because a reference was corrected, two things were merged or a person said so. The others are valid, one per record.

A link is `confirmed` by a key, a reference or a person, or `suggested` by likeness alone; nothing is sent on a
suggested link. `confirm` and `reject` decide a suggestion for all later runs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb
import polars as pl
from sqlalchemy import select

from contracts.errors import TieoutError
from contracts.state import Entry, State, append, frame, instant, upsert
from contracts.state.schema import crosswalk_decisions
from ingest import enterprise_ids, suggestions
from ingest.enterprise_ids import LINK_KEY
from ingest.identities import ENTITIES, Entity, Resolved, resolve
from ingest.matching import RULE_VERSION

__all__ = ["UnknownSuggestion", "build", "confirm", "reject"]

STAGING: Final = "staging"
#: Columns a staging relation of claims always has.
_META: Final = ("connection", "role", "system", "object", "source_id", "claim_state")
#: Systems whose ids exist in a short and a long form: how many characters both share.
_SHORT_IDS: Final = {"salesforce": 15}

_LINKS = """
    select entity, enterprise_id, connection, object, source_id, method, status, cast(score as decimal(6, 4)) as score,
        cast(rule_version as integer) as rule_version, cast(valid_from as timestamp) as valid_from,
        cast(valid_to as timestamp) as valid_to, is_primary
    from links order by entity, enterprise_id, connection, object, source_id, valid_from, valid_to
"""


class UnknownSuggestion(TieoutError):
    """A suggestion that the crosswalk does not hold."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(
            f"There is no suggestion {', '.join(ids)}", where="crosswalk", then="List them with `tieout crosswalk`."
        )


def build(
    con: duckdb.DuckDBPyConnection,
    state: State,
    connections: Mapping[str, Any] | Sequence[str],
    *,
    as_of: dt.date | dt.datetime,
) -> None:
    """Builds the crosswalk from staging and publishes it.

    `connections` are the configured ones, by name: claims of others are left out. `as_of` dates what is new and what
    ended.
    """
    at = instant(as_of)
    names = list(connections)
    references = _references(con, names)
    links, proposals = [], [suggestions.NONE]
    for entity in ENTITIES:
        records = _records(con, entity, names)
        with state.begin() as store:
            previous = enterprise_ids.links(store, entity.name)
            if records.is_empty():
                links.append(previous)
                continue
            decisions = _decisions(store, entity, records)
            pointers = _pointers(entity, records, references)
            resolved = resolve(entity, records, pointers, _were_one(records, previous), decisions)
            judged = suggestions.of(entity, records, resolved, decisions)
            grouped = records.select("record", *LINK_KEY).join(judged.groups, on="record")
            owned = enterprise_ids.assign(store, entity, grouped, previous, at=at)
            found = _described(owned, records, resolved, judged.suggested)
            links.append(enterprise_ids.store(store, entity, found, previous, at=at))
        proposals.append(judged.proposals)
    with state.read() as store:
        past = enterprise_ids.ended(store).with_columns(is_primary=pl.lit(value=False))
    _publish(con, pl.concat([*links, past.select(links[0].columns)]), pl.concat(proposals))


def confirm(
    state: State, con: duckdb.DuckDBPyConnection, ids: Sequence[str], *, by: str, reason: str, at: dt.datetime
) -> int:
    """Says that the two records of each suggestion are one; holds from the next build on. Returns how many."""
    return _decide(state, con, ids, "confirm", by=by, reason=reason, at=at)


def reject(
    state: State, con: duckdb.DuckDBPyConnection, ids: Sequence[str], *, by: str, reason: str, at: dt.datetime
) -> int:
    """Says that the two records of each suggestion are two, for all later builds. Returns how many.

    Records that carry the same key stay one: correct the key where it is kept.
    """
    return _decide(state, con, ids, "reject", by=by, reason=reason, at=at)


def _decide(
    state: State,
    con: duckdb.DuckDBPyConnection,
    ids: Sequence[str],
    decision: str,
    *,
    by: str,
    reason: str,
    at: dt.datetime,
) -> int:
    pairs = _read(
        con,
        "select suggestion_id, entity, left_connection, left_object, left_source_id, right_connection, right_object, "
        "right_source_id from crosswalk.suggestions where suggestion_id in (select unnest(?))",
        list(ids),
    )
    if missing := sorted(set(ids) - set(pairs["suggestion_id"])):
        raise UnknownSuggestion(missing)
    decided = [
        {**_ordered(pair), "decision": decision, "person": by, "reason": reason, "decided_at": instant(at)}
        for pair in pairs.sort("suggestion_id").iter_rows(named=True)
    ]
    with state.begin() as store:
        upsert(store, crosswalk_decisions, decided)
        append(
            store, (Entry(by, f"{decision} link", f"suggestion/{one['suggestion_id']}", one) for one in decided), at=at
        )
    return len(decided)


def _ordered(pair: Mapping[str, str]) -> dict[str, str]:
    """The pair with the smaller record left, as decisions are stored."""
    ends = sorted(tuple(pair[f"{side}_{name}"] for name in LINK_KEY) for side in ("left", "right"))
    sides = {f"{side}_{name}": value for side, end in zip(("left", "right"), ends, strict=True)
             for name, value in zip(LINK_KEY, end, strict=True)}  # fmt: skip
    return {**pair, **sides}


def _records(con: duckdb.DuckDBPyConnection, entity: Entity, connections: Sequence[str]) -> pl.DataFrame:
    """All records of an entity, numbered: the owner's first, then by connection, object and id."""
    found = [
        _read(
            con,
            f"select * from {STAGING}.{relation} where source_id is not null and connection in (select unnest(?))",
            list(connections),
        )
        for _, relation in _relations(con, f"__{entity.name}_claims")
    ]
    found += _merged_records(con, entity, found)
    if not found:
        return _numbered(pl.DataFrame(schema=dict.fromkeys(_META, pl.String)), entity)
    return _numbered(pl.concat(found, how="diagonal_relaxed"), entity)


def _numbered(claims: pl.DataFrame, entity: Entity) -> pl.DataFrame:
    order = {role: place for place, role in enumerate(entity.owners)}
    ranked = claims.with_columns(
        place=pl.col("role").replace_strict(order, default=len(order), return_dtype=pl.Int64),
        length=pl.col("source_id").str.len_chars(),
        gone=pl.col("claim_state").eq_missing("merged"),
    )
    unique = ranked.sort("gone", "place", "connection", "object", "length", "source_id").unique(
        LINK_KEY, keep="first", maintain_order=True
    )
    return unique.with_columns(
        record=pl.int_range(pl.len(), dtype=pl.Int64),
        slot=pl.concat_str("connection", "object", separator="/"),
        match_id=_match_id(pl.col("system"), pl.col("source_id")),
        match_object=_match_object(pl.col("object")),
    ).drop("place", "length")


def _merged_records(
    con: duckdb.DuckDBPyConnection, entity: Entity, claims: Sequence[pl.DataFrame]
) -> list[pl.DataFrame]:
    """Records that were merged away: they live on as their survivor, so what still points at them is understood."""
    found = []
    for _, relation in _relations(con, f"__{entity.survivors}_survivors") if entity.survivors else []:
        alive = [frame.select("connection", "role", "system", "object").unique() for frame in claims if frame.height]
        sources = pl.concat(alive, how="vertical_relaxed") if alive else pl.DataFrame()
        if sources.is_empty():
            continue
        key = f"{entity.survivors}_id"
        gone = _read(
            con,
            f"select connection, {key} as source_id, surviving_{key} as merged_into from {STAGING}.{relation} "
            f"where {key} <> surviving_{key}",
        )
        found.append(gone.join(sources, on="connection").with_columns(claim_state=pl.lit("merged")))
    return found


def _references(con: duckdb.DuckDBPyConnection, connections: Sequence[str]) -> pl.DataFrame:
    """Every pointer of a record to a record of another system."""
    columns = (
        "connection",
        "from_entity",
        "from_object",
        "from_id",
        "field",
        "to_role",
        "to_system",
        "to_object",
        "to_id",
    )
    found = [
        _read(
            con,
            f"select {', '.join(columns)} from {STAGING}.{relation} where from_id is not null and to_id is not null "
            "and connection in (select unnest(?))",
            list(connections),
        )
        for _, relation in _relations(con, "__cross_reference_claims")
    ]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), *found], how="vertical_relaxed")


def _pointers(entity: Entity, records: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """References between two records of this entity, by record number; mergers among them."""
    objects = records.group_by("connection").agg(several=pl.col("match_object").n_unique() > 1)
    known = records.select("record", "connection", "role", "system", "match_id", "match_object", "source_id").join(
        objects, on="connection"
    )
    mine = references.filter(pl.col("from_entity") == entity.name)
    holders = known.select(
        left="record", connection="connection", from_id="source_id", own="match_object", own_several="several"
    )
    held = mine.join(holders, on=["connection", "from_id"]).filter(
        ~pl.col("own_several") | (_match_object(pl.col("from_object")) == pl.col("own"))
    )
    aimed = held.with_columns(match_id=_match_id(pl.col("to_system"), pl.col("to_id")))
    targets = known.select(
        "match_id", "match_object", "several", right="record", to_system="system", to_connection="connection"
    )
    met = aimed.join(targets, on=["to_system", "match_id"]).filter(
        (pl.col("left") != pl.col("right"))
        & (~pl.col("several") | (_match_object(pl.col("to_object")) == pl.col("match_object")))
    )
    pointers = met.select("left", "right", "field", merged=pl.lit(value=False))
    if "merged_into" not in records.columns:
        return pointers
    heirs = known.select("connection", right="record", merged_into="source_id")
    mergers = records.select("connection", "merged_into", left="record").join(heirs, on=["connection", "merged_into"])
    return pl.concat(
        [pointers, mergers.select("left", "right", field=pl.lit("merged into"), merged=pl.lit(value=True))]
    )


def _were_one(records: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records of different slots that had one confirmed id before."""
    before = records.select("record", "slot", *LINK_KEY).join(
        previous.filter(pl.col("status") == "confirmed").select(*LINK_KEY, "enterprise_id"), on=LINK_KEY
    )
    pairs = before.select(left="record", left_slot="slot", enterprise_id="enterprise_id").join(
        before.select(right="record", right_slot="slot", enterprise_id="enterprise_id"), on="enterprise_id"
    )
    return pairs.filter((pl.col("left") < pl.col("right")) & (pl.col("left_slot") != pl.col("right_slot"))).select(
        "left", "right"
    )


def _decisions(store: Any, entity: Entity, records: pl.DataFrame) -> pl.DataFrame:
    """What people decided, by record number; decisions on records that are not there now rest."""
    decided = frame(store, select(crosswalk_decisions).where(crosswalk_decisions.c.entity == entity.name))
    for side in ("left", "right"):
        numbers = records.select(
            pl.col("record").alias(side), *(pl.col(name).alias(f"{side}_{name}") for name in LINK_KEY)
        )
        decided = decided.join(numbers, on=[f"{side}_{name}" for name in LINK_KEY])
    return decided.select("left", "right", "decision")


def _described(owned: pl.DataFrame, records: pl.DataFrame, resolved: Resolved, suggested: pl.DataFrame) -> pl.DataFrame:
    """The links as they are stored: how each record came to its id, and which is the first of its system."""
    order = {
        name: place for place, name in enumerate(("confirmed", "key", "composite", "merged", "reference", "previous"))
    }
    ends = pl.concat([resolved.links.select(pl.col(side).alias("record"), "method") for side in ("left", "right")])
    method = (
        ends.with_columns(place=pl.col("method").replace_strict(order, return_dtype=pl.Int64))
        .sort("place")
        .group_by("record")
        .agg(pl.col("method").first())
    )
    pointed = pl.concat(
        resolved.links.filter(pl.col("method") == "reference").select(pl.col(side).alias("record"))
        for side in ("left", "right")
    ).unique()
    created = pl.col("created_at").cast(pl.String) if "created_at" in records.columns else pl.lit(None, dtype=pl.String)
    facts = (
        owned.join(records.select("record", "slot", "gone", created_at=created), on="record")
        .join(method, on="record", how="left")
        .join(suggested, on="record", how="left")
        .join(pointed.with_columns(pointed=pl.lit(value=True)), on="record", how="left")
        .sort(pl.col("gone"), pl.col("pointed").is_null(), pl.col("created_at"), pl.col("record"), nulls_last=True)
        .with_columns(is_primary=pl.col("record") == pl.col("record").first().over("enterprise_id", "slot"))
    )
    is_first = pl.col("record") == pl.col("record").min().over("enterprise_id")
    likely = pl.col("score").is_not_null()
    return facts.sort("record").select(
        *LINK_KEY,
        "enterprise_id",
        method=pl.when(is_first).then(pl.lit("origin")).otherwise(pl.coalesce("method", pl.lit("fuzzy"))),
        status=pl.when(likely).then(pl.lit("suggested")).otherwise(pl.lit("confirmed")),
        score=pl.coalesce("score", pl.lit(1.0)),
        is_primary="is_primary",
        rule_version=pl.lit(RULE_VERSION, dtype=pl.Int64),
    )


def _publish(con: duckdb.DuckDBPyConnection, links: pl.DataFrame, proposals: pl.DataFrame) -> None:
    con.execute("create schema if not exists crosswalk")
    for name, content, query in (
        ("links", links, _LINKS),
        ("suggestions", proposals.with_columns(suggestion_id=_suggestion_id()), suggestions.QUERY),
    ):
        con.register(name, content.to_arrow())
        con.execute(f"create or replace table crosswalk.{name} as {query}")
        con.unregister(name)


def _suggestion_id() -> pl.Expr:
    """A short name of a pair that survives runs: a hash of the entity and both records."""
    ends = [pl.concat_str([f"{side}_{name}" for name in LINK_KEY], separator="\x1f") for side in ("left", "right")]
    text = pl.concat_str("entity", pl.min_horizontal(*ends), pl.max_horizontal(*ends), separator="\x1f")
    return pl.lit("SUG-") + text.map_batches(_digests, return_dtype=pl.String)


def _digests(texts: pl.Series) -> pl.Series:
    return pl.Series([hashlib.sha256(text.encode()).hexdigest()[:12] for text in texts], dtype=pl.String)


def _read(con: duckdb.DuckDBPyConnection, query: str, *lists: list[str]) -> pl.DataFrame:
    """The answer of a query; each list is one parameter."""
    return con.sql(query, params=list(lists)).pl() if lists else con.sql(query).pl()


def _relations(con: duckdb.DuckDBPyConnection, ending: str) -> list[tuple[str, str]]:
    """(system, relation) of all staging relations of that name."""
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = ? and ends_with(table_name, ?) "
        "order by table_name",
        [STAGING, ending],
    ).fetchall()
    return [(name.removesuffix(ending), name) for (name,) in found]


def _match_id(system: pl.Expr, source_id: pl.Expr) -> pl.Expr:
    """An id in the form that all its spellings share."""
    form = source_id.str.strip_chars()
    for name, length in _SHORT_IDS.items():
        is_long = (system == name) & form.str.len_chars().is_in([length, length + 3])
        form = pl.when(is_long).then(form.str.slice(0, length)).otherwise(form)
    return form


def _match_object(name: pl.Expr) -> pl.Expr:
    """An object's name without case, punctuation and plural."""
    return name.str.to_lowercase().str.replace_all(r"[^a-z0-9]", "").str.strip_suffix("s")
