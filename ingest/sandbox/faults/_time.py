"""What the patterns on time share: the entries finance has received, what each is worth, and which are still free.

Only some agreements are struck by patterns on single entries (`STRUCK`), so that patterns on whole agreements find
others whose money is their own. An entry is struck once: what was struck is remembered in `World.taken_entries`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

import polars as pl

from ingest.sandbox.fault import Truth, expected, record, with_kind
from ingest.sandbox.ns_amounts import hour_parts, quantum, worth_of
from ingest.sandbox.ns_links import story_lines
from ingest.sandbox.ns_orders import order_lines
from ingest.sandbox.world import World, draw, text_keys

__all__ = [
    "CONSEQUENCES",
    "STRUCK",
    "SURE",
    "billing_of",
    "choose",
    "chosen",
    "entry_truth",
    "once_billed",
    "received",
    "settled_now",
    "whole_sheets",
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
_RECEIVED, _USED = "time/received", "time/used"
#: Ids that are held as numbers as long as there are millions of them.
_IDS = ("id", "timebill", "workspace", "story", "user", "sheet")


def received(world: World) -> pl.LazyFrame:
    """Approved entries that finance holds, of projects nothing else struck: to be narrowed, and chosen from.

    id, timebill, workspace, story, user, sheet (whole numbers here, text once chosen), sow, line_key, is_tm, billable,
    minutes, price and worth (hundredths), currency, step, worked_on, arrived, subsidiary, lot (the number lots are
    drawn by) and place.
    """
    rows = world.once(_RECEIVED, _known)
    struck = pl.Series(list(world.taken_entries), dtype=pl.String).cast(pl.Int64)
    taken = pl.Series(list(world.taken), dtype=pl.String)
    owned = world["kantata.custom_field_values"].filter(
        pl.col("subject_type") == "Workspace", pl.col("custom_field_name") == "SOW Number"
    )
    lost = owned.filter(world.is_taken("value"))["subject_id"]
    gone = pl.concat([taken, lost]).str.to_integer(strict=False).drop_nulls().unique()
    return rows.lazy().filter(~pl.col("workspace").is_in(gone.implode()), ~pl.col("id").is_in(struck.implode()))


def chosen(world: World, places: pl.Series) -> pl.DataFrame:
    """The rows of `received` at some places, with their ids as text, in the order of these; they are struck now."""
    rows = world.shared[_RECEIVED][places].with_columns(pl.col(_IDS).cast(pl.String)).sort("id")
    world.taken_entries.update(rows["id"].to_list())
    return rows


def _known(world: World) -> pl.DataFrame:
    """The entries of agreements whose entries are struck one by one, as they were before the first pattern struck.

    Remembers what the entries of each line were worth.
    """
    rows = _joined(world)
    world.shared[_USED] = rows.filter("is_tm").group_by("line_key").agg(used=pl.col("worth").sum())
    lots = text_keys(rows.select(pl.col("id").cast(pl.String)).to_series())
    return rows.with_columns(lot=pl.Series(lots)).with_row_index("place")


def _joined(world: World) -> pl.DataFrame:
    bills = (
        world["netsuite.timebill"]
        .lazy()
        .filter(pl.col("custcol_psa_time_entry_id").is_not_null(), pl.col("createddate") < world.firm.watermark - SURE)
        .select(
            "subsidiary",
            id=pl.col("custcol_psa_time_entry_id").cast(pl.Int64),
            timebill=pl.col("id").cast(pl.Int64),
            story=pl.col("casetaskevent").cast(pl.Int64),
            arrived="createddate",
        )
    )
    entries = (
        world["kantata.time_entries"]
        .lazy()
        .filter("approved")
        .select(
            "billable",
            "currency",
            "currency_base_unit",
            pl.col("id").cast(pl.Int64),
            workspace=pl.col("workspace_id").cast(pl.Int64),
            user=pl.col("user_id").cast(pl.Int64),
            minutes="time_in_minutes",
            rate="rate_in_cents",
            worked_on="date_performed",
            sheet=pl.col("active_submission_id").cast(pl.Int64),
        )
    )
    stories = _stories(world).lazy()
    rows = bills.join(stories, on="story", how="left", maintain_order="left").filter(pl.col("struck").fill_null(True))
    rows = (
        rows.drop("struck")
        .join(entries, on="id", how="inner", maintain_order="left")
        .with_columns(
            is_tm=pl.col("is_tm").fill_null(False),
            step=quantum("currency"),
            price=pl.col("rate").fill_null(0) * 100 // pl.col("currency_base_unit"),
        )
    )
    rows = rows.drop("rate", "currency_base_unit")
    return rows.with_columns(worth=pl.when("billable").then(worth_at("price")).otherwise(0)).collect()


def _stories(world: World) -> pl.DataFrame:
    """story, line_key, sow, is_tm, and whether its agreement is one whose entries are struck one by one."""
    timed = order_lines(world).filter("is_base", pl.col("billing_type") == "T&M").select("line_key", is_tm=pl.lit(True))
    stories = story_lines(world).select("line_key", story=pl.col("story_id").cast(pl.Int64))
    stories = stories.join(timed.unique("line_key"), on="line_key", how="left", maintain_order="left").with_columns(
        sow=pl.col("line_key").str.split("/").list.first()
    )
    sows = stories["sow"].unique().drop_nulls()
    struck = sows.filter(pl.Series(draw(sows, "time/struck", world.firm.seed)) < STRUCK).implode()
    return stories.with_columns(struck=pl.col("sow").is_null() | pl.col("sow").is_in(struck))


def _room(world: World) -> pl.DataFrame:
    """line_key, room: what a pattern may add to a time-and-materials line, so that all of them stay below its value."""
    lines = order_lines(world).filter(pl.col("billing_type") == "T&M")
    signed = lines.group_by("line_key").agg(value=pl.col("value").sum(), nte=pl.col("nte").min())
    limit = pl.min_horizontal("value", "nte")
    rooms = (
        world.shared[_USED].join(signed, on="line_key").with_columns(room=(limit * 9 // 10 - pl.col("used")) // _ADDING)
    )
    return rooms.filter(pl.col("room") > 0).select("line_key", "room")


def whole_sheets(world: World, rows: pl.DataFrame) -> pl.DataFrame:
    """sheet (as text), free: the sheets all of whose entries are among the rows, and how many these are."""
    sizes = world["kantata.timesheet_submissions"].select(sheet="id", size=pl.col("time_entry_ids").list.len())
    free = rows.filter(pl.col("sheet").is_not_null()).group_by(pl.col("sheet").cast(pl.String)).agg(free=pl.len())
    return free.join(sizes, on="sheet", how="inner").filter(pl.col("free") == pl.col("size")).drop("size")


def worth_at(price: str, minutes: str = "minutes") -> pl.Expr:
    """Minutes at an hourly price in hundredths, as the ledger rounds them."""
    return worth_of(hour_parts(pl.col(minutes)), price)


def settled_now(world: World, free: int, share: float) -> int:
    """How many of the firm's entries a pattern strikes, of those that are free."""
    return min(free, max(1, round(world["netsuite.timebill"].height * share)))


