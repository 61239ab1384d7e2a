"""The third step of a plan: what each aligned row is - equal, tolerated, broken and how, or not to be judged.

The classes of a row: ``equal``, ``tolerated`` (kept and summed), ``unreadable`` (quarantined on a side), ``excluded``
(the rule says why), ``history`` (before the firm's first day), and the broken ones in `BROKEN`. Amounts are compared
within one currency only: ``currency`` is a row whose sides are in two, ``no_currency`` one with an amount in none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb

from contracts.breaks import BreakType
from contracts.money import minor_unit_sql
from contracts.sql import literal
from reconcile.context import Context
from reconcile.errors import RuleError
from reconcile.expression import aligned, columns_used
from reconcile.rule import BREAK, Field, Nulls, Rule, Shape, Tolerance
from reconcile.scan import AMOUNT, POSTING_DATES, Scan
from reconcile.values import family, folded, state

__all__ = ["BROKEN", "Aligned", "kinds_of"]

#: Classes that become a break. `field` becomes one per broken field.
BROKEN = ("missing", "extra", "duplicate", "keyless", "no_currency", "currency", "field", "total", "broken")


@dataclass(frozen=True)
class Aligned:
    """The aligned rows of one rule and follower, and how the rule's expressions read over them."""

    rule: Rule
    context: Context
    left: Scan
    right: Scan
    kinds: Mapping[str, str]

    @property
    def where(self) -> str:
        """Where an error is."""
        return f"Rule {self.rule.name!r}"

    @cached_property
    def known(self) -> dict[str, tuple[str, ...]]:
        """The columns each side may be asked for."""
        return {"reference": self.left.names, "other": self.right.names}

    def sql(self, text: str) -> str:
        """An expression of the rule over the aligned row."""
        return aligned(self.context.bind(text, self.left.roles), self.known, self.where, self._names)

    @cached_property
    def _names(self) -> dict[str, str]:
        lines = "greatest(coalesce(r__lines, 1), coalesce(o__lines, 1))" if self.rule.shape.is_summed else "1"
        return {
            "minor_unit": f"({minor_unit_sql('coalesce(r__currency, o__currency)')})",
            "lines": lines,
            "follower": literal(self.right.side.role),
        }

    def bounds(self, name: str, stated: Tolerance) -> Tolerance:
        """A tolerance with its bounds as SQL over the aligned row."""
        found = self.context.tolerance(self.rule, name, stated)
        relative = self.sql(found.relative) if found.relative else ""
        return replace(found, below=self.sql(found.below), above=self.sql(found.above), relative=relative)

    def kind(self, item: Field) -> str:
        """The family of a compared field; both sides must be of it."""
        left, right = (family(self.kinds[f"{prefix}{item.name}"], self.where) for prefix in ("r_", "o_"))
        if left != right and '"NULL"' not in (left, right):
            raise RuleError(
                f"{item.name} is a {left} on the {self.left.side.role} side and a {right} on the other",
                where=self.where,
                then="Convert one of them in Side.columns.",
            )
        return left if left != '"NULL"' else right

    def values(self, item: Field) -> tuple[str, str]:
        """Both values of a field in the form in which they are compared."""
        kind = self.kind(item)
        return folded(f"r_{item.name}", item.normalise, kind), folded(f"o_{item.name}", item.normalise, kind)

    def field_state(self, item: Field) -> str:
        """The state of a field, where both rows are there."""
        left, right = self.values(item)
        found = state(left, right, self.kind(item), item.nulls, self.bounds(item.name, item.tolerance))
        return f"case when not ({self.sql(item.when)}) then 'skip' else {found} end" if item.when else found

    @property
    def has_other_amount(self) -> bool:
        """Whether the follower has an amount of its own, not priced with the reference."""
        return bool(self.right.side.amount) and not self.right.is_derived

    def other_amount(self) -> str:
        """What the follower's row adds to the law."""
        if self.right.is_derived:
            return f"coalesce(cast({self.sql(self.right.side.amount)} as {AMOUNT}), 0)"
        if self.right.side.amount:
            return "coalesce(o__amount, 0)"
        return "case when r__there then coalesce(r__amount, 0) else 0 end"

    def other_currency(self) -> str:
        """The currency of the follower's amount; one priced with the reference is in the reference's."""
        return "o__currency" if self.has_other_amount else "case when r__there then r__currency else o__currency end"

    def dated(self, prefix: str) -> str:
        """The date of the row that the firm's first day is held against."""
        if self.rule.dated and (prefix == "r_" or not columns_used(self.rule.dated, "reference")):
            return f"cast({self.sql(self.rule.dated)} as date)"
        scan = self.left if prefix == "r_" else self.right
        found = [name for name in POSTING_DATES if name in scan.needed]
        return f"cast({prefix}{found[0]} as date)" if found else "cast(null as date)"

    def classified(self, rows: str) -> str:
        """The select of aligned rows with the state of each field, the amounts of the law and the class."""
        states = [f"{self.field_state(item)} as _s{place}" for place, item in enumerate(self.rule.compare)]
        readable = "{0}__there and not coalesce({0}__unreadable, false)"
        law = [
            f"case when {readable.format('r')} then coalesce(r__amount, 0) else 0 end as _left",
            f"case when {readable.format('o')} then {self.other_amount()} else 0 end as _right",
            "r__currency as _left_currency",
            f"{self.other_currency()} as _right_currency",
        ]
        if self.rule.shape.is_one_sided:
            return self._judged(rows)
        inner = f"select a.*, {', '.join([*states, *law])} from ({rows}) as a"
        body = self._total_class() if self.rule.shape.is_summed else self._row_class()
        return f"select s.*, {body} as _class from ({inner}) as s"

    def _judged(self, rows: str) -> str:
        """One-sided shapes: what is right, what is there, whether it is broken. The difference is the exposure."""
        shape = self.rule.shape
        amount = "coalesce(r__amount, 0)"
        right = {Shape.LIMIT: amount, Shape.SEQUENCE: f"case when r__broken then {amount} else 0 end"}
        unheld = f"r__limit is not null and {self._lacking('r_')}"
        held = f"least({amount}, coalesce(r__limit, {amount}))"
        left = f"case when {unheld} then 0 else {held} end" if shape is Shape.LIMIT else "0"
        law = (
            f"cast({left} as {AMOUNT}) as _left, "
            f"cast({right.get(shape, 'coalesce(o__amount, 0)')} as {AMOUNT}) as _right, "
            "r__currency as _left_currency, case when o__there then o__currency else r__currency end as _right_currency"
        )
        bounds = self.bounds("", self.rule.tolerance)
        verdict = {
            Shape.LIMIT: f"when {unheld} then 'no_currency' "
            f"when _right - _left > ({bounds.above}) then 'broken' when _right > _left then 'tolerated'",
            Shape.SEQUENCE: "when r__broken then 'broken'",
            Shape.DUPLICATE: "when o__there then 'duplicate'",
        }[shape]
        return (
            f"select s.*, case when r__unreadable then 'unreadable' {verdict} else 'equal' end as _class "
            f"from (select a.*, {law} from ({rows}) as a) as s"
        )

    def _row_class(self) -> str:
        states = [f"_s{place}" for place in range(len(self.rule.compare))]
        both = ["when r__unreadable or o__unreadable then 'unreadable'"]
        if self.guards_currency:
            both.append(f"when {self._lacking('r_')} or {self._lacking('o_')} then 'no_currency'")
            both.append("when r__currency <> o__currency then 'currency'")
        for verdict, found in (("break", "field"), ("tolerated", "tolerated"), ("skip", "excluded")):
            if states:
                both.append(f"when '{verdict}' in ({', '.join(states)}) then '{found}'")
        rule = self.rule
        one_sided = rule.keyless if rule.extra == BREAK else rule.extra
        mine = self._alone("r_", self.left, _named(rule.missing, "missing"), rule.keyless)
        theirs = self._alone("o_", self.right, _named(rule.extra, "extra"), one_sided)
        return (
            f"case when r__there and o__there then case {' '.join(both)} else 'equal' end "
            f"when r__there then {mine} else {theirs} end"
        )

    def _alone(self, prefix: str, scan: Scan, found: str, keyless: str) -> str:
        empty = " or ".join(f"{prefix}_k{place} is null" for place in range(len(scan.keys)))
        cases = [
            f"when {prefix}_unreadable then 'unreadable'",
            f"when {empty} then '{_named(keyless, 'keyless')}'",
            f"when _repeat is not null then '{_named(self.rule.duplicates, 'duplicate')}'",
        ]
        if self.context.start_on and found != "excluded":
            cases.append(f"when {self.dated(prefix)} < {literal(self.context.start_on)} then 'history'")
        return f"case {' '.join(cases)} else '{found}' end"

    @property
    def guards_currency(self) -> bool:
        """Whether rows in different currencies are a break rather than compared."""
        compares_money = any(item.break_type is BreakType.AMOUNT for item in self.rule.compare)
        both = bool(self.left.side.amount) and self.has_other_amount
        return both or (compares_money and not self.right.is_derived)

    @property
    def has_currency(self) -> bool:
        """Whether any side is in a currency; where none is, amounts are plain numbers and may be compared."""
        return self.left.has_currency or self.right.has_currency

    def lacks_currency(self, currency: str, amount: str, value: Callable[[str], str]) -> str:
        """Whether a row has an amount but no currency; `value` says how a compared field reads. Nought needs none."""
        if not self.has_currency:
            return "false"
        money = [
            value(item.name)
            for item in self.rule.compare
            if item.break_type is BreakType.AMOUNT and self.kind(item) == "number"
        ]
        nonzero = " or ".join(f"coalesce({name}, 0) <> 0" for name in (amount, *money))
        return f"({currency} is null and ({nonzero}))"

    def _lacking(self, prefix: str) -> str:
        return self.lacks_currency(f"{prefix}_currency", f"{prefix}_amount", lambda name: f"{prefix}{name}")

    def _total_class(self) -> str:
        bounds = self.bounds("", self.rule.tolerance)
        found = state("_left", "_right", "number", Nulls.COMPARE, bounds)
        empty = " or ".join(f"coalesce(r__k{n}, o__k{n}) is null" for n in range(len(self.left.keys)))
        unreadable = "coalesce(r__unreadable, false) or coalesce(o__unreadable, false)"
        return (
            f"case when {unreadable} then 'unreadable' when ({empty}) and _left <> _right then "
            f"'{_named(self.rule.keyless, 'keyless')}' when {self._lacking('r_')} or {self._lacking('o_')} then "
            f"'no_currency' when ({found}) = 'break' then 'total' else ({found}) end"
        )


def _named(verdict: str, name: str) -> str:
    return name if verdict == BREAK else "excluded"


def kinds_of(con: duckdb.DuckDBPyConnection, select: str) -> dict[str, str]:
    """The column types of a select."""
    return {str(row[0]).lower(): str(row[1]) for row in con.execute(f"describe {select}").fetchall()}
