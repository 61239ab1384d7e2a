"""What the patterns on time share: the entries finance has received, what each is worth, and which are still free.

Only some agreements are struck by patterns on single entries (`STRUCK`), so that patterns on whole agreements find
others whose money is their own. An entry is struck once: what was struck is remembered under ``entry/<id>``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Truth, expected, record
from ingest.sandbox.ns_amounts import half_up, hours, quantum
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.world import World, draw, text_keys

__all__ = [
    "CONSEQUENCES",
    "STRUCK",
    "SURE",
    "choose",
    "entry_truth",
    "received",
    "reserve",
    "settled_now",
    "stamp",
    "worth_at",
]

#: Share of the agreements whose entries are struck one by one.
STRUCK = 0.6
#: Time that arrived this long before the extract has been seen by everyone.
SURE = dt.timedelta(days=1)
#: What follows from wrong time on an agreement.
CONSEQUENCES = ("K33", "K44", "K46", "K69")
#: Patterns that add to what a line is charged; each may use its part of the room that is left.
_ADDING = 4
#: How many times as many lots are looked at as entries are wanted, before all are.
_AHEAD = 8
#: How it is remembered that an entry was struck.
_ENTRY = "entry/"
_RECEIVED, _USED = "time/received", "time/used"


def received(world: World, *, with_room: bool = False) -> pl.DataFrame:
    """Approved entries that finance holds, of projects nothing else struck.

    id, timebill, workspace, story, user, sow, line_key, is_tm, billable, minutes, price and worth (hundredths),
    currency, step, worked_on, arrived, subsidiary, sheet, lot (the number lots are drawn by). `with_room` leaves out
    lines that are nearly worked off.
    """
    rows = world.shared.get(_RECEIVED)
    if rows is None:
        rows = world.shared[_RECEIVED] = _known(world)
    taken = pl.Series(sorted(world.taken), dtype=pl.String).implode()
    owned = world["kantata.custom_field_values"].filter(
        pl.col("subject_type") == "Workspace", pl.col("custom_field_name") == "SOW Number"
    )
    lost = owned.filter(pl.col("value").is_in(taken))["subject_id"].implode()
    gone = pl.Series(
        [one.removeprefix(_ENTRY) for one in sorted(world.taken) if one.startswith(_ENTRY)], dtype=pl.String
    )
    free = ~pl.col("workspace").is_in(taken) & ~pl.col("workspace").is_in(lost)
    rows = rows.filter(free, ~pl.col("id").is_in(gone.implode()))
    return rows.join(_room(world), on="line_key", how="inner", maintain_order="left") if with_room else rows


def _known(world: World) -> pl.DataFrame:
    """The entries of agreements whose entries are struck one by one; remembers what all of them were worth by line."""
    rows = _joined(world)
    world.shared[_USED] = rows.filter("is_tm").group_by("line_key").agg(used=pl.col("worth").sum())
    sows = rows["sow"].unique().drop_nulls().sort()
    struck = sows.filter(pl.Series(draw(sows, "time/struck", world.firm.seed)) < STRUCK)
    rows = rows.filter(pl.col("sow").is_null() | pl.col("sow").is_in(struck.implode()))
    return rows.with_columns(lot=pl.Series(text_keys(rows["id"])))


def _joined(world: World) -> pl.DataFrame:
    """All approved entries that finance holds, as they were before the first pattern struck."""
    bills = (
        world["netsuite.timebill"]
        .filter(pl.col("custcol_psa_time_entry_id").is_not_null())
        .select("subsidiary", id="custcol_psa_time_entry_id", timebill="id", arrived="createddate")
    )
    bills = bills.filter(pl.col("arrived") < world.firm.watermark - SURE)
    entries = (
        world["kantata.time_entries"]
        .filter("approved")
        .select(
            "id",
            "billable",
            "currency",
            "currency_base_unit",
            workspace="workspace_id",
            story="story_id",
            user="user_id",
            minutes="time_in_minutes",
            rate="rate_in_cents",
            worked_on="date_performed",
            sheet="active_submission_id",
        )
    )
    timed = order_lines(world).filter("is_base", pl.col("billing_type") == "T&M").select("line_key", is_tm=pl.lit(True))
    stories = story_lines(world).select("line_key", story="story_id")
    rows = (
        bills.join(entries, on="id", how="inner", maintain_order="left")
        .join(stories, on="story", how="left", maintain_order="left")
        .join(timed.unique("line_key"), on="line_key", how="left", maintain_order="left")
        .with_columns(
            is_tm=pl.col("is_tm").fill_null(False),
            sow=pl.col("line_key").str.split("/").list.first(),
            step=quantum("currency"),
            price=pl.col("rate").fill_null(0) * 100 // pl.col("currency_base_unit"),
        )
    )
    rows = rows.drop("rate", "currency_base_unit")
    return rows.with_columns(worth=pl.when("billable").then(worth_at("price")).otherwise(0))


def _room(world: World) -> pl.DataFrame:
    """line_key, room: what a pattern may add to a time-and-materials line, so that all of them stay below its value."""
    lines = order_lines(world).filter(pl.col("billing_type") == "T&M")
    signed = lines.group_by("line_key").agg(value=pl.col("value").sum(), nte=pl.col("nte").min())
    limit = pl.min_horizontal("value", "nte")
    rooms = (
        world.shared[_USED].join(signed, on="line_key").with_columns(room=(limit * 9 // 10 - pl.col("used")) // _ADDING)
    )
    return rooms.filter(pl.col("room") > 0).select("line_key", "room")


def worth_at(price: str, minutes: str = "minutes") -> pl.Expr:
    """Minutes at an hourly price in hundredths, as the ledger rounds them."""
    tenthousandths = (hours(minutes) * 10_000).cast(pl.Int64).cast(pl.Int128)
    return half_up(tenthousandths * pl.col(price), 10_000, pl.col("step"))


def settled_now(world: World, rows: pl.DataFrame, share: float) -> int:
    """How many of the firm's entries a pattern strikes."""
    return min(rows.height, max(1, round(world["netsuite.timebill"].height * share)))


