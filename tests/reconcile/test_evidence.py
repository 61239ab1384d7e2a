"""The records behind a break stand in an order of their own: that of the input does not show."""

from __future__ import annotations

import json

from reconcile.rule import MoneyKind, Rule, Shape, Side
from tests.reconcile.books import breaks, firm, reconcile

EARNED = Rule(
    check="K46",
    name="earned",
    entity="thing",
    shape=Shape.TOTAL,
    left=Side("PSA", "psa", amount="amount"),
    right=Side("ERP", "erp", amount="amount"),
    on=("thing_key",),
    money_kind=MoneyKind.MISSTATEMENT,
)


def test_rows_of_one_record_are_ordered_by_their_amounts() -> None:
    months = [{"source_id": "SOW-1", "thing_key": "A", "amount": amount} for amount in (744, 7812, 120)]
    found = []
    for rows in (months, months[::-1]):
        con = firm(psa=rows, erp=[])
        reconcile(con, EARNED)
        ((evidence,),) = breaks(con, "evidence")
        found.append([record["amount"] for record in json.loads(evidence)])
    assert found == [[120, 744, 7812]] * 2
