"""Compares two published runs: which breaks came, went or changed, and what that did to the money."""

from __future__ import annotations

from typing import Any

from app.database import connect
from app.project import Project
from app.publish import snapshots
from contracts.breaks import LIVE, among, worth
from contracts.errors import ConfigError
from contracts.sql import literal

__all__ = ["between"]

_BREAKS = f"""
select check_id, break_id, version, evidence_hash, impact, title, is_root, money_kind
from {{name}}.recon.breaks where {among("status", LIVE)}
"""

_CHECKS = f"""
with before as ({_BREAKS.format(name="before")}), after as ({_BREAKS.format(name="after")})
select coalesce(a.check_id, b.check_id) as check_id,
  count(*) filter (where b.break_id is null) as new, count(*) filter (where a.break_id is null) as gone,
  count(*) filter (where a.evidence_hash <> b.evidence_hash) as changed,
  {worth(of="b.")} as impact_before,
  {worth(of="a.")} as impact_after
from before as b full join after as a using (break_id)
group by 1 order by 1
"""

_CHANGES = f"""
with before as ({_BREAKS.format(name="before")}), after as ({_BREAKS.format(name="after")})
select coalesce(a.break_id, b.break_id) as break_id, coalesce(a.check_id, b.check_id) as check_id,
  case when b.break_id is null then 'new' when a.break_id is null then 'gone' else 'changed' end as change,
  coalesce(a.title, b.title) as title, b.impact as impact_before, a.impact as impact_after
from before as b full join after as a using (break_id)
where a.break_id is null or b.break_id is null or a.evidence_hash <> b.evidence_hash
order by change, check_id, break_id
"""


def between(project: Project, first: str, second: str) -> dict[str, Any]:
    """What differs between two runs, by check and break by break."""
    known = {path.stem: path for path in snapshots(project)}
    for run in (first, second):
        if run not in known:
            raise ConfigError(f"There is no run {run}", then=f"Kept: {', '.join(sorted(known)) or 'none'}.")
    with connect() as con:
        con.execute(f"attach {literal(str(known[first]))} as before (read_only)")
        if first != second:
            con.execute(f"attach {literal(str(known[second]))} as after (read_only)")
        name = "before" if first == second else "after"
        return {
            "first": first,
            "second": second,
            "checks": con.sql(_CHECKS.replace("after.recon", f"{name}.recon")).pl().to_dicts(),
            "breaks": con.sql(_CHANGES.replace("after.recon", f"{name}.recon")).pl().to_dicts(),
        }
