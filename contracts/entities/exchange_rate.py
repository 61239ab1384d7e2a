"""What one currency is worth in another."""

from __future__ import annotations

from contracts.entity import Contract, Date, EntityModel, Rate, Text, col


class ExchangeRate(EntityModel):
    """The value of one unit of a currency in another, from a day on until the next rate."""

    from_currency: Text = col("Currency converted from.", key=True, unit="ISO 4217")
    to_currency: Text = col("Currency converted to.", key=True, unit="ISO 4217")
    effective_on: Date = col("First day it applies to.", key=True)
    exchange_rate: Rate = col("Units of `to_currency` for one of `from_currency`.", at_least=0)


CONTRACT = Contract(
    ExchangeRate,
    version="1.0.0",
    grain="One row per pair of currencies and day of effect.",
    key=("from_currency", "to_currency", "effective_on"),
)
