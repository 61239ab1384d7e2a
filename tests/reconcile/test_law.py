"""The law on random books: breaks explain the whole variance, whatever is in them and in whatever order."""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import census
from reconcile import compile as compiler
from reconcile.classify import Aligned
from reconcile.context import Context
from reconcile.errors import UnprovenError
from reconcile.rule import T1, BreakType, Field, Nulls, Rule, Shape, Side, Tolerance
from tests.reconcile.books import AS_OF, CONFIG, breaks, firm, load, reconcile, warehouse

CENTS = [Decimal(100) + Decimal(cents) / 100 for cents in range(-5, 6)]
#: What a row may say, the usual more often than the rest.
VALUES: dict[str, list[object]] = {
    "thing_key": ["A", "B", "C", "D", "", None],
    "amount": [*CENTS, None, Decimal(0), Decimal("-99.99")],
    "note": ["x", "y", None],
    "currency": ["USD", "USD", "USD", "EUR", None, ""],
    "claim_state": [*["ok"] * 6, "unreadable"],
    "cap": [None, Decimal("99.98"), Decimal(150)],
    "book": [None, "primary", "tax"],
    "work_on": [None, dt.date(2024, 12, 31), dt.date(2026, 3, 1)],
}
ROW = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})
BOOK = st.lists(ROW, max_size=9)
#: Books read at once.
BOOKS = 80
QUICK = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])


def few(chance: random.Random) -> list[dict[str, object]]:
    """Rows without hypothesis: faster, and never made smaller."""
    return [{name: chance.choice(values) for name, values in VALUES.items()} for _ in range(chance.randrange(1, 10))]


def many(chance: random.Random, books: int = BOOKS) -> list[dict[str, object]]:
    """Rows of many books. A book is compared and proved by itself: they are as many examples in one reading."""
    return [{**row, "book": str(book)} for book in range(books) for row in few(chance)[: chance.randrange(6)]]


def compiled(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    psa: list[dict[str, object]],
    erp: list[dict[str, object]],
    at_least: int = census.WORTHWHILE,
    beside: Sequence[Rule] = (),
) -> list[tuple[object, ...]]:
    """What the compiler makes of two books; row ids left out, they are places."""
    load(con, "psa", psa)
    load(con, "erp", erp)
    context = Context(as_of=AS_OF, config=replace(CONFIG, start_on=dt.date(2025, 1, 1)))
    compiler.prepare(con)
    rules = (rule, *beside)
    reduced = compiler.reduce(con, rules, context, at_least)
    for one in rules:
        compiler.execute(con, one, context, reduced)
    return con.execute(
        "select * exclude (records), list_transform(records, lambda x: x.record_id) from _candidates order by all"
    ).fetchall()


