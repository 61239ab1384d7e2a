"""The firm's deals as sales knows them: agreements, their signed versions, the lines of each version and the rates.

This is the plan from which the Salesforce records are written; no other system reads it. Amounts are integers of minor
units, values of one version are deltas. Rules that hold by construction:

- an agreement starts on or after its signature; an amendment takes effect on or after its own, and before the end;
- T&M lines are hours times one blended price; managed services are months times a monthly fee; others are a lump sum;
- a reduction only ever takes hours off a T&M line; a rate-only amendment has a line worth nothing and new rates;
- the lines of one workstream have one billing type; every workstream starts with the agreement.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.calendar import business_days
from ingest.sandbox.firm import BILLING_TYPES, CURRENCIES, TERMS, Firm
from ingest.sandbox.frames import choose
from ingest.sandbox.world import draw, normal

__all__ = ["ROLES", "WORKSTREAMS", "Book", "Role", "book"]


@dataclass(frozen=True)
class Role:
    """A billing role: its list price and cost an hour in USD, and its share of consultants."""

    name: str
    price: int
    cost: int
    share: float


ROLES: tuple[Role, ...] = (
    Role("Analyst", 105, 48, 0.18),
    Role("Consultant", 130, 58, 0.28),
    Role("Senior Consultant", 155, 69, 0.27),
    Role("Manager", 185, 82, 0.13),
    Role("Architect", 195, 88, 0.09),
    Role("Principal", 235, 110, 0.05),
)
WORKSTREAMS = ("Implementation", "Integration", "Data Migration", "Change Management", "Support")

#: The mean list price, weighted by the shares of the roles: what an hour is worth when a deal is estimated.
_MEAN_PRICE = 150
_SIGMA = 1.25
_MAX_SHARE = 0.05  # no deal is worth more than this share of a year's revenue
_REVENUE_PER_CONSULTANT = 206_000
_BUSY = 1.05  # a little more is sold than a year's billable hours hold
_CROSS_CURRENCY = 0.025  # share of agreements in another currency than their entity's
_MULTI_ENTITY = 0.10  # share of agreements a customer signs with another entity than its usual one


@dataclass(frozen=True)
class Book:
    """Agreements (one row each), versions, line deltas by version, and rates by role."""

    agreements: pl.DataFrame
    versions: pl.DataFrame
    lines: pl.DataFrame
    rates: pl.DataFrame


def book(firm: Firm, customer_entity: np.ndarray) -> Book:
    """All deals of the firm; `customer_entity` is the usual entity (a number) of each customer that may buy."""
    agreements = _agreements(firm, customer_entity)
    first = _first_lines(firm, agreements)
    versions, later = _amendments(firm, agreements, first)
    columns = first.columns
    return Book(
        agreements=agreements,
        versions=versions,
        lines=pl.concat([first, later.select(columns)]).sort("key", "version", "number"),
        rates=_rates(firm, agreements, versions, first),
    )


def _customers(firm: Firm, keys: np.ndarray, count: int) -> np.ndarray:
    """Which customer buys: a Zipf tail whose steepness gives the ten largest their share of revenue."""
    target = float(np.interp(np.log(firm.size), np.log([200, 2_000, 20_000]), [0.55, 0.35, 0.25]))
    ranks = np.arange(1, count + 1, dtype=np.float64)
    steepness = np.linspace(0.2, 2.0, 91)
    shares = [(ranks[:10] ** -s).sum() / (ranks**-s).sum() for s in steepness]
    weights = np.cumsum(ranks ** -steepness[int(np.argmin(np.abs(np.array(shares) - target)))])
    return np.searchsorted(weights / weights[-1], draw(keys, "agreement/customer", firm.seed), side="right")


def _median(firm: Firm) -> float:
    """The median deal that gives the firm its mean deal in spite of the ceiling, and work for its consultants."""
    most, mean = _MAX_SHARE * _REVENUE_PER_CONSULTANT * firm.size, firm.count("mean value") * _BUSY
    spread = np.exp(_SIGMA * np.linspace(-3.5, 3.5, 701))
    weight = np.exp(-0.5 * np.linspace(-3.5, 3.5, 701) ** 2)
    medians = np.geomspace(mean / 4, mean * 2, 200)
    means = (np.minimum(medians[:, None] * spread, most) * weight).sum(axis=1) / weight.sum()
    return float(medians[int(np.argmin(np.abs(means - mean)))])


def _agreements(firm: Firm, customer_entity: np.ndarray) -> pl.DataFrame:
    seed = firm.seed
    opening = round(firm.count("active agreements"))
    days = (firm.as_of - firm.start_on).days
    new = round(firm.count("agreements a year") * days / 365)
    drafts = max(3, round(0.03 * new))
    keys = np.arange(opening + new + drafts, dtype=np.int64)
    is_open, draft = keys < opening, keys >= opening + new

    def u(salt: str) -> np.ndarray:
        return draw(keys, f"agreement/{salt}", seed)

    customer = _customers(firm, keys, len(customer_entity))
    weights = np.cumsum([entity.weight for entity in firm.entities])
    other = np.searchsorted(weights, u("entity") * weights[-1], side="right")
    entity = np.where(u("multi") < _MULTI_ENTITY, other, customer_entity[customer])
    own = np.array([firm.currencies.index(e.currency) for e in firm.entities])[entity]
    crossed = (own + 1 + (u("cross/to") * (len(firm.currencies) - 1)).astype(np.int64)) % len(firm.currencies)
    currency = np.where(u("cross") < _CROSS_CURRENCY, crossed, own)

    kind = choose(u("type"), BILLING_TYPES)
    managed = (kind == "Managed Service") | ((kind == "Mixed") & (u("third") < 0.30))
    most, median = _MAX_SHARE * _REVENUE_PER_CONSULTANT * firm.size, _median(firm)
    size = np.clip(np.exp(_SIGMA * normal(keys, "agreement/value", seed)) * median, 6_000, most)
    stretch = np.clip((size / median) ** 0.3, 0.4, 2.5)
    gamma = -3.75 * (np.log(np.maximum(u("long/a"), 1e-9)) + np.log(np.maximum(u("long/b"), 1e-9)))
    term = np.clip(np.ceil(gamma * stretch), 1, 24).astype(np.int64)
    term = np.where(managed, np.array([12, 24, 36])[(u("long/m") * 3).astype(np.int64)], term)
    part = np.where(is_open, 0.25 + 0.65 * u("remaining"), 1.0)
    size *= part
    term = np.where(is_open & ~managed, np.maximum(1, np.ceil(term * part)), term).astype(np.int64)

    before = business_days(firm.start_on - dt.timedelta(days=70), firm.start_on - dt.timedelta(days=8))
    within = business_days(firm.start_on, firm.as_of - dt.timedelta(days=1))
    signed = np.where(
        is_open,
        before[(u("signed") * len(before)).astype(np.int64)],
        within[(u("signed") * len(within)).astype(np.int64)],
    )
    today = np.datetime64(firm.as_of, "D")
    signed = np.where(draft, today + (u("signed") * 40).astype(np.int64), signed).astype("datetime64[D]")
    lag = (-8.0 * np.log(np.maximum(u("lag"), 1e-6))).astype(np.int64)
    start = np.where(is_open, np.datetime64(firm.start_on, "D") + np.where(u("lag") < 0.8, 0, 15), signed + 1 + lag)
    start = _start_day(start.astype("datetime64[D]"), u("start"))
    end = ((start.astype("datetime64[M]") + term).astype("datetime64[D]")
           + (start - start.astype("datetime64[M]").astype("datetime64[D]")) - 1)  # fmt: skip
    per_usd = np.array([CURRENCIES[code].per_usd for code in firm.currencies])[currency]
    unit = np.array([CURRENCIES[code].base_unit for code in firm.currencies])[currency]
    level = np.exp(0.12 * normal(keys, "agreement/price", seed))
    return pl.DataFrame(
        {
            "key": keys, "customer": customer, "draft": draft, "opening": is_open,
            "entity": np.array([e.code for e in firm.entities])[entity],
            "currency": np.array(firm.currencies)[currency],
            "unit": unit, "per_usd": per_usd, "level": level, "billing_type": kind.astype(str), "managed": managed,
            "target": size, "term": term, "signed": signed, "start": start, "end": end,
            "terms": choose(u("terms"), TERMS).astype(str), "advance": (u("advance") < 0.3) | managed,
            "capped": (u("nte") < firm.count("nte share")) & (kind == "T&M"),
            "blended": np.maximum(1, np.round(_MEAN_PRICE * per_usd * level)).astype(np.int64) * unit,
        }
    )  # fmt: skip


def _start_day(days: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Deals start on the first or the fifteenth more often than not, and never after the twenty-eighth of a month."""
    month = days.astype("datetime64[M]")
    number = (days - month.astype("datetime64[D]")).astype(np.int64)
    first, fifteenth = (number == 0) | (uniform < 0.5) | (number > 27), (uniform >= 0.5) & (uniform < 0.7)
    to_first = np.where(number == 0, month, month + 1).astype("datetime64[D]")
    to_fifteenth = np.where(number <= 14, month, month + 1).astype("datetime64[D]") + 14
    return np.where(first, to_first, np.where(fifteenth, to_fifteenth, days)).astype("datetime64[D]")


