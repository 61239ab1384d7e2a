"""K72: the work of subcontractors is billed by their supplier, or accrued, on the project it was done for.

Per entity, supplier, project and month: approved hours of the supplier's people x the cost rate of each entry, in the
month whose cut-off was still ahead when they were approved, added up and rounded once. Against it stand the supplier's
bill lines of that month and, while the bill has not come, the accrual. Within 1.00, or a cent a line. A bill that is
late is no break once it is accrued. Only a firm whose project file says that its ledger has supplier bills by project
is asked.
Usual causes: a bill line coded to another project, a bill that did not come and that nobody accrued. Cost on the wrong
project is one break, on the project it stands on. The fix moves the cost to its project; what is missing, and what was
billed beyond the work and is to be credited, is accrued in its month (in the open one, where that is closed) and
reversed in the next.
Money: hours x cost rate less bills and accruals, in the currency of the rate.
"""

from __future__ import annotations

from typing import Any

from reconcile.coverage import SETTING
from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._costs import COMPARED, EVIDENCE, FACTS, GONE, KEYS, PAYLOAD, Accounts, cause, plan, sides

__all__ = ["RULE"]


def _plan(con: Any, breaks: str) -> str:
    accounts = Accounts(cost="subcontractor_cost", against="accrued_bills")
    return plan(con, breaks, accounts, lacking="ACCRUE", other="ACCRUE")


RULE = Rule(
    check="K72",
    name="subcontractor_cost",
    entity="journal_line",
    shape=Shape.PAIR,
    sides=sides("subcontractor"),
    on=KEYS["subcontractor"],
    compare=COMPARED,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.FINANCE_OPERATIONS,
    cause=cause("neither billed nor accrued", "no hours stand behind it"),
    facts=FACTS,
    payload=PAYLOAD,
    evidence=EVIDENCE["subcontractor"],
    requires=(
        ("PSA", "time_entry"),
        ("PSA", "project"),
        ("PSA", "person"),
        ("ERP", "journal_line"),
        ("ERP", "project"),
        (SETTING, "cost_ledger of subcontractors"),
    ),
    caused_by=(GONE, ("K08", "project_id")),
    title="{supplier} on {project_code}, {period}: {left_value} by hours, {right_value} billed or accrued ({money})",
    titles={
        "missing_right": "{supplier} on {project_code}, {period}: {hours} h are neither billed nor accrued ({money})",
        "missing_left": "{supplier} on {project_code}, {period}: billed without hours ({money})",
        "is_own": "{supplier} on {project_code}, {period}: cost of another project ({money})",
    },
    plan=_plan,
)
