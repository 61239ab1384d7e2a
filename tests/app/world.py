"""A firm small enough to run in a test: two systems, a handful of entries, models and rules of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from contracts.actions import ActionKind
from contracts.native import Write
from reconcile.rule import Correction, MoneyKind, Rule, Severity, Shape, Side

PROJECT = """\
firm: Tiny & Co
base_currency: USD
time_zone: America/New_York
as_of: 2026-03-06
connections:
  kantata:  {system: kantata, path: exports/kantata}
  netsuite: {system: netsuite, path: exports/netsuite}
people:
  ana:  {roles: [analyst]}
  carl: {roles: [controller], limits: {USD: 150}}
  cleo: {roles: [controller]}
"""

CLAIMS = """
create schema if not exists intermediate;
create schema if not exists marts;
create or replace table marts.accounting_period as
select '2026-03' as period, date '2026-03-01' as start_on, date '2026-03-31' as end_on, false as is_closed;
create or replace table intermediate.int_entry__claims as
select _row_id as row_id, 'kantata' as connection, 'PSA' as role, 'kantata' as system, 'time_entries' as object,
  id as source_id, 'ok' as claim_state, id as entry_key, cast(100 as decimal(18,4)) as value_amount, 'USD' as currency
from raw.kantata__time_entries where _op = 'I'
  and _row_id not in (select p._row_id from raw.kantata__time_entries as p
    join raw.kantata__time_entries as n using (id) where n._row_id > p._row_id)
union all
select _row_id, 'netsuite', 'ERP', 'netsuite', 'timebill', id, 'ok', custcol_psa_time_entry_id, 100, 'USD'
from raw.netsuite__timebill where _op = 'I'
"""

RULE = Rule(
    check="K14",
    name="time_there",
    entity="time_entry",
    shape=Shape.PRESENCE,
    left=Side("PSA", "intermediate.int_entry__claims", where="role = 'PSA'", amount="value_amount"),
    right=Side("ERP", "intermediate.int_entry__claims", where="role = 'ERP'", amount="value_amount"),
    on=("entry_key",),
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    payload={"entry_key": "reference.entry_key"},
    title="Entry {entry_key} is not in the ledger",
    corrections=(
        Correction(
            kind=ActionKind.REPLAY,
            entity="time_entry",
            target_role="ERP",
            external_id="'KAN-TE-' || entry_key",
            values={"entry_key": "entry_key"},
            precondition=(("externalid", "absent", ""),),
            changes=(("custcol_psa_time_entry_id", "", "entry_key"),),
        ),
    ),
)
WRITE = Write(
    ActionKind.REPLAY,
    "time_entry",
    method="PUT",
    path="/services/rest/record/v1/timebill/eid:{external_id}",
    body={"custcol_psa_time_entry_id": "{entry_key}", "hours": "1:30", "tranDate": "2026-03-02", "isBillable": True},
    object="timebill",
    safety="keyed",
)


def write_time(root: Path, posted: int, entries: int = 4) -> None:
    """Export files of time alone: four entries or more, and so many of them in the ledger."""
    write_exports(root, entries=entries, posted=posted)
    kept = ("_manifest", "time_entries", "timebill")
    for path in (root / "exports").rglob("*.*"):
        if path.name.partition(".")[0] not in kept:
            path.unlink()


def write_exports(root: Path, entries: int = 4, posted: int = 4) -> None:
    """Export files of both systems: every stream, empty but for time."""
    import polars as pl

    from ingest.sandbox.writer import schemas
    from ingest.sandbox.writer import write_exports as write

    stamp = dt.datetime(2026, 3, 2, 12)
    time = pl.DataFrame(
        [
            {"id": str(1000 + n), "workspace_id": "7", "story_id": "8", "user_id": "9", "role_id": "3",
             "time_in_minutes": 90, "date_performed": dt.date(2026, 3, 2), "billable": True,
             "approved": True, "is_invoiced": False, "currency": "USD", "currency_base_unit": 100,
             "rate_in_cents": 10000, "created_at": stamp, "updated_at": stamp}
            for n in range(entries)
        ],
        schema=schemas("kantata")["time_entries"],
    )  # fmt: skip
    bills = pl.DataFrame(
        [
            {"id": str(5000 + n), "externalid": f"KAN-TE-{1000 + n}", "employee": "1", "customer": "2", "hours": "1.5",
             "trandate": dt.date(2026, 3, 2), "isbillable": True, "approvalstatus": "3", "timetype": "A",
             "createddate": stamp, "lastmodifieddate": stamp, "custcol_psa_time_entry_id": str(1000 + n)}
            for n in range(posted)
        ],
        schema=schemas("netsuite")["timebill"] | {"hours": pl.String()},
    ).cast({"hours": schemas("netsuite")["timebill"]["hours"]})  # fmt: skip
    frames = {"kantata.time_entries": time, "netsuite.timebill": bills}
    write(root / "exports", frames, dt.datetime(2026, 3, 6, 11))
