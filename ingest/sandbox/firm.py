"""The shape of the synthetic firm: its size, calendar, legal entities, currencies and contract mix.

Facts every system of the sandbox shares are here and nowhere else: legal entities (`Firm.entities`), months and their
cut-offs (`Firm.periods`), daily rates of exchange (`Firm.rates`), how many of everything (`Firm.count`), and the tables
of mixes (payment terms, billing types, revenue methods). The group reports in USD and closes in New York.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from ingest.sandbox.calendar import add_months, cut_off, local, month_end, months
from ingest.sandbox.frames import scaled
from ingest.sandbox.world import normal

__all__ = [
    "BASE_CURRENCY",
    "BILLING_TYPES",
    "CURRENCIES",
    "RATABLE_BILLING",
    "REVENUE_METHODS",
    "TERMS",
    "ZONE",
    "Currency",
    "Entity",
    "Firm",
    "Period",
]

BASE_CURRENCY = "USD"
#: The zone of the head office: Kantata and NetSuite accounts, cut-offs, watermark.
ZONE = "America/New_York"
#: The hour of the nightly extract on the day of observation, local time.
EXTRACT_AT = dt.time(6, 0)

#: Net days of payment and their share of contracts (`Contract.Payment_Terms__c` = "Net 30").
TERMS: dict[str, float] = {"Net 30": 0.45, "Net 45": 0.30, "Net 60": 0.25}
#: Billing type and its share of agreements. Mixed agreements have lines of several types.
BILLING_TYPES: dict[str, float] = {
    "T&M": 0.44,
    "Fixed Fee": 0.27,
    "Managed Service": 0.13,
    "Milestone": 0.06,
    "Mixed": 0.10,
}
#: How often a managed service bills in advance, as a share of its lines.
RATABLE_BILLING: dict[str, float] = {"Annual": 0.40, "Quarterly": 0.35, "Monthly": 0.25}
#: The revenue method of a line by its billing type.
REVENUE_METHODS: dict[str, str] = {
    "T&M": "as charged",
    "Fixed Fee": "percent complete by hours",
    "Managed Service": "straight line by exact days",
    "Milestone": "on acceptance",
}


@dataclass(frozen=True)
class Currency:
    """A currency: ISO code, name, decimals of its minor unit, and units per USD at the start of history."""

    code: str
    name: str
    per_usd: float
    decimals: int = 2

    @property
    def base_unit(self) -> int:
        """Minor units per unit (Kantata `currency_base_unit`): 100, and 1 for the yen."""
        return int(10**self.decimals)


CURRENCIES: dict[str, Currency] = {
    currency.code: currency
    for currency in (
        Currency("USD", "US Dollar", 1.0),
        Currency("EUR", "Euro", 0.92),
        Currency("GBP", "British Pound", 0.79),
        Currency("JPY", "Japanese Yen", 150.0, 0),
        Currency("CAD", "Canadian Dollar", 1.37),
        Currency("AUD", "Australian Dollar", 1.53),
        Currency("CHF", "Swiss Franc", 0.88),
        Currency("SEK", "Swedish Krona", 10.6),
        Currency("NOK", "Norwegian Krone", 10.8),
        Currency("DKK", "Danish Krone", 6.9),
        Currency("PLN", "Polish Zloty", 4.0),
        Currency("CZK", "Czech Koruna", 23.2),
        Currency("SGD", "Singapore Dollar", 1.34),
        Currency("HKD", "Hong Kong Dollar", 7.8),
        Currency("NZD", "New Zealand Dollar", 1.66),
        Currency("INR", "Indian Rupee", 84.0),
        Currency("MXN", "Mexican Peso", 19.1),
        Currency("BRL", "Brazilian Real", 5.6),
        Currency("ZAR", "South African Rand", 18.1),
        Currency("ILS", "Israeli Shekel", 3.7),
    )
}


@dataclass(frozen=True)
class Entity:
    """A legal entity: its code in all systems, the currency and country of its books, its share of people and deals."""

    code: str
    name: str
    currency: str
    country: str
    zone: str
    weight: float


@dataclass(frozen=True)
class Period:
    """An accounting month. `cut_off` is naive UTC; `closed` is its state at the day of observation."""

    start: dt.date
    end: dt.date
    cut_off: dt.datetime
    closed: bool


#: code, name, currency, country, zone: in the order in which a growing firm founds them.
_ENTITIES: tuple[tuple[str, str, str, str, str], ...] = (
    ("US01", "Northway Consulting Inc.", "USD", "US", "America/New_York"),
    ("DE01", "Northway Consulting GmbH", "EUR", "DE", "Europe/Berlin"),
    ("GB01", "Northway Consulting Ltd", "GBP", "GB", "Europe/London"),
    ("JP01", "Northway Consulting K.K.", "JPY", "JP", "Asia/Tokyo"),
    ("CA01", "Northway Consulting Canada Ltd.", "CAD", "CA", "America/Toronto"),
    ("US02", "Northway Federal LLC", "USD", "US", "America/New_York"),
    ("FR01", "Northway Conseil SAS", "EUR", "FR", "Europe/Paris"),
    ("AU01", "Northway Consulting Pty Ltd", "AUD", "AU", "Australia/Sydney"),
    ("CH01", "Northway Consulting AG", "CHF", "CH", "Europe/Zurich"),
    ("SE01", "Northway Consulting AB", "SEK", "SE", "Europe/Stockholm"),
    ("NL01", "Northway Consulting B.V.", "EUR", "NL", "Europe/Amsterdam"),
    ("SG01", "Northway Consulting Pte. Ltd.", "SGD", "SG", "Asia/Singapore"),
    ("PL01", "Northway Consulting Sp. z o.o.", "PLN", "PL", "Europe/Warsaw"),
    ("IN01", "Northway Consulting Private Limited", "INR", "IN", "Asia/Kolkata"),
    ("DK01", "Northway Consulting A/S", "DKK", "DK", "Europe/Copenhagen"),
    ("NO01", "Northway Consulting AS", "NOK", "NO", "Europe/Oslo"),
    ("IT01", "Northway Consulting S.r.l.", "EUR", "IT", "Europe/Rome"),
    ("ES01", "Northway Consulting S.L.", "EUR", "ES", "Europe/Madrid"),
    ("US03", "Northway Health LLC", "USD", "US", "America/Chicago"),
    ("BR01", "Northway Consultoria Ltda.", "BRL", "BR", "America/Sao_Paulo"),
    ("MX01", "Northway Consultores S.A. de C.V.", "MXN", "MX", "America/Mexico_City"),
    ("HK01", "Northway Consulting (Hong Kong) Limited", "HKD", "HK", "Asia/Hong_Kong"),
    ("NZ01", "Northway Consulting NZ Limited", "NZD", "NZ", "Pacific/Auckland"),
    ("ZA01", "Northway Consulting (Pty) Ltd", "ZAR", "ZA", "Africa/Johannesburg"),
    ("CZ01", "Northway Consulting s.r.o.", "CZK", "CZ", "Europe/Prague"),
    ("IL01", "Northway Consulting Israel Ltd", "ILS", "IL", "Asia/Jerusalem"),
    ("AT01", "Northway Consulting Austria GmbH", "EUR", "AT", "Europe/Vienna"),
    ("BE01", "Northway Consulting BV", "EUR", "BE", "Europe/Brussels"),
    ("IE01", "Northway Consulting Ireland Limited", "EUR", "IE", "Europe/Dublin"),
    ("FI01", "Northway Consulting Oy", "EUR", "FI", "Europe/Helsinki"),
    ("PT01", "Northway Consulting Lda", "EUR", "PT", "Europe/Lisbon"),
    ("GB02", "Northway Public Sector Ltd", "GBP", "GB", "Europe/London"),
    ("DE02", "Northway Engineering GmbH", "EUR", "DE", "Europe/Berlin"),
    ("JP02", "Northway Systems K.K.", "JPY", "JP", "Asia/Tokyo"),
    ("CA02", "Northway Conseil Quebec Inc.", "CAD", "CA", "America/Toronto"),
    ("AU02", "Northway Government Pty Ltd", "AUD", "AU", "Australia/Sydney"),
    ("US04", "Northway Digital Inc.", "USD", "US", "America/Los_Angeles"),
    ("LU01", "Northway Consulting S.a r.l.", "EUR", "LU", "Europe/Luxembourg"),
)

_SIZES = (40, 200, 2_000, 20_000)
#: How many of everything at 40, 200, 2,000 and 20,000 consultants; log-linear in between.
_COUNTS: dict[str, tuple[float, float, float, float]] = {
    "entities": (2, 2, 9, 38),
    "customers": (140, 600, 4_500, 32_000),
    "active customers": (22, 85, 480, 2_600),
    "contacts": (200, 900, 9_000, 75_000),
    "opportunities a year": (92, 420, 3_400, 26_000),
    "agreements a year": (40, 190, 1_400, 10_300),
    "active agreements": (36, 170, 1_250, 9_400),
    "mean value": (205_000, 217_000, 294_000, 400_000),
    "amendments per agreement": (0.55, 0.55, 0.60, 0.70),
    "tasks per project": (12, 14, 18, 25),
    "intercompany share": (0.03, 0.03, 0.12, 0.22),
    "foreign share": (0.10, 0.05, 0.18, 0.35),
    "nte share": (0.25, 0.25, 0.30, 0.35),
}


@dataclass(frozen=True)
class Firm:
    """What decides a synthetic firm. Everything else follows from these four values."""

    size: int
    seed: int
    months: int = 15
    last_month: dt.date = dt.date(2026, 2, 1)

    @cached_property
    def as_of(self) -> dt.date:
        """The fifth business day after the last month: its revenue run is done, its period is still open."""
        first = add_months(self.last_month, 1)
        day: dt.date = np.busday_offset(np.datetime64(first, "D"), 4, roll="forward").astype(dt.date)
        return day

    @cached_property
    def start_on(self) -> dt.date:
        """The first day of the first month of history."""
        return add_months(self.last_month, 1 - self.months)

    @cached_property
    def watermark(self) -> dt.datetime:
        """When every system was extracted: 06:00 local on the day of observation, as naive UTC."""
        return local(self.as_of, EXTRACT_AT, ZONE)

    def count(self, what: str) -> float:
        """How many of something a firm of this size has, or a size-dependent share."""
        return float(np.exp(np.interp(math.log(self.size), np.log(_SIZES), np.log(_COUNTS[what]))))

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The months of history and the running one. All but the last two are closed at the day of observation."""
        return tuple(
            Period(month, month_end(month), cut_off(month, ZONE), month < self.last_month)
            for month in months(self.start_on, self.as_of)
        )

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """The legal entities of a firm of this size, the head office first. Weights sum to one."""
        rows = _ENTITIES[: min(round(self.count("entities")), len(_ENTITIES))]
        foreign = self.count("foreign share")
        raw = [1.0 / (1 + index) if index else 3.0 for index in range(len(rows))]
        totals = {
            home: sum(weight for weight, row in zip(raw, rows, strict=True) if (row[2] == BASE_CURRENCY) is home)
            for home in (True, False)
        }
        return tuple(
            Entity(*row, weight=weight * ((1 - foreign) if row[2] == BASE_CURRENCY else foreign)
                   / totals[row[2] == BASE_CURRENCY])
            for weight, row in zip(raw, rows, strict=True)
        )  # fmt: skip

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """The currencies of the firm's entities, USD first."""
        return tuple(dict.fromkeys(entity.currency for entity in self.entities))

    @cached_property
    def rates(self) -> pl.DataFrame:
        """Daily rates: date, currency, rate (USD per unit, Decimal 18,6). 8% yearly volatility, flat over weekends.

        From 90 days before the first month to 31 days after the day of observation, so that due dates find a rate.
        """
        days = np.arange(
            np.datetime64(self.start_on, "D") - 90, np.datetime64(self.as_of, "D") + 32, dtype="datetime64[D]"
        )
        frames = []
        for code in self.currencies:
            rate = np.full(len(days), 1.0)
            if code != BASE_CURRENCY:
                step = normal(days.astype(np.int64), f"fx/{code}", self.seed) * (0.08 / math.sqrt(252))
                rate = np.exp(np.cumsum(np.where(np.is_busday(days), step, 0.0))) / CURRENCIES[code].per_usd
            frames.append(
                pl.DataFrame({"date": days, "currency": code, "micro": np.round(rate * 1e6).astype(np.int64)})
            )
        table = pl.concat(frames).with_columns(pl.col("date").cast(pl.Date))
        return table.select("date", "currency", rate=scaled("micro", 6))
