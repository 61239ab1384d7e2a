"""What a rule is: the sides it reads, what ought to agree, how much may differ, until when, and what a break is worth.

A rule is data. One file in `reconcile/rules/` holds one rule as the constant ``RULE``; its docstring is the help a
controller reads. The compiler (`reconcile.compile`) turns the value into SQL; a rule never touches a row itself.

A worked example - approved time must stand in the ledger::

    RULE = Rule(
        check="K14",
        name="time_completeness",          # the name of the file
        entity="time_entry",
        shape=Shape.PRESENCE,
        left=Side("PSA", "intermediate.int_time_entry__valued", where="state = 'approved'", amount="value_amount"),
        right=Side("ERP", "intermediate.int_time_entry__claims", where="role = 'ERP' and state = 'approved'",
                   amount="round(other.hours * reference.own_rate, 2)"),   # priced with the row it is aligned with
        on=("time_entry_key",),
        compare=(Field("hours", tolerance=Tolerance.absolute("0.01"), break_type=BreakType.QUANTITY),
                 Field("work_on", break_type=BreakType.DATE)),
        window=Window("reference.approved_at", minutes=15),
        extra="K15 asks what stands in the ledger without approval",      # excluded, and why
        duplicates="K16 asks for repeats",
        money_kind=MoneyKind.EXPOSURE,
        severity=Severity.S1,
        requires=(("PSA", "time_entry"), ("ERP", "time_entry")),
        caused_by=(("K08", "project_id"),),
        title="{hours} h of {work_on} on {project_code} are approved but not in the ledger",
        payload={"hours": "reference.hours", "work_on": "reference.work_on"},
        corrections=(Correction(kind=ActionKind.REPLAY, entity="time_entry", target_role="ERP"),),
    )

Names in expressions
    *On a side* (`where`, `amount`, `currency` and `columns` of the `Side`, `limit`, `broken` and `keep` of the `Rule`):
    the columns of its relation; names defined in `Side.columns` may be used everywhere a column may.
    *On the aligned row* (`Field.money`, `Field.when`, `Window.start`, `money`, `payload`, `facts`, `cause`,
    `at_fault`, tolerances): ``reference.x`` and ``other.x``. The side that is absent is NULL. One-sided shapes have
    only ``reference`` (a duplicate has the survivor as ``reference`` and the copy as ``other``).
    Also known: ``minor_unit`` (0.01, or 1 where the currency has no cents), ``lines`` (records compared) and
    ``follower`` (the role of the side that is compared with the reference).
    Everywhere: ``:as_of`` (date), ``:start_on`` (date or NULL), ``:base_currency``, ``:now`` (the earlier watermark).
    Titles are filled from the finished break: any column of `recon.breaks` and any name of `payload`.

Shapes
    two-sided, each follower against the reference
        `PAIR`         same key, fields agree; missing and extra rows are breaks unless the rule says why not
        `PRESENCE`     what the reference has, the follower has too (fields may be compared as well)
        `TOTAL`        sums by key agree; rows are added up on each side, by currency, absent means zero
        `IDENTITY`     two expressions that are equal by definition, summed by key
        `ROLLFORWARD`  opening and movements (reference) against closing (other), summed by key
    one-sided
        `LIMIT`        the amount summed by key stays within ``limit``
        `SEQUENCE`     no row for which ``broken`` holds
        `DUPLICATE`    one row per key; ``keep`` orders the survivor first
    A rule that fits none gives ``sql``: a function of the `Context` that returns a select of candidates with the
    columns of `reconcile.schema.CANDIDATE`, and ``proof``: one that returns its proof terms
    (`reconcile.schema.PROOF_TERMS`).

Money
    `variance` of a break is other minus reference (``variance_sign=REFERENCE_LESS_OTHER`` turns it round), unless the
    rule prices it: ``money`` (absence and totals) or `Field.money` (that field). The amounts of the sides carry the
    law: they are booked on the first broken field of a row, so each difference counts once.
    Amounts are compared within one currency and one accounting book. Sides in two currencies are a break of type
    `currency`, and so is an amount (other than nought) without any, cause ``no currency``: it is worth what the first
    side has, is held against no limit, and is never converted. Where no side has a currency, amounts are plain numbers.
    What names no book is in the primary one; a side says otherwise with ``columns={"book": "..."}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.actions import ActionKind
from contracts.breaks import BreakType, MoneyKind, Severity
from contracts.ownership import Queue
from reconcile.errors import RuleError

if TYPE_CHECKING:
    from reconcile.context import Context

__all__ = [
    "BREAK",
    "T0",
    "T1",
    "T2",
    "TOLERANCE_CLASSES",
    "ActionKind",
    "BreakType",
    "Correction",
    "Evidence",
    "Field",
    "MoneyKind",
    "Nulls",
    "Queue",
    "Rule",
    "Severity",
    "Shape",
    "Side",
    "Tolerance",
    "VarianceSign",
    "Window",
]

#: What `missing`, `extra`, `duplicates` and `keyless` say when such a row is a break; any other text says why not.
BREAK = "break"

_NAME = re.compile(r"^[a-z][a-z0-9_]*$")
_CHECK = re.compile(r"^[A-Z]{1,3}[0-9]{2,3}$")

Relation = str
SqlBuilder = Callable[["Context"], str]


class Shape(StrEnum):
    """The form of the comparison; see the module's docstring."""

    PAIR = "pair"
    PRESENCE = "presence"
    TOTAL = "total"
    IDENTITY = "identity"
    ROLLFORWARD = "rollforward"
    LIMIT = "limit"
    SEQUENCE = "sequence"
    DUPLICATE = "duplicate"

    @property
    def is_one_sided(self) -> bool:
        """Whether one relation is judged by itself."""
        return self in (Shape.LIMIT, Shape.SEQUENCE, Shape.DUPLICATE)

    @property
    def is_summed(self) -> bool:
        """Whether rows are added up by key before anything is compared."""
        return self in (Shape.TOTAL, Shape.IDENTITY, Shape.ROLLFORWARD, Shape.LIMIT)


