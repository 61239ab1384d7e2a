"""Small exports written by hand: a deal in a few lines, as Salesforce, Kantata and NetSuite would export it.

A `Deal` collects what happens to one agreement; `write` gives the folder of a project. Only what revenue is computed
from is written: the agreement with its versions, lines and rates, time, acceptances, invoices and their postings.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts.registry import discover

__all__ = ["Deal", "Line", "day", "write"]

_SETUP = dt.date(2023, 1, 2)


def day(text: str) -> dt.date:
    """The day that is written as 2026-03-31."""
    return dt.date.fromisoformat(text)


@dataclass(frozen=True)
class Line:
    """What a version says about a line: the price it adds (for time, the estimate), its hours, days and cap."""

    number: int
    billing_type: str
    price: int
    start: dt.date
    end: dt.date
    hours: int | None = None
    ssp: int | None = None
    cap: int | None = None


@dataclass(frozen=True)
class Work:
    """Hours on a line in a month, at a cost an hour, and how far they came."""

    line: int
    month: dt.date
    hours: int
    cost: int
    is_approved: bool
    is_in_finance: bool


@dataclass(frozen=True)
class Entry:
    """A document that posts to the ledger by itself: its type, its day, (account, in document currency, in books)."""

    kind: str
    day: dt.date
    lines: tuple[tuple[str, str, str], ...]


@dataclass
class Deal:
    """One agreement and what happens to it, in order. `rates` are of invoices and revenue, where not 1."""

    number: str
    start: dt.date
    end: dt.date
    currency: str = "USD"
    versions: list[tuple[int, dt.date, tuple[Line, ...], bool]] = field(default_factory=list)
    worked: list[Work] = field(default_factory=list)
    accepted: list[tuple[int, str, dt.date | None, int, dt.date | None]] = field(default_factory=list)
    completed: dict[int, dt.date] = field(default_factory=dict)
    invoices: list[tuple[int, dt.date, int]] = field(default_factory=list)
    booked: list[tuple[int, dt.date, int]] = field(default_factory=list)
    rate: int = 200
    booked_rate: int | None = None
    agreed: list[tuple[int, int, dt.date]] = field(default_factory=list)
    rates: dict[dt.date, str] = field(default_factory=dict)
    paid: list[tuple[int, dt.date, int]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    ended: tuple[dt.date | None, int] | None = None
    recorded: dt.date | None = None

    def terminate(self, day: dt.date | None, *, fee: int = 0, recorded: dt.date | None = None) -> Deal:
        """Terminated in the CRM: the last day of service, where somebody entered it, the fee that is due, and when."""
        self.ended, self.recorded = (day, fee), recorded
        return self

    def sign(self, version: int, day: dt.date, *lines: Line, signed: bool = True) -> Deal:
        """A version of the agreement with the lines it adds; a negative price reduces."""
        self.versions.append((version, day, lines, signed))
        return self

    def agree(self, version: int, rate: int, since: dt.date) -> Deal:
        """The rate an hour that a version brings, from a day on; the rate before it ends the day before."""
        self.agreed.append((version, rate, since))
        return self

    def work(
        self, line: int, month: str, hours: int, *, cost: int = 0, approved: bool = True, in_finance: bool = False
    ) -> Deal:
        """Hours on a line in a month: approved or only submitted, and in the books or not."""
        year, number = map(int, month.split("-"))
        self.worked.append(Work(line, dt.date(year, number, 1), hours, cost, approved, in_finance))
        return self

    def accept(self, line: int, name: str, day: dt.date | None, amount: int, due: dt.date | None = None) -> Deal:
        """A milestone of a line, accepted on a day (or not yet), with the day it is planned to be invoiced."""
        self.accepted.append((line, name, day, amount, due))
        return self

    def complete(self, line: int, day: dt.date) -> Deal:
        """The task of a line is completed on a day."""
        self.completed[line] = day
        return self

    def recognise(self, line: int, month: str, amount: int, *, rate: str = "1") -> Deal:
        """Revenue of a line that the books posted in a month."""
        year, number = map(int, month.split("-"))
        self.booked.append((line, dt.date(year, number, 1), amount))
        return self._at(dt.date(year, number, 1), rate)

    def invoice(self, line: int, day: dt.date, amount: int, *, rate: str = "1") -> Deal:
        """A posted invoice of a line, without tax."""
        self.invoices.append((line, day, amount))
        return self._at(day, rate)

    def pay(self, invoice: int, day: dt.date, amount: int) -> Deal:
        """Cash on the first, second .. invoice, at the rate of the invoice."""
        self.paid.append((invoice, day, amount))
        return self

    def post(self, kind: str, day: dt.date, *lines: tuple[str, str, str]) -> Deal:
        """A journal or a revaluation on the agreement: (account, in document currency, in that of the books)."""
        self.entries.append(Entry(kind, day, lines))
        return self

    def _at(self, day: dt.date, rate: str) -> Deal:
        if rate != "1":
            self.rates[day] = rate
        return self


def write(
    folder: Path,
    deals: Iterable[Deal],
    *,
    as_of: dt.date,
    books: str = "",
    euro: Mapping[dt.date, str] | None = None,
    more: Iterable[Mapping[str, list[dict[str, Any]]]] = (),
) -> Path:
    """The project of a firm with these deals: exports of three systems (and what else has rows) and `tieout.yml`.

    `euro` gives the dollars for one, by day; `more` are further rows, by stream.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    _masters(rows, as_of)
    for day, rate in (euro or {}).items():
        _add(rows, "netsuite.currencyrate", id=f"{day:%Y%m%d}", basecurrency="1", transactioncurrency="2",
             effectivedate=str(day), exchangerate=rate)  # fmt: skip
    for place, deal in enumerate(deals, start=1):
        _salesforce(rows, deal, place)
        _kantata(rows, deal, place)
        _netsuite(rows, deal, place)
    for stream, listed in (item for one in more for item in one.items()):
        rows[stream] = [*rows.get(stream, []), *listed]
    for system in discover("ingest.systems", "SYSTEM").values():
        where = folder / "exports" / system.name
        where.mkdir(parents=True)
        for stream in system.streams:
            names = [item.name for item in stream.fields]
            _file(where, stream.name, names, rows.get(f"{system.name}.{stream.name}", []), system.format)
        manifest = {"extracted_at": f"{as_of.isoformat()}T11:00:00Z", "time_zone": "America/New_York"}
        (where / "_manifest.json").write_text(json.dumps(manifest), "utf-8")
    handed_in = {stream.partition(".")[0] for stream in rows}
    connections = "\n".join(
        f"  {name}: {{system: {name}, mode: files, path: exports/{name}}}"
        for name, system in discover("ingest.systems", "SYSTEM").items()
        if system.roles or name in handed_in
    )
    (folder / "tieout.yml").write_text(
        f"firm: Hand Written\nbase_currency: USD\ntime_zone: America/New_York\nas_of: {as_of}\nstart_on: 2024-01-01\n"
        f"connections:\n{connections}\n{books}",
        "utf-8",
    )
    return folder


