"""Opportunities that are no agreement: lost, still open, or deleted."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingest.sandbox.firm import BASE_CURRENCY, Firm
from ingest.sandbox.frames import choose, moments, scaled, typed
from ingest.sandbox.salesforce_ids import salesforce_ids
from ingest.sandbox.salesforce_schema import SCHEMAS
from ingest.sandbox.world import draw, normal

__all__ = ["open_and_lost"]

_STAGES = {"Prospecting": (10, "Pipeline"), "Qualification": (25, "Pipeline"),
           "Proposal/Price Quote": (55, "Best Case"), "Negotiation/Review": (80, "Commit")}  # fmt: skip
_TOPICS = {
    "Cloud migration": 0.25,
    "ERP rollout": 0.2,
    "Data platform": 0.2,
    "Managed support": 0.2,
    "Assessment": 0.15,
}


def open_and_lost(firm: Firm, account: pl.DataFrame, deals: pl.DataFrame) -> pl.DataFrame:
    """Salesforce ``Opportunity`` rows without a contract, as many as the firm's win rate leaves."""
    days = (firm.as_of - firm.start_on).days
    count = max(10, round(firm.count("opportunities a year") * days / 365) - deals.height)
    keys = np.arange(count, dtype=np.int64) + 5_000_000

    def u(salt: str) -> np.ndarray:
        return draw(keys, f"pipeline/{salt}", firm.seed)

    live = account.filter(~pl.col("IsDeleted")).select("Id", "Name")
    of = live[(u("account") * live.height).astype(np.int64)]
    created = np.datetime64(firm.start_on, "D") + (u("created") * (days - 2)).astype(np.int64)
    closing = created + 20 + (u("closing") * 150).astype(np.int64)
    today = np.datetime64(firm.as_of, "D")
    lost = closing < today
    stage = choose(u("stage"), dict.fromkeys(_STAGES, 1.0))
    amount = np.clip(
        np.exp(1.25 * normal(keys, "pipeline/amount", firm.seed)) * firm.count("mean value") / 2.18, 5_000, 5e6
    )
    changed = np.minimum(np.where(lost, closing, created + 10), today - 1)
    frame = pl.DataFrame(
        {
            "Id": salesforce_ids("006", keys), "AccountId": of["Id"], "topic": choose(u("topic"), _TOPICS).astype(str),
            "account": of["Name"], "cents": (np.round(amount / 500) * 50_000).astype(np.int64),
            "CloseDate": closing.astype("datetime64[D]"), "IsClosed": lost, "IsWon": np.zeros(count, dtype=bool),
            "StageName": np.where(lost, "Closed Lost", stage).astype(str),
            "Probability": np.where(lost, 0, [_STAGES[name][0] for name in stage]),
            "ForecastCategoryName": np.where(lost, "Omitted", [_STAGES[name][1] for name in stage]).astype(str),
            "Type": np.where(u("type") < 0.5, "New Business", "Existing Business"),
            "OwnerId": salesforce_ids("005", (u("owner") * 12).astype(np.int64)),
            "CreatedDate": moments(created, 52_000 + u("at") * 20_000),
            "LastModifiedDate": moments(changed, 75_000 + u("at") * 8_000), "IsDeleted": u("deleted") < 0.01,
        }
    ).with_columns(
        Name=pl.concat_str("account", pl.lit(" - "), "topic"), Amount=scaled("cents", 2),
        CurrencyIsoCode=pl.lit(BASE_CURRENCY), SystemModstamp="LastModifiedDate",
    )  # fmt: skip
    return typed(frame, SCHEMAS["Opportunity"])