def _first_lines(firm: Firm, agreements: pl.DataFrame) -> pl.DataFrame:
    """The lines of version 1: one to three, each with its workstream and its share of the deal."""
    keys = agreements["key"].to_numpy()
    kind = agreements["billing_type"].to_numpy()
    many = draw(keys, "line/many", firm.seed)
    count = 1 + (many > 0.60) * (kind == "T&M") + (many > 0.88) * (kind == "T&M")
    count += ((many > 0.75) & (kind == "Fixed Fee")) + ((many > 0.80) & (kind == "Milestone"))
    count += (kind == "Mixed") * (1 + (agreements["managed"].to_numpy() | (many > 0.7)))
    third = np.where(agreements["managed"].to_numpy(), "Managed Service", "Milestone")
    frames = []
    for number in (1, 2, 3):
        at = keys * 16 + number
        mixed = {1: np.full(len(keys), "Fixed Fee"), 2: np.full(len(keys), "T&M"), 3: third}[number]
        frames.append(
            agreements.with_columns(
                number=pl.lit(number, pl.Int64),
                line_type=pl.Series(np.where(kind == "Mixed", mixed, kind).astype(str)),
                own_stream=pl.Series((draw(at, "line/stream", firm.seed) < 0.5) | (kind == "Mixed")),
                weight=pl.Series(0.4 + draw(at, "line/weight", firm.seed)),
            ).filter(pl.Series(count >= number))
        )
    lines = pl.concat(frames).sort("key", "number")
    lines = lines.with_columns(
        stream=pl.when(pl.col("number") > 1)
        .then(pl.col("own_stream").cast(pl.Int64))
        .otherwise(0)
        .cum_sum()
        .over("key"),
        worth=(pl.col("target") * pl.col("weight") / pl.col("weight").sum().over("key") * pl.col("per_usd")),
    )
    return _priced(lines, pl.col("worth")).with_columns(
        version=pl.lit(1, pl.Int64), reduction=pl.lit(False), original=pl.lit(False),
        service_from=pl.col("start"), service_to=pl.col("end"),
    ).select(_LINE)  # fmt: skip