def choose(world: World, rows: pl.DataFrame, share: float, salt: str) -> pl.DataFrame:
    """As many entries as the share of all says, at least one, by lot; they are struck now."""
    wanted = settled_now(world, rows, share)
    lot = pl.Series("_draw", draw(rows["lot"].to_numpy(), salt, world.firm.seed))
    limited = ("line_key", "worth", "room") if "room" in rows.columns else ()
    lots = rows.select("id", *limited).with_columns(lot).with_row_index("_place")
    drawn = (
        _AHEAD * wanted / max(1, rows.height)
    )  # lots are uniform: the lowest ones are enough, and millions need no sorting
    while (ranked := _ranked(lots.filter(pl.col("_draw") < drawn))).height < wanted and drawn < 1:
        drawn *= _AHEAD
    chosen = rows[ranked["_place"].head(wanted)].sort("id")
    reserve(world, chosen["id"])
    return chosen


def _ranked(lots: pl.DataFrame) -> pl.DataFrame:
    """Entries in the order of their lots, less those that no room is left for."""
    ranked = lots.sort("_draw", "id")
    if "room" in lots.columns:
        ranked = ranked.filter(pl.col("worth").cum_sum().over("line_key") <= pl.col("room"))
    return ranked


def reserve(world: World, entries: pl.Series) -> None:
    """No other pattern strikes these entries."""
    world.taken.update(f"{_ENTRY}{one}" for one in entries.to_list())


def stamp(world: World, name: str, key: str, changed: pl.DataFrame, columns: Mapping[str, str]) -> None:
    """Set columns of the rows of a frame that `changed` names by `key`: column -> column of `changed`.

    Only these columns are written: a few rows of millions change.
    """
    frame = world[name]
    new = changed.select(
        key, *(pl.col(source).cast(frame.schema[into]).alias(into) for into, source in columns.items())
    )
    rows = frame.select(key).with_row_index("_row").join(new, on=key, how="inner")
    world[name] = frame.with_columns(frame[into].clone().scatter(rows["_row"], rows[into]) for into in columns)


def entry_truth(
    world: World,
    row: Mapping[str, object],
    check: str,
    break_type: str,
    worth: int,
    *,
    at_fault: str = "netsuite",
    action_kind: str,
    consequences: tuple[str, ...] = (),
    with_entry: bool = True,
    timebill: str | None = None,
) -> Truth:
    """The truth about one struck entry: its break names the entry, and the time record where there is one."""
    records = [record("kantata", "time_entries", str(row["id"]))] if with_entry else []
    if timebill:
        records.append(record("netsuite", "timebill", timebill))
    want = expected(
        check,
        break_type,
        Decimal(abs(worth)) / 100,
        str(row["currency"]),
        records,
        at_fault=at_fault,
        owner="finance_operations",
        action_kind=action_kind,
    )
    return {
        "root": records[-1],
        "injected_on": str(row["arrived"])[:10],
        "visible_from": world.as_of().isoformat(),
        "expected": [want],
        "consequences": list(consequences),
    }
