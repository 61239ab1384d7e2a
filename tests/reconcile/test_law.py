"""The law on random books: breaks explain the whole variance, whatever is in them and in whatever order."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import census
from reconcile import compile as compiler
from reconcile.context import Context
from reconcile.errors import UnprovenError
from reconcile.rule import T1, BreakType, Field, Rule, Shape, Side, Tolerance
from tests.reconcile.books import AS_OF, CONFIG, breaks, firm, load, reconcile

CENTS = st.integers(-5, 5).map(lambda cents: Decimal(100) + Decimal(cents) / 100)
ROW = st.fixed_dictionaries(
    {
        "thing_key": st.sampled_from(["A", "B", "C", "D", "", None]),
        "amount": CENTS,
        "note": st.sampled_from(["x", "y", None]),
        "currency": st.sampled_from(["USD", "USD", "USD", "EUR"]),
        "claim_state": st.sampled_from(["ok"] * 6 + ["unreadable"]),
        "cap": st.sampled_from([None, Decimal("99.98"), Decimal(150)]),
    }
)
BOOK = st.lists(ROW, max_size=9)
QUICK = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def compiled(
    con: duckdb.DuckDBPyConnection,
    rule: Rule,
    psa: list[dict[str, object]],
    erp: list[dict[str, object]],
    at_least: int = census.WORTHWHILE,
) -> list[tuple[object, ...]]:
    """What the compiler makes of two books; row ids left out, they are places."""
    load(con, "psa", psa)
    load(con, "erp", erp)
    context = Context(as_of=AS_OF, config=CONFIG)
    compiler.prepare(con)
    reduced = compiler.reduce(con, [rule], context, at_least)
    compiler.execute(con, rule, context, reduced)
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


@pytest.mark.parametrize("shape", list(Shape))
def test_the_law_holds_on_random_books(shape: Shape) -> None:
    con = duckdb.connect()

    @QUICK
    @given(psa=BOOK, erp=BOOK)
    def holds(psa: list[dict[str, object]], erp: list[dict[str, object]]) -> None:
        compiled(con, SHAPES[shape], psa, erp)
        assert (
            con.execute("select * from _proof_terms where residual <> 0 or rows_read <> rows_tested").fetchall() == []
        )

    holds()


@pytest.mark.parametrize("shape", [Shape.PAIR, Shape.PRESENCE, Shape.TOTAL, Shape.DUPLICATE])
def test_the_order_of_rows_changes_nothing(shape: Shape) -> None:
    con = duckdb.connect()

    @QUICK
    @given(psa=BOOK, erp=BOOK, data=st.data())
    def same(psa: list[dict[str, object]], erp: list[dict[str, object]], data: st.DataObject) -> None:
        numbered = [[{**row, "source_id": str(place)} for place, row in enumerate(rows)] for rows in (psa, erp)]
        first = compiled(con, SHAPES[shape], *numbered)
        assert compiled(con, SHAPES[shape], *(data.draw(st.permutations(rows)) for rows in numbered)) == first

    same()


def test_the_census_finds_what_a_full_reading_finds() -> None:
    con = duckdb.connect()

    @QUICK
    @given(psa=BOOK, erp=BOOK)
    def same(psa: list[dict[str, object]], erp: list[dict[str, object]]) -> None:
        rule = SHAPES[Shape.PAIR]
        assert compiled(con, rule, psa, erp, at_least=0) == compiled(con, rule, psa, erp)

    same()


@pytest.mark.parametrize("cents", [-2, -1, 0, 1, 2])
def test_a_tolerance_of_one_cent_is_exact(cents: int) -> None:
    for whole in ("100.10", "0.29", "1154.60", "0.07", "4503599627370.49"):
        other = Decimal(whole) + Decimal(cents) / 100
        con = firm(psa=[{"thing_key": "A", "amount": Decimal(whole)}], erp=[{"thing_key": "A", "amount": other}])
        rule = Rule(
            check="K01",
            name="cent",
            entity="thing",
            shape=Shape.PAIR,
            **TWO,
            compare=(Field("amount", tolerance=CENT),),
        )
        reconcile(con, rule)
        assert len(breaks(con, "break_id")) == (1 if abs(cents) > 1 else 0)
        tolerated = con.execute("select sum(tolerated) from recon.proofs where measure = 'money'").fetchone()
        assert tolerated == (Decimal(-cents) / 100 if abs(cents) == 1 else 0,)


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
