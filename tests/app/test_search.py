"""Search boxes: what a person types is what is looked for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from app.data import ActionFilter, BreakFilter, Snapshot
from app.filters import pattern
from app.revenue_data.obligations import obligations
from app.revenue_data.scope import Scope
from tests.app.revenue_world import PERIODS, RUN

NAMES = ["Acme 100% Wool", "acme_labs", "acmeXlabs", r"a\b"]
AMOUNTS = ("sold", "delivered", "billed", "recognised", "cash", "backlog", "contract_liability", "contract_asset",
           "unbilled_receivable", "identity_difference")  # fmt: skip


@pytest.fixture
def named(tmp_path: Path) -> Snapshot:
    """A snapshot whose breaks, actions and agreements have these names."""
    path = tmp_path / "run.duckdb"
    names = pl.DataFrame({"name": NAMES})
    amounts = ", ".join(f"cast(1 as decimal(18,4)) as {one}_amount" for one in AMOUNTS)
    nothing = "project_code, document_number, left_record, right_record, period, variance, currency, age_days, owner, "
    nothing += "assignee, at_fault, cause, legal_entity, first_seen, expected_by, root_id, agreement_number"
    with duckdb.connect(str(path)) as con:
        con.register("names", names)
        con.execute("create schema recon; create schema marts")
        con.execute(
            "create table recon.breaks as select 'BRK-' || name as break_id, 1 as version, 'K14' as check_id, "
            "'S1' as severity, 'open' as status, name as title, null as customer_name, 1 as impact, true as is_root, "
            f"name as agreement_id, {', '.join(f'null as {one.strip()}' for one in nothing.split(','))} from names"
        )
        con.execute(
            "create table recon.actions as select 'ACT' as action_id, 1 as version, 'G' as group_id, 1 as sequence, "
            "'LINK' as kind, json_object('connection', 'n') as target, name as reason, 1 as impact, 'USD' as currency, "
            "'proposed' as status, json_object() as approval, '' as posting_period, [''] as breaks from names"
        )
        con.execute(
            "create table marts.agreement_position as select name as agreement_id, name as agreement_number, "
            "'' as agreement_name, '' as customer_name, '' as legal_entity_code, '' as state, '' as billing_type, "
            f"'USD' as currency, 'primary' as book, {amounts} from names"
        )
    return Snapshot.open(path)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("%", NAMES[:1]), ("e_l", NAMES[1:2]), ("\\", NAMES[3:]), (" ACME ", NAMES[:3]), ("", NAMES), ("a%s", [])],
)
def test_percent_underscore_and_backslash_are_what_was_typed(named: Snapshot, typed: str, found: list[str]) -> None:
    breaks = named.breaks(BreakFilter(search=typed))["title"]
    actions = named.actions(ActionFilter(search=typed))["reason"]
    agreements = named.agreements(typed, "", "")["agreement_number"]

    assert [sorted(one) for one in (breaks, actions, agreements)] == [sorted(found)] * 3


def test_obligations_are_searched_alike(revenue_world: Path) -> None:
    snapshot = Snapshot.open(revenue_world / ".tieout" / "published" / f"{RUN}.duckdb")
    scope = Scope("primary", "", "", "USD", PERIODS[0], PERIODS[-1])

    everything = obligations(snapshot, scope).height

    assert everything > obligations(snapshot, scope, search="SOW-1").height > 0
    assert obligations(snapshot, scope, search="SOW_1").is_empty()
    assert obligations(snapshot, scope, search="%").is_empty()


def test_nothing_typed_matches_everything() -> None:
    assert pattern("  ") == "%%"
