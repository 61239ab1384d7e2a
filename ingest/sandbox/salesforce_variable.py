"""Success fees of the sandbox's agreements: what a few customers pay on top if their project reaches its goal.

Some fixed-fee agreements in the currency of their legal entity have one. It is estimated when the agreement is signed
and every 75 days after, less than likely at first, likely later in half of the cases; and resolved within ten days
of the day after the service on which its condition is looked at: won, won in part, or lost. One row per estimate; the
last one takes the outcome.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.frames import scaled, typed
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.salesforce_schema import SCHEMAS
from ingest.sandbox.world import draw

__all__ = ["VARIABLE_LINE", "variable_elements"]

#: What the key of a success fee ends in: ``SOW-2025-014/V1``.
VARIABLE_LINE = "V1"

_SHARE = 0.4
_EVERY = 75
_NOON = dt.timedelta(hours=17)


def variable_elements(firm: Firm, deals: pl.DataFrame, value: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``SOW_Variable__c``; `value` has the signed value of version 1 by key, in hundredths."""
    own = pl.col("entity").replace_strict({entity.code: entity.currency for entity in firm.entities})
    keys = deals["key"]

    def u(salt: str) -> pl.Series:
        return pl.Series(draw(keys, f"variable/{salt}", firm.seed))

    yesterday = pl.lit(firm.as_of - dt.timedelta(days=1))
    rows = deals.with_columns(
        lot=u("has"), worth_lot=u("worth"), late=u("late"), outcome=u("outcome"), likely=u("likely") < 0.5
    ).join(value, on="key", how="inner", maintain_order="left")  # fmt: skip
    rows = rows.filter(
        ~pl.col("draft"), ~pl.col("gone"), pl.col("billing_type") == "Fixed Fee", pl.col("currency") == own,
        pl.col("lot") < _SHARE,
    )  # fmt: skip
    due = pl.col("end") + pl.duration(days=15)
    known = due + pl.duration(days=(pl.col("late") * 8).cast(pl.Int64))
    share = 0.05 + 0.10 * pl.col("worth_lot")
    rows = rows.with_columns(
        due=due,
        resolved=pl.when(known <= yesterday - pl.duration(days=15)).then(known),
        fee=(pl.col("amount") * share / 100_000).round(0).clip(lower_bound=1).cast(pl.Int64) * 100_000,
    )
    last = pl.min_horizontal(pl.col("resolved") - pl.duration(days=1), yesterday)
    rows = rows.with_columns(count=(last - pl.col("signed")).dt.total_days() // _EVERY + 1).filter(pl.col("count") > 0)
    rows = rows.with_columns(number=pl.int_ranges(0, "count")).explode("number").sort("key", "number")
    is_last = pl.col("number") == pl.col("count") - 1
    rows = rows.with_columns(
        estimated=pl.col("signed") + pl.duration(days=pl.col("number") * _EVERY),
        resolved=pl.when(is_last).then("resolved"),
        won=pl.when(pl.col("outcome") < 0.2).then(0).when(pl.col("outcome") < 0.8).then("fee")
        .otherwise(pl.col("fee") // 200_000 * 100_000),
    )  # fmt: skip
    at = rows["key"].to_numpy() * 64 + rows["number"].to_numpy().astype(np.int64)
    made = pl.col("estimated").cast(pl.Datetime("us")) + _NOON
    is_resolved = pl.col("resolved").is_not_null()
    changed = pl.when(is_resolved).then(pl.col("resolved").cast(pl.Datetime("us")) + _NOON).otherwise(made)
    return typed(
        rows.with_columns(
            Id=salesforce_ids("a0V", at), Name=pl.concat_str("sow", pl.lit(" success fee")), Contract__c="contract_id",
            Line_Key__c=pl.concat_str("sow", pl.lit(f"/{VARIABLE_LINE}")), Kind__c=pl.lit("Success Fee"),
            Estimate__c=scaled("fee", 2),
            Likelihood__c=pl.when(pl.col("likely") & (pl.col("number") > 1)).then(pl.lit("Probable"))
            .otherwise(pl.lit("Possible")),
            Estimated_On__c="estimated", Due_On__c="due", Resolved_On__c="resolved",
            Resolved_Amount__c=pl.when(is_resolved).then(scaled("won", 2)), CurrencyIsoCode="currency",
            CreatedDate=made, LastModifiedDate=changed, SystemModstamp=changed, IsDeleted=pl.lit(False),
        ),
        SCHEMAS["SOW_Variable__c"],
    )  # fmt: skip
