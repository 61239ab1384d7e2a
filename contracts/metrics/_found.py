"""Terms of what reconciliation found: breaks and their money, proposed corrections, proofs."""

from __future__ import annotations

from contracts.breaks import STANDING, BreakStatus, among
from contracts.metric import Rows, Term, Unit

__all__ = [
    "ACTIONS", "BREAKS", "BREAK_MONEY", "LATE_BREAKS", "LEAKAGE", "LEAKAGE_INCIDENTS", "RESIDUALS", "UNEARNED_CHECKS",
]  # fmt: skip

#: Checks whose breaks are work that was earned and does not reach a bill.
UNEARNED_CHECKS = ("K14", "K18", "K24", "K31", "K61")

_STANDING = among("found.status", STANDING)

_BREAKS = Rows(
    name="breaks",
    source="(select found.*, found.break_id as source_id, found.left_connection as connection, 'break' as object, "
    "cast(null as bigint) as row_id, entity.legal_entity_id from recon.breaks as found "
    "left join (select legal_entity_name, min(legal_entity_id) as legal_entity_id from marts.legal_entity "
    "group by legal_entity_name) as entity on entity.legal_entity_name = found.legal_entity) as found",
    where=f"{_STANDING} or found.status = '{BreakStatus.TIMING}'",
    role="TIEOUT",
    period="{{ period_of('found.as_of') }}",
    record="found",
    book="coalesce(found.book, 'primary')",
    agreement_id="found.agreement_id",
    customer_id="found.customer_id",
    legal_entity_id="found.legal_entity_id",
    project_id="found.project_id",
)
_ROOT = f"{_STANDING} and coalesce(found.root_id, found.break_id) = found.break_id and found.money_kind <> 'none'"
#: What ages unbilled stands over what should be left of it; everything else is short.
_LEAK = f"{_STANDING} and (found.direction = 'under' or found.check_id = 'K61') and found.check_id in {UNEARNED_CHECKS}"
BREAKS = Term("breaks", "Breaks that stand; those that are only late are apart.", _BREAKS, "1", _STANDING, Unit.COUNT)
LATE_BREAKS = Term(
    "late_breaks", "Breaks that are only late.", _BREAKS, "1", f"found.status = '{BreakStatus.TIMING}'", Unit.COUNT
)
BREAK_MONEY = Term(
    "break_money", "Money of standing breaks in base currency, once per cause.", _BREAKS, "abs(found.impact)", _ROOT
)
LEAKAGE_INCIDENTS = Term(
    "leakage_incidents", "Standing breaks of earned work that does not reach a bill.", _BREAKS, "1", _LEAK, Unit.COUNT
)
LEAKAGE = Term(
    "leaked", "Money of those breaks in base currency, once per cause.", _BREAKS, "abs(found.impact)",
    f"{_LEAK} and {_ROOT}",
)  # fmt: skip

_ACTIONS = Rows(
    name="actions",
    source="(select proposed.*, proposed.action_id as source_id, cast(null as string) as connection, "
    "'action' as object, cast(null as bigint) as row_id from recon.actions as proposed) as proposed",
    where="proposed.status not in ('rejected', 'superseded')",
    role="TIEOUT",
    period="{{ period_of('proposed.as_of') }}",
    record="proposed",
)
ACTIONS = Term("corrections", "Corrections proposed or under way.", _ACTIONS, "1", unit=Unit.COUNT)

_PROOFS = Rows(
    name="proofs",
    source="(select proof.*, runs.as_of, proof.check_id as source_id, cast(null as string) as connection, "
    "'proof' as object, cast(null as bigint) as row_id from recon.proofs as proof "
    "inner join recon.runs as runs on runs.run_id = proof.run_id) as proof",
    role="TIEOUT",
    period="{{ period_of('proof.as_of') }}",
    record="proof",
    currency="proof.currency",
    book="proof.book",
)
RESIDUALS = Term(
    "residuals", "Money of variance that no break explains, without its sign.", _PROOFS, "abs(proof.residual)",
    "proof.measure = 'money'",
)  # fmt: skip
