"""K16: no approved time line stands in the ledger twice.

The lines of the ERP among themselves. Two lines of one PSA entry are copies; a line without the entry's id is a copy
when another line has the same person, date, project, task and hours. Two entries of the PSA that happen to be equal are
not copies: each has its own id. The first line created stays, every other is worth the value of its entry.
Usual cause: a file imported again without the id of the entry, or a call repeated without a key. The fix deletes the
younger line; what was billed of it is credited first.
"""

from __future__ import annotations

from reconcile.rule import MoneyKind, Rule, Severity, Shape, Side
from reconcile.rules._time import take_back, worth_of

__all__ = ["RULE"]

RULE = Rule(
    check="K16",
    name="duplicate_time",
    entity="time_entry",
    shape=Shape.DUPLICATE,
    sides=(Side("ERP", "intermediate.int_time_entry__copies", amount="line_amount", currency="line_currency"),),
    on=("line_key",),
    keep="created_at",
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    cause="case when other.time_entry_key is null then 'imported again without the id of the entry' "
    "else 'sent twice' end",
    payload={
        "hours": "other.hours",
        "work_on": "other.work_on",
        "kept": "reference.source_id",
        "erp_id": "other.source_id",
        "limit_key": "other.limit_key",
        **worth_of("other"),
    },
    requires=(("ERP", "time_entry"), ("PSA", "time_entry")),
    caused_by=(("K07", "project_id"),),
    title="{person_name}, {posting_date}: {hours} h on {project_code} stand in the ledger twice ({money})",
    plan=take_back("REVERSE", "delete", "line {erp_id} repeats line {kept}"),
)