ON = ("thing_key",)
TWO = {"left": Side("PSA", "psa", amount="amount"), "right": Side("ERP", "erp", amount="amount"), "on": ON}
ONE = {"sides": (Side("ERP", "erp", amount="amount"),), "on": ON}
CENT = Tolerance.absolute("0.01")
SHAPES = {
    Shape.PAIR: Rule(
        check="K01",
        name="pair",
        entity="thing",
        shape=Shape.PAIR,
        **TWO,
        compare=(Field("amount", tolerance=CENT), Field("note", break_type=BreakType.CLASSIFICATION)),
    ),
    Shape.PRESENCE: Rule(
        check="K02",
        name="presence",
        entity="thing",
        shape=Shape.PRESENCE,
        left=Side("PSA", "psa", amount="amount"),
        right=Side("ERP", "erp"),
        on=ON,
        duplicates="another check asks",
    ),
    Shape.TOTAL: Rule(check="K03", name="total", entity="thing", shape=Shape.TOTAL, **TWO, tolerance=T1),
    Shape.IDENTITY: Rule(check="K04", name="identity", entity="thing", shape=Shape.IDENTITY, **TWO),
    Shape.ROLLFORWARD: Rule(check="K05", name="rollforward", entity="thing", shape=Shape.ROLLFORWARD, **TWO),
    Shape.LIMIT: Rule(check="K06", name="limit", entity="thing", shape=Shape.LIMIT, **ONE, limit="cap", tolerance=T1),
    Shape.SEQUENCE: Rule(
        check="K07", name="sequence", entity="thing", shape=Shape.SEQUENCE, **ONE, broken="note = 'x'"
    ),
    Shape.DUPLICATE: Rule(
        check="K08", name="duplicate", entity="thing", shape=Shape.DUPLICATE, **ONE, keep="amount desc"
    ),
}
AMOUNT = Field("amount", tolerance=CENT)
#: The same shapes as rules really use them: rows that do not count, further sides, amounts taken from the reference.
VARIANTS = {
    "rows that do not count": replace(
        SHAPES[Shape.PAIR], missing="elsewhere", extra="elsewhere", duplicates="elsewhere", keyless="elsewhere"
    ),
    "two followers": replace(
        SHAPES[Shape.PAIR],
        sides=(*SHAPES[Shape.PAIR].sides, Side("CRM", "erp", where="note = 'x'", amount="amount")),
        compare=(AMOUNT,),
    ),
    "skipped fields": replace(
        SHAPES[Shape.PAIR], compare=(Field("note", nulls=Nulls.SKIP), replace(AMOUNT, when="reference.cap is null"))
    ),
    "a follower without an amount": replace(SHAPES[Shape.PRESENCE], compare=(AMOUNT,)),
    "a follower priced with the reference": replace(
        SHAPES[Shape.PRESENCE],
        sides=(
            Side("PSA", "psa", amount="amount"),
            Side("ERP", "erp", amount="coalesce(other.amount, 0) + 0 * reference.amount"),
        ),
        compare=(replace(AMOUNT, nulls=Nulls.ZERO),),
    ),
    "sums without a key that do not count": replace(SHAPES[Shape.TOTAL], keyless="elsewhere"),
    "a follower that names no book": replace(
        SHAPES[Shape.PAIR],
        sides=(SHAPES[Shape.PAIR].sides[0], Side("ERP", "select * exclude (book) from erp", amount="amount")),
    ),
    "a follower of one book": replace(
        SHAPES[Shape.TOTAL],
        sides=(SHAPES[Shape.TOTAL].sides[0], Side("ERP", "erp", amount="amount", columns={"book": "'tax'"})),
    ),
    "plain numbers": replace(
        SHAPES[Shape.PAIR],
        sides=tuple(replace(side, currency="cast(null as varchar)") for side in SHAPES[Shape.PAIR].sides),
    ),
}


RULES = pytest.mark.parametrize("rule", [*SHAPES.values(), *VARIANTS.values()], ids=[*SHAPES, *VARIANTS])


@pytest.mark.long
@RULES
def test_the_law_holds_on_random_books(rule: Rule) -> None:
    con = warehouse()

    @QUICK
    @given(psa=BOOK, erp=BOOK)
    def holds(psa: list[dict[str, object]], erp: list[dict[str, object]]) -> None:
        compiled(con, rule, psa, erp)
        assert (
            con.execute("select * from _proof_terms where residual <> 0 or rows_read <> rows_tested").fetchall() == []
        )

    holds()


@RULES
@pytest.mark.parametrize(
    ("seed", "books"), [(1, 150), *(pytest.param(seed, 1000, marks=pytest.mark.long) for seed in (2, 3))]
)
def test_the_law_holds_in_many_books_at_once(rule: Rule, seed: int, books: int) -> None:
    chance, con = random.Random(seed), warehouse()
    compiled(con, rule, many(chance, books), many(chance, books), at_least=0 if seed % 2 else census.WORTHWHILE)
    assert con.execute("select count(*) from _proof_terms").fetchone()[0] > books / 10
    assert con.execute("select * from _proof_terms where residual <> 0 or rows_read <> rows_tested").fetchall() == []


@pytest.mark.parametrize("shape", [Shape.PAIR, Shape.PRESENCE, Shape.TOTAL, Shape.DUPLICATE])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing(shape: Shape, seed: int) -> None:
    chance, con = random.Random(seed), warehouse()
    psa, erp = ([{**row, "source_id": str(place)} for place, row in enumerate(many(chance))] for _ in range(2))
    first = compiled(con, SHAPES[shape], psa, erp)
    chance.shuffle(psa)
    chance.shuffle(erp)
    assert compiled(con, SHAPES[shape], psa, erp) == first
    assert first


@pytest.mark.parametrize("seed", range(4))
def test_the_census_finds_what_a_full_reading_finds(seed: int) -> None:
    chance, con, rule = random.Random(seed), warehouse(), SHAPES[Shape.PAIR]
    for psa, erp in ((many(chance), many(chance)), ([], few(chance)), (few(chance), few(chance))):
        assert compiled(con, rule, psa, erp, at_least=0) == compiled(con, rule, psa, erp)


