"""Evidence in columns as events: of many rows at once what `read_events` makes of each.

Rows are judged column by column, and a text of attributes once however many rows hold it. Only a row that cannot be
read goes through `read_events`, which says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from reconcile.revenue.evidence import KINDS, UNREADABLE, Event, attributes_of, is_month, read_events

__all__ = ["events_of"]

#: Decimals of these types are whole ten-thousandths and hundred-millionths as they stand.
_SCALED = {"amount": pl.Decimal(18, 4), "quantity": pl.Decimal(18, 8)}


def events_of(evidence: pl.DataFrame) -> list[Event]:
    """The events of rows of `revenue.evidence`, in their order."""
    if any(evidence.schema[name] != kind for name, kind in _SCALED.items()):
        return read_events(evidence.iter_rows(named=True))
    known, unreadable = _attributes(evidence["attributes"].unique())
    attributes = [known[text] for text in evidence["attributes"]]
    columns = evidence.select(_fields()).to_dict(as_series=False)
    columns["attributes"] = [found for found, _ in attributes]
    columns["written"] = [written for _, written in attributes]
    events = list(map(Event._make, zip(*(columns[name] for name in Event._fields), strict=True)))
    for place in evidence.select(_lacks_something(evidence, unreadable).arg_true()).to_series():
        events[place] = read_events([evidence.row(place, named=True)])[0]
    return events


def _attributes(texts: Iterable[str | None]) -> tuple[dict[str | None, tuple[dict[str, Any], str]], list[str | None]]:
    """What every text says, and the texts that cannot be read."""
    found: dict[str | None, tuple[dict[str, Any], str]] = {}
    unreadable = []
    for text in texts:
        try:
            found[text] = attributes_of(text)
        except UNREADABLE:
            found[text] = {}, ""
            unreadable.append(text)
    return found, unreadable


def _fields() -> list[pl.Expr]:
    """The fields of an event but for its attributes."""
    return [
        *(_text(name) for name in ("agreement_id", "book", "legal_entity_id", "customer_id", "currency", "kind")),
        pl.col("happened_on", "period", "version_no"),
        pl.col("obligation_key").replace("", None),
        # decimals of a fixed scale are whole numbers of their last digit: no Decimal is made of them
        pl.col("amount", "quantity").fill_null(0).to_physical().cast(pl.Int64),
        *(_text(name) for name in ("unit", "connection", "row_id")),
        pl.concat_str(_text("object"), _text("source_id"), separator="/").alias("source"),
    ]


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).fill_null("")


def _lacks_something(evidence: pl.DataFrame, unreadable: list[str | None]) -> pl.Expr:
    """Whether a row cannot be an event as it stands."""
    months = [text for text in evidence["period"].unique() if text and is_month(text)]
    return (
        pl.any_horizontal(_text(name) == "" for name in ("agreement_id", "book", "currency"))
        | ~_text("kind").is_in([kind for kind in KINDS if kind != "unusable"])
        | ~_text("period").is_in(months)
        | pl.col("happened_on").is_null()
        | _text("attributes").is_in(unreadable)
    )
