"""What happened to an agreement: rows of `revenue.evidence` as typed events.

A row that cannot be read becomes an event of kind `unusable`, which suspends its agreement and is reported: wrong data
is a value, never an exception. The order in which rows arrive does not matter: `in_order` sorts them by period, day,
kind and content. Amounts are whole ten-thousandths and quantities whole hundred-millionths, as the warehouse stores
them, so that arithmetic stays exact.

Attributes, beside the columns (all optional; an amount of money where nothing else is said):

signed      name, method, start_on, end_on, ssp, ssp_low and ssp_high (a price between them is its own stand-alone
            selling price; the residual is inside them), ssp_method (residual ..), bundle, bundle_price,
            cap, agreement_cap, planned_cost, uninstalled_cost, breakage (share), markup (share), principal (yes or no),
            distinct, part_of (obligation), credit_for_past, price_open, rate_from with rate or with rate_worth (what
            work since then is worth more), band (next_12, next_24, later), is_signed, is_option, cancellable,
            has_financing, has_material_right
ssp         stand-alone selling price (else a residual) as of a day, of what is signed next of a line: ssp_method,
            ssp_low, ssp_high, bundle, bundle_price
method      by what a line with a fixed price is earned, from a day on: method
worked      approved, adjustment (outside the cap), cost (of an agent's expense), project, until
completed   until, reason (tasks_completed, service_end)
cost        uninstalled, wasted
estimate    limits_progress (the cap will bind: the amount is the value expected, else it is cost), exit_penalty
variable    element, gross, confidence (remote to certain), limit, method (expected_value, most_likely) with outcomes
            (pairs of amount and probability), targets (obligations), outcome (resolved)
right_to_consideration  document, cancellable: whether that invoice can be cancelled, from the day on
invoiced    tax, pass_through, advance, cancellable, due_on, document
credited    tax, pass_through, reason (concession, hours_rejected ... give up price; rebate), reduces_price, document
received    document, rate
rate        functional_currency; the rate is the quantity, else the amount
contract_cost  in the currency it was paid in: name, purpose (obtain, fulfil), benefit_from (else the day),
            benefit_until (else the end of the agreement), incremental, chargeable (of costs to obtain),
            relates_to_contract, creates_resources (of costs to fulfil), recoverable, own_standard; without an amount:
            a new benefit_until of the costs of that name
impaired    name (else all costs); the amount that cannot be recovered
any         problem, message, then: the source says the row cannot be used, and why

`until` is the last day of what a row holds, where that is before the end of the month it stands for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = [
    "AMOUNT", "KINDS", "QUANTITY", "UNREADABLE", "Event", "amount_of", "attributes_of", "counted", "in_order",
    "is_month", "quantity_of", "read_events",
]  # fmt: skip

#: Ten-thousandths in one unit of currency; hundred-millionths in one hour, day or unit.
AMOUNT, QUANTITY = 10_000, 100_000_000

_ALWAYS = "0001-01"
_DIGITS = 27

#: What reading a row raises that holds something else than it should.
UNREADABLE = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)

#: Kinds of evidence in the order in which events of one day take effect.
KINDS: Mapping[str, int] = {
    kind: place
    for place, kind in enumerate(
        (
            "unusable", "rate", "ssp", "method", "signed", "funded", "scheduled", "estimate", "cost", "worked",
            "accepted", "variable", "completed", "right_to_consideration", "invoiced", "credited", "received",
            "terminated", "contract_cost", "impaired",
        )
    )
}  # fmt: skip


class Event(NamedTuple):
    """One row of evidence. `amount` and `quantity` are scaled integers (see `AMOUNT`, `QUANTITY`).

    Rows that hold the same attributes share them: they are only ever read.
    """

    agreement_id: str
    book: str
    legal_entity_id: str
    customer_id: str
    currency: str
    kind: str
    happened_on: date
    period: str
    version_no: int | None = None
    obligation_key: str | None = None
    amount: int = 0
    quantity: int = 0
    unit: str = ""
    attributes: Mapping[str, Any] = MappingProxyType({})
    connection: str = ""
    source: str = ""
    row_id: str = ""
    written: str = ""

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no of the attributes."""
        value = self.attributes.get(name)
        if value is None:
            return default
        return value.lower() in ("true", "t", "yes", "1") if isinstance(value, str) else bool(value)

    def money(self, name: str) -> int | None:
        """An amount of the attributes, scaled; None when it is not given."""
        value = self.attributes.get(name)
        return None if value in (None, "") else amount_of(value)

    def number(self, name: str) -> int | None:
        """A quantity of the attributes, scaled; None when it is not given."""
        value = self.attributes.get(name)
        return None if value in (None, "") else quantity_of(value)

    def day(self, name: str) -> date | None:
        """A date of the attributes; None when it is not given."""
        value = self.attributes.get(name)
        return None if value in (None, "") else _date(value)

    @property
    def last_day(self) -> date:
        """The last day of what it holds: its own, but for a sum of less than its month."""
        return self.day("until") or self.happened_on

    def text(self, name: str) -> str:
        """A text of the attributes; empty when it is not given."""
        value = self.attributes.get(name)
        return "" if value is None else str(value)


def amount_of(value: object) -> int:
    """An amount in ten-thousandths; an amount with more digits is refused."""
    return _scaled(value, 4)


def quantity_of(value: object) -> int:
    """A quantity in hundred-millionths; a quantity with more digits is refused."""
    return _scaled(value, 8)


def read_events(rows: Iterable[Mapping[str, Any]]) -> list[Event]:
    """The events of rows of `revenue.evidence`; a row that cannot be read is an event of kind `unusable`."""
    events = []
    for row in rows:
        try:
            events.append(_event(row))
        except UNREADABLE as error:
            events.append(_unusable(row, error))
    return events


