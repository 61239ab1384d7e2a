"""How two values are compared: folded to one form first, then equal, within tolerance, or broken."""

from __future__ import annotations

from reconcile.errors import RuleError
from reconcile.rule import Nulls, Tolerance

__all__ = ["family", "folded", "shown", "state"]

_FOLDS = {
    "trim": "trim({0})",
    "space": "regexp_replace({0}, '\\s+', ' ', 'g')",
    "fold": "lower({0})",
    "zeros": "ltrim({0}, '0')",
    "alnum": "regexp_replace({0}, '[^[:alnum:]]', '', 'g')",
    "blank": "nullif({0}, '')",
}


def family(kind: str, where: str) -> str:
    """The family of a column type: values of one family can be compared."""
    name = kind.upper()
    if name.startswith(("DOUBLE", "FLOAT", "REAL")):
        raise RuleError(f"a value of type {kind} cannot be compared exactly", where=where, then="Use a decimal.")
    for prefix, found in _FAMILIES.items():
        if name.startswith(prefix):
            return found
    return name


_FAMILIES = {
    "DECIMAL": "number",
    "BIGINT": "number",
    "INTEGER": "number",
    "SMALLINT": "number",
    "TINYINT": "number",
    "HUGEINT": "number",
    "UBIGINT": "number",
    "UINTEGER": "number",
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BOOLEAN": "boolean",
}


def folded(value: str, normalise: tuple[str, ...], kind: str) -> str:
    """A value in the form in which it is compared."""
    if kind != "text":
        return value
    for name, template in _FOLDS.items():
        if name in normalise:
            value = template.format(value)
    return value


def shown(value: str, kind: str) -> str:
    """A value as text, without the zeros a decimal type adds."""
    text = f"cast({value} as varchar)"
    if kind != "number":
        return text
    return f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"


def state(left: str, right: str, kind: str, nulls: Nulls, bounds: Tolerance) -> str:
    """``'equal'``, ``'tolerated'``, ``'break'`` or ``'skip'``; the bounds are SQL by now."""
    if nulls is Nulls.ZERO and kind == "number":
        left, right = f"coalesce({left}, 0)", f"coalesce({right}, 0)"
    cases = [f"when {left} is not distinct from {right} then 'equal'"]
    if nulls is Nulls.SKIP_OTHER:
        cases.append(f"when {right} is null then 'skip'")
    if nulls is Nulls.SKIP:
        cases.append(f"when {left} is null or {right} is null then 'skip'")
    cases.append(f"when {left} is null or {right} is null then 'break'")
    cases += [f"when {test} then 'tolerated'" for test in _within(left, right, kind, bounds)]
    return f"case {' '.join(cases)} else 'break' end"


def _within(left: str, right: str, kind: str, bounds: Tolerance) -> list[str]:
    if bounds.is_zero:
        return []
    if kind in ("date", "timestamp"):
        return [f"abs(date_diff('day', {left}, {right})) <= {bounds.days}"] if bounds.days else []
    if kind != "number":
        return []
    tests = []
    if (bounds.below, bounds.above) != ("0", "0"):
        tests.append(f"{right} - {left} between -({bounds.below}) and ({bounds.above})")
    if bounds.relative:
        tests.append(f"abs({right} - {left}) <= ({bounds.relative}) * greatest(abs({left}), abs({right}))")
    return tests
