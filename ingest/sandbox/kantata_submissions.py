"""When time and expenses are submitted, approved, rejected and submitted again.

Half of all sheets come in on Friday, a fifth on Monday; at month end nearly all on its last business day. Approval
follows a lognormal lag with a median of a day and a half and a 95th percentile of nine. A rejected sheet is submitted
again as a new one. Whatever lies after the day of observation has not happened yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.firm import Firm
from ingest.sandbox.world import draw, normal

__all__ = ["Resolution", "resolve", "submission_rows"]

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_REJECTED = 0.02


@dataclass(frozen=True)
class Resolution:
    """What became of each submission. Moments are microseconds since 1970; `again` marks those submitted twice."""

    submitted: np.ndarray
    exists: np.ndarray
    status: np.ndarray
    resolved: np.ndarray
    again: np.ndarray
    second_submitted: np.ndarray
    second_status: np.ndarray
    second_resolved: np.ndarray

    @property
    def approved(self) -> np.ndarray:
        """Whether the records in the submission are approved now."""
        return np.where(self.again, self.second_status == "approved", self.status == "approved")

    @property
    def active(self) -> np.ndarray:
        """Whether the latest submission is pending or approved."""
        return self.exists & np.where(self.again, True, self.status != "rejected")

    @property
    def touched(self) -> np.ndarray:
        """When the records in the submission last changed."""
        return np.where(self.again, self.second_resolved, self.resolved)


def resolve(
    firm: Firm, keys: np.ndarray, person_keys: np.ndarray, *, base: np.ndarray, month_end: np.ndarray, salt: str
) -> Resolution:
    """Submission and resolution of each key; `base` is the day sheets are due, `month_end` whether a month closes."""
    seed = firm.seed
    now = int(np.datetime64(firm.watermark, "us").astype(np.int64))
    u = draw(person_keys, f"{salt}/day", seed)
    v = draw(person_keys, f"{salt}/hour", seed)
    spread = np.where(v < 0.85, 1 + (v * 6).astype(np.int64), 8 + ((v - 0.85) * 60).astype(np.int64))
    usual = np.where(u < 0.55, 0, np.where(u < 0.75, 3, spread))
    closing = np.where(u < 0.80, 0, np.where(u < 0.92, 1 + (v < 0.3), spread))
    delay = np.where(month_end, closing, usual)
    submitted = (base + delay) * _DAY + (71_000 + (v * 13_000).astype(np.int64)) * _SECOND
    lag = np.exp(np.log(1.5) + 1.089 * normal(keys, f"{salt}/lag", seed)) * np.where(month_end, 0.7, 1.0)
    lag = np.clip(lag, 0.01, 45)
    resolved = submitted + (lag * 86_400).astype(np.int64) * _SECOND
    rejected = draw(keys, f"{salt}/rejected", seed) < _REJECTED
    w = draw(keys, f"{salt}/again", seed)
    second = resolved + ((0.3 + 2.5 * w) * 86_400).astype(np.int64) * _SECOND
    lag = np.exp(np.log(1.2) + 0.9 * normal(keys, f"{salt}/lag2", seed))
    second_resolved = second + (np.clip(lag, 0.01, 20) * 86_400).astype(np.int64) * _SECOND
    over = resolved <= now
    again = rejected & (second <= now)
    return Resolution(
        submitted=submitted,
        exists=submitted <= now,
        status=np.where(over, np.where(rejected, "rejected", "approved"), "new"),
        resolved=np.where(over, resolved, submitted),
        again=again,
        second_submitted=second,
        second_status=np.where(second_resolved <= now, "approved", "new"),
        second_resolved=np.where(second_resolved <= now, second_resolved, second),
    )


def submission_rows(sheets: pl.DataFrame, outcome: Resolution, number: np.ndarray, ids: str) -> pl.DataFrame:
    """Submission records of some weeks: one a sheet, and a second one where it was submitted again.

    `sheets` has workspace_id, user_id, start_date, end_date and the list of record ids, in the order of the outcome;
    `number` is the id of the first submission, the second has the next number.
    """
    first = sheets.with_columns(
        id=pl.Series(number), status=pl.Series(outcome.status), created=pl.Series(outcome.submitted),
        updated=pl.Series(outcome.resolved), there=pl.Series(outcome.exists),
    ).filter("there")  # fmt: skip
    second = sheets.with_columns(
        id=pl.Series(number + 1), status=pl.Series(outcome.second_status), created=pl.Series(outcome.second_submitted),
        updated=pl.Series(outcome.second_resolved), there=pl.Series(outcome.again),
    ).filter("there")  # fmt: skip
    rows = pl.concat([first, second]).sort("id")
    local = pl.col("updated").cast(pl.Datetime("us")) - pl.duration(hours=5)
    resolved = pl.when(pl.col("status") != "new").then(local.dt.date())
    return rows.select(
        pl.col("id").cast(pl.String), "workspace_id", "user_id", "start_date", "end_date", "status",
        current_resolution_created_at_date=resolved, **{ids: pl.col(ids)},
        created_at=pl.col("created").cast(pl.Datetime("us")), updated_at=pl.col("updated").cast(pl.Datetime("us")),
    )  # fmt: skip
