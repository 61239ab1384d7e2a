"""Small exports of a group: people of other companies on an agreement that US01 signed, and what is recharged for them.

`Country` says who they are, `delivered` gives the rows of their part of a deal, for `exports.write(.., more=..)`: a
project of their own below the statement of work, time with its copies in the books, and intercompany journals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

__all__ = ["Country", "Part", "delivered", "group"]

Rows = dict[str, list[dict[str, Any]]]

_SETUP = "2023-01-02"
_SELLER = "2"
_ACCOUNTS = (
    ("1300", "OthCurrAsset", "Intercompany due from"),
    ("2350", "OthCurrLiab", "Intercompany due to"),
    ("4600", "Income", "Intercompany service income"),
    ("6600", "COGS", "Intercompany service cost"),
)


@dataclass(frozen=True)
class Country:
    """A company of the group: its code, subsidiary, currency with NetSuite's number, and dollars for one of it."""

    code: str
    subsidiary: str
    currency: str
    number: str
    rate: str

    @property
    def first_person(self) -> int:
        """The number of the first of its ten people."""
        return int(self.subsidiary) * 1000 + 1


@dataclass(frozen=True)
class Part:
    """What a country does for a statement of work in a month: hours, and what its journal recharges (None: nothing).

    `owner` is the subsidiary that its project has in the books.
    """

    country: Country
    sow: str
    hours: int
    recharged: int | None
    owner: str = _SELLER


def group(countries: Iterable[Country]) -> Rows:
    """Companies with their currency, rate of exchange and people, and the accounts between companies."""
    rows: Rows = {
        "netsuite.account": [
            {"id": number, "acctnumber": number, "accttype": kind, "fullname": name, "isinactive": "F"}
            for number, kind, name in _ACCOUNTS
        ]
    }
    for one in countries:
        _add(rows, "netsuite.subsidiary", id=one.subsidiary, name=one.code, fullname=one.code, currency=one.number,
             country=one.code[:2], iselimination="F", isinactive="F", lastmodifieddate=f"{_SETUP} 11:00:00",
             externalid=one.code)  # fmt: skip
        _add(rows, "netsuite.currency", id=one.number, name=one.currency, symbol=one.currency, isbasecurrency="F",
             currencyprecision="2")  # fmt: skip
        _add(rows, "netsuite.currencyrate", id=one.number, basecurrency="1", transactioncurrency=one.number,
             effectivedate=_SETUP, exchangerate=one.rate)  # fmt: skip
        at = f"{_SETUP}T09:00:00-05:00"
        for user in range(one.first_person, one.first_person + 10):
            _add(rows, "kantata.users", id=str(user), full_name=f"Person {user}", role_id="301", disabled=False,
                 email_address=f"person{user}@handwritten.example", created_at=at, updated_at=at)  # fmt: skip
            _field(rows, "User", str(user), "Home Entity", one.code, at)
    return rows


