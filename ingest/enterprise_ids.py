"""Gives each group of records its enterprise id: the one it had, or a new one that nobody ever had.

Ids are minted in the state store in the order of the records (owners first), so the same landing mints the same ids.
They survive re-landing and a change of vendor. When two things turn out to be one, the older id stays and the other is
retired; when one turns out to be two, the id stays with the record of the owner. A number is never used again.

A link ends when its record is taken for another thing (the link goes to the history) or is gone from its system (the
link keeps its id, and `valid_to` says since when). A record that comes back opens its link anew.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, func, select, update

from contracts.state import frame, upsert
from contracts.state.schema import crosswalk_history, crosswalk_ids, crosswalk_links
from ingest.identities import Entity

__all__ = ["LINK_KEY", "assign", "ended", "links", "store"]

LINK_KEY = ("connection", "object", "source_id")
_STORED = (*LINK_KEY, "enterprise_id", "method", "status", "score", "is_primary", "rule_version")


def links(connection: Connection, entity: str) -> pl.DataFrame:
    """The links of an entity as they stand, one per record that was ever seen: `valid_to` is set where it is gone."""
    return frame(connection, select(crosswalk_links).where(crosswalk_links.c.entity == entity))


def ended(connection: Connection) -> pl.DataFrame:
    """The links that another one followed, of every entity: `valid_to` says when."""
    return frame(connection, crosswalk_history)


def assign(
    connection: Connection, entity: Entity, grouped: pl.DataFrame, before: pl.DataFrame, *, at: str
) -> pl.DataFrame:
    """`grouped` (record, group, connection, object, source_id) with `enterprise_id`; new ids are minted."""
    known = before.select(*LINK_KEY, "enterprise_id")
    had = grouped.join(known, on=LINK_KEY).select("record", "group", "enterprise_id")
    # An id goes where its first record is; a group keeps the oldest of the ids that came to it.
    homes = had.sort("record").group_by("enterprise_id", maintain_order=True).agg(pl.col("group").first())
    kept = homes.group_by("group").agg(pl.col("enterprise_id").min(), retired=pl.col("enterprise_id").sort().slice(1))
    _retire(connection, kept)
    new = grouped.sort("record").group_by("group", maintain_order=True).first().join(kept, on="group", how="anti")
    minted = _mint(connection, entity, new, at)
    ids = pl.concat([kept.select("group", "enterprise_id"), minted])
    return grouped.join(ids, on="group")


def store(
    connection: Connection, entity: Entity, found: pl.DataFrame, before: pl.DataFrame, *, at: str
) -> pl.DataFrame:
    """Writes what changed of an entity's links and returns all of them, those of absent records included.

    `found` has the columns of a link. A link to another id, or of a record that was gone, is closed in the history and
    opened anew. A link of a record that its source no longer holds ends at `at`. A source that holds no record of the
    entity at all ends none: it did not arrive, and absence is not evidence.
    """
    standing = before.filter(pl.col("valid_to").is_null())
    changed = found.join(standing.select(_STORED), on=_STORED, how="anti", nulls_equal=True)
    old = before.join(changed.select(*LINK_KEY, new_id="enterprise_id"), on=LINK_KEY)
    stays = pl.col("valid_to").is_null() & (pl.col("new_id") == pl.col("enterprise_id"))
    closed = old.filter(~stays).with_columns(pl.coalesce("valid_to", _end(at)).alias("valid_to"))
    upsert(
        connection, crosswalk_history, closed.select([c.name for c in crosswalk_history.columns]).iter_rows(named=True)
    )
    fresh = changed.join(old.filter(stays).select(*LINK_KEY, "valid_from"), on=LINK_KEY, how="left").with_columns(
        pl.coalesce("valid_from", pl.lit(at)).alias("valid_from"),
        entity=pl.lit(entity.name),
        valid_to=pl.lit(None, dtype=pl.String),
    )
    speaking = found.select("connection", "object").unique()
    gone = standing.join(found, on=LINK_KEY, how="anti").join(speaking, on=["connection", "object"], how="semi")
    written = pl.concat(
        [fresh.select(before.columns), gone.with_columns(_end(at).alias("valid_to")).select(before.columns)]
    )
    upsert(connection, crosswalk_links, written.iter_rows(named=True))
    return pl.concat([before.join(written, on=LINK_KEY, how="anti"), written])


def _end(at: str) -> pl.Expr:
    """When a link ends that is seen to have ended at `at`: never before it began, though a run may look back."""
    return pl.max_horizontal("valid_from", pl.lit(at))


def _mint(connection: Connection, entity: Entity, new: pl.DataFrame, at: str) -> pl.DataFrame:
    """New ids, one per group, in the order of `new`."""
    mine = crosswalk_ids.c.entity == entity.name
    last = connection.scalar(select(func.max(crosswalk_ids.c.number)).where(mine)) or 0
    number = pl.int_range(last + 1, last + 1 + pl.len(), dtype=pl.Int64)
    minted = new.with_columns(number=number).with_columns(
        enterprise_id=pl.concat_str(pl.lit(f"{entity.prefix}-"), pl.col("number").cast(pl.String).str.zfill(6)),
        entity=pl.lit(entity.name),
        minted_for=pl.concat_str(*LINK_KEY, separator="/"),
        minted_at=pl.lit(at),
        merged_into=pl.lit(None, dtype=pl.String),
    )
    upsert(connection, crosswalk_ids, minted.select([c.name for c in crosswalk_ids.columns]).iter_rows(named=True))
    return minted.select("group", "enterprise_id")


def _retire(connection: Connection, kept: pl.DataFrame) -> None:
    """Notes for each id that lost its records to an older one which one that is."""
    for retired, into in kept.explode("retired").drop_nulls().select("retired", "enterprise_id").iter_rows():
        connection.execute(
            update(crosswalk_ids).where(crosswalk_ids.c.enterprise_id == retired).values(merged_into=into)
        )