def choose(world: World, rows: pl.LazyFrame, share: float, salt: str, *, with_room: bool = False) -> pl.DataFrame:
    """As many entries as the share of all says, at least one, by lot; they are struck now.

    `with_room` leaves out lines that are nearly worked off, and more of a line than there is room for.
    """
    if with_room:
        room = _room(world)
        rows = rows.filter(pl.col("line_key").is_in(room["line_key"].implode()))
    lots = rows.select("place", "lot").collect()
    wanted = settled_now(world, lots.height, share)
    lots = lots.with_columns(_draw=pl.Series(draw(lots["lot"].to_numpy(), salt, world.firm.seed)))
    drawn = (
        _AHEAD * wanted / max(1, lots.height)
    )  # lots are uniform: the lowest ones are enough, and millions need no sorting
    known = world.shared[_RECEIVED].select("id", "line_key", "worth")
    while True:
        low = lots.filter(pl.col("_draw") < drawn)
        ranked = low.hstack(known[low["place"]].with_columns(pl.col("id").cast(pl.String))).sort("_draw", "id")
        if with_room:
            ranked = ranked.join(room, on="line_key", how="inner", maintain_order="left")
            ranked = ranked.filter(pl.col("worth").cum_sum().over("line_key") <= pl.col("room"))
        if ranked.height >= wanted or drawn >= 1:
            return chosen(world, ranked["place"].head(wanted))
        drawn *= _AHEAD


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


def billing_of(world: World, truth: list[Truth]) -> dict[str, str]:
    """Where the charge of each struck time record stands: `open` until an invoice has it, on a `draft`, or `billed`."""
    timebills = pl.Series([row["root"]["id"] for row in truth], dtype=pl.String)
    invoices = world["netsuite.charge"].filter(pl.col("timerecord").is_in(timebills.implode()))
    invoices = invoices.group_by("timerecord").agg(pl.col("invoice").max())
    heads = world["netsuite.transaction"]
    drafts = heads.filter(~pl.col("posting").fill_null(False) | pl.col("voided").fill_null(False))["id"]
    state = (
        pl.when(pl.col("invoice").is_null())
        .then(pl.lit("open"))
        .when(pl.col("invoice").is_in(drafts.implode()))
        .then(pl.lit("draft"))
        .otherwise(pl.lit("billed"))
    )
    found = dict(invoices.select("timerecord", state.alias("state")).iter_rows())
    return {one: found.get(one, "open") for one in timebills}


def once_billed(unbilled: str) -> Callable[[World, list[Truth]], list[Truth]]:
    """A `settle`: the truth names the correction of billed time; what is unbilled is corrected by `unbilled` where it
    stands, and on the draft of an invoice by a person.
    """
    instead = {"open": unbilled, "draft": "ROUTE"}

    def settle(world: World, truth: list[Truth]) -> list[Truth]:
        states = billing_of(world, truth)
        return [with_kind(row, instead.get(states[row["root"]["id"]])) for row in truth]

    return settle
