"""By what a line with a fixed price may be said to be earned: one list for who states it and who computes by it."""

from __future__ import annotations

__all__ = ["FIXED_PRICE"]

#: `fixed_fee`, `ratable` and `hour_bank` leave a choice to the policy of the book.
FIXED_PRICE = (
    "fixed_fee", "hours", "cost", "units", "milestone", "ratable", "ratable_day", "ratable_month", "hour_bank",
    "cost_recovery",
)  # fmt: skip
