"""Golden cases of the rules that are no contract over time: costs of a contract, recharges, roll-forwards."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from reconcile.revenue.costs import ContractCost, amortised, treated
from reconcile.revenue.evidence import AMOUNT, amount_of, quantity_of
from reconcile.revenue.intercompany import Recharge, payable, receivable
from reconcile.revenue.rollforward import closing
from tests.reconcile.revenue.case_text import Part, Table


def differences_of_small_rules(part: Part) -> list[str]:
    """Every cell of those rules that is not as expected, in words."""
    found: list[str] = []
    for name, check in _CHECKS.items():
        for table in part.named(name):
            found += [f"{part.name or 'case'}, {name}: {text}" for text in check(table)]
    return found


def _amount(text: str) -> int:
    return amount_of(text.replace(",", ""))


def _money(amount: int) -> str:
    return f"{Decimal(amount) / AMOUNT:,.2f}"


def _costs(table: Table) -> Iterator[str]:
    for row in table.rows:
        cost = ContractCost(
            row["cost"], _amount(row["amount"]), row["purpose"],  # type: ignore[arg-type]
            is_incremental=row.get("incremental") == "yes", has_own_standard=row.get("own standard") == "yes",
        )  # fmt: skip
        if treated(cost) != row["treatment"].replace(" ", "_"):
            yield f"{row['cost']}: expected {row['treatment']}, found {treated(cost)}"


def _amortisation(table: Table) -> Iterator[str]:
    for row in table.rows:
        years = amortised(_amount(row["capitalised"]), int(row["years"]), 100)
        if _amount(row["first year"]) != years[0] or sum(years) != _amount(row["capitalised"]):
            yield f"{row['cost']}: expected {row['first year']}, found {_money(years[0])}, in all {_money(sum(years))}"


def _recharges(table: Table) -> Iterator[str]:
    for row in table.rows:
        recharge = Recharge(
            row["performer"], row["contractor"], quantity_of(row["hours"]), quantity_of(row["rate"]), row["currency"],
            "USD", quantity_of(row["exchange rate"]),
        )  # fmt: skip
        if receivable(recharge) != _amount(row["receivable"]):
            yield f"{row['performer']}: receivable expected {row['receivable']}, found {_money(receivable(recharge))}"
        if payable(recharge) != _amount(row["payable"]):
            yield f"{row['performer']}: payable expected {row['payable']}, found {_money(payable(recharge))}"


def _movements(table: Table) -> Iterator[str]:
    amounts = {row["movement"]: _amount(row["amount"]) for row in table.rows}
    opening, end = amounts.pop("opening"), amounts.pop("closing")
    found = closing(table.defaults["of"], opening, amounts)
    if found != end:
        yield f"closing expected {_money(end)}, found {_money(found)}"


_CHECKS = {"costs": _costs, "amortisation": _amortisation, "recharges": _recharges, "movements": _movements}