class VarianceSign(StrEnum):
    """Which way round a variance is signed."""

    OTHER_LESS_REFERENCE = "other - reference"
    REFERENCE_LESS_OTHER = "reference - other"


class Nulls(StrEnum):
    """What an empty value means in a compared field. As a key an empty value never matches."""

    COMPARE = "compare"  # empty equals empty and nothing else
    SKIP_OTHER = "skip_other"  # where the other side does not say, nothing is compared
    SKIP = "skip"  # where either side does not say, nothing is compared
    ZERO = "zero"  # empty is zero


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a value may lie `below` or `above` the reference before it is a break. Decimal, never a float.

    Each bound is a decimal number or an expression over the aligned row (`minor_unit`, `lines`, ``reference.x``).
    `relative` is a fraction of the larger of the two values; a difference within either bound is within tolerance.
    For dates and instants the bounds are whole `days`. What is within tolerance is kept and summed, not forgotten.
    """

    below: str = "0"
    above: str = "0"
    relative: str = ""
    days: int = 0

    @classmethod
    def absolute(cls, amount: str) -> Tolerance:
        """The same bound in both directions."""
        return cls(below=amount, above=amount)

    @property
    def is_zero(self) -> bool:
        """Whether nothing at all is tolerated."""
        return self.below == "0" and self.above == "0" and not self.relative and not self.days


#: No difference.
T0 = Tolerance()
#: One minor unit of the currency per line.
T1 = Tolerance.absolute("minor_unit * lines")
#: The larger of 1.00 and one minor unit per line.
T2 = Tolerance.absolute("greatest(1.00, minor_unit * lines)")
#: The classes by the name a project file may use.
TOLERANCE_CLASSES = {"T0": T0, "T1": T1, "T2": T2}


@dataclass(frozen=True, slots=True)
class Side:
    """What one role says: a relation (a name, or a select), which rows of it count, and the amount that is added up.

    `columns` gives this side's expression for a name used in the rule, where its relation has another or none.
    `amount` of a follower may use ``reference.x``: it is then priced with the row it is aligned with; left empty while
    the reference has one, a follower that is there is worth what the reference is. `system_role` of the rows is `role`.
    """

    role: str
    relation: Relation
    where: str = ""
    amount: str = ""
    currency: str = "currency"
    columns: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.role or not self.relation.strip():
            raise RuleError("A side needs a role and a relation: Side('PSA', 'intermediate.int_project__claims').")
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that ought to agree: a column name known on both sides (see `Side.columns`).

    `normalise` folds form before comparing, in this order: ``trim`` (outer blanks), ``space`` (inner runs of blanks),
    ``fold`` (case), ``zeros`` (leading zeros), ``alnum`` (letters and digits only), ``blank`` (empty text is NULL).
    The raw values stay in the break.
    `money` prices a break of this field (an expression over the aligned row); without it the amounts of the sides do.
    `when` limits the comparison to rows for which it holds. `carries` puts the side amounts on this field first.
    """

    name: str
    tolerance: Tolerance = T0
    break_type: BreakType = BreakType.AMOUNT
    normalise: tuple[str, ...] = ()
    nulls: Nulls = Nulls.COMPARE
    money: str = ""
    when: str = ""
    carries: bool = False
    severity: Severity | None = None
    at_fault: str = ""
    cause: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise RuleError(f"Field {self.name!r}: a lower-case column name; put the expression into Side.columns.")
        unknown = set(self.normalise) - _FOLDS
        if unknown:
            raise RuleError(f"Field {self.name!r}: unknown normalisation {sorted(unknown)}; known: {sorted(_FOLDS)}.")