def delivered(parts: Iterable[Part], month: dt.date) -> Rows:
    """The parts of countries in a month, each on a project of its own."""
    rows: Rows = {}
    for place, part in enumerate(parts, start=1):
        _project(rows, part, place, month)
        for number, start in enumerate(range(0, part.hours, 8)):
            day = month + dt.timedelta(days=number // 10)
            _entry(rows, part, place, number, day, min(8, part.hours - start))
        if part.recharged is not None:
            last = (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
            _journal(rows, part, place, last, Decimal(part.recharged))
    return rows


def _add(rows: Rows, stream: str, **values: Any) -> None:
    rows.setdefault(stream, []).append(values)


def _field(rows: Rows, kind: str, subject: str, name: str, value: str, at: str) -> None:
    _add(rows, "kantata.custom_field_values", id=f"{subject}00{len(name)}", subject_type=kind, subject_id=subject,
         custom_field_name=name, type="string", value=value, display_value=value, updated_at=at)  # fmt: skip


def _project(rows: Rows, part: Part, place: int, month: dt.date) -> None:
    """The project in delivery with one task, and the job that stands for it in the books."""
    project, task, at = str(40_000 + place), str(50_000 + place), f"{month}T09:00:00-05:00"
    _add(rows, "kantata.workspaces", id=project, title=f"{part.sow} {part.country.code}", stage="project",
         archived=False, start_date=str(month), price_in_cents=0, currency="USD", currency_base_unit=100,
         require_time_approvals=True, created_at=at, updated_at=at)  # fmt: skip
    _field(rows, "Workspace", project, "SOW Number", part.sow, at)
    _field(rows, "Workspace", project, "Workstream", part.country.code, at)
    _add(rows, "kantata.stories", id=task, workspace_id=project, title="Delivery", story_type="task", state="started",
         billable=True, fixed_fee=False, archived=False, created_at=at, updated_at=at)  # fmt: skip
    _field(rows, "Story", task, "SOW Line", f"{part.sow}/1", at)
    _add(rows, "netsuite.job", id=f"{project}2", entityid=f"J{project}", companyname=f"{part.sow} {part.country.code}",
         customer="9001", currency="1", externalid=f"KAN-{project}", isinactive="F", startdate=str(month),
         datecreated=f"{month} 11:00:00", lastmodifieddate=f"{month} 11:00:00", custentity_psa_project_id=project,
         custentity_sow_number=part.sow, custentity_entity=part.owner)  # fmt: skip


def _entry(rows: Rows, part: Part, place: int, number: int, day: dt.date, hours: int) -> None:
    """A day of one person, approved, and its copy in the books of the person's company."""
    entry, done = str(70_000_000 + place * 10_000 + number), f"{day}T18:00:00-05:00"
    _add(rows, "kantata.time_entries", id=entry, workspace_id=str(40_000 + place), story_id=str(50_000 + place),
         user_id=str(part.country.first_person + number % 10), role_id="301", date_performed=str(day),
         time_in_minutes=hours * 60, billable=True, approved=True, is_invoiced=False, rate_in_cents=20_000,
         cost_rate_in_cents=0, currency="USD", currency_base_unit=100, created_at=done, updated_at=done)  # fmt: skip
    _add(rows, "netsuite.timebill", id=entry, externalid=f"KAN-TE-{entry}", hours=f"{hours}.00", trandate=str(day),
         isbillable="T", approvalstatus="3", timetype="A", subsidiary=part.country.subsidiary,
         customer=f"{40_000 + place}2", createddate=f"{day} 20:00:00", lastmodifieddate=f"{day} 20:00:00",
         custcol_psa_time_entry_id=entry)  # fmt: skip


def _journal(rows: Rows, part: Part, place: int, day: dt.date, amount: Decimal) -> None:
    """An advanced intercompany journal: two lines in the books of the country, two in those of the seller."""
    journal, one, at = str(60_000 + place), part.country, f"{day} 11:00:00"
    _add(rows, "netsuite.transaction", id=journal, type="Journal", tranid=f"JE{journal}", trandate=str(day),
         createddate=at, lastmodifieddate=at, currency=one.number, exchangerate="1.000000",
         foreigntotal=f"{2 * amount:.2f}", status="B", approvalstatus="2", posting="T", postingperiod=f"{day:%Y%m}",
         voided="F", isreversal="F")  # fmt: skip
    sides = ((True, "1300", 1), (True, "4600", -1), (False, "6600", 1), (False, "2350", -1))
    for line, (is_theirs, account, sign) in enumerate(sides):
        foreign = amount * sign
        base = (foreign * (1 if is_theirs else Decimal(one.rate))).quantize(Decimal("0.01"))
        mine, other = (one.subsidiary, _SELLER) if is_theirs else (_SELLER, one.subsidiary)
        _add(rows, "netsuite.transactionline", transaction=journal, id=str(line), uniquekey=f"{journal}00{line}",
             linesequencenumber=str(line), mainline="F", taxline="F", subsidiary=mine, duetofromsubsidiary=other,
             eliminate="T", entity=f"{40_000 + place}2", foreignamount=f"{foreign:.2f}", netamount=str(base),
             linelastmodifieddate=at)  # fmt: skip
        _add(rows, "netsuite.transactionaccountingline", accountingbook="1", transaction=journal,
             transactionline=str(line), account=account, amount=str(base), netamount=str(base), posting="T",
             exchangerate="1.000000" if is_theirs else one.rate,
             **({"debit": str(base)} if base > 0 else {"credit": str(-base)}))  # fmt: skip
