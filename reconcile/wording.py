"""How breaks and actions are said in a sentence: templates filled with names, facts and amounts as people write them.

Amounts have thousands separators and the minor units of their currency: ``{money}`` is what a break is worth, rounded
(``1,234.50 USD``); ``{left_value}``, ``{right_value}`` and every fact named ``.._amount`` are shown in full, with more
digits only where they have more. Numbers that are no money lose the zeros that their type adds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass

import duckdb

from contracts.breaks import BREAKS, BreakType
from contracts.money import minor_digits_sql, round_sql
from contracts.sql import by_column, from_lists, literal
from reconcile.rule import Rule
from reconcile.schema import BREAK

__all__ = ["amount_sql", "entitle", "filled"]

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


#: SQL for an amount, from those of its value and of its currency: `amount_sql`, or a place where it stands already.
_Worded = Callable[[str, str], str]


class _Amounts:
    """Amounts that a select puts into words: the expression for it is long, and planned once for all of them."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def __call__(self, value: str, currency: str) -> str:
        """SQL for the amount over a relation that has `sql` as ``_amounts``."""
        self._found.append((value, currency))
        return f"_amounts[{len(self._found)}]"

    @property
    def sql(self) -> str:
        """The list of all amounts in words."""
        listed = ", ".join(f"{{'value': {value}::decimal(18,4), 'currency': {own}}}" for value, own in self._found)
        return f"list_transform([{listed}], lambda one: {amount_sql('one.value', 'one.currency')})"


def _as_amount(text: str, currency: str, where: str = "true", worded: _Worded = amount_sql) -> str:
    """SQL for a text that is shown as an amount where it is a number and `where` holds."""
    amount = worded(f"try_cast({text} as decimal(18,4))", currency)
    is_number = f"regexp_full_match({text}, '-?[0-9]+([.][0-9]{{1,4}})?')"
    return f"(case when {where} and {is_number} then {amount} else {text} end)"


def filled(template: str, of: str = "", missing: str = "?") -> str:
    """A template as SQL over breaks; a name that is no column of theirs is looked up in the payload.

    `of` is the alias of the breaks with its point; `missing` is said where nothing is known.
    """
    parts = []
    for place, piece in enumerate(_PLACEHOLDER.split(template)):
        if place % 2:
            parts.append(f"coalesce({_said(piece, of)}, {literal(missing)})")
        elif piece:
            parts.append(literal(piece))
    return f"({' || '.join(parts)})" if parts else "''"


def _said(name: str, of: str, worded: _Worded = amount_sql) -> str:
    """SQL for one placeholder."""
    currency = f"{of}currency"
    if name == "money":
        worth = worded(round_sql(f"abs({of}variance)", currency), currency)
        return f"{worth} || coalesce(' ' || {currency}, '')"
    if name == "thing":
        return f"replace({of}entity, '_', ' ')"
    if name in ("left_value", "right_value"):
        return _value(name.removesuffix("value"), of, worded)
    if name in BREAK:
        return f"coalesce({', '.join(f'cast({of}{item} as varchar)' for item in (name, *_ELSE.get(name, ())))})"
    fact = f"json_extract_string({of}payload, '$.{name}')"
    return _as_amount(fact, currency, worded=worded) if name.endswith("_amount") else _plain(fact)


def _value(side: str, of: str, worded: _Worded) -> str:
    """SQL for the value of a side; where the sides are in different currencies, an amount says which."""
    kinds = ", ".join(literal(kind.value) for kind in _OF_MONEY)
    value, own = f"{of}{side}value", f"{of}{side}currency"
    by_class = f"{of}break_type = 'classification' and try_cast({value} as decimal(18,4)) = {of}{side}amount"
    is_money = f"({of}break_type in ({kinds}) or {of}field like '%amount' or {by_class})"
    apart = f"{of}break_type = 'currency' and try_cast({value} as decimal(18,4)) = {of}{side}amount"
    amount = worded(f"{of}{side}amount", own)
    shown = _as_amount(value, f"coalesce({own}, {of}currency)", is_money, worded)
    return f"(case when {apart} then {amount} || ' ' || coalesce({own}, 'without a currency') else {shown} end)"