_FOLDS = {"trim", "space", "fold", "zeros", "alnum", "blank"}


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a difference is only late: `start` (aligned row) plus the allowance, capped by `no_later_than`.

    A break that was not due before both watermarks is a timing break, expected by that date, and gets no correction.
    A start that is a date counts from the end of that day; business days skip weekends and the holidays configured.
    `only` limits it to some kinds of rows ("missing", "extra", "field"); by default all wait.
    """

    start: str
    minutes: int = 0
    days: int = 0
    business_days: int = 0
    no_later_than: str = ""
    only: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.start:
            raise RuleError("A window needs a start: Window('reference.approved_at', minutes=15).")


@dataclass(frozen=True, slots=True)
class Evidence:
    """More records behind a break: rows of `relation` whose `on` columns equal the rule's key, in the same order."""

    side: str  # reference | other
    relation: Relation
    on: tuple[str, ...]
    where: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """One call of the correction that a break calls for; several make a group, in this order.

    `kind`, `entity` and `variant` name the vendor's `contracts.native.Write`; `target_role` whose system is corrected.
    `when`, `values`, `precondition`, `changes` and `target` are SQL over the columns of the break and its payload
    (a payload name is a column). `values` fills the placeholders of the call. `precondition` lists
    (field, operator eq|absent|exists, value), `changes` lists (field, from, to), or (object, id, field, from, to)
    where a task changes other records too. `target` is the record's id; by default the one the break names there.
    `depends_on` are positions of earlier calls of the group; `waits_for` is the id of another break whose calls come
    first (``"root_id"``). `posting_period` is the period or the date it belongs in; a closed one moves to the open one.
    `roll_up` makes one call of all breaks for which it has the same value; `{lines}` in the call is then the list of
    their `line`. A break whose root is another one gets no correction unless `for_consequences` says so.
    `reason` is a sentence with the placeholders of a title.
    """

    kind: ActionKind
    entity: str
    target_role: str
    variant: str = ""
    when: str = ""
    target: str = ""
    external_id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    precondition: tuple[tuple[str, str, str], ...] = ()
    changes: tuple[tuple[str, ...], ...] = ()
    roll_up: str = ""
    line: Mapping[str, str] = field(default_factory=dict)
    for_consequences: bool = False
    waits_for: str = ""
    compensation: str = ""
    policy: str = ""
    required_role: str = ""
    queue: str = ""
    depends_on: tuple[int, ...] = ()
    posting_period: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, "line", MappingProxyType(dict(self.line)))
        if any(len(change) not in (3, 5) for change in self.changes):
            raise RuleError(
                f"Correction {self.kind} {self.entity}: a change is (field, from, to) or (object, id, field, from, to)."
            )


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One check. See the module's docstring for the shapes, the names in expressions and an example."""

    check: str
    name: str
    entity: str
    shape: Shape
    version: int = 1
    #: Sugar for two sides; they become `sides` and read as None afterwards.
    left: Side | None = None
    right: Side | None = None
    sides: tuple[Side, ...] = ()
    reference: int = 0
    on: tuple[str, ...] = ()
    compare: tuple[Field, ...] = ()
    #: A follower lacks it / only the follower has it / a key stands there more than once / a row has no key.
    missing: str = BREAK
    extra: str = ""
    duplicates: str = BREAK
    keyless: str = ""
    missing_type: BreakType = BreakType.MISSING_RIGHT
    extra_type: BreakType = BreakType.MISSING_LEFT
    #: The type of a break of a total, identity, rollforward, limit, sequence or duplicate.
    break_type: BreakType | None = None
    tolerance: Tolerance = T0
    limit: str = ""
    broken: str = ""
    keep: str = ""
    window: Window | None = None
    money_kind: MoneyKind = MoneyKind.MISSTATEMENT
    money: str = ""
    variance_sign: VarianceSign = VarianceSign.OTHER_LESS_REFERENCE
    severity: Severity = Severity.S2
    owner: str = Queue.FINANCE_OPERATIONS
    #: "other", "reference", or an expression over the aligned row that gives the connection at fault.
    at_fault: str = "other"
    cause: str = ""
    #: Expressions over the aligned row for columns of the break (period, posting_date, document_number, project_id ..).
    facts: Mapping[str, str] = field(default_factory=dict)
    #: The date that `start_on` is held against; default: the posting date of the reference row.
    dated: str = ""
    payload: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    title: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    #: (role, entity or stream or entity.field) the rule cannot do without.
    requires: tuple[tuple[str, str], ...] = ()
    #: (check, column of `recon.breaks`): a break of that check sharing the column may be the cause of a break of this
    #: one; `reconcile.roots` says which it is.
    caused_by: tuple[tuple[str, str], ...] = ()
    corrections: tuple[Correction, ...] = ()
    plan: Callable[[Any, str], str] | None = None
    sql: SqlBuilder | None = None
    proof: SqlBuilder | None = None
    #: What the check asks, its usual cause and its fix: the docstring of its file, see `reconcile.library`.
    help: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("facts", "payload", "titles"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        given = dict(enumerate(self.sides)) | {
            n: side for n, side in ((0, self.left), (1, self.right)) if side is not None
        }
        object.__setattr__(self, "sides", tuple(given[place] for place in sorted(given)))
        object.__setattr__(self, "left", None)
        object.__setattr__(self, "right", None)
        if not self.extra:
            wanted = "asked only whether the follower has it" if self.shape is Shape.PRESENCE else BREAK
            object.__setattr__(self, "extra", wanted)
        if not self.keyless:
            object.__setattr__(self, "keyless", BREAK)
        if self.break_type is None:
            object.__setattr__(self, "break_type", _BREAK_TYPES.get(self.shape, BreakType.AMOUNT))
        self._validate()

    def _validate(self) -> None:
        where = f"Rule {self.name!r} ({self.check})"
        if not _NAME.match(self.name) or not _CHECK.match(self.check):
            raise RuleError(f"{where}: the name is that of its file, the check is like K14.")
        if self.sql is not None:
            if self.proof is None:
                raise RuleError(f"{where} gives its own sql; it must give its own proof terms too (proof=).")
            return
        if not self.sides:
            raise RuleError(f"{where} has no sides: give left and right, or sides=(...).")
        if self.shape.is_one_sided and len(self.sides) != 1:
            raise RuleError(f"{where}: a {self.shape} judges one side, {len(self.sides)} are given.")
        if not self.shape.is_one_sided and len(self.sides) < 2:
            raise RuleError(f"{where}: a {self.shape} compares sides, only one is given.")
        if not 0 <= self.reference < len(self.sides):
            raise RuleError(f"{where}: reference={self.reference} names no side; there are {len(self.sides)}.")
        if not self.on and self.shape is not Shape.SEQUENCE:
            raise RuleError(f"{where} has no key: say on=('agreement_id',).")
        self._validate_shape(where)

    def _validate_shape(self, where: str) -> None:
        needs = {Shape.LIMIT: ("limit", self.limit), Shape.SEQUENCE: ("broken", self.broken)}
        name, value = needs.get(self.shape, ("", "-"))
        if not value:
            raise RuleError(f"{where}: a {self.shape} needs {name}=, an expression over the columns of its side.")
        if self.shape.is_summed and any(not side.amount for side in self.sides):
            raise RuleError(f"{where}: a {self.shape} adds up amounts; each side needs amount=.")
        if self.compare and (self.shape.is_summed or self.shape.is_one_sided):
            raise RuleError(f"{where}: only pair and presence compare fields; a {self.shape} uses tolerance=.")
        if self.shape is Shape.PAIR and not self.compare and not self.sides[self.reference].amount:
            raise RuleError(f"{where}: a pair compares something: give compare=(Field(..),), or make it a presence.")
        names = [item.name for item in self.compare]
        if len(names) != len(set(names)):
            raise RuleError(
                f"{where} compares a field twice: {sorted(name for name in names if names.count(name) > 1)}."
            )

    @property
    def base(self) -> Side:
        """The reference side."""
        return self.sides[self.reference]

    @property
    def followers(self) -> tuple[tuple[int, Side], ...]:
        """The other sides with their positions."""
        return tuple((index, side) for index, side in enumerate(self.sides) if index != self.reference)

    @property
    def tolerances(self) -> tuple[str, ...]:
        """What it holds within a tolerance: the fields compared, or "" for its totals or limits."""
        if self.sql is not None:
            return ()
        return ("",) if self.shape.is_summed else tuple(item.name for item in self.compare)


_BREAK_TYPES: Mapping[Shape, BreakType] = MappingProxyType(
    {
        Shape.IDENTITY: BreakType.IDENTITY,
        Shape.ROLLFORWARD: BreakType.UNEXPLAINED,
        Shape.LIMIT: BreakType.LIMIT,
        Shape.SEQUENCE: BreakType.SEQUENCE,
        Shape.DUPLICATE: BreakType.DUPLICATE,
    }
)