@pytest.mark.long
def test_rules_that_share_a_census_find_what_each_finds_alone() -> None:
    """Among them one that compares the other way round, and some that do not count all rows."""
    chance, con, pair = random.Random(1), warehouse(), SHAPES[Shape.PAIR]
    psa, erp = pair.sides
    others = (
        replace(pair, name="turned", reference=1),
        replace(pair, name="some", sides=(replace(psa, where="note = 'x'"), erp), compare=(AMOUNT,)),
        replace(pair, name="few", sides=(psa, replace(erp, where="note is null")), reference=1),
    )
    for rows in ((many(chance), many(chance)), (few(chance), few(chance))):
        for first, *beside in ((pair, *others), others[1:]):
            together = compiled(con, first, *rows, at_least=0, beside=beside)
            assert together == compiled(con, first, *rows, beside=beside)


@pytest.mark.parametrize("copies", [(2, 1), (1, 2), (2, 2), (3, 1), (2, 0)], ids=str)
def test_a_row_that_repeats_another_is_found_by_the_census(copies: tuple[int, int]) -> None:
    """Although it says the same as its counterpart, and although another repeat makes the numbers of rows even."""
    con = warehouse()
    psa, erp = ([{"thing_key": "A", "amount": 5}] * count for count in copies)
    rest = [{"thing_key": key, "amount": 1} for key in "CDE"]
    for more in ([], [{"thing_key": "B", "amount": 7}]):
        books = [*psa, *more, *rest], [*erp, *more, *more, *rest]
        found = compiled(con, SHAPES[Shape.PAIR], *books, at_least=0)
        assert found == compiled(con, SHAPES[Shape.PAIR], *books)
        assert len(found) == abs(copies[0] - copies[1]) + len(more)


def test_what_was_quarantined_on_both_sides_is_found_by_the_census() -> None:
    con, rows = warehouse(), [{"thing_key": "A", "amount": 5, "claim_state": "unreadable"}]
    found = compiled(con, SHAPES[Shape.PAIR], rows, rows, at_least=0)
    assert found == compiled(con, SHAPES[Shape.PAIR], rows, rows)
    assert len(found) == 1


@pytest.mark.parametrize("cents", [-2, -1, 0, 1, 2])
def test_a_tolerance_of_one_cent_is_exact(cents: int) -> None:
    amounts = [Decimal(text) for text in ("100.10", "0.29", "1154.60", "0.07", "4503599627370.49")]
    off = Decimal(cents) / 100
    con = firm(
        psa=[{"thing_key": str(amount), "amount": amount} for amount in amounts],
        erp=[{"thing_key": str(amount), "amount": amount + off} for amount in amounts],
    )
    reconcile(con, replace(SHAPES[Shape.PAIR], compare=(AMOUNT,)))
    found = breaks(con, "entity_id, variance")
    assert found == (sorted((str(amount), off) for amount in amounts) if abs(cents) > 1 else [])
    tolerated = con.execute("select sum(tolerated) from recon.proofs where measure = 'money'").fetchone()
    assert tolerated == (-off * len(amounts) if abs(cents) == 1 else 0,)


def test_an_empty_key_never_matches() -> None:
    con = firm(
        psa=[{"thing_key": None, "amount": 5}, {"thing_key": "", "amount": 5}], erp=[{"thing_key": None, "amount": 5}]
    )
    reconcile(con, SHAPES[Shape.PAIR])
    assert breaks(con, "break_type, left_value, right_value, cause") == [
        ("unmapped", "5", None, "no key"),
        ("unmapped", "5", None, "no key"),
        ("unmapped", None, "5", "no key"),
    ]


def test_repeats_are_paired_best_first_and_the_rest_is_called_exact_or_conflicting() -> None:
    psa = [{"thing_key": "A", "amount": 10, "note": "x"}, {"thing_key": "A", "amount": 20, "note": "y"}]
    erp = [
        {"thing_key": "A", "amount": 21, "note": "y"},
        {"thing_key": "A", "amount": 10, "note": "x"},
        {"thing_key": "A", "amount": 10, "note": "x"},
        {"thing_key": "B", "amount": 7, "note": "x"},
        {"thing_key": "B", "amount": 8, "note": "x"},
    ]
    con = firm(psa=psa, erp=erp)
    reconcile(con, SHAPES[Shape.PAIR])
    assert breaks(con, "entity_id, break_type, field, variance, cause") == [
        ("A", "amount", "amount", 1, None),
        ("A", "duplicate", "", 10, "exact repeat"),
        ("B", "duplicate", "", 7, "conflicting repeat"),
        ("B", "missing_left", "", 8, None),
    ]


