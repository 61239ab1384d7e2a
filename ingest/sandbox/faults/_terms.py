"""What the faults of terms, values and versions share: the records they look at, and how they say what they did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from ingest.sandbox.fault import Truth, expected
from ingest.sandbox.kantata_deals import deals, signed_items
from ingest.sandbox.kantata_fields import FIELDS
from ingest.sandbox.world import World, kept

__all__ = [
    "closed_agreements", "fault_row", "field_of", "hundredth", "projects", "put_fields", "set_field", "set_rows",
    "shares", "stamp", "versions",
]  # fmt: skip


def shares(best: float, typical: float, poor: float) -> dict[str, float]:
    """The share of the stated unit at each level."""
    return {"best": best, "typical": typical, "poor": poor}


def hundredth(amount: int) -> Decimal:
    """Hundredths as the amount they mean."""
    return Decimal(amount) / 100


def set_rows(world: World, name: str, keys: list[str], column: str, changed: dict[str, Any]) -> None:
    """Set columns of the rows whose `column` is one of the keys; a value is a constant or an expression."""
    hit = pl.col(column).is_in(keys)
    frame = world[name]
    world[name] = frame.with_columns(
        pl.when(hit).then(value if isinstance(value, pl.Expr) else pl.lit(value)).otherwise(pl.col(into))
        .cast(frame.schema[into]).alias(into)
        for into, value in changed.items()
    )  # fmt: skip


def stamp(world: World, name: str, key: str, changed: pl.DataFrame, columns: Mapping[str, str]) -> None:
    """Set columns of the rows of a frame that `changed` names by `key`: column -> column of `changed`.

    Only these columns are written: a few rows of millions change.
    """
    frame = world[name]
    new = changed.select(
        key, *(pl.col(source).cast(frame.schema[into]).alias(into) for into, source in columns.items())
    )
    near = frame.select(key).with_row_index("_row").filter(pl.col(key).is_in(new[key].implode()))
    rows = near.join(new, on=key, how="inner")
    world[name] = frame.with_columns(frame[into].clone().scatter(rows["_row"], rows[into]) for into in columns)


def field_of(world: World, name: str) -> pl.DataFrame:
    """id (of the project), value_id, value: one custom field of all projects."""
    fields = world["kantata.custom_field_values"]
    mine = (pl.col("subject_type") == "Workspace") & (pl.col("custom_field_id") == str(FIELDS[name][0]))
    return fields.filter(mine).select("value", id="subject_id", value_id="id")


def set_field(world: World, value_ids: list[str], value: str | pl.Expr) -> None:
    """Change values of a custom field, shown text and all."""
    text = pl.lit(value) if isinstance(value, str) else value
    set_rows(world, "kantata.custom_field_values", value_ids, "id", {"value": text, "display_value": text})


def put_fields(world: World, name: str, texts: pl.DataFrame) -> None:
    """Write one custom field into all projects under way of agreements: sow, text."""
    spaces = projects(world).select("id", "sow").join(texts, on="sow", how="inner")
    fields = field_of(world, name).join(spaces, on="id", how="inner").select("text", id="value_id")
    stamp(world, "kantata.custom_field_values", "id", fields, {"value": "text", "display_value": "text"})


def closed_agreements(world: World) -> pl.Series:
    """Numbers of agreements with a project that is archived."""
    archived = world["kantata.workspaces"].filter("archived")
    return field_of(world, "SOW Number").join(archived, on="id", how="semi")["value"]


@kept
def projects(world: World) -> pl.DataFrame:
    """Projects of signed agreements that are under way: sow, contract, workstream, price in hundredths, currency."""
    spaces = world["kantata.workspaces"].filter(pl.col("stage") == "project", ~pl.col("archived"))
    sow = field_of(world, "SOW Number").select("id", sow="value")
    stream = field_of(world, "Workstream").select("id", workstream="value")
    contracts = world["salesforce.Contract"].filter(~pl.col("IsDeleted")).select(
        "NTE_Amount__c", sow="SOW_Number__c", contract="Id"
    )  # fmt: skip
    rows = (
        spaces.join(sow, on="id", how="inner").join(stream, on="id", how="inner").join(contracts, on="sow", how="inner")
    )
    return rows.with_columns(price=pl.col("price_in_cents") * 100 // pl.col("currency_base_unit")).sort("id")


@kept
def versions(world: World) -> pl.DataFrame:
    """The last activated amendment of each agreement: contract, sow, version, delta (hundredths), when, on what lines.

    `is_new` tells amendments that bring a line no earlier version has.
    """
    items = signed_items(world, deals(world)).filter("signed")
    items = items.with_columns(delta=pl.col("value") * 100 // pl.col("unit"))
    first = pl.col("version") > pl.col("version").min().over("line_key")
    last = items.with_columns(known=first).filter(pl.col("version") == pl.col("version").max().over("contract_id"))
    rows = last.group_by("contract_id").agg(
        pl.col("version", "activated_at").first(),
        pl.col("delta").sum(),
        is_new=~pl.col("known").all(),
        items=pl.col("item_id"),
        workstream=pl.col("workstream").first(),
    )
    contracts = world["salesforce.Contract"].select(
        "CurrencyIsoCode", "NTE_Amount__c", contract_id="Id", sow="SOW_Number__c", end="EndDate"
    )
    amended = rows.filter(pl.col("version") > 1).join(contracts, on="contract_id", how="inner")
    return amended.filter(pl.col("activated_at").dt.date() < world.as_of() - dt.timedelta(days=5)).sort("sow")


def fault_row(
    world: World,
    check: str,
    break_type: str,
    money: Decimal,
    currency: str,
    records: list[dict[str, str]],
    *,
    at_fault: str,
    action_kind: str,
    owner: str = "finance_operations",
    consequences: tuple[str, ...] = (),
    on: dt.date | None = None,
) -> Truth:
    """One truth row with one expected break; its root is the last record."""
    day = (on or world.as_of()).isoformat()
    return {
        "root": records[-1],
        "injected_on": day,
        "visible_from": world.as_of().isoformat(),
        "expected": [
            expected(
                check,
                break_type,
                abs(money),
                currency,
                records,
                at_fault=at_fault,
                owner=owner,
                action_kind=action_kind,
            )
        ],
        "consequences": list(consequences),
    }