def counted(rows: Mapping[str, int]) -> str:
    """How many rows of each kind lead to a row, as text (JSON)."""
    return "{" + ", ".join([f'"{kind}": {rows[kind]}' for kind in sorted(rows)]) + "}"


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events by period, day, kind and content: the order of arrival leaves no trace."""
    return sorted(events, key=_order)


def _order(event: Event) -> tuple[Any, ...]:
    return (
        event.period, event.happened_on, KINDS[event.kind], event.version_no or 0, event.obligation_key or "",
        event.row_id, event.amount, event.quantity, event.source, event.written,
    )  # fmt: skip


def _event(row: Mapping[str, Any]) -> Event:
    attributes, written = attributes_of(row.get("attributes"))
    version = row.get("version_no")
    return Event(
        agreement_id=_required(row, "agreement_id"),
        book=_required(row, "book"),
        legal_entity_id=_text(row, "legal_entity_id"),
        customer_id=_text(row, "customer_id"),
        currency=_required(row, "currency"),
        kind=_kind(row),
        happened_on=_date(row["happened_on"]),
        period=_period(row["period"]),
        version_no=None if version is None else int(version),
        obligation_key=_text(row, "obligation_key") or None,
        amount=_scaled(row.get("amount"), 4),
        quantity=_scaled(row.get("quantity"), 8),
        unit=_text(row, "unit"),
        attributes=attributes,
        connection=_text(row, "connection"),
        source=f"{row.get('object') or ''}/{row.get('source_id') or ''}",
        row_id=_text(row, "row_id"),
        written=written,
    )


#: Numbers with a point are decimals, never floats.
_JSON = json.JSONDecoder(parse_float=Decimal)


def attributes_of(given: object) -> tuple[dict[str, Any], str]:
    """Attributes, every typed one of which can be read, and the text they were written as."""
    found, written = _decoded(given)
    if found:
        _check(found)
    return found, written


def _decoded(given: object) -> tuple[dict[str, Any], str]:
    if not given or given == "{}":
        return {}, ""
    if isinstance(given, str):
        found = _JSON.decode(given)
        if not isinstance(found, dict):
            raise ValueError("attributes are not a JSON object")
        return found, given
    if isinstance(given, Mapping):
        return dict(given), json.dumps(dict(given), sort_keys=True, default=str)
    raise TypeError("attributes are neither JSON text nor a mapping")


def _check(attributes: Mapping[str, Any]) -> None:
    """Every typed attribute can be read: what is wrong shows here, not in the middle of a computation."""
    for name, read in _TYPED.items():
        if name in attributes and attributes[name] not in (None, ""):
            read(attributes[name])


def _scaled(value: object, digits: int) -> int:
    if not value and (value is None or value == "" or type(value) is Decimal):
        return 0
    if isinstance(value, bool | float):
        raise TypeError(f"{value!r} is a {type(value).__name__}; numbers of evidence are decimals or text")
    scaled = (value if isinstance(value, Decimal) else Decimal(str(value))).scaleb(digits)
    if scaled.is_finite() and scaled.adjusted() > _DIGITS:
        raise ValueError(f"{value} is too large")
    whole = int(scaled)
    if scaled != whole:
        raise ValueError(f"{value} has more than {digits} digits behind the point")
    return whole


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _required(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not value:
        raise ValueError(f"{name} is empty")
    return str(value)


def _kind(row: Mapping[str, Any]) -> str:
    kind = _required(row, "kind")
    if kind not in KINDS or kind == "unusable":
        raise ValueError(f"kind '{kind}' is unknown; known: {', '.join(list(KINDS)[1:])}")
    return kind


def _date(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _period(value: object) -> str:
    text = str(value)
    _require_month(text)
    return text


@cache
def _require_month(text: str) -> None:
    date.fromisoformat(f"{text}-01")


def is_month(text: str) -> bool:
    """Whether a text is a period, YYYY-MM."""
    try:
        _require_month(text)
    except ValueError:
        return False
    return True


#: What is read of each typed attribute: amounts of money, numbers, days.
_TYPED: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys(
        (
            "ssp", "ssp_low", "ssp_high", "cap", "agreement_cap", "credit_for_past", "tax", "pass_through", "gross",
            "cost", "planned_cost", "uninstalled_cost", "bundle_price", "limit", "exit_penalty", "rate_worth",
        ),
        amount_of,
    ),
    **dict.fromkeys(("rate", "markup", "breakage"), quantity_of),
    **dict.fromkeys(("start_on", "end_on", "due_on", "rate_from", "until", "benefit_from", "benefit_until"), _date),
}  # fmt: skip


def _unusable(row: Mapping[str, Any], error: Exception) -> Event:
    stream = f"{row.get('connection') or 'evidence'}.{row.get('object') or row.get('kind') or ''}"
    where = f"{stream} {row.get('source_id') or ''}"
    try:
        period = _period(row.get("period"))
    except ValueError:
        period = _ALWAYS
    return Event(
        agreement_id=_text(row, "agreement_id"),
        book=_text(row, "book"),
        legal_entity_id=_text(row, "legal_entity_id"),
        customer_id=_text(row, "customer_id"),
        currency=_text(row, "currency"),
        kind="unusable",
        happened_on=date.min,
        period=period,
        obligation_key=_text(row, "obligation_key") or None,
        attributes={"message": f"{where.strip()}: {error}"},
        connection=_text(row, "connection"),
        source=f"{row.get('object') or ''}/{row.get('source_id') or ''}",
        row_id=_text(row, "row_id"),
    )
