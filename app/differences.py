"""Explains a difference by its causes: ``difference:planned[agreement=SOW-2025-014,period=2026-02]``.

The same grammar as for metrics: a name, and keys that narrow it. Amounts of different currencies stay apart, and in
each of them the causes add up to the difference exactly. What no cause carries is listed as a cause of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.metrics import BOOK, enterprise_id
from app.revenue_data import Scope, differences
from app.revenue_data.differences import CAUSES, DIFFERENCES, UNEXPLAINED
from contracts.errors import ConfigError

if TYPE_CHECKING:
    from app.data import Snapshot

__all__ = ["KEYS", "difference"]

#: What a difference may be asked by.
KEYS = ("agreement", "customer", "legal_entity", "currency", "period", "from", "book")
_PERIOD = re.compile(r"^\d{4}-(0[1-9]|1[0-2])$")


def difference(snapshot: Snapshot, name: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Both figures, the causes with owner and age, the largest records behind them, and the breaks that say more."""
    shown = DIFFERENCES.get(name)
    if shown is None:
        raise ConfigError(f"There is no difference {name}", then=f"Known: {', '.join(DIFFERENCES)}.")
    scope, whose = _asked(snapshot, name, keys)
    found: dict[str, list[dict[str, Any]]] = {"value": [], "terms": [], "records": [], "breaks": []}
    for currency in _currencies(snapshot, scope, name, whose):
        own = scope.of(currency=currency)
        ends = differences.ends(snapshot, own, name, **whose)
        listed = differences.causes(snapshot, own, name, **whose).to_dicts()
        found["value"].append({
            "currency": currency, _key(shown.first): _money(ends["first_amount"]),
            _key(shown.second): _money(ends["second_amount"]),
            "difference": _money(ends["first_amount"] - ends["second_amount"]),
            "causes": _money(sum((row["amount"] for row in listed), Decimal(0))),
            UNEXPLAINED: _money(sum((row["amount"] for row in listed if row["cause"] == UNEXPLAINED), Decimal(0))),
        })  # fmt: skip
        found["terms"] += [
            {"cause": row["cause"], "is": CAUSES[row["cause"]].title, "amount": _money(row["amount"]),
             "currency": currency, "owner": row["owner"], "oldest_on": row["oldest_on"], "age_days": row["age_days"],
             "records": row["records"], "agreements": row["agreements"]}
            for row in listed
        ]  # fmt: skip
        agreement, customer = whose["agreement"], whose["customer"]
        for row in listed:
            found["records"] += differences.records(
                snapshot, own, name, row["cause"], agreement=agreement, customer=customer, limit=_LISTED
            ).to_dicts()
        found["breaks"] += differences.breaks_behind(
            snapshot, own, name, agreement=agreement, customer=customer
        ).to_dicts()
    text = ",".join(f"{key}={value}" for key, value in keys.items())
    return {
        "subject": f"difference:{name}{f'[{text}]' if text else ''}",
        "is": f"{shown.first} less {shown.second.lower()}, by cause",
        "definition": shown.help,
        "value": found["value"],
        "facts": {"book": scope.book, "from": scope.first, "to": scope.last},
        "terms": found["terms"],
        "records": found["records"],
        "breaks": found["breaks"],
    }


#: Records listed of each cause.
_LISTED = 10


def _asked(snapshot: Snapshot, name: str, keys: Mapping[str, str]) -> tuple[Scope, dict[str, str]]:
    """What is looked at, and whose: numbers and names become ids; what cannot be asked is refused."""
    if not differences.is_held(snapshot):
        raise ConfigError("This run explains no differences", where=str(snapshot.path), then="Run `tieout run` again.")
    for key in keys:
        if key not in KEYS:
            raise ConfigError(f"A difference cannot be asked by {key}", then=f"It has {', '.join(KEYS)}.")
    row = snapshot.one("select max(period) as period from revenue.differences where difference = ?", [name]) or {}
    known = row.get("period")
    if known is None:
        raise ConfigError(f"Nothing was {name} yet", then="No agreement has a month whose revenue run is done.")
    last = keys.get("period", known)
    begin = keys.get("from", last)
    for month in (begin, last):
        if not _PERIOD.match(month):
            raise ConfigError(f"{month!r} is no month", where=f"difference:{name}", then="Write it like 2026-02.")
    if last > known or begin > last:
        raise ConfigError(
            f"{begin} to {last} cannot be explained",
            then=f"Give a month up to {known}, the last one whose revenue run is done, and from no later than it.",
        )
    scope = Scope(keys.get("book", BOOK), "", keys.get("currency", "").upper(), "", begin, last)
    if "legal_entity" in keys:
        entity = enterprise_id(snapshot, "legal_entity", keys["legal_entity"])
        code = snapshot.one(
            "select legal_entity_code from marts.legal_entity where legal_entity_id = ?", [entity]
        )  # fmt: skip
        scope = scope.of(legal_entity=code["legal_entity_code"] if code else "")
    whose = {
        key: enterprise_id(snapshot, key, keys[key]) if key in keys else "" for key in ("agreement", "customer")
    }  # fmt: skip
    return scope, whose


def _currencies(snapshot: Snapshot, scope: Scope, name: str, whose: Mapping[str, str]) -> list[str]:
    rows = snapshot.rows(
        """
        select distinct currency from revenue.differences
        where difference = ? and book = ? and period between ? and ? and (? = '' or currency = ?)
          and (? = '' or agreement_id = ?) and (? = '' or customer_id = ?)
        order by 1
        """,
        [name, scope.book, scope.first, scope.last, scope.currency, scope.currency,
         whose["agreement"], whose["agreement"], whose["customer"], whose["customer"]],
    )  # fmt: skip
    return [row["currency"] for row in rows]


def _key(title: str) -> str:
    return title.lower().replace(" ", "_")


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.0001"))
