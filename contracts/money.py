"""Money: exact decimals with a currency, rounded half up to the currency's minor unit.

The only module that knows what a cent is. Amounts are `decimal(18,4)` in the warehouse and `Decimal` in Python; no
float touches one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from types import MappingProxyType

__all__ = [
    "AMOUNT_SCALE",
    "MINOR_UNITS",
    "exact",
    "minor_digits_sql",
    "minor_unit_sql",
    "minor_units",
    "round_money",
    "round_sql",
    "smallest",
    "split",
]

#: Digits behind the point of every amount column.
AMOUNT_SCALE = 4

_DEFAULT = 2

#: Currencies whose minor unit is not the hundredth part (ISO 4217); every other has two digits.
MINOR_UNITS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(
            ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
        ),
        **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
        **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    }
)


def minor_units(currency: str) -> int:
    """Digits behind the point in which amounts of the currency are posted and shown."""
    return MINOR_UNITS.get(currency.upper(), _DEFAULT)


def smallest(currency: str) -> Decimal:
    """The smallest amount of the currency: 0.01, 1 or 0.001."""
    return Decimal(1).scaleb(-minor_units(currency))


def exact(amount: Decimal | int | str) -> Decimal:
    """The amount as an exact decimal. A float is refused: it has lost its cents before it came here."""
    if isinstance(amount, bool | float):
        raise TypeError(f"{amount!r} is a {type(amount).__name__}. Money is Decimal, int or text: read it as text.")
    return Decimal(amount)


def round_money(amount: Decimal | int | str, currency: str) -> Decimal:
    """Rounded to the minor unit of the currency, halves away from zero."""
    with localcontext(prec=38):
        return exact(amount).quantize(smallest(currency), rounding=ROUND_HALF_UP)


def split(total: Decimal | int | str, weights: Sequence[Decimal | int], currency: str) -> list[Decimal]:
    """Shares of the total by weight that add up to it exactly (largest remainder; ties go to the earlier weight).

    The total must be a whole number of minor units, the weights must not be negative and not all zero.
    """
    unit = smallest(currency)
    whole = exact(total)
    if whole != round_money(whole, currency):
        raise ValueError(f"{whole} {currency} has more digits than the currency. Round it before it is split.")
    parts = [exact(weight) for weight in weights]
    if not any(parts) or min(parts) < 0:
        raise ValueError("A split needs weights of which none is negative and one is not zero.")
    with localcontext(prec=60):
        units = int((abs(whole) / unit).to_integral_value())
        # floor and remainder in integers: no division rounds anywhere
        numerators, sum_of_weights = _integers(parts)
        floors = [units * numerator // sum_of_weights for numerator in numerators]
        remainders = [units * numerator % sum_of_weights for numerator in numerators]
        by_remainder = sorted(range(len(parts)), key=lambda place: (-remainders[place], place))
        for place in by_remainder[: units - sum(floors)]:
            floors[place] += 1
        sign = -1 if whole < 0 else 1
        return [(sign * count * unit).quantize(unit) for count in floors]


def _integers(parts: Iterable[Decimal]) -> tuple[list[int], int]:
    """The weights scaled to integers, and their sum."""
    found = list(parts)
    scale = max(0, *(-int(part.as_tuple().exponent) for part in found))
    scaled = [int(part.scaleb(scale)) for part in found]
    return scaled, sum(scaled)


def minor_unit_sql(currency: str) -> str:
    """SQL for the smallest amount of the currency that the column `currency` names."""
    return _by_units(currency, lambda digits: f"cast({Decimal(1).scaleb(-digits)} as decimal(18,4))")


def minor_digits_sql(currency: str) -> str:
    """SQL for the digits behind the point in which amounts of the currency in the column `currency` are shown."""
    return _by_units(currency, str)


def round_sql(amount: str, currency: str) -> str:
    """SQL that rounds a decimal half away from zero to the minor unit of the currency that a column names."""
    return _by_units(currency, lambda digits: f"cast(round({amount}, {digits}) as decimal(18,4))")


def _by_units(currency: str, spell: Callable[[int], str]) -> str:
    by_digits: dict[int, list[str]] = {}
    for code, digits in sorted(MINOR_UNITS.items()):
        by_digits.setdefault(digits, []).append(f"'{code}'")
    whens = " ".join(f"when {currency} in ({', '.join(by_digits[n])}) then {spell(n)}" for n in sorted(by_digits))
    return f"case {whens} else {spell(_DEFAULT)} end"
