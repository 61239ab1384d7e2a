"""K24: every approved expense stands in the ledger, once and with its amount.

Expenses of approved reports in the PSA against posted lines of expense reports in the ERP that carry their id: the
amount in the currency it was spent in, the project, whether the customer pays. A report that is not complete yet is
only late; two equal taxi rides are two expenses with two ids. Usual causes: a category that has no mapping drops one
line of a report; a report entered a second time by hand. The fix sends the line again; a second copy is reversed by
accounts payable.
"""

from __future__ import annotations

from reconcile.rule import T1, BreakType, Field, MoneyKind, Rule, Severity, Shape, Side, Window
from reconcile.rules._time import expenses

__all__ = ["RULE"]

RULE = Rule(
    check="K24",
    name="expense_completeness",
    entity="expense",
    shape=Shape.PRESENCE,
    left=Side(
        "PSA",
        "intermediate.int_expense__claims",
        where="role = 'PSA' and state = 'approved'",
        amount="expense_amount",
        columns={"is_posted_line": "true"},
    ),
    right=Side(
        "ERP",
        "intermediate.int_expense__claims",
        where="role = 'ERP'",
        amount="case when coalesce(is_posted, false) then expense_amount else 0 end",
        columns={"is_posted_line": "coalesce(is_posted, false)"},
    ),
    on=("expense_key",),
    compare=(
        Field("is_posted_line", break_type=BreakType.STATE, carries=True, cause="'the report is not complete'"),
        Field(
            "expense_amount",
            tolerance=T1,
            break_type=BreakType.AMOUNT,
            title="{person_name}, {posting_date}: {left_value} spent, {right_value} in the ledger ({money})",
        ),
        Field("project_id", break_type=BreakType.CLASSIFICATION),
        Field("is_billable", break_type=BreakType.CLASSIFICATION),
    ),
    window=Window("reference.approved_at", days=2),
    extra="a line of the ledger without an expense of the PSA is none of delivery's",
    keyless="an expense report typed in finance names no expense of the PSA",
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    payload={
        "spent_on": "coalesce(reference.spent_on, other.spent_on)",
        "category": "reference.category",
        "expense_key": "coalesce(reference.expense_key, other.expense_key)",
        "is_billable": "reference.is_billable",
        "erp_report": "other.report_ref",
    },
    requires=(("PSA", "expense"), ("ERP", "expense")),
    caused_by=(("K08", "project_id"), ("K01", "customer_id")),
    title="{person_name}, {posting_date}: {money} for {category} are approved but not in the ledger",
    titles={"duplicate": "{person_name}, {posting_date}: {money} stand in the ledger a second time"},
    plan=expenses,
)
