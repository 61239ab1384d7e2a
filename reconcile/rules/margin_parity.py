"""K73: delivery and finance see the same margin of a project.

Per project and month up to the last one with a revenue run: revenue of the books less what the approved work cost,
against the same revenue less the cost that the books put on the project: labour, subcontractors, overhead. They may
part by half a point of the revenue, and by 1.00. Revenue is that of the books on both sides: whether it is right, other
checks ask. Expenses (K24) and recharges of other entities (K22) are in neither.
What the labour (K71) and the subcontractors (K72) of the project and month explain hangs under them. What is left is
cost that no work stands behind: usually an overhead allocation that somebody typed onto the project. The fix reverses
that journal; anything else is for a person.
Money: the gap of the margins x the revenue, which is the gap of the cost.
"""

from __future__ import annotations

from typing import Any

from reconcile.coverage import SETTING
from reconcile.rule import T2, Evidence, Field, MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._ledger import reversals

__all__ = ["RULE"]

_ROWS = "revenue.margins"
_LINES = "intermediate.int_ledger__costs"
_GAP = "abs(other.margin_amount - reference.margin_amount)"
#: Less than half a point of the revenue is nobody's question, however often.
_ASKED = f"{_GAP} <= 1 or {_GAP} > 0.005 * abs(reference.revenue_amount)"

#: Overhead on the project explains the gap: the journals that put it there.
_DOCUMENTS = """
select distinct b.break_id, b.evidence_hash, b.correlation_id, b.owner, b.variance, b.currency as break_currency,
  coalesce(l.connection, s.connection) as connection, l.document_ref, false as is_recognition
from {breaks} as b
left join intermediate.int_ledger__costs as l
  on l.kind = 'overhead' and l.project_id = b.project_id and l.period = b.period
left join (
  select break_id, min(connection) as connection from recon.break_sides where role = 'ERP' group by break_id
) as s on s.break_id = b.break_id
where coalesce(b.root_id, b.break_id) = b.break_id
"""


def _plan(_con: Any, breaks: str) -> str:
    """One reversal per journal of overhead; where there is none, a task."""
    return reversals(
        _DOCUMENTS.format(breaks=breaks), "REVERSE", "journal_line", "no work of the project stands behind it"
    )


def _percent(side: str) -> str:
    points = f"cast(cast({side}.margin as decimal(18,4)) * 100 as decimal(18,1))"
    return f"coalesce(cast({points} as varchar) || '%', 'none')"


RULE = Rule(
    check="K73",
    name="margin_parity",
    entity="journal_line",
    shape=Shape.PAIR,
    left=Side("PSA", _ROWS, where="not is_booked", amount="margin_amount"),
    right=Side("ERP", _ROWS, where="is_booked", amount="margin_amount"),
    on=("project_id", "period"),
    compare=(Field("margin_amount", T2, when=_ASKED, carries=True),),
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S3,
    owner=Queue.FINANCE_OPERATIONS,
    cause="case when coalesce(reference.hidden_row_count, other.hidden_row_count) > 0 then 'quarantined' "
    "when other.overhead_amount <> 0 then 'overhead on the project' else 'cost of another amount' end",
    facts={
        name: f"reference.{name}" for name in ("agreement_id", "customer_id", "legal_entity_id", "project_id", "period")
    },
    payload={
        "delivery_margin": _percent("reference"),
        "booked_margin": _percent("other"),
        "overhead": "other.overhead_amount",
        "project_month": "reference.project_id || '/' || reference.period",
    },
    evidence=(Evidence("other", _LINES, on=("project_id", "period"), amount="amount"),),
    requires=(
        ("PSA", "time_entry"),
        ("PSA", "project"),
        ("PSA", "person"),
        ("CRM", "agreement_line"),
        ("REVREC", "revenue_line"),
        ("ERP", "journal_line"),
        ("ERP", "project"),
        (SETTING, "cost_ledger of labour"),
        (SETTING, "cost_ledger of subcontractors"),
    ),
    caused_by=(
        ("K71", "project_month"),
        ("K72", "project_month"),
        ("K71", "project_month=other_project_month"),
        ("K72", "project_month=other_project_month"),
        ("K08", "project_id"),
        ("K07", "project_id"),
    ),
    title="Margin of {project_code}, {period}: {delivery_margin} by delivery, {booked_margin} in the books ({money})",
    plan=_plan,
)
