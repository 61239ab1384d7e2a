"""The last step of a plan: every broken row as a candidate - one break each, with its sides, money, date and records.

A difference of money is booked once: on the break of the row, or on the first of its broken fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from contracts.breaks import BreakType
from contracts.sql import literal
from reconcile.classify import BROKEN, Aligned, kinds_of
from reconcile.rule import Field, Rule, Shape, VarianceSign
from reconcile.scan import AMOUNT, CONTEXT_COLUMNS, POSTING_DATES
from reconcile.schema import CANDIDATE, RECORD
from reconcile.values import shown

__all__ = ["CALENDAR", "Priced"]

#: Days with their number of business days since the beginning: `_calendar (day, ordinal, is_business)`.
CALENDAR = "_calendar"

#: Where a break is that is of no field: the row as such, or a row that could not be read.
_ROW, _UNREAD = -1, -2
#: Classes whose amounts cannot be taken from each other: what the first side has is the money of the break.
_APART = "_class in ('no_currency', 'currency')"


@dataclass(frozen=True)
class Priced:
    """The candidates of one rule and follower, over its classified rows in `table`."""

    con: duckdb.DuckDBPyConnection
    aligned: Aligned
    table: str
    #: The classes that its rows are in.
    classes: frozenset[str]
    #: Classes of rows that may be there only because a row behind them is set aside; of `field` only the amounts.
    hidden: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.aligned.rule

    def candidates(self) -> str:
        """The select of candidates, with the columns of `CANDIDATE` in their order."""
        columns = self._columns()
        listed = ", ".join(f"cast({columns[name]} as {kind}) as {name}" for name, kind in CANDIDATE.items())
        return f"select {listed} from ({self._broken()}) as b{self._joins()}"

    def _broken(self) -> str:
        """The select of broken rows, one per break: rows as such, and each broken field of a row."""
        whole = [name for name in (*BROKEN, "unreadable") if name != "field" and name in self.classes]
        parts = []
        if whole:
            place = f"case _class when 'unreadable' then {_UNREAD} else {_ROW} end"
            stated = {_ROW: self._whole(), _UNREAD: self._unreadable()}
            parts.append(self._part(f"_class in ({', '.join(map(repr, whole))})", place, stated))
        if "field" in self.classes:
            fields = {place: self._of_field(item, place) for place, item in enumerate(self.rule.compare)}
            states = ", ".join(f"case when _s{place} = 'break' then {place} end" for place in fields)
            broken = f"unnest(list_filter([{states}], lambda place: place is not null))"
            parts.append(self._part("_class = 'field'", broken, fields))
        return " union all ".join(parts)

    def _part(self, where: str, place: str, stated: Mapping[int, Mapping[str, str]]) -> str:
        """The select of some rows, with what is stated for each place where one may be broken."""
        names = next(iter(stated.values()))
        listed = ", ".join(
            f"{_by_place({at: values[name] for at, values in stated.items()})} as _x_{name}" for name in names
        )
        return (
            f"select *, {listed} from (select *, {self._carrier()} as _carrier, {place} as _place from {self.table} "
            f"where {where}) as c"
        )

    def _whole(self) -> dict[str, str]:
        """Breaks of a row as such: absent, repeated, without a key, in another currency, a total, a judged row."""
        rule = self.rule
        assert rule.break_type is not None  # noqa: S101 - set by the rule itself
        types = {
            "missing": rule.missing_type,
            "extra": rule.extra_type,
            "duplicate": BreakType.DUPLICATE,
            "keyless": BreakType.UNMAPPED,
            "no_currency": BreakType.CURRENCY,
            "currency": BreakType.CURRENCY,
            "total": rule.break_type,
            "broken": rule.break_type,
        }
        kinds = " ".join(f"when '{name}' then '{kind}'" for name, kind in types.items())
        difference = f"case when {_APART} and _left <> 0 then 0 else _right end - _left"
        money = f"({self.aligned.sql(rule.money)})" if rule.money else self._signed(difference)
        has_money = bool(rule.money or rule.base.amount)
        left, right = self._whole_values()
        return {
            "field": "''",
            "break_type": f"case _class {kinds} end",
            "severity": f"'{rule.severity}'",
            "left": left,
            "right": right,
            "price": money if has_money else f"cast(null as {AMOUNT})",
            "law": "true",
            "at_fault": self._at_fault(rule.at_fault),
            "cause": self._cause(rule.cause, [name for name in self.hidden if name != "field"]),
            "direction": "case when _class = 'missing' then 'under' when _class in ('extra', 'duplicate') then 'over' "
            f"when _class = 'keyless' or {_APART} then 'none' when _right > _left then 'over' "
            "when _right < _left then 'under' else 'none' end",
        }

    def _whole_values(self) -> tuple[str, str]:
        rule = self.rule
        if rule.shape.is_summed:
            return shown("_left", "number"), shown("_right", "number")
        left = shown("r__amount", "number") if rule.base.amount else "r__source_id"
        right = shown("o__amount", "number") if self.aligned.has_other_amount else "o__source_id"
        return f"coalesce({left}, r__source_id)", f"coalesce({right}, o__source_id)"

    def _unreadable(self) -> dict[str, str]:
        at = "case when coalesce(o__unreadable, false) then o__connection else r__connection end"
        return {
            "field": "''",
            "break_type": f"'{BreakType.UNREADABLE}'",
            "severity": "'S3'",
            "left": "r__source_id",
            "right": "o__source_id",
            "price": f"cast(null as {AMOUNT})",
            "law": "false",
            "at_fault": at,
            "cause": "'quarantined'",
            "direction": "'none'",
        }

    def _of_field(self, item: Field, place: int) -> dict[str, str]:
        rule, kind = self.rule, self.aligned.kind(item)
        carried = f"_carrier = {place}"
        difference = self._signed("_right - _left")
        money = f"({self.aligned.sql(item.money)})" if item.money else f"case when {carried} then {difference} end"
        has_money = bool(item.money or rule.base.amount)
        direction = "'none'"
        if kind in ("number", "date", "timestamp"):
            direction = (
                f"case when o_{item.name} > r_{item.name} then 'over' when o_{item.name} < r_{item.name} then 'under' "
                "else 'none' end"
            )
        return {
            "field": f"'{item.name}'",
            "break_type": f"'{item.break_type}'",
            "severity": f"'{item.severity or rule.severity}'",
            "left": shown(f"r_{item.name}", kind),
            "right": shown(f"o_{item.name}", kind),
            "price": money if has_money else f"cast(null as {AMOUNT})",
            "law": carried,
            "at_fault": self._at_fault(item.at_fault or rule.at_fault),
            "cause": self._cause(item.cause or rule.cause, self.hidden if item.break_type is BreakType.AMOUNT else ()),
            "direction": direction,
        }

    def _carrier(self) -> str:
        """The broken field that carries the difference of the row: those that say so first, then in order."""
        order = sorted(range(len(self.rule.compare)), key=lambda place: (not self.rule.compare[place].carries, place))
        cases = [f"when _s{place} = 'break' then {place}" for place in order]
        return f"case {' '.join(cases)} end" if cases else "0"

    def _signed(self, difference: str) -> str:
        turned = self.rule.variance_sign is VarianceSign.REFERENCE_LESS_OTHER
        return f"-({difference})" if turned else f"({difference})"

    def _at_fault(self, at: str) -> str:
        left, right = self.aligned.left.side.role, self.aligned.right.side.role
        theirs = f"coalesce(o__connection, {literal(self.aligned.context.connection_of(right))})"
        mine = f"coalesce(r__connection, {literal(self.aligned.context.connection_of(left))})"
        if at not in ("other", "reference"):
            return f"({self.aligned.sql(at)})"
        if self.rule.shape.is_one_sided:
            return "coalesce(o__connection, r__connection)"
        own = "_class in ('extra', 'duplicate', 'keyless')"
        alone = f"when {own} then coalesce(o__connection, r__connection)"
        return f"case {alone} else {theirs if at == 'other' else mine} end"

    def _cause(self, stated: str, hidden: Sequence[str]) -> str:
        cases = [
            "when _class = 'keyless' then 'no key'",
            "when _class = 'no_currency' then 'no currency'",
            "when _class = 'currency' then 'currencies differ'",
            "when _repeat is not null then _repeat || ' repeat'",
        ]
        if hidden:
            cases.insert(0, f"when _class in ({', '.join(map(literal, hidden))}) then 'quarantined'")
        if not stated and self.aligned.has_currency:
            lacking = "_left <> 0 and _left_currency is null or _right <> 0 and _right_currency is null"
            cases.append(f"when {lacking} then 'no currency'")
        return f"case {' '.join(cases)} else {self.aligned.sql(stated) if stated else 'null'} end"

    def _columns(self) -> dict[str, str]:
        rule, both = self.rule, self.aligned
        keys = ", ".join(f"coalesce(r__k{n}, o__k{n})" for n in range(len(both.left.keys)))
        record = "concat_ws('/', coalesce(r__connection, o__connection), coalesce(r__object, o__object), "
        record += "coalesce(r__source_id, o__source_id))"
        record = f"coalesce(nullif({record}, ''), 'unassigned')"
        empty = " or ".join(f"coalesce(r__k{n}, o__k{n}) is null" for n in range(len(both.left.keys))) or "true"
        columns = {
            "check_id": literal(rule.check),
            "rule": literal(rule.name),
            "rule_version": str(rule.version),
            "shape": literal(rule.shape.value),
            "book": "coalesce(r__book, o__book)",
            "entity": literal(rule.entity),
            "entity_key": f"case when {empty} then {record} else concat_ws('/', {keys}) end" if keys else record,
            "field": "_x_field",
            "side": str(both.right.index),
            "break_type": "_x_break_type",
            "severity": "_x_severity",
            "status_hint": "'open'",
            "expected_by": "null",
            "money_kind": f"case when _x_price is null then 'none' else '{rule.money_kind}' end",
            "variance": "coalesce(_x_price, 0)",
            "currency": f"case when {_APART} then case when _left <> 0 then _left_currency else _right_currency end "
            "when _left <> 0 or _right = 0 then coalesce(_left_currency, _right_currency) "
            "else coalesce(_right_currency, _left_currency) end",
            "direction": "_x_direction",
            "at_fault": "_x_at_fault",
            "cause": "_x_cause",
            "confidence": "'confirmed'",
            "title": "null",
            "payload": self._payload(),
            "records": self._records(),
            "left_amount": "case when _x_law then _left else 0 end",
            "right_amount": "case when _x_law then _right else 0 end",
            "left_currency": "_left_currency",
            "right_currency": "_right_currency",
            "left_value": "_x_left",
            "right_value": "_x_right",
            **self._places(),
            **self._facts(),
        }
        return columns | self._timing()

    def _places(self) -> dict[str, str]:
        found = {}
        names = {"role": "_role", "connection": "_connection", "object": "_object", "record": "_source_id"}
        for side, prefix, scan in (("left", "r_", self.aligned.left), ("right", "o_", self.aligned.right)):
            for name, column in names.items():
                found[f"{side}_{name}"] = f"{prefix}{column}"
            found[f"{side}_role"] = f"coalesce({prefix}_role, '{scan.side.role}')"
        if self.rule.shape in (Shape.LIMIT, Shape.SEQUENCE):
            found["right_role"] = "null"
        return found

    def _facts(self) -> dict[str, str]:
        """What a break takes from its rows: what the rule says, else the reference's, else the follower's."""
        both, facts = self.aligned, {}
        for name in CONTEXT_COLUMNS:
            there = [f"{p}{name}" for p, scan in (("r_", both.left), ("o_", both.right)) if name in scan.needed]
            facts[name] = f"coalesce({', '.join(there)})" if there else "null"
        dates = [
            f"cast({prefix}{name} as date)"
            for prefix, scan in (("r_", both.left), ("o_", both.right))
            for name in [name for name in POSTING_DATES if name in scan.needed][:1]
        ]
        facts["posting_date"] = f"coalesce({', '.join(dates)})" if dates else "null"
        facts |= {name: f"({both.sql(text)})" for name, text in self.rule.facts.items()}
        facts["period"] = f"coalesce({facts['period']}, strftime(cast({facts['posting_date']} as date), '%Y-%m'))"
        return facts

    def _payload(self) -> str:
        if not self.rule.payload:
            return "null"
        pairs = [f"{literal(name)}, {self.aligned.sql(text)}" for name, text in self.rule.payload.items()]
        return f"json_object({', '.join(pairs)})"

    def _timing(self) -> dict[str, str]:
        window = self.rule.window
        if window is None:
            return {}
        start = self.aligned.sql(window.start)
        kind = kinds_of(self.con, f"select {start} as at from {self.table}")["at"]
        moment = f"cast({start} as timestamp)"
        if window.business_days:
            due = "cast(_due.day as timestamp)"
            whole = kind == "DATE"
            expected = f"{due} + interval 1 day" if whole else f"{due} + ({moment} - date_trunc('day', {moment}))"
        else:
            expected = moment if kind != "DATE" else f"{moment} + interval 1 day"
        expected = f"{expected} + interval ({window.minutes}) minute + interval ({window.days}) day"
        if window.no_later_than:
            expected = f"least({expected}, cast({self.aligned.sql(window.no_later_than)} as timestamp))"
        now = literal(self.aligned.context.watermark(self.aligned.left.roles))
        judged = ", ".join(f"'{name}'" for name in (window.only or BROKEN))
        waits = f"_class in ({judged}) and {expected} > {now}"
        return {
            "status_hint": f"case when {waits} then 'timing' else 'open' end",
            "expected_by": f"case when _class in ({judged}) then cast({expected} as date) end",
        }

    def _joins(self) -> str:
        window = self.rule.window
        joins = ""
        if window is not None and window.business_days:
            start = self.aligned.sql(window.start)
            joins += (
                f" left join {CALENDAR} as _from on _from.day = cast({start} as date) left join {CALENDAR} as _due "
                f"on _due.ordinal = _from.ordinal + {window.business_days} and _due.is_business"
            )
        sources = self._gathered()
        if sources:
            keys = [f"_k{n}" for n in range(len(self.aligned.left.keys))]
            match = " and ".join(f"_more.{key} is not distinct from coalesce(b.r_{key}, b.o_{key})" for key in keys)
            struct = "struct_pack(side := side, row_id := row_id, connection := connection, object := object, "
            struct += "record_id := record_id, amount := amount, currency := currency)"
            order = "side desc, connection, object, record_id, amount, currency, row_id"
            listed = ", ".join(f"coalesce(r_{key}, o_{key}) as {key}" for key in keys)
            broken = (
                f"select distinct {listed} from {self.table} "
                f"where _class in ({', '.join(repr(name) for name in (*BROKEN, 'unreadable'))})"
            )
            joins += (
                f" left join (select {', '.join(keys)}, list({struct} order by {order}) as records "
                f"from (select s.* from ({' union all '.join(sources)}) as s join ({broken}) as w "
                f"on {' and '.join(f's.{key} is not distinct from w.{key}' for key in keys)}) as g "
                f"group by {', '.join(keys)}) as _more on {match}"
            )
        return joins

    def _gathered(self) -> list[str]:
        """The selects of records that hang on the key, not on one row: rows behind sums, and further evidence."""
        both, rule = self.aligned, self.rule
        keys = ", ".join(f"_k{n}" for n in range(len(both.left.keys)))
        found = []
        if rule.shape.is_summed:
            sides = [("reference", both.left), *([] if rule.shape is Shape.LIMIT else [("other", both.right)])]
            found += [
                f"select {keys}, '{name}' as side, _row_id as row_id, _connection as connection, _object as object, "
                f"_source_id as record_id, _amount as amount, _currency as currency from ({scan.rows()})"
                for name, scan in sides
            ]
        for item in rule.evidence:
            amount = f"cast({item.amount} as {AMOUNT})" if item.amount else f"cast(null as {AMOUNT})"
            listed = ", ".join(f"cast({text} as varchar) as _k{n}" for n, text in enumerate(item.on))
            relation = both.context.bind(item.relation, both.left.roles)
            relation = f"({relation})" if relation.lstrip().lower().startswith(("select", "with")) else relation
            where = f" where {both.context.bind(item.where, both.left.roles)}" if item.where else ""
            found.append(
                f"select {listed}, '{item.side}' as side, row_id, connection, object, source_id as record_id, "
                f"{amount} as amount, currency from {relation} as t{where}"
            )
        return found

    def _records(self) -> str:
        struct = (
            "struct_pack(side := '{side}', row_id := {p}_row_id, connection := {p}_connection, object := {p}_object, "
            "record_id := {p}_source_id, amount := cast({amount} as decimal(18,4)), currency := {currency})"
        )
        left = struct.format(side="reference", p="r_", amount="r__amount", currency="r__currency")
        other = "o__amount" if self.aligned.has_other_amount or self.rule.shape.is_one_sided else "_right"
        right = struct.format(side="other", p="o_", amount=other, currency="_right_currency")
        own = f"case when r__there and o__there then [{left}, {right}] when r__there then [{left}] else [{right}] end"
        if self.rule.shape.is_summed:
            return f"coalesce(_more.records, cast([] as {RECORD}[]))"
        gathered = f"coalesce(_more.records, cast([] as {RECORD}[]))"
        return f"list_concat({own}, {gathered})" if self.rule.evidence else own


def _by_place(texts: Mapping[int, str]) -> str:
    """What a break says, by the place it is in; once where it is the same in all."""
    first, *others = dict.fromkeys(texts.values())
    if not others:
        return first
    cases = " ".join(f"when {place} then {text}" for place, text in texts.items())
    return f"case _place {cases} end"
