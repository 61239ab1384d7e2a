"""K51: an amendment has the effect on revenue that was decided for it.

Per agreement line whose last amendment changed what it earns, and whose books know the amended price: revenue as
decided (cumulative catch-up: price and progress are measured anew at once; prospective: what is unrecognised is spread
over the rest) against what was recognised, what credit memos took back, and what is planned since to correct it;
cumulative to the last month whose revenue run is done. Such a line agreed with the evidence up to its amendment, and in
the month of the decision the books have what another treatment gives; anything else is asked by K44, K49 or K50.
Tolerated is what K44 tolerates on the same line, a hundredth of a point of progress and at least 1.00: less would call
the rounding of its hours a wrong treatment.
Usual cause: the new price at the old progress, a catch-up that was spread over the remaining months or never made, or
one where none was due. Money: the effect of the wrong treatment to date. The fix is the revenue accountant's: reverse
it and apply the decision, as a catch-up in the open month; posted months are never restated.
"""

from __future__ import annotations

from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape
from reconcile.rules._recognised import CAUSE, FACTS, PAYLOAD, PROGRESS, REQUIRES, caught_up, either, sides

__all__ = ["RULE"]

RULE = Rule(
    check="K51",
    name="modification_treatment",
    entity="agreement_line",
    shape=Shape.TOTAL,
    sides=sides("modification"),
    on=("obligation_key",),
    tolerance=PROGRESS,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S1,
    owner=Queue.REVENUE_ACCOUNTING,
    at_fault=either("ledger_connection"),
    cause=f"case {CAUSE}else {either('effect')} end",
    facts=FACTS,
    payload=PAYLOAD
    | {
        "treatment": f"replace({either('treatment')}, '_', '-')",
        "decided_in": either("decided_in"),
        "effect_amount": either("effect_amount"),
        "version_no": either("version_no"),
        "treatment_rule": either("treatment_rule"),
    },
    requires=(*REQUIRES, ("PSA", "time_entry")),
    caused_by=tuple((check, "agreement_id") for check in ("K11", "K10", "K09", "K43", "K14", "K15", "K16", "K35")),
    title="{agreement_line_key}, version {version_no}: {booked_amount} recognised, {earned_amount} by the {treatment} "
    "decided in {decided_in} ({money}, {cause})",
    corrections=(
        caught_up("apply the {treatment} decided for version {version_no} of {agreement_line_key} in the open month"),
    ),
)