def _file(where: Path, stream: str, names: list[str], rows: list[dict[str, Any]], form: str) -> None:
    if form == "jsonl":
        text = "".join(json.dumps({name: row.get(name) for name in names}) + "\n" for row in rows)
        (where / f"{stream}.jsonl").write_text(text, "utf-8")
        return
    with (where / f"{stream}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows({name: row.get(name, "") for name in names} for row in rows)


def _add(rows: dict[str, list[dict[str, Any]]], stream: str, **values: Any) -> None:
    rows.setdefault(stream, []).append(values)


def _id(prefix: str, number: int) -> str:
    """A Salesforce id of 18 characters."""
    return f"{prefix}{number:012d}AAA"[:18]


def _stamp(day: dt.date, hour: int = 15) -> str:
    return f"{day.isoformat()}T{hour:02d}:00:00.000Z"


def _local(day: dt.date) -> str:
    return f"{day.isoformat()} 11:00:00"


def _seen(day: dt.date) -> dict[str, str]:
    """The system fields of a Salesforce row."""
    at = _stamp(day)
    return {"CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at, "IsDeleted": "false"}


def _masters(rows: dict[str, list[dict[str, Any]]], as_of: dt.date) -> None:
    """One legal entity, one customer, three people, accounts and periods."""
    _add(rows, "salesforce.Account", Id=_id("001", 1), Name="Cedar Mills Inc.", Type="Customer - Direct",
         BillingCountry="US", ERP_Customer_Id__c="9001", **_seen(_SETUP))  # fmt: skip
    _add(rows, "netsuite.customer", id="9001", entityid="C9001", companyname="Cedar Mills Inc.", isperson="F",
         searchstage="Customer", currency="1", externalid=_id("001", 1), isinactive="F", datecreated=_local(_SETUP),
         lastmodifieddate=_local(_SETUP))  # fmt: skip
    _add(rows, "netsuite.subsidiary", id="2", name="Hand Written Inc.", fullname="Hand Written Inc.", currency="1",
         country="US", iselimination="F", isinactive="F", lastmodifieddate=_local(_SETUP),
         externalid="US01")  # fmt: skip
    _add(rows, "netsuite.currency", id="1", name="US Dollar", symbol="USD", isbasecurrency="T", currencyprecision="2")
    _add(rows, "netsuite.currency", id="2", name="Euro", symbol="EUR", isbasecurrency="F", currencyprecision="2")
    _add(rows, "netsuite.item", id="11", itemid="Services", itemtype="Service", isinactive="F")
    for number, kind, name in (
        ("1000", "Bank", "Bank"), ("1100", "AcctRec", "Accounts receivable"),
        ("2400", "DeferRevenue", "Deferred revenue"), ("4010", "Income", "Revenue"),
        ("7800", "OthIncome", "Exchange gain and loss"),
    ):  # fmt: skip
        _add(rows, "netsuite.account", id=number, acctnumber=number, accttype=kind, fullname=name, isinactive="F")
    for role in (301,):
        _add(rows, "kantata.roles", id=str(role), name="Consultant")
    for user in range(1, 11):
        _add(rows, "kantata.users", id=str(100 + user), full_name=f"Person {user}",
             email_address=f"person{user}@handwritten.example", role_id="301", disabled=False,
             created_at=f"{_SETUP}T09:00:00-05:00", updated_at=f"{_SETUP}T09:00:00-05:00")  # fmt: skip
    for year in range(2024, as_of.year + 2):
        for month in range(1, 13):
            _period(rows, year, month, as_of)


def _period(rows: dict[str, list[dict[str, Any]]], year: int, month: int, as_of: dt.date) -> None:
    first = dt.date(year, month, 1)
    last = dt.date(year, month, calendar.monthrange(year, month)[1])
    closed = "T" if last < as_of.replace(day=1) else "F"
    _add(rows, "netsuite.accountingperiod", id=f"{year}{month:02d}", periodname=first.strftime("%b %Y"),
         startdate=str(first), enddate=str(last), closed=closed, alllocked=closed, arlocked=closed, aplocked=closed,
         isquarter="F", isyear="F", isadjust="F", isposting="T")  # fmt: skip


def _salesforce(rows: dict[str, list[dict[str, Any]]], deal: Deal, place: int) -> None:
    contract, first = _id("800", place), min(version[1] for version in deal.versions)
    last, fee = deal.ended or (None, 0)
    _add(rows, "salesforce.Contract", Id=contract, ContractNumber=f"{place:08d}", AccountId=_id("001", 1),
         Status="Terminated" if deal.ended else "Activated", Termination_Date__c="" if last is None else str(last),
         Termination_Fee__c=f"{fee}.00" if fee else "", StartDate=str(deal.start), EndDate=str(deal.end),
         CustomerSignedDate=str(first),
         CompanySignedDate=str(first), ActivatedDate=_stamp(first), SOW_Number__c=deal.number, Billing_Type__c="Mixed",
         Contracting_Entity__c="US01", CurrencyIsoCode=deal.currency, Advance_Billing_Allowed__c="true",
         **_seen(deal.recorded or last or first))  # fmt: skip
    for version, day, lines, signed in deal.versions:
        reduces = all(line.price <= 0 for line in lines) and any(line.price < 0 for line in lines)
        order = _id("801", place * 100 + version)
        _add(rows, "salesforce.Order", Id=order, OrderNumber=f"{place:03d}{version:03d}", AccountId=_id("001", 1),
             ContractId=contract, IsReductionOrder=str(reduces).lower(), Status="Activated" if signed else "Draft",
             StatusCode="Activated" if signed else "Draft", EffectiveDate=str(day),
             ActivatedDate=_stamp(day) if signed else "", SOW_Version__c=version,
             Signed_Date__c=str(day) if signed else "", CurrencyIsoCode=deal.currency, **_seen(day))  # fmt: skip
        for line in lines:
            item = _id("802", (place * 100 + version) * 100 + line.number)
            _add(rows, "salesforce.OrderItem", Id=item, OrderId=order,
                 Quantity="1", UnitPrice=f"{abs(line.price)}.00", ServiceDate=str(line.start), EndDate=str(line.end),
                 Description=line.billing_type, Line_Key__c=f"{deal.number}/{line.number}",
                 Billing_Type__c=line.billing_type, Planned_Hours__c="" if line.hours is None else line.hours,
                 Standalone_Price__c="" if line.ssp is None else f"{line.ssp}.00", CurrencyIsoCode=deal.currency,
                 NTE_Amount__c="" if line.cap is None else f"{line.cap}.00", **_seen(day))  # fmt: skip
    card = [(1, deal.rate, deal.start), *deal.agreed]
    ends = [str(since - dt.timedelta(days=1)) for _, _, since in deal.agreed]
    for (version, rate, since), until in zip(card, [*ends, ""], strict=True):
        _add(rows, "salesforce.SOW_Rate__c", Id=_id("a0R", place * 100 + version), Name=f"{deal.number} Consultant",
             Contract__c=contract, Role__c="Consultant", Rate__c=f"{rate}.00", Effective_From__c=str(since),
             Effective_To__c=until, SOW_Version__c=str(version), CurrencyIsoCode=deal.currency,
             **_seen(first))  # fmt: skip


def _kantata(rows: dict[str, list[dict[str, Any]]], deal: Deal, place: int) -> None:
    workspace, at = str(4000 + place), f"{deal.start}T09:00:00-05:00"
    _add(rows, "kantata.workspaces", id=workspace, title=deal.number, stage="project", archived=False,
         start_date=str(deal.start), due_date=str(deal.end), price_in_cents=0, currency=deal.currency,
         currency_base_unit=100, require_time_approvals=True, created_at=at, updated_at=at)  # fmt: skip
    _value(rows, "Workspace", workspace, "SOW Number", deal.number, at)
    lines = sorted({line.number for _, _, listed, _ in deal.versions for line in listed})
    for line in lines:
        story = str((5000 + place) * 100 + line)
        done = deal.completed.get(line)
        touched = f"{done}T09:00:00-05:00" if done else at
        _story(rows, story, workspace, f"Line {line}", touched, state="completed" if done else "started")
        _value(rows, "Story", story, "SOW Line", f"{deal.number}/{line}", at)
    for number, (line, name, day, amount, due) in enumerate(deal.accepted, start=1):
        story = str((6000 + place) * 100 + number)
        _story(rows, story, workspace, name, at, state="completed" if day else "started")
        _value(rows, "Story", story, "SOW Line", f"{deal.number}/{line}", at)
        if day:
            _value(rows, "Story", story, "Accepted On", str(day), at)
        _add(rows, "kantata.billing_milestones", id=str((7000 + place) * 100 + number), workspace_id=workspace,
             story_id=story, title=name, amount_in_cents=amount * 100, currency=deal.currency,
             billing_type="upon_completion", date_to_invoice=due and str(due), created_at=at,
             updated_at=at)  # fmt: skip
    for number, (work, day, hours) in enumerate(_days(deal), start=1):
        _entry(rows, deal, place, (8000 + place) * 100_000 + number, work, day, hours)


def _entry(
    rows: dict[str, list[dict[str, Any]]], deal: Deal, place: int, number: int, work: Work, day: dt.date, hours: int
) -> None:
    """One day of one person, with its submission while it waits, and its copy in the books."""
    user, done = str(101 + number % 10), f"{day}T18:00:00-05:00"
    sheet = "" if work.is_approved else str(number + 1)
    _add(rows, "kantata.time_entries", id=str(number), workspace_id=str(4000 + place),
         story_id=str((5000 + place) * 100 + work.line), user_id=user, role_id="301",
         date_performed=str(day), time_in_minutes=hours * 60, billable=True, approved=work.is_approved,
         is_invoiced=False, rate_in_cents=(deal.booked_rate or deal.rate) * 100, cost_rate_in_cents=work.cost * 100,
         currency=deal.currency, currency_base_unit=100, recent_submission_id=sheet or None, created_at=done,
         updated_at=done)  # fmt: skip
    if sheet:
        _add(rows, "kantata.timesheet_submissions", id=sheet, workspace_id=str(4000 + place), user_id=user,
             start_date=str(day), end_date=str(day), status="new", created_at=done, updated_at=done)  # fmt: skip
    if work.is_in_finance:
        _add(rows, "netsuite.timebill", id=str(number), externalid=f"KAN-TE-{number}", hours=f"{hours}.00",
             trandate=str(day), isbillable="T", approvalstatus="3", timetype="A", subsidiary="2",
             createddate=f"{day} 20:00:00", lastmodifieddate=f"{day} 20:00:00",
             custcol_psa_time_entry_id=str(number))  # fmt: skip


def _days(deal: Deal) -> Iterable[tuple[Work, dt.date, int]]:
    """Hours of a month as days of at most eight hours, ten people a day."""
    for work in deal.worked:
        for start in range(0, work.hours, 8):
            yield work, work.month + dt.timedelta(days=start // 80 % 28), min(8, work.hours - start)


def _story(
    rows: dict[str, list[dict[str, Any]]], story: str, workspace: str, title: str, at: str, *, state: str
) -> None:
    _add(rows, "kantata.stories", id=story, workspace_id=workspace, title=title, story_type="task", state=state,
         billable=True, fixed_fee=False, archived=False, created_at=at, updated_at=at)  # fmt: skip


def _value(rows: dict[str, list[dict[str, Any]]], kind: str, subject: str, name: str, value: str, at: str) -> None:
    number = len(rows.get("kantata.custom_field_values", [])) + 1
    _add(rows, "kantata.custom_field_values", id=str(90_000 + number), subject_type=kind, subject_id=subject,
         custom_field_name=name, type="string", value=value, display_value=value, updated_at=at)  # fmt: skip


def _netsuite(rows: dict[str, list[dict[str, Any]]], deal: Deal, place: int) -> None:
    _revenue(rows, deal, place)
    for number, (line, day, amount) in enumerate(deal.invoices, start=1):
        document, rate = str((3000 + place) * 100 + number), deal.rates.get(day, "1")
        _document(
            rows, deal, document, "CustInvc", day,
            (("1100", f"{amount}.00", {}), ("2400", f"-{amount}.00", {
                "custcol_line_key": f"{deal.number}/{line}", "item": "11", "itemtype": "Service",
                "revenueelement": str((2000 + place) * 100 + line) if deal.rates else ""})),
            rate, tranid=f"INV{document}", duedate=str(day + dt.timedelta(days=30)), foreigntotal=f"{amount}.00",
            foreignamountunpaid=f"{amount}.00", foreignamountpaid="0.00", status="A",
        )  # fmt: skip
    for number, (invoice, day, amount) in enumerate(deal.paid, start=1):
        document, billed = str((3500 + place) * 100 + number), str((3000 + place) * 100 + invoice)
        rate = deal.rates.get(deal.invoices[invoice - 1][1], "1")
        sides = (("1000", f"{amount}.00", {}), ("1100", f"-{amount}.00", {}))
        _document(rows, deal, document, "CustPymt", day, sides, rate, foreigntotal=f"{amount}.00", status="C")
        _add(rows, "netsuite.nexttransactionlinelink", previousdoc=billed, previousline="0", previoustype="CustInvc",
             nextdoc=document, nextline="0", nexttype="CustPymt", linktype="Payment", foreignamount=f"{amount}.00",
             lastmodifieddate=_local(day))  # fmt: skip
    for number, entry in enumerate(deal.entries, start=1):
        tag = {"custcol_rev_arrangement": str(2000 + place)}
        _document(
            rows, deal, str((4500 + place) * 100 + number), entry.kind, entry.day,
            tuple((account, foreign, {"netamount": base} | ({} if account == "1100" else tag))
                  for account, foreign, base in entry.lines),
            "1", status="B",
        )  # fmt: skip


def _document(
    rows: dict[str, list[dict[str, Any]]], deal: Deal, number: str, kind: str, day: dt.date,
    lines: tuple[tuple[str, str, dict[str, str]], ...], rate: str, **more: str,
) -> None:  # fmt: skip
    """A posted document of the customer, with its lines and their postings; the first line is its main line."""
    currency = "2" if deal.currency == "EUR" and kind != "FxReval" else "1"
    billed = {"custbody_sow_number": deal.number} if kind == "CustInvc" else {}
    _add(rows, "netsuite.transaction", id=number, type=kind, trandate=str(day), createddate=_local(day),
         lastmodifieddate=_local(day), entity="9001", currency=currency, exchangerate=f"{Decimal(rate):.6f}",
         approvalstatus="2", posting="T", postingperiod=f"{day:%Y%m}", voided="F", isreversal="F",
         **({"tranid": number} | billed | more))  # fmt: skip
    for place, (account, foreign, own) in enumerate(lines):
        base = Decimal(own.get("netamount") or Decimal(foreign) * Decimal(rate)).quantize(Decimal("0.01"))
        _add(rows, "netsuite.transactionline", **(own | {
            "transaction": number, "id": str(place), "uniquekey": f"{number}00{place}",
            "linesequencenumber": str(place),
            "mainline": "F" if place or kind in ("Journal", "FxReval") else "T", "taxline": "F", "entity": "9001",
            "subsidiary": "2", "foreignamount": foreign, "netamount": str(base), "linelastmodifieddate": _local(day),
        }))  # fmt: skip
        side = {"debit": str(base)} if base > 0 else {"credit": str(-base)}
        _add(rows, "netsuite.transactionaccountingline", accountingbook="1", transaction=number,
             transactionline=str(place), account=account, amount=str(base), netamount=str(base), posting="T",
             exchangerate=f"{Decimal(rate):.6f}", **side)  # fmt: skip


def _revenue(rows: dict[str, list[dict[str, Any]]], deal: Deal, place: int) -> None:
    """The revenue the books posted: an element and a plan a line, a posted line a month."""
    kinds = {line.number: line.billing_type for _, _, lines, _ in deal.versions for line in lines}
    currency = "2" if deal.currency == "EUR" else "1"
    for line in sorted({line for line, _, _ in deal.booked}):
        element = str((2000 + place) * 100 + line)
        rule = {"T&M": "As Charged", "Fixed Fee": "Percent Complete"}.get(kinds[line], "Milestone")
        months = [(day, amount) for number, day, amount in deal.booked if number == line]
        total = f"{sum(amount for _, amount in months)}.00"
        _add(rows, "netsuite.revenueelement", id=element, recordnumber=element, revenuearrangement=str(2000 + place),
             accountingbook="1", item="11", entity="9001", subsidiary="2", currency=currency,
             exchangerate="1.000000", salesamount=total, allocationamount=total, revenuerecognitionrule=rule,
             custrecord_line_key=f"{deal.number}/{line}", lastmodifieddate=_local(deal.start))  # fmt: skip
        _add(rows, "netsuite.revenueplan", id=element, recordnumber=element, createdfrom=element, amount=total,
             revenueplancurrency=currency, exchangerate="1.000000", revenueplantype="ACTUAL",
             lastmodifieddate=_local(deal.start))  # fmt: skip
        for number, (day, amount) in enumerate(months, start=1):
            _add(rows, "netsuite.revenueplanplannedrevenue", id=f"{element}{number:02d}", revenueplan=element,
                 amount=f"{amount}.00", plannedperiod=f"{day:%Y%m}", postingperiod=f"{day:%Y%m}", isrecognized="T",
                 exchangerate=f"{Decimal(deal.rates.get(day, '1')):.6f}")  # fmt: skip