def test_what_was_quarantined_is_unreadable_and_never_missing() -> None:
    con = firm(psa=[{"thing_key": "A", "amount": 10}], erp=[{"thing_key": "A", "claim_state": "unreadable"}])
    reconcile(con, SHAPES[Shape.PAIR])
    assert breaks(con, "break_type, cause, variance, money_kind, at_fault") == [
        ("unreadable", "quarantined", 0, "none", "netsuite")
    ]
    assert con.execute("select quarantined from recon.proofs where measure = 'money'").fetchone() == (10,)


def test_an_absence_that_may_be_a_quarantined_row_says_so() -> None:
    con = firm(psa=[{"thing_key": "A", "amount": 10}], erp=[{"thing_key": None, "claim_state": "unreadable"}])
    reconcile(con, SHAPES[Shape.PRESENCE])
    assert breaks(con, "break_type, cause", "break_type <> 'unreadable'") == [("missing_right", "quarantined")]


def test_amounts_in_different_currencies_are_never_compared() -> None:
    con = firm(
        psa=[{"thing_key": "A", "amount": 10, "currency": "USD"}],
        erp=[{"thing_key": "A", "amount": 10, "currency": "EUR"}],
    )
    reconcile(con, SHAPES[Shape.PAIR])
    assert breaks(con, "break_type, variance, currency", "check_id = 'K01'") == [("currency", -10, "USD")]


NO_CURRENCY = [
    # shape, what each side has, variance and currency of the break
    (Shape.PAIR, [("A", 10, None)], [("A", 10, "USD")], [(-10, None)]),
    (Shape.PAIR, [("A", 10, "USD")], [("A", 10, "")], [(-10, "USD")]),
    (Shape.PAIR, [("A", 10, None)], [("A", 10, None)], [(-10, None)]),
    (Shape.PAIR, [("A", 0, None)], [("A", 0, "USD")], []),
    (Shape.PAIR, [("A", 10, "EUR"), ("A", 10, None)], [("A", 10, "USD"), ("A", 10, "EUR")], [(-10, None)]),
    (Shape.TOTAL, [("A", 6, None), ("A", 4, None)], [("A", 10, None)], [(-10, None)]),
    (Shape.IDENTITY, [], [("A", 10, None)], [(10, None)]),
    (Shape.ROLLFORWARD, [("A", 10, None)], [("A", 10, None)], [(-10, None)]),
]


@pytest.mark.parametrize(("shape", "psa", "erp", "expected"), NO_CURRENCY)
def test_an_amount_without_a_currency_is_compared_with_nothing(
    shape: Shape, psa: list[tuple[object, ...]], erp: list[tuple[object, ...]], expected: list[tuple[object, ...]]
) -> None:
    names = ("thing_key", "amount", "currency")
    con = firm(
        psa=[dict(zip(names, row, strict=True)) for row in psa], erp=[dict(zip(names, row, strict=True)) for row in erp]
    )
    reconcile(con, SHAPES[shape])
    found = breaks(con, "break_type, cause, direction, variance, currency, impact is null", "check_id <> 'K64'")
    assert found == [("currency", "no currency", "none", *row, row[1] is None) for row in expected]


@pytest.mark.parametrize("shape", [Shape.PAIR, Shape.TOTAL])
@pytest.mark.parametrize(
    ("relation", "currency"),
    [("{name}", "cast(null as varchar)"), ("select * exclude (currency) from {name}", "currency")],
)
def test_plain_numbers_are_compared_as_such(shape: Shape, relation: str, currency: str) -> None:
    con = firm(
        psa=[{"thing_key": key, "amount": 5} for key in "AB"],
        erp=[{"thing_key": "A", "amount": 5}, {"thing_key": "B", "amount": 6}],
    )
    sides = tuple(
        Side(role, relation.format(name=name), amount="amount", currency=currency)
        for role, name in (("PSA", "psa"), ("ERP", "erp"))
    )
    reconcile(con, replace(SHAPES[shape], sides=sides))
    assert breaks(con, "entity_id, break_type, variance, cause") == [("B", "amount", 1, None)]


