"""Exact money of the sandbox's ERP: hundredths of a currency unit as integers, and how they are rounded.

Inside the finance half an amount is an ``Int64`` of hundredths in every currency; a currency without decimals only ever
holds multiples of 100 (its *quantum*). Rounding is half up, away from zero. `money` and `hundredths`
convert at the edge.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import numpy as np
import polars as pl

from ingest.sandbox.firm import CURRENCIES, Firm

__all__ = [
    "as_expr",
    "exchange",
    "half_up",
    "hour_parts",
    "hours",
    "hundredths",
    "micro_rate",
    "money",
    "nearest",
    "proportional",
    "quantum",
    "rate_table",
    "value_of",
    "worth_of",
]

#: A column, an array, or a number: whole numbers that are never negative.
_Whole = TypeVar("_Whole", pl.Expr, np.ndarray, int)


def as_expr(column: str | pl.Expr) -> pl.Expr:
    """A column by name, or the expression itself."""
    return pl.col(column) if isinstance(column, str) else column


def money(column: str | pl.Expr) -> pl.Expr:
    """Hundredths as the decimal amount they mean."""
    cent = pl.lit(Decimal("0.01"), dtype=pl.Decimal(18, 2))
    return (as_expr(column).cast(pl.Decimal(18, 0)) * cent).cast(pl.Decimal(18, 2))


def hundredths(column: str | pl.Expr) -> pl.Expr:
    """A decimal amount as the hundredths it holds."""
    return (as_expr(column) * 100).cast(pl.Int64)


def hours(minutes: str | pl.Expr) -> pl.Expr:
    """Minutes as hours with four decimals, half up."""
    step = pl.lit(Decimal("0.0001"), dtype=pl.Decimal(18, 4))
    return (hour_parts(as_expr(minutes).cast(pl.Int64)).cast(pl.Decimal(18, 0)) * step).cast(pl.Decimal(12, 4))


def hour_parts(minutes: _Whole) -> _Whole:
    """Minutes as ten-thousandths of an hour, half up."""
    return nearest(minutes * 10_000, 60)


def value_of(parts: _Whole, rate: _Whole) -> _Whole:
    """Ten-thousandths of an hour at an hourly rate, half up to the unit of the rate."""
    return nearest(parts * rate, 10_000)


def worth_of(parts: str | pl.Expr, price: str | pl.Expr, step: str | pl.Expr = "step") -> pl.Expr:
    """Ten-thousandths of hours at an hourly price in hundredths, half up to the quantum: as the ledger rounds them."""
    return half_up(as_expr(parts).cast(pl.Int128) * as_expr(price), 10_000, as_expr(step))


def nearest(amount: _Whole, divisor: int) -> _Whole:
    """amount / divisor to the nearest whole number, halves up."""
    return (amount + divisor // 2) // divisor


def quantum(currency: str | pl.Expr) -> pl.Expr:
    """The smallest amount of a currency in hundredths: 1, and 100 where it has no decimals."""
    whole = [code for code, known in CURRENCIES.items() if known.decimals == 0]
    return pl.when(as_expr(currency).is_in(whole)).then(100).otherwise(1).cast(pl.Int64)


def half_up(numerator: pl.Expr, denominator: pl.Expr | int, step: pl.Expr | int = 1) -> pl.Expr:
    """numerator / denominator to the nearest multiple of `step`, halves away from zero. The denominator is positive."""
    size = numerator.cast(pl.Int128).abs()
    divisor = denominator * step if isinstance(denominator, int) else denominator.cast(pl.Int128) * step
    whole = ((size * 2 + divisor) // (divisor * 2)).cast(pl.Int64) * step
    return pl.when(numerator < 0).then(-whole).otherwise(whole)


def proportional(amount: str, numerator: str, denominator: str, step: str) -> pl.Expr:
    """amount x numerator / denominator, half up to the currency's quantum."""
    product = pl.col(amount).cast(pl.Int128) * pl.col(numerator)
    return half_up(product, pl.col(denominator), pl.col(step))


def exchange(amount: str | pl.Expr, rate_micro: str, step: str | pl.Expr) -> pl.Expr:
    """An amount in another currency, at a rate in millionths, half up to the quantum of that currency."""
    return half_up(as_expr(amount).cast(pl.Int128) * pl.col(rate_micro), 1_000_000, as_expr(step))


def micro_rate(column: str) -> pl.Expr:
    """A rate in millionths as the decimal it means."""
    millionth = pl.lit(Decimal("0.000001"), dtype=pl.Decimal(18, 6))
    return (pl.col(column).cast(pl.Decimal(18, 0)) * millionth).cast(pl.Decimal(18, 6))


def rate_table(firm: Firm) -> pl.DataFrame:
    """Daily rates between all currencies of the firm: date, currency, base, rate_micro (base units per unit)."""
    rates = firm.rates.select("date", "currency", micro=(pl.col("rate") * 1_000_000).cast(pl.Int64))
    pairs = rates.join(rates.rename({"currency": "base", "micro": "base_micro"}), on="date")
    return pairs.select(
        "date",
        "currency",
        "base",
        rate_micro=pl.when(pl.col("currency") == pl.col("base"))
        .then(1_000_000)
        .otherwise(half_up(pl.col("micro").cast(pl.Int128) * 1_000_000, pl.col("base_micro"))),
    )