_LINE = (
    "key", "version", "number", "line_type", "stream", "quantity", "price", "value", "planned", "reduction", "original",
    "service_from", "service_to",
)  # fmt: skip


def _priced(lines: pl.DataFrame, worth: pl.Expr, months: str = "term") -> pl.DataFrame:
    """Quantity, unit price and value (minor units) of lines worth so many units of currency, by billing type."""
    minor = worth * pl.col("unit")
    step = (50 * pl.col("per_usd")).log10().round(0)
    step = (pl.lit(10.0).pow(step)).clip(lower_bound=1.0) * pl.col("unit")
    kind = pl.col("line_type")
    hours = (minor / pl.col("blended")).round(0).clip(lower_bound=20)
    lump = (minor / step).round(0).clip(lower_bound=20) * step
    fee = (minor / pl.col(months)).round(0).clip(lower_bound=100)
    quantity = pl.when(kind == "T&M").then(hours).when(kind == "Managed Service").then(pl.col(months)).otherwise(1)
    price = pl.when(kind == "T&M").then(pl.col("blended")).when(kind == "Managed Service").then(fee).otherwise(lump)
    return lines.with_columns(quantity=quantity.cast(pl.Int64), price=price.cast(pl.Int64)).with_columns(
        value=pl.col("quantity") * pl.col("price"),
        planned=pl.when(kind == "T&M").then(pl.col("quantity"))
        .when(kind == "Managed Service").then(None)
        .otherwise((pl.col("quantity") * pl.col("price") / pl.col("blended")).round(0).clip(lower_bound=8))
        .cast(pl.Int64),
    )  # fmt: skip


