"""K71: what own staff costs a project by its hours is what the ledger puts on the project.

Per performing entity, project and month: approved hours on agreement lines x the cost rate of each entry, in the month
whose cut-off was still ahead when they were approved, added up and rounded once. Against it stand the labour journals
of that month; a correction dated in the month counts for it whenever it is posted. Within 1.00, or a cent a line.
Subcontractors are asked about by K72. Only a firm whose project file says that its ledger has labour by project is
asked.
Usual causes: the new rate of a person came from human resources after the month was posted, a project was left out of
the month's journal, the cost of one project was put on another. The fix posts the difference on the last day of the
month; where that month is closed, in the open one.
Money: hours x cost rate less what the ledger has, in the currency of the rate.
"""

from __future__ import annotations

from typing import Any

from reconcile.coverage import SETTING
from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._costs import COMPARED, EVIDENCE, FACTS, GONE, KEYS, PAYLOAD, Accounts, cause, plan, sides

__all__ = ["RULE"]


def _plan(con: Any, breaks: str) -> str:
    accounts = Accounts(cost="labour_cost", against="labour_absorbed")
    return plan(con, breaks, accounts, lacking="REPLAY", other="REVERSE_AND_REPOST")


RULE = Rule(
    check="K71",
    name="labour_cost",
    entity="journal_line",
    shape=Shape.PAIR,
    sides=sides("labour"),
    on=KEYS["labour"],
    compare=COMPARED,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S3,
    owner=Queue.FINANCE_OPERATIONS,
    cause=cause("the month has no labour of the project", "no hours stand behind it"),
    facts=FACTS,
    payload=PAYLOAD,
    evidence=EVIDENCE["labour"],
    requires=(
        ("PSA", "time_entry"),
        ("PSA", "project"),
        ("PSA", "person"),
        ("ERP", "journal_line"),
        ("ERP", "project"),
        (SETTING, "cost_ledger of labour"),
    ),
    caused_by=(GONE, ("K08", "project_id")),
    title="Labour of {entity_code} on {project_code}, {period}: {left_value} by hours, "
    "{right_value} in the ledger ({money})",
    titles={
        "missing_right": "Labour of {entity_code} on {project_code}, {period}: {hours} h have no cost in "
        "the ledger ({money})",
        "missing_left": "Labour of {entity_code} on {project_code}, {period}: cost without hours ({money})",
        "is_own": "Labour of {entity_code} on {project_code}, {period}, is of another project ({money})",
    },
    plan=_plan,
)
