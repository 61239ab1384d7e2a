"""Every metric of a published run, month by month: what the page Metrics lists and draws.

`metrics.metric_values` holds values by legal entity; here what they are made of is added up again, so that a ratio of
the firm is the ratio of its sums. A median is asked of its records. Values are those that `app.metrics` explains.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from app.format import money, plain
from app.metrics import BOOK, divided, earlier, enterprise_id, quarter_days
from contracts.metric import KEYS, Metric, Shape, Unit, metrics

if TYPE_CHECKING:
    from app.data import Snapshot

__all__ = ["HISTORY", "history", "not_narrowed", "overview", "said"]

#: Months of a small chart: the one looked at and those before it.
HISTORY = 12
_ASKED = "book = $book and period between $first and $last"
_NARROWED = "($currency = '' or currency = $currency) and ($legal_entity = '' or legal_entity_id = $legal_entity)"
_SCHEMA: dict[str, Any] = {
    "metric": pl.String, "role": pl.String, "currency": pl.String, "period": pl.String, "value": pl.Decimal(38, 8),
}  # fmt: skip


def history(snapshot: Snapshot, *, first: str, last: str, legal_entity: str = "", currency: str = "") -> pl.DataFrame:
    """Values from month to month: (metric, role, currency, period, value); no row where there is no value.

    `legal_entity` is a code. A metric that is not kept by what it is narrowed to has no rows then: its value would be
    another one than asked for.
    """
    known = metrics()
    asked = {
        "book": BOOK, "first": first, "last": last, "currency": currency,
        "legal_entity": enterprise_id(snapshot, "legal_entity", legal_entity) if legal_entity else "",
    }  # fmt: skip
    sums = snapshot.rows(
        f"""
        select metric, role, currency, period, sum(value_amount) as upper, sum(divisor_amount) as lower
        from metrics.metric_values
        where {_ASKED} and value_amount is not null and {_NARROWED}
        group by all
        """,
        asked,
    )
    rows = [
        {**{name: row[name] for name in ("metric", "role", "currency", "period")}, "value": _value(row, metric)}
        for row in sums
        if (metric := known.get(row["metric"])) is not None
    ]
    if not currency:
        rows += [row for metric in known.values() if metric.shape.place for row in _ranked(snapshot, metric, asked)]
    found = pl.DataFrame(rows, schema=_SCHEMA).drop_nulls("value")
    return found.sort("metric", "role", "currency", "period", nulls_last=True)


def overview(found: pl.DataFrame, period: str, base_currency: str) -> pl.DataFrame:
    """One line per metric, role and currency: the value of a month, that of the month before, and those of the year.

    In the order of the registry, and of the roles there; base currency first.
    `found` is what `history` gave. A line is there when some month of the year has a value. A month without rows is a
    sum of zero, unless nobody knows it: what is known as it stands now, or was found by a run, has no earlier value.
    """
    known = metrics()
    order = {
        (one.name, role): place
        for place, (one, role) in enumerate((one, role) for one in known.values() for role in one.roles)
    }
    zero = [one.name for one in known.values() if one.shape is Shape.SUM and not one.now_only and not one.is_of_the_run]
    year = found.filter(pl.col("period") >= earlier(period, HISTORY - 1), pl.col("period") <= period).sort("period")
    lines = year.group_by("metric", "role", "currency", maintain_order=True).agg(
        pl.col("value").filter(pl.col("period") == period).first(),
        pl.col("value").filter(pl.col("period") == earlier(period, 1)).first().alias("before"),
        pl.col("value").cast(pl.Float64).alias("months"),  # a point has a height; the number is beside it
    )
    places = [order.get((row["metric"], row["role"]), len(order)) for row in lines.iter_rows(named=True)]
    placed = lines.with_columns(
        *(
            pl.when(pl.col("metric").is_in(zero)).then(pl.col(one).fill_null(0)).otherwise(pl.col(one)).alias(one)
            for one in ("value", "before")
        ),
        pl.when(pl.col("months").list.len() > 1).then(pl.col("months")),  # one point is no line
        pl.Series("place", places, dtype=pl.Int64),
        (pl.col("currency") != base_currency).fill_null(value=False).alias("is_other"),
    )
    return placed.sort("place", "is_other", "currency", nulls_last=True).drop("place", "is_other")


def said(value: Decimal | None, metric: Metric, currency: str | None, base_currency: str) -> str:
    """A value in words of its unit: ``$1,200.00``, ``46.7%``, ``41.6 days``. Nothing where there is none."""
    if value is None:
        return ""
    named = currency if "currency" in metric.keys else base_currency
    match metric.unit:
        case Unit.MONEY:
            return money(value, named)
        case Unit.MONEY_PER_HOUR:
            return f"{money(value, named)} an hour"
        case Unit.RATIO:
            return f"{plain(100 * value, 1)}%"
        case Unit.COUNT:
            return f"{int(value):,}"
        case _:
            return f"{plain(value, 1)} {metric.unit}"


def not_narrowed(*, legal_entity: str, currency: str) -> list[Metric]:
    """Metrics with a value that are not kept by legal entity or currency, where one is chosen: they have no line."""
    asked = {name for name, chosen in (("legal_entity", legal_entity), ("currency", currency)) if chosen}
    return [one for one in metrics().values() if one.is_available and not asked <= set(one.keys)]


def _value(row: dict[str, Any], metric: Metric) -> Decimal | None:
    """The sum, or the ratio of two sums, as `app.metrics.values` makes it."""
    upper: Decimal = row["upper"]
    if metric.shape is not Shape.RATIO:
        return upper
    days = quarter_days(row["period"]) if metric.in_days else 1
    return divided(upper * days, row["lower"] or Decimal(0))


def _ranked(snapshot: Snapshot, metric: Metric, asked: dict[str, str]) -> list[dict[str, Any]]:
    """A median or 95th percentile by month, from the records of its one term."""
    return [
        {"metric": metric.name, "role": role, "currency": None, **row}
        for role in metric.roles
        for _, part, of in metric.asked(role)
        for row in snapshot.rows(
            f"""
            select period, cast(percentile_disc({metric.shape.place}) within group (order by amount)
              as decimal(38, 8)) as value
            from metrics.metric_terms
            where term = $term and role = $role and row_id is not null and period between $first and $last
              and ($legal_entity = '' or {KEYS["legal_entity"]} = $legal_entity)
            group by period
            """,
            {
                "term": part.term.name, "role": of,
                **{name: asked[name] for name in ("first", "last", "legal_entity")},
            },
        )
    ]  # fmt: skip