def _amendments(firm: Firm, agreements: pl.DataFrame, first: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All versions of all agreements, and the line deltas of those after the first."""
    base = agreements.select(
        "key", "unit", "per_usd", "blended", "start", "end", "draft", "term", "customer",
        version=pl.lit(1, pl.Int64), signed="signed", effective="start", signed_now=~pl.col("draft"),
        kind=pl.lit("original"), re_rated=pl.lit(False),
    )  # fmt: skip
    target = (
        first.sort("key", pl.col("line_type") != "T&M", "number")
        .group_by("key", maintain_order=True)
        .agg(pl.col("number", "line_type", "stream", "quantity", "price", "value").first())
    )
    count = first.group_by("key").agg(lines=pl.len().cast(pl.Int64))
    base = base.join(target, on="key", how="left").join(count, on="key", how="left").sort("key")
    scale = firm.count("amendments per agreement") / 0.50
    wanted = draw(base["key"], "amendment/count", firm.seed)
    versions, previous = [base], base.with_columns(alive=pl.lit(True))
    for version, share in ((2, 0.40), (3, 0.12), (4, 0.04)):
        at = base["key"].to_numpy() * 8 + version
        there = (wanted < share * scale) & ~base["draft"].to_numpy()
        place = 0.12 + 0.70 * (version - 2 + 0.15 + 0.70 * draw(at, "amendment/when", firm.seed)) / 3
        frame = base.with_columns(
            version=pl.lit(version, pl.Int64), place=pl.Series(place), there=pl.Series(there),
            delay=pl.Series((draw(at, "amendment/delay", firm.seed) * 8).astype(np.int64)),
            u_kind=pl.Series(draw(at, "amendment/kind", firm.seed)),
            u_size=pl.Series(draw(at, "amendment/size", firm.seed)),
            u_rate=pl.Series(draw(at, "amendment/rate", firm.seed)),
            before=previous["effective"], lines=previous["lines"] + (previous["kind"] == "new").cast(pl.Int64),
            alive=previous["alive"],
        )  # fmt: skip
        previous = _amended(firm, frame)
        versions.append(previous.filter("alive").select(base.columns))
    table = pl.concat(versions).sort("key", "version")
    return table, _delta_lines(table.filter(pl.col("version") > 1), firm)


def _amended(firm: Firm, frame: pl.DataFrame) -> pl.DataFrame:
    """When an amendment is signed and takes effect, what it does, and whether it is known at the day of observation."""
    length = (pl.col("end") - pl.col("start")).dt.total_days()
    signed = pl.col("start") + pl.duration(days=(length * pl.col("place")).cast(pl.Int64))
    signed = pl.max_horizontal(signed, pl.col("before") + pl.duration(days=1))
    weekend = pl.col("signed").dt.weekday()
    frame = frame.with_columns(signed=signed).with_columns(
        signed=pl.col("signed") + pl.duration(days=pl.when(weekend > 5).then(8 - weekend).otherwise(0))
    )
    kind, u = pl.col("line_type"), pl.col("u_kind")
    time = (
        pl.when(u < 0.50).then(pl.lit("increase")).when(u < 0.62).then(pl.lit("new"))
        .when(u < 0.75).then(pl.lit("reduction")).otherwise(pl.lit("rates"))
    )  # fmt: skip
    other = pl.when((u < 0.75) & (kind != "Managed Service")).then(pl.lit("increase")).otherwise(pl.lit("new"))
    frame = frame.with_columns(
        effective=pl.col("signed") + pl.duration(days="delay"),
        kind=pl.when(kind == "T&M").then(time).otherwise(other),
    )
    today = pl.lit(firm.as_of)
    room = pl.when(pl.col("line_type") == "Managed Service").then(45).otherwise(12)
    return frame.with_columns(
        signed_now=pl.col("signed") < today,
        re_rated=(kind == "T&M")
        & ((pl.col("kind") == "rates") | ((pl.col("kind") == "increase") & (pl.col("u_rate") < 0.2))),
        alive=pl.col("alive") & pl.col("there")
        & (pl.col("effective") + pl.duration(days=room) <= pl.col("end"))
        & (pl.col("signed") < today + pl.duration(days=25)) & (pl.col("before") < today),
    )  # fmt: skip


def _delta_lines(versions: pl.DataFrame, firm: Firm) -> pl.DataFrame:
    """The one line each amendment adds, raises, lowers or leaves at nothing."""
    share = draw(versions["key"].to_numpy() * 8 + versions["version"].to_numpy(), "amendment/share", firm.seed)
    is_new = pl.col("kind") == "new"
    months = ((pl.col("end") - pl.col("effective")).dt.total_days() / 30.4).floor().cast(pl.Int64).clip(lower_bound=1)
    frame = versions.with_columns(share=pl.Series(share), months=months)
    part = (
        pl.when(pl.col("kind") == "reduction").then(0.04 + 0.12 * pl.col("share"))
        .when(pl.col("line_type") == "Managed Service")
        .then((0.1 + 0.3 * pl.col("share")) * pl.col("months") / pl.col("quantity"))
        .otherwise(0.08 + 0.35 * pl.col("share"))
    )  # fmt: skip
    reduction_hours = (pl.col("quantity") * part).floor().cast(pl.Int64).clip(lower_bound=1)
    worth = pl.col("value") * part / pl.col("unit")
    frame = frame.with_columns(hours_off=reduction_hours)
    priced = _priced(frame, worth, "months").with_columns(
        number=pl.when(is_new).then(pl.col("lines") + 1).otherwise(pl.col("number")),
        reduction=pl.col("kind") == "reduction",
        original=~is_new,
        service_from="effective",
        service_to="end",
    )
    reduced, free = pl.col("kind") == "reduction", pl.col("kind") == "rates"
    quantity = pl.when(reduced).then(pl.col("hours_off")).when(free).then(1).otherwise(pl.col("quantity"))
    price = pl.when(free).then(0).otherwise(pl.col("price"))
    priced = priced.with_columns(quantity=quantity, price=price)
    hours = pl.when(free).then(0).when(reduced).then(pl.col("hours_off")).otherwise(pl.col("planned"))
    return priced.with_columns(value=pl.col("quantity") * pl.col("price"), planned=hours).select(_LINE)


def _rates(firm: Firm, agreements: pl.DataFrame, versions: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Rates by role of every agreement with a T&M line: from its start, and anew when a signed version changes them."""
    timed = first.filter(pl.col("line_type") == "T&M").select("key").unique()
    epochs = (
        versions.filter((pl.col("version") == 1) | (pl.col("re_rated") & pl.col("signed_now")))
        .join(timed, on="key", how="semi")
        .sort("key", "version")
    )
    rise = 1.02 + 0.05 * draw(epochs["key"].to_numpy() * 8 + epochs["version"].to_numpy(), "rate/rise", firm.seed)
    epochs = epochs.with_columns(rise=pl.Series(np.where(epochs["version"].to_numpy() == 1, 1.0, rise))).with_columns(
        rise=pl.col("rise").cum_prod().over("key"),
        until=(pl.col("effective").shift(-1).over("key") - pl.duration(days=1)),
    )
    roles = pl.DataFrame({"role": [r.name for r in ROLES], "list": [r.price for r in ROLES], "rank": range(len(ROLES))})
    rates = epochs.join(agreements.select("key", "level"), on="key", how="left").join(roles, how="cross")
    units = (pl.col("list") * pl.col("per_usd") * pl.col("level") * pl.col("rise")).round(0).clip(lower_bound=1)
    return rates.select(
        "key", "version", "role", "effective", "until", "rank", rate=units.cast(pl.Int64) * pl.col("unit")
    ).sort("key", "version", "rank")
