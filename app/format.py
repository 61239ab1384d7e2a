"""How numbers, money, dates and words look everywhere a person reads them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from contracts.money import minor_units

__all__ = [
    "age",
    "day",
    "escaped",
    "figure",
    "label",
    "money",
    "plain",
    "plural",
    "sentence",
    "short_money",
    "signed",
    "words",
]

#: Currencies a reader knows by their sign; the others are written with their code.
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_AMOUNT = re.compile(r"-?\d{1,15}\.\d{1,8}")
_SCALES = ((Decimal(1_000_000_000), "bn"), (Decimal(1_000_000), "m"), (Decimal(1_000), "k"))


def money(amount: Decimal | None, currency: str | None, *, sign: bool = False) -> str:
    """An amount in full, with its currency: ``$1,234.50``, ``−€20.00``, ``1,000.00 CHF``. Nothing for no amount."""
    if amount is None:
        return ""
    digits = minor_units(currency) if currency else 2
    rounded = amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{digits}f}"
    mark = "−" if rounded < 0 else "+" if sign and rounded > 0 else ""
    if currency in _SIGNS:
        return f"{mark}{_SIGNS[currency]}{text}"
    return f"{mark}{text} {currency}".strip()


def short_money(amount: Decimal | None, currency: str | None) -> str:
    """An amount for a tile or a bar: ``$12.4m``. Exact below one thousand."""
    if amount is None:
        return ""
    for unit, suffix in _SCALES:
        if abs(amount) >= unit:
            scaled = (amount / unit).quantize(Decimal("0.1"), ROUND_HALF_UP)
            mark = "−" if scaled < 0 else ""
            sign = _SIGNS.get(currency or "", "")
            return f"{mark}{sign}{abs(scaled):,}{suffix}" + ("" if sign else f" {currency or ''}".rstrip())
    return money(amount, currency)


def signed(amount: Decimal | None, currency: str | None) -> str:
    """An amount whose direction matters: always with its sign."""
    return money(amount, currency, sign=True)


def plain(amount: Decimal | None, digits: int = 2) -> str:
    """An amount where its currency stands in the heading."""
    return "" if amount is None else f"{amount:,.{digits}f}".replace("-", "−")


def figure(text: str) -> str:
    """A text as a system stores it; an amount among them with its thousands apart: ``62374.17`` as ``62,374.17``."""
    return f"{Decimal(text):,}".replace("-", "−") if _AMOUNT.fullmatch(text) else text


def day(value: dt.date | dt.datetime | None) -> str:
    """A date as people write it: ``6 Mar 2026``."""
    return "" if value is None else f"{value.day} {value:%b %Y}"


def age(days: int | None) -> str:
    """How long something has stood: ``today``, ``1 day``, ``12 days``."""
    if days is None:
        return ""
    return "today" if days <= 0 else plural(days, "day")


def plural(count: int, noun: str, many: str | None = None) -> str:
    """A count with its noun: ``1 break``, ``2,300 breaks``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


#: Words of codes that people write in their own way.
_SPELT = {
    **{name: name.upper() for name in (
        "ap", "ar", "ca", "cl", "crm", "crpo", "eac", "erp", "etc", "fx", "gaap", "gl", "id", "ifrs", "nte", "pmo",
        "po", "psa", "rpo", "sow", "ssp", "ur", "us", "wip",
    )},
    "tm": "T&M", "revrec": "REVREC",
}  # fmt: skip
#: Codes whose words are one.
_JOINED = {"re_rate": "re-rate", "true_up": "true-up", "catch_up": "catch-up"}


def words(code: str | None) -> str:
    """A code as words: ``missing_right`` becomes ``missing right``, ``rpo_disclosed`` becomes ``RPO disclosed``."""
    lower = (code or "").lower()
    return " ".join(_SPELT.get(word, word) for word in _JOINED.get(lower, lower).split("_"))


def label(code: str | None) -> str:
    """A code as a name: ``finance_operations`` becomes ``Finance operations``, ``RE_RATE`` becomes ``Re-rate``."""
    return sentence(words(code))


def escaped(text: str) -> str:
    """A text for Markdown in which a dollar sign is a dollar sign."""
    return text.replace("$", r"\$")


def sentence(text: str | None) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:] if text else ""
