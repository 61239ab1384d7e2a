"""Golden cases of what the models compute of revenue: roll-forwards as the pages show them, and recharges.

The same case files as `tests/reconcile/revenue`: their events are recomputed, the models are built over them, and the
tables `movements`, `recharges` (`left` in the currency of its rate) and `consolidated` compared with what comes out.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.build import build_models
from app.data import Snapshot
from app.revenue_data import Scope
from app.revenue_data.rolls import ROLLS, moved, unexplained
from reconcile.revenue import Policy
from reconcile.revenue.run import recompute_revenue
from tests.reconcile.revenue.case_text import Part, Table, evidence, read

CASES = sorted((Path(__file__).parents[1] / "cases" / "revenue").glob("*.txt"))
AS_OF = dt.date(2026, 3, 31)

_WHOSE = "agreement_id varchar, book varchar, legal_entity_id varchar, customer_id varchar, currency varchar"
_EVIDENCE = (
    f"{_WHOSE}, kind varchar, happened_on date, period varchar, version_no integer, obligation_key varchar, "
    "amount decimal(18,4), quantity decimal(18,8), unit varchar, attributes varchar, connection varchar, "
    "object varchar, source_id varchar, row_id varchar, records bigint"
)
#: What the identities of other things are proved by.
_OWN = "book varchar, legal_entity_id varchar, currency varchar, period varchar"
_CLAIM = f"{_OWN}, role varchar, claim_state varchar, status varchar, kind varchar"
_UNUSED = {
    "intermediate.identity_terms": (
        f"{_OWN}, identity varchar, of_what varchar, statement varchar, left_amount decimal(18,4), "
        "right_amount decimal(18,4), residual_amount decimal(18,4)"
    ),
    "revenue.balances": (
        f"{_OWN}, agreement_id varchar, contract_liability_amount decimal(18,4), contract_asset_amount decimal(18,4), "
        "unbilled_receivable_amount decimal(18,4)"
    ),
    "intermediate.int_invoice__claims": (
        f"{_CLAIM}, connection varchar, source_id varchar, gross_amount decimal(18,4), is_posted boolean, "
        "is_cancelled boolean"
    ),
    "intermediate.int_revenue_line__claims": f"{_CLAIM}, revenue_amount decimal(18,4)",
    "intermediate.int_payment__claims": (
        f"{_CLAIM}, connection varchar, invoice_ref varchar, paid_on date, paid_amount decimal(18,4)"
    ),
    "intermediate.int_journal_line__claims": f"{_CLAIM}, account_role varchar, document_amount decimal(18,4)",
    "intermediate.int_time_entry__valued": (
        "agreement_id varchar, posting_period varchar, timebill_hours decimal(18,8), minutes bigint, kind varchar, "
        "claim_state varchar, is_approved boolean"
    ),
    "intermediate.int_accounting_period__now": "last_recognised_period varchar",
    "marts.agreement": "agreement_id varchar, legal_entity_id varchar",
}
#: A cost of which 10 are lost between what was capitalised and what is left.
_WRONG = """
    insert into revenue.contract_costs by name
    select 'A1' as agreement_id, 'wrong' as book, 'US01' as legal_entity_id, 'USD' as currency, 'fee' as cost_name,
        'obtain' as purpose, 'capitalise' as treatment, '2026-01' as period, 0 as opening_amount,
        100 as capitalised_amount, 20 as amortised_amount, 0 as impaired_amount, 70 as closing_amount
    """
_PERIODS = [
    {"period": f"2026-{month:02d}", "start_on": dt.date(2026, month, 1),
     "end_on": dt.date(2026, month + 1, 1) - dt.timedelta(days=1)}
    for month in range(1, 12)
]  # fmt: skip
_CURRENCY = {"US01": "USD", "UK01": "GBP", "DE01": "EUR"}


@dataclass(frozen=True)
class Asked:
    """One part of a case that the models answer: roll-forwards by its own book, recharges by its own month."""

    name: str
    part: Part

    @property
    def month(self) -> str:
        """The month of its work for other companies."""
        return max(row["period"] for row in evidence(self.part))


def asking(*names: str) -> list[Asked]:
    """The parts of the cases that expect one of these tables."""
    return [
        Asked(f"{path.stem} {part.name}".strip(), part)
        for path in CASES
        for part in read(path).parts
        if any(part.named(name) for name in names)
    ]


ROLLED, RECHARGED, COSTED = asking("movements"), asking("recharges", "consolidated"), asking("costs")


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def rows_of(part: Part, name: str) -> Iterator[dict[str, str]]:
    for table in part.named(name):
        yield from table.rows


def named(one: Asked) -> str:
    return one.name


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, raw: Any) -> Path:
    """A warehouse of all these cases: their events recomputed, and the models built over them."""
    path: Path = tmp_path_factory.mktemp("cases") / "warehouse.duckdb"
    known = [signed(row) | {"book": one.name} for one in (*ROLLED, *COSTED) for row in evidence(one.part)]
    agreed = [(one.month, row) for one in RECHARGED for row in rows_of(one.part, "rates")]
    raw.relations(
        path,
        {
            "revenue.evidence": (_EVIDENCE, known),
            "recon.runs": (
                "run_id varchar, as_of date, sequence bigint", [{"run_id": "R", "as_of": AS_OF, "sequence": 1}],
            ),
            "marts.accounting_period": ("period varchar, end_on date", _PERIODS),
            "marts.legal_entity": (
                "legal_entity_id varchar, legal_entity_code varchar, currency varchar",
                [
                    {"legal_entity_id": name, "legal_entity_code": name, "currency": currency}
                    for name, currency in _CURRENCY.items()
                ],
            ),
            "marts.exchange_rate": (
                "from_currency varchar, to_currency varchar, effective_on date, exchange_rate decimal(18,6)",
                [
                    {"from_currency": row["currency"], "to_currency": "USD", "effective_on": row["happened_on"],
                     "exchange_rate": row["quantity"]}
                    for row in known if row["kind"] == "rate"
                ],
            ),
            "intermediate.int_accounting_period__run": ("last_period varchar", [{"last_period": "2026-02"}]),
            "intermediate.int_calendar__periods": ("period varchar, end_on date", _PERIODS),
            "intermediate.int_exchange_rate__closing": (
                "from_currency varchar, to_currency varchar, effective_on date, exchange_rate decimal(18,6)",
                [
                    {"from_currency": row["currency"], "to_currency": "USD", "effective_on": f"{month}-28",
                     "exchange_rate": row["dollars"]}
                    for month, row in agreed
                ],
            ),
            "intermediate.project_work": (
                "performing_entity_id varchar, contracting_entity_id varchar, project_id varchar, period varchar, "
                "agreement_id varchar, customer_id varchar, hours decimal(18,4)",
                [row for one in RECHARGED for row in work(one.part)],
            ),
            "intermediate.int_ledger__recharges": (
                "row_id bigint, connection varchar, role varchar, object varchar, source_id varchar, book varchar, "
                "performing_entity_id varchar, contracting_entity_id varchar, project_id varchar, period varchar, "
                "agreement_id varchar, customer_id varchar, currency varchar, is_receivable boolean, "
                "amount decimal(18,4), functional_amount decimal(18,4)",
                [row for one in RECHARGED for row in journals(one)],
            ),
            "intermediate.int_project__first_record": (
                "project_id varchar, connection varchar, source_id varchar, row_id bigint, object varchar", [{}],
            ),
            "intermediate.revenue_hidden_rows": ("recharge_row_count bigint", [{"recharge_row_count": 0}]),
            **{name: (columns, []) for name, columns in _UNUSED.items()},
        },
        {"book": "primary", "project_id": "P1", "agreement_id": "A1", "customer_id": "C1", "connection": "ledger",
         "role": "ERP", "object": "line", "row_id": 1},
    )  # fmt: skip
    with duckdb.connect(str(path)) as con:
        policies = {one.name: Policy(**one.part.policy) for one in (*ROLLED, *COSTED)}
        recompute_revenue(con, policies, as_of=AS_OF)
        con.execute(_WRONG)
    stated = {
        (row["performer"], row["rate"], row["currency"]): {"book": "primary", "contractor": None, "valid_from": None}
        for _, row in agreed
    }
    rates = [
        {"performer": performer, "rate": rate, "currency": currency, **more}
        for (performer, rate, currency), more in stated.items()
    ]
    wanted = "billing_movements position_movements movements int_intercompany__rates recharges intercompany identities"
    build_models(path, raw.VARIABLES | {"intercompany_rates": rates}, select=wanted)
    return path


def signed(row: dict[str, Any]) -> dict[str, Any]:
    """Evidence as the models write it: of a version they say that it is signed."""
    if row["kind"] != "signed":
        return row
    return row | {"attributes": json.dumps({"is_signed": "true", **json.loads(row["attributes"])})}


def work(part: Part) -> Iterator[dict[str, Any]]:
    """Hours of the case, by who worked and who signed."""
    for row in evidence(part):
        if row["kind"] == "worked":
            yield {
                "performing_entity_id": json.loads(row["attributes"])["performer"],
                "contracting_entity_id": row["legal_entity_id"],
                "hours": row["quantity"],
                "period": row["period"],
            }


def journals(one: Asked) -> Iterator[dict[str, Any]]:
    """What the books of both companies have."""
    for place, row in enumerate(rows_of(one.part, "journals")):
        yield {
            "source_id": f"{one.name}/{place}",
            "period": one.month,
            "performing_entity_id": row["performer"],
            "contracting_entity_id": row["contractor"],
            "currency": row["currency"],
            "is_receivable": row["account"] == "due from",
            "amount": amount(row["amount"]),
            "functional_amount": amount(row["in own books"]),
        }


@pytest.mark.parametrize("asked", ROLLED, ids=named)
def test_opening_and_what_moved_it_are_closing(built: Path, asked: Asked) -> None:
    snapshot = Snapshot.open(built)
    for table in asked.part.named("movements"):
        roll, month = ROLLS[table.defaults["of"]], table.defaults["period"]
        view = Scope(asked.name, "", "", "USD", month, month)
        found = dict(moved(snapshot, view, roll).select("cause", "amount").rows())
        assert found == {row["movement"]: amount(row["amount"]) for row in table.rows}
        assert unexplained(snapshot, view, roll) == 0


@pytest.mark.parametrize("asked", RECHARGED, ids=named)
def test_work_for_another_company_is_recharged_and_eliminated(built: Path, asked: Asked) -> None:
    snapshot, month = Snapshot.open(built), [asked.month]
    pairs = snapshot.frame(
        "select performing_entity, contracting_entity, hours, due_amount, due_payable_functional_amount, "
        "eliminated_amount, difference_amount from revenue.intercompany where period = ?",
        month,
    ).rows()
    whole = snapshot.frame(
        "select payable_currency, sum(eliminated_amount) from revenue.intercompany where period = ? group by 1", month
    ).rows()
    assert sorted(pairs) == expected(asked.part.named("recharges"), texts=2)
    assert sorted(whole) == expected(asked.part.named("consolidated"), texts=1)


def test_receivable_and_payable_meet_but_for_what_is_left(built: Path) -> None:
    """Identity I14 of each case: hours at the agreed rate, and the books of both companies."""
    proved = "select sum(residual_amount) from revenue.identities where identity = 'I14' and period = ?"
    snapshot = Snapshot.open(built)
    for one in RECHARGED:
        left = sum(amount(row["left"]) for row in rows_of(one.part, "recharges"))
        assert snapshot.frame(proved, [one.month]).rows() == [(left,)]


def test_what_is_capitalised_is_amortised_impaired_or_left(built: Path) -> None:
    """Identity I18 holds in every case of contract costs, and fails where an amount is lost."""
    proved = Snapshot.open(built).frame(
        "select book, sum(tested), sum(failed), sum(residual_amount) from revenue.identities where identity = 'I18' "
        "group by book"
    )
    said = {book: tuple(row) for book, *row in proved.rows()}
    tested, failed, residual = said.pop("wrong")
    assert (tested, failed, residual) == (2, 1, 10)
    assert set(said) == {one.name for one in COSTED}
    assert all(tested > 0 and failed == 0 for tested, failed, _ in said.values())


def expected(tables: list[Table], *, texts: int) -> list[tuple[Any, ...]]:
    """Rows of the case: so many columns of text, then amounts."""
    rows = [[row[column] for column in table.columns] for table in tables for row in table.rows]
    return sorted((*row[:texts], *(amount(cell) for cell in row[texts:])) for row in rows)


def test_the_cases_that_only_the_models_answer_are_there() -> None:
    assert {one.name.split("_")[0] for one in (*ROLLED, *RECHARGED)} == {"OD-10", "OD-12", "OD-13"}