#: What many templates say, worked out once a break.
_READY = {"money": "_money", "left_value": "_left_said", "right_value": "_right_said"}


@dataclass(frozen=True)
class _Piece:
    """A piece of a template: text, or the name of what is said in its place and what is said where nothing is known."""

    template: int
    place: int
    text: str | None
    name: str | None = None
    missing: str | None = None


_PIECE = {"template": "integer", "place": "integer", "text": "varchar", "name": "varchar", "missing": "varchar"}


def entitle(con: duckdb.DuckDBPyConnection, rules: Iterable[Rule], breaks: str, into: str) -> None:
    """Write the table `into` (break_id, title): from the template of a break's rule, else of its type.

    The pieces of the templates are rows, joined to the breaks that say them: one expression for all templates takes
    DuckDB longer to plan and to set up than everything else that is done with the breaks of a small firm.
    """
    numbers: dict[tuple[str, str], int] = {}
    chosen = _chosen(rules, numbers)
    pieces = [piece for (template, missing), number in numbers.items() for piece in _pieces(number, template, missing)]
    amounts = _Amounts()
    ready = ", ".join(f"{_said(name, '', amounts)} as {column}" for name, column in _READY.items())
    con.execute(
        f"create or replace temp table {into} as with pieces as ({from_lists(_PIECE)}), "
        f"b as (select *, {chosen} as _template, {ready} from (select *, {amounts.sql} as _amounts from {breaks})), "
        f"filled as (select b.break_id, string_agg(coalesce(p.text, {_any_said(pieces)}, p.missing), '' "
        "order by p.place) as said from b join pieces as p on p.template = b._template where b.title is null "
        "group by b.break_id) select break_id, regexp_replace(coalesce(b.title, f.said, b.break_type || ' ' || "
        f"b.entity_id), {_NO_MONEY}, '') as title from b left join filled as f using (break_id)",
        by_column(map(astuple, pieces)),
    )


def _chosen(rules: Iterable[Rule], numbers: dict[tuple[str, str], int]) -> str:
    """The number of the template of a break as SQL over the breaks; adds each template to `numbers`.

    A template goes with what it says where nothing is known.
    """

    def number(template: str, missing: str = "?") -> int:
        return numbers.setdefault((template, missing), len(numbers))

    unnamed = "No currency: {thing} {entity_id} has an amount, and none says in what ({left_value}, {right_value})"
    cases = [f"when break_type = 'currency' and cause = 'no currency' then {number(unnamed, 'nothing')}"]
    for rule in rules:
        given = {**rule.titles, **{item.name: item.title for item in rule.compare if item.title}}
        of_rule = [
            f"when {literal(name)} in (break_type, field) then {number(text)}" for name, text in sorted(given.items())
        ]
        if rule.title:
            of_rule.append(f"when break_type <> 'unreadable' then {number(rule.title)}")
        if of_rule:
            cases.append(f"when rule = {literal(rule.name)} then case {' '.join(of_rule)} end")
    of_type = " ".join(
        f"when {literal(kind.value)} then {number(f'{facts.title}: {{thing}} {{entity_id}}')}"
        for kind, facts in BREAKS.items()
    )
    return f"coalesce(case {' '.join(cases)} end, case break_type {of_type} end)"


def _pieces(number: int, template: str, missing: str) -> list[_Piece]:
    """A template in pieces; an empty one says nothing."""
    found = []
    for place, piece in enumerate(_PLACEHOLDER.split(template)):
        if place % 2:
            found.append(_Piece(number, place, None, piece, missing))
        elif piece:
            found.append(_Piece(number, place, piece))
    return found or [_Piece(number, 0, "")]


def _any_said(pieces: Iterable[_Piece]) -> str:
    """SQL for what a piece names: something worked out already, a column of the break, or a fact of its payload."""
    names = sorted({piece.name for piece in pieces if piece.name})
    own = [name for name in names if name in _READY or name == "thing" or name in BREAK]
    fact = "json_extract_string(b.payload, '$.' || p.name)"
    cases = " ".join(f"when p.name = {literal(name)} then {_READY.get(name) or _said(name, 'b.')}" for name in own)
    return (
        f"case {cases} when ends_with(p.name, '_amount') then {_as_amount(fact, 'b.currency')} else {_plain(fact)} end"
    )
