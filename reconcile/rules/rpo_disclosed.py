"""K69: remaining performance obligations are disclosed as policy has them.

Per agreement line, at the last month whose revenue run is done: the price of the line less what is earned, and nothing
where policy leaves the line out (a right to invoice; agreements of a year or less), against what the revenue system
discloses: what its elements are allocated less what they recognised, nothing where an element is flagged as left out.
What is planned since to correct revenue counts as recognised, returns are left out of both, and so are success fees:
they are earned the moment they count. Tolerated is what the rounding of hours leaves, at least 1.00. Lines that no
element stands for are missing elsewhere first (K01, K05, K11).
Usual cause: the flag was not set on work that is charged as it is done, or stands on a fixed fee. A price or revenue
that another check found differs here too and hangs under it. Money: disclosed - by policy.
The fix is the revenue accountant's: set the flag, or take it away. Revenue and backlog do not change.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import MoneyKind, Queue, Rule, Severity, Shape, Side
from reconcile.rules._recognised import PROGRESS, either

__all__ = ["RULE"]

_ROWS = "revenue.rpo_disclosed"
_FLAGGED, _ELEMENTS = either("flagged_count"), either("element_count")
_EXEMPTION = either("rpo_exemption")
#: All elements of a line carry the flag where policy leaves it out, and none where it does not.
_FLAG_IS_WRONG = f"{_FLAGGED} <> case when {_EXEMPTION} is null then 0 else {_ELEMENTS} end"


def _plan(_con: Any, breaks: str) -> str:
    """One task per line: the flag of its elements as policy says; where the flag is right, to find out what differs."""
    return f"""
select b.break_id, b.evidence_hash, b.correlation_id, 'ROUTE' as kind, 'obligation' as entity,
  case when b.flag_is_wrong then 'exemption' else '' end as variant, '' as compensation, e.connection,
  'revenueelement' as object, min(e.source_id) as record_id, json_object() as vals, json_array() as precondition,
  coalesce(to_json(list(json_object('object', 'revenueelement', 'id', e.source_id, 'field', 'custrecord_rpo_exempt',
    'from', case when e.is_flagged then 'T' else 'F' end, 'to', case when e.is_flagged then 'F' else 'T' end)
    order by e.source_id) filter (where b.flag_is_wrong)), json_array()) as changes,
  case when not b.flag_is_wrong then 'find out why ' || b.agreement_line_key || ' is disclosed otherwise'
    when b.exemption is not null then 'flag ' || b.agreement_line_key || ' as left out of remaining performance '
      || 'obligations: ' || replace(b.exemption, '_', ' ')
    else 'take the flag from ' || b.agreement_line_key || ': policy exempts nothing of it' end as reason,
  cast(abs(b.variance) as decimal(18,4)) as impact, b.currency, cast(null as varchar) as wanted, b.break_id as bundle,
  cast(null as json) as line, b.owner as queue, 0 as correction, cast([] as integer[]) as after
from (
  select *, cause in ('not flagged', 'flagged without an exemption') as flag_is_wrong from {breaks}
) as b
join {_ROWS} as e
  on e.is_disclosed and e.obligation_key = b.agreement_line_key and e.currency = b.currency
  and (not b.flag_is_wrong or e.is_flagged = (b.exemption is null))
where coalesce(b.root_id, b.break_id) = b.break_id and b.cause is distinct from 'quarantined'
group by b.break_id, b.evidence_hash, b.correlation_id, b.flag_is_wrong, b.exemption, b.agreement_line_key,
  e.connection, b.variance, b.currency, b.owner
"""


RULE = Rule(
    check="K69",
    name="rpo_disclosed",
    entity="agreement_line",
    shape=Shape.TOTAL,
    left=Side("CRM", _ROWS, where="not is_disclosed", amount="amount"),
    right=Side("REVREC", _ROWS, where="is_disclosed", amount="amount"),
    on=("obligation_key",),
    tolerance=PROGRESS,
    money_kind=MoneyKind.MISSTATEMENT,
    severity=Severity.S2,
    owner=Queue.REVENUE_ACCOUNTING,
    cause=f"case when {either('hidden_row_count')} > 0 then 'quarantined' "
    f"when {_FLAG_IS_WRONG} and {_EXEMPTION} is not null then 'not flagged' "
    f"when {_FLAG_IS_WRONG} then 'flagged without an exemption' "
    "else 'price or revenue differ' end",
    facts={name: either(name) for name in ("agreement_id", "customer_id", "legal_entity_id", "period")},
    payload={
        "agreement_line_key": either("obligation_key"),
        "obligation_name": either("obligation_name"),
        "exemption": _EXEMPTION,
        "flagged_as_it_should_be": f"case when not {_FLAG_IS_WRONG} then {either('agreement_id')} end",
    },
    requires=(
        ("REVREC", "revenue_line"),
        ("REVREC", "obligation"),
        ("REVREC", "obligation.is_rpo_exempt"),
        ("CRM", "agreement"),
        ("CRM", "agreement_line"),
        ("CRM", "agreement_version"),
        ("PSA", "time_entry"),
        ("PSA", "milestone"),
        ("PSA", "task"),
    ),
    caused_by=tuple(
        (check, "flagged_as_it_should_be=agreement_id") for check in ("K44", "K49", "K50", "K51", "K43", "K09", "K11")
    ),
    title="{agreement_line_key}: {right_value} disclosed as still to be earned, {left_value} by policy "
    "({money}, {cause})",
    plan=_plan,
)
