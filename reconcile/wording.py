"""How breaks and actions are said in a sentence: templates filled with names, facts and amounts as people write them.

Amounts have thousands separators and the minor units of their currency: ``{money}`` is what a break is worth, rounded
(``1,234.50 USD``); ``{left_value}``, ``{right_value}`` and every fact named ``.._amount`` are shown in full, with more
digits only where they have more. Numbers that are no money lose the zeros that their type adds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from contracts.breaks import BREAKS, BreakType
from contracts.money import minor_digits_sql, round_sql
from contracts.sql import literal
from reconcile.rule import Rule
from reconcile.schema import BREAK

__all__ = ["amount_sql", "filled", "titles"]

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")

#: Breaks whose two values are amounts wherever they are numbers; elsewhere those of fields named ``.._amount`` are, and
#: the balances that a classification compares.
_OF_MONEY = (
    BreakType.AMOUNT,
    BreakType.RATE,
    BreakType.TAX,
    BreakType.IDENTITY,
    BreakType.LIMIT,
    BreakType.OVERRUN,
    BreakType.NEGATIVE,
    BreakType.UNEXPLAINED,
)

#: What a title says where a name is not known.
_ELSE = {
    "agreement_number": ("agreement_id",),
    "project_code": ("project_id",),
    "customer_name": ("customer_id",),
    "person_name": ("person_id",),
    "legal_entity": ("legal_entity_id",),
}


#: Money in brackets that is none: not worth saying.
_NO_MONEY = "' [(]0([.]0+)? [A-Z]{3}[^)]*[)]'"


def amount_sql(value: str, currency: str) -> str:
    """SQL for an amount in full: thousands apart, at least the minor units of the currency that a column names."""
    number = f"cast({value} as decimal(18,4))"
    digits = f"right(cast(abs({number}) as varchar), 4)"
    shown = f"left({digits}, greatest({minor_digits_sql(currency)}, length(rtrim({digits}, '0'))))"
    whole = f"format('{{:,}}', cast(trunc(abs({number})) as bigint))"
    return f"(case when {number} < 0 then '-' else '' end || rtrim({whole} || '.' || {shown}, '.'))"


def _plain(text: str) -> str:
    """SQL for a text; a decimal without the zeros that its type adds."""
    bare = f"rtrim(rtrim({text}, '0'), '.')"
    return f"(case when regexp_full_match({text}, '-?[0-9]+[.][0-9]+') then {bare} else {text} end)"


def _as_amount(text: str, currency: str, where: str = "true") -> str:
    """SQL for a text that is shown as an amount where it is a number and `where` holds."""
    amount = amount_sql(f"try_cast({text} as decimal(18,4))", currency)
    is_number = f"regexp_full_match({text}, '-?[0-9]+([.][0-9]{{1,4}})?')"
    return f"(case when {where} and {is_number} then {amount} else {text} end)"


def filled(template: str, of: str = "", missing: str = "?", ready: Mapping[str, str] = MappingProxyType({})) -> str:
    """A template as SQL over breaks; a name that is no column of theirs is looked up in the payload.

    `of` is the alias of the breaks with its point; `missing` is said where nothing is known; `ready` are the columns
    that hold a placeholder already as it is said.
    """
    parts = []
    for place, piece in enumerate(_PLACEHOLDER.split(template)):
        if place % 2:
            parts.append(f"coalesce({ready.get(piece) or _said(piece, of)}, {literal(missing)})")
        elif piece:
            parts.append(literal(piece))
    return f"({' || '.join(parts)})" if parts else "''"


def _said(name: str, of: str) -> str:
    """SQL for one placeholder."""
    currency = f"{of}currency"
    if name == "money":
        worth = amount_sql(round_sql(f"abs({of}variance)", currency), currency)
        return f"{worth} || coalesce(' ' || {currency}, '')"
    if name == "thing":
        return f"replace({of}entity, '_', ' ')"
    if name in ("left_value", "right_value"):
        return _value(name.removesuffix("value"), of)
    if name in BREAK:
        return f"coalesce({', '.join(f'cast({of}{item} as varchar)' for item in (name, *_ELSE.get(name, ())))})"
    fact = f"json_extract_string({of}payload, '$.{name}')"
    return _as_amount(fact, currency) if name.endswith("_amount") else _plain(fact)


def _value(side: str, of: str) -> str:
    """SQL for the value of a side; where the sides are in different currencies, an amount says which."""
    kinds = ", ".join(literal(kind.value) for kind in _OF_MONEY)
    value, own = f"{of}{side}value", f"{of}{side}currency"
    by_class = f"{of}break_type = 'classification' and try_cast({value} as decimal(18,4)) = {of}{side}amount"
    is_money = f"({of}break_type in ({kinds}) or {of}field like '%amount' or {by_class})"
    apart = f"{of}break_type = 'currency' and try_cast({value} as decimal(18,4)) = {of}{side}amount"
    amount = amount_sql(f"{of}{side}amount", own)
    shown = _as_amount(value, f"coalesce({own}, {of}currency)", is_money)
    return f"(case when {apart} then {amount} || ' ' || coalesce({own}, 'without a currency') else {shown} end)"


#: What many templates say, worked out once a break.
_READY = {"money": "_money", "left_value": "_left_said", "right_value": "_right_said"}


def titles(rules: Iterable[Rule], breaks: str) -> str:
    """The select of (break_id, title): from the template of its rule, else of its type."""
    ready = ", ".join(f"{_said(name, '')} as {column}" for name, column in _READY.items())
    return f"select break_id, {_title(rules)} as title from (select *, {ready} from {breaks}) as b"


def _title(rules: Iterable[Rule]) -> str:
    """The title of a break, as SQL over the breaks with what is `_READY`."""

    def said(template: str, missing: str = "?") -> str:
        return filled(template, missing=missing, ready=_READY)

    unnamed = "No currency: {thing} {entity_id} has an amount, and none says in what ({left_value}, {right_value})"
    cases = [f"when break_type = 'currency' and cause = 'no currency' then {said(unnamed, 'nothing')}"]
    for rule in rules:
        given = {**rule.titles, **{item.name: item.title for item in rule.compare if item.title}}
        for name, text in sorted(given.items()):
            test = f"rule = {literal(rule.name)} and {literal(name)} in (break_type, field)"
            cases.append(f"when {test} then {said(text)}")
        if rule.title:
            cases.append(f"when rule = {literal(rule.name)} and break_type <> 'unreadable' then {said(rule.title)}")
    for kind, facts in BREAKS.items():
        cases.append(f"when break_type = '{kind}' then {said(f'{facts.title}: {{thing}} {{entity_id}}')}")
    found = f"coalesce(title, case {' '.join(cases)} else break_type || ' ' || entity_id end)"
    return f"regexp_replace({found}, {_NO_MONEY}, '')"