def test_an_amount_without_a_currency_is_held_against_no_limit() -> None:
    con = firm(
        erp=[{"thing_key": key, "amount": 5, "currency": None, "cap": cap} for key, cap in (("A", 10), ("B", None))]
    )
    reconcile(con, SHAPES[Shape.LIMIT])
    assert breaks(con, "entity_id, break_type, cause, variance, currency") == [
        ("A", "currency", "no currency", 5, None)
    ]


def test_a_break_whose_money_is_in_no_currency_says_so() -> None:
    con = firm(psa=[{"thing_key": "A", "amount": 5, "currency": None}], erp=[])
    reconcile(con, SHAPES[Shape.PRESENCE])
    assert breaks(con, "break_type, cause, variance, currency, impact") == [
        ("missing_right", "no currency", -5, None, None)
    ]


def test_titles_say_in_which_currency_each_amount_is() -> None:
    con = firm(
        psa=[{"thing_key": "A", "amount": 1234567}, {"thing_key": "B", "amount": 5}],
        erp=[{"thing_key": "A", "amount": 99, "currency": "JPY"}, {"thing_key": "B", "amount": 5, "currency": None}],
    )
    reconcile(con, replace(SHAPES[Shape.PAIR], title="{left_value} signed, {right_value} booked ({money})"))
    assert breaks(con, "title", "check_id = 'K01'") == [
        ("1,234,567.00 USD signed, 99 JPY booked (1,234,567.00 USD)",),
        ("No currency: thing B has an amount, and none says in what (5.00 USD, 5.00 without a currency)",),
    ]


def test_a_thing_in_two_books_is_no_duplicate_and_compared_within_each() -> None:
    rows = [{"thing_key": "A", "amount": 5, "book": book} for book in ("primary", "tax")]
    con = firm(psa=rows[:1], erp=rows)
    reconcile(con, SHAPES[Shape.DUPLICATE], SHAPES[Shape.PAIR])
    assert breaks(con, "check_id, book, break_type") == [("K01", "tax", "missing_left")]


def test_a_rule_that_explains_too_little_fails_the_run_and_names_the_amount() -> None:
    blind = Rule(
        check="K01",
        name="blind",
        entity="thing",
        shape=Shape.PAIR,
        **TWO,
        compare=(Field("note", break_type=BreakType.CLASSIFICATION),),
    )
    con = firm(psa=[{"thing_key": "A", "amount": 10}], erp=[{"thing_key": "A", "amount": 12}])
    with pytest.raises(UnprovenError, match=r"K01 blind: -2\.0000 USD between PSA and ERP is not explained"):
        reconcile(con, blind)
    assert con.execute("select status from recon.runs").fetchone() == ("failed",)


@pytest.mark.parametrize("at_least", [census.WORTHWHILE, 0])
@pytest.mark.parametrize("shape", [*SHAPES])
def test_a_row_that_is_lost_on_the_way_to_its_class_fails_the_run(
    shape: Shape, at_least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    con = firm()
    rows = [{"thing_key": key, "amount": 10, "note": note} for key in "AABC" for note in ("x", "y")]
    other = [{**row, "note": "z"} for row in rows]  # a census finds all of them suspect
    classified = Aligned.classified
    monkeypatch.setattr(
        Aligned,
        "classified",
        lambda self, rows: f"select * from ({classified(self, rows)}) qualify row_number() over () > 1",
    )

    compiled(con, SHAPES[shape], rows, other, at_least)

    ((read, tested),) = con.execute("select sum(rows_read), sum(rows_tested) from _proof_terms").fetchall()
    assert read > tested > 0


def test_sums_without_a_key_are_one_sum_of_their_own() -> None:
    con = firm(
        psa=[{"thing_key": None, "amount": 10}],
        erp=[{"thing_key": None, "amount": 4}, {"thing_key": None, "amount": 6}],
    )
    reconcile(con, SHAPES[Shape.TOTAL])
    assert breaks(con, "break_id") == []
    load(con, "erp", [{"thing_key": None, "amount": 4}])
    reconcile(con, SHAPES[Shape.TOTAL])
    assert breaks(con, "break_type, variance") == [("unmapped", -6)]
