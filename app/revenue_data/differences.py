"""Differences: why revenue recognised is not what was planned, delivered or billed, and why margin eroded.

A difference has two ends and causes between them; what the causes add up to is the first end less the second one. What
the books have otherwise than the evidence counts as explained only where a break says so: on an agreement without any
break, its own or of its customer as such, it is `unexplained`, as is whatever no cause carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from app.data import Row, Snapshot
from app.filters import AS_OF
from app.revenue_data.scope import IN_SCOPE, NAMED, RATES, Scope, first, frame
from contracts.breaks import LIVE, among

__all__ = [
    "CAUSES",
    "DIFFERENCES",
    "UNEXPLAINED",
    "Cause",
    "Difference",
    "breaks_behind",
    "cause_agreements",
    "causes",
    "ends",
    "is_held",
    "records",
    "rendered",
]

UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Cause:
    """A cause as it is said, and what it means."""

    title: str
    meaning: str


@dataclass(frozen=True)
class Difference:
    """Two figures that people compare, by name, and what is between them in a sentence."""

    title: str
    first: str
    second: str
    help: str


DIFFERENCES: Mapping[str, Difference] = {
    "planned": Difference(
        "Planned to revenue",
        "Planned",
        "Recognised",
        "Planned is the signed price as far as the plan has it done by the end of the month: milestones by the day "
        "they are to be invoiced, work by the hours and days of its tasks (else evenly over the days of its line); "
        "what is earned by time passing, and expenses, as they are earned. It is the plan as it stands now. "
        "Recognised is what the books posted.",
    ),
    "delivered": Difference(
        "Delivered to revenue",
        "Delivered",
        "Recognised",
        "Delivered is approved work at its rates in the month it was done, accepted milestones, and expenses incurred. "
        "Recognised is what the books posted.",
    ),
    "billed": Difference(
        "Billed to posted revenue",
        "Billed",
        "Recognised",
        "Billed is posted invoices less credit memos, without tax. Recognised is what the books posted; the bridge "
        "from billing to revenue ends at what they should have posted.",
    ),
    "margin": Difference(
        "Margin",
        "Planned margin",
        "Billed margin",
        "Planned revenue less planned hours at what an hour cost in the first month of each line (no system states a "
        "planned cost), against what was billed less what the hours worked cost at the cost rates of their entries. "
        "Reimbursed expenses, overhead and subcontractors are not in it.",
    ),
}

#: Every cause in the order it is shown in.
CAUSES: Mapping[str, Cause] = {
    "evidence_unusable": Cause("Evidence unusable", "Nothing is computed until the evidence is put right"),
    "not_signed": Cause("Not signed", "Work on what nobody has signed, or whose evidence cannot be used"),
    "milestone_not_accepted": Cause("Milestones not accepted", "Due by plan, and not accepted by the customer"),
    "hours_behind_plan": Cause("Hours behind plan", "Fewer hours than planned, at the planned rate"),
    "rate_mix": Cause("Rate mix", "Hours at other rates than the price was made with: other roles, or discounts"),
    "fixed_price": Cause("Fixed price", "Work at its rates less what its fixed price earns for it: realisation"),
    "time_not_submitted": Cause("Time not submitted", "Hours recorded and not handed in for approval"),
    "time_not_approved": Cause("Time not approved", "Hours submitted and not approved yet"),
    "late_to_finance": Cause("Late to finance", "Work that came after the cut-off of its month"),
    "time_corrected": Cause("Time corrected", "Corrections of time that was approved before"),
    "credit": Cause("Credits", "Credit memos that give up price"),
    "penalty": Cause("Penalty expected", "What of charged work is expected to be given back, as far as it is done"),
    "cap_reached": Cause("Cap reached", "Approved work beyond the cap of the line or agreement"),
    "modification": Cause("Modification", "What an amendment or termination moved between months"),
    "advance_billing": Cause("Advance billing", "Services billed for a term, less what was earned of it"),
    "milestone_timing": Cause("Milestone timing", "Fixed prices billed ahead of (or behind) what is earned"),
    "tm_lag": Cause("T&M lag", "Charged work billed less what was earned: not yet billed when negative"),
    "credited": Cause("Corrected documents", "Credit memos that correct a document and give up no price"),
    "not_due": Cause("Not due yet", "Invoices that are not due unconditionally"),
    "unassigned": Cause("On no obligation", "Invoice lines that name no line of the agreement"),
    "revenue_behind_plan": Cause("Revenue behind plan", "Planned to revenue has the causes of it"),
    "delayed_invoicing": Cause("Delayed invoicing", "Recognised and not billed yet; negative when billed ahead"),
    "staffing": Cause("Staffing", "Hours that cost more than those the line began with; negative when less"),
    "scope_drift": Cause("Scope drift", "Cost of hours beyond all that the plan of the line has"),
    "hours_not_worked": Cause("Hours not worked yet", "Cost of planned hours that were not worked yet, as a relief"),
    "not_in_finance": Cause("Blocked on the way", "Approved time that finance does not have"),
    "other_in_finance": Cause("Other time in finance", "Approved time with other hours or another rate"),
    "unapproved_in_finance": Cause("Unapproved in finance", "Time that finance charged and nobody approved"),
    "books_differ": Cause("Books differ", "The books have otherwise than the evidence: see the breaks"),
    UNEXPLAINED: Cause("Unexplained", "No cause and no break says why. It must be zero"),
}  # fmt: skip

#: Causes that a break may say more about.
_OF_BOOKS = ("not_in_finance", "other_in_finance", "unapproved_in_finance", "books_differ", UNEXPLAINED)

_WHOSE = f"""
    {IN_SCOPE} and period between $first and $last
    and ($agreement = '' or agreement_id = $agreement) and ($customer = '' or customer_id = $customer)
"""
#: Agreements that some live break is about: by themselves, or because their customer itself is at odds.
_SAID = f"""
    said as (
        select agreement_id from recon.breaks where agreement_id is not null and {among("status", LIVE)}
        union
        select agreement.agreement_id
        from marts.agreement as agreement join recon.breaks as breaks on breaks.customer_id = agreement.customer_id
        where breaks.agreement_id is null and breaks.entity = 'customer' and {among("breaks.status", LIVE)}
    )
"""
_CAUSE = (
    "case when cause = 'books_differ' and agreement_id not in (select agreement_id from said) "
    f"then '{UNEXPLAINED}' else cause end"
)
_EXPLAINED = f"""
    {RATES}, {_SAID},
    found as (
        select agreement_id, period, currency, {_CAUSE} as cause, owner, amount
        from revenue.explanations where difference = $difference and {_WHOSE}
    ),
    valued as (
        select found.agreement_id, found.cause, min(found.owner) as owner, sum(found.amount * rates.rate) as amount
        from found left join rates on rates.period = found.period and rates.currency = found.currency
        group by found.agreement_id, found.cause having sum(found.amount * rates.rate) <> 0
    )
"""
#: Records that still add something to their cause, one row each.
_RECORDS = f"""
    recorded as (
        select agreement_id, {_CAUSE} as cause, currency, obligation_key, about, connection, object, source_id, row_id,
               min(happened_on) as happened_on, max(period) as period, sum(amount) as amount, sum(hours) as hours
        from revenue.explanation_records
        where {_WHOSE} and cause in (select cause from revenue.explanations where difference = $difference)
        group by all having sum(amount) <> 0
    )
"""


def rendered() -> str:
    """Every difference and cause, as a page."""
    lines = [
        "# Differences", "",
        "Why revenue recognised is not what was planned, delivered or billed, and why margin eroded. Ask for one by "
        "month, agreement, customer, legal entity or currency:", "",
        "```console",
        "tieout explain 'difference:planned[agreement=SOW-2025-014,from=2025-12,period=2026-02]'",
        "```", "",
        "- The first figure less the second one is the sum of the causes, exactly, in every agreement and month.",
        "- `period` is the last month looked at (by default the last one whose revenue run is done), `from` the first "
        "one (by default the same).",
        "- Amounts are in the currency of the agreement. Exchange rates have no part in a difference, nor has "
        "rounding: figures are rounded to date, and a month is the difference of two of them.",
        "- A cause is the difference of two figures that are worked out by themselves. Four are what is left of a "
        "line, and only where a record says so: `penalty` where one is expected of charged work, `cap_reached` where "
        "it has a cap, `modification` where an amendment was decided, `books_differ` where a break stands on the "
        "agreement or its customer. Anything else left is `unexplained`. It must be zero.",
        "- Behind each cause are its records (`revenue.explanation_records`), with the queue they belong to and their "
        "age. They add up to the cause.", "",
        "| difference | from | to | meaning |", "|---|---|---|---|",
        *(f"| `{name}` | {one.first} | {one.second} | {one.help} |" for name, one in DIFFERENCES.items()), "",
        "Not held by the systems, and so not in a margin: planned cost rates and staffing plans, estimates to "
        "complete, overhead, subcontractors and bench cost. Earlier plans are overwritten, so planned is the plan as "
        "it stands.",
        "", "| cause | name | meaning |", "|---|---|---|",
        *(f"| `{name}` | {one.title} | {one.meaning} |" for name, one in CAUSES.items()), "",
    ]  # fmt: skip
    return "\n".join(lines)


def is_held(snapshot: Snapshot) -> bool:
    """Whether the run holds explanations; an older one does not."""
    return bool(
        snapshot.rows(
            "select 1 from information_schema.tables where table_schema = 'revenue' and table_name = 'explanations'"
        )
    )


def ends(snapshot: Snapshot, scope: Scope, name: str, *, agreement: str = "", customer: str = "") -> Row:
    """Both figures of a difference in the money of the scope: `first_amount`, `second_amount`."""
    found = first(
        snapshot,
        scope,
        f"""
        with {RATES}
        select coalesce(sum(from_amount * rates.rate), 0) as first_amount,
               coalesce(sum(to_amount * rates.rate), 0) as second_amount
        from (select * from revenue.differences where difference = $difference and {_WHOSE}) as differences
        left join rates on rates.period = differences.period and rates.currency = differences.currency
        """,
        difference=name,
        agreement=agreement,
        customer=customer,
    )
    return found or {"first_amount": Decimal(0), "second_amount": Decimal(0)}


def causes(snapshot: Snapshot, scope: Scope, name: str, *, agreement: str = "", customer: str = "") -> pl.DataFrame:
    """The causes of a difference in their order: amount, agreements, owner, records behind them, and the oldest."""
    found = frame(
        snapshot,
        scope,
        f"""
        with {_EXPLAINED}, {_RECORDS},
        summed as (
            select cause, sum(amount) as amount, count(distinct agreement_id) as agreements, min(owner) as owner
            from valued group by cause
        ),
        counted as (
            select cause, min(happened_on) as oldest_on, count(*) as records from recorded group by cause
        )
        select summed.cause, summed.amount, summed.agreements, summed.owner, counted.oldest_on,
               date_diff('day', counted.oldest_on, {AS_OF}) as age_days,
               coalesce(counted.records, 0) as records
        from summed left join counted using (cause)
        """,
        difference=name,
        agreement=agreement,
        customer=customer,
    )
    order = {cause: place for place, cause in enumerate(CAUSES)}
    return found.sort(pl.col("cause").replace_strict(order, default=len(order), return_dtype=pl.Int32))


def cause_agreements(snapshot: Snapshot, scope: Scope, name: str, cause: str) -> pl.DataFrame:
    """The agreements behind a cause, or behind one end of the difference (`first`, `second`), the largest first."""
    more = {"difference": name, "agreement": "", "customer": ""}
    if cause in ("first", "second"):
        column = "from_amount" if cause == "first" else "to_amount"
        return frame(
            snapshot,
            scope,
            f"""
            with {RATES},
            summed as (
                select agreement_id, sum({column} * rates.rate) as amount
                from (select * from revenue.differences where difference = $difference and {_WHOSE}) as differences
                left join rates on rates.period = differences.period and rates.currency = differences.currency
                group by agreement_id having sum({column} * rates.rate) <> 0
            )
            {NAMED}
            """,
            **more,
        )
    return frame(
        snapshot,
        scope,
        f"with {_EXPLAINED}, summed as (select agreement_id, amount from valued where cause = $cause) {NAMED}",
        cause=cause,
        **more,
    )


def records(snapshot: Snapshot, scope: Scope, name: str, cause: str = "", *, agreement: str = "", customer: str = "",
            limit: int = 500) -> pl.DataFrame:  # fmt: skip
    """The records behind a cause (or all of them), each with what it adds in its own currency, the largest first."""
    return frame(
        snapshot,
        scope,
        f"""
        with {_SAID}, {_RECORDS}
        select recorded.cause, recorded.agreement_id, agreement.agreement_number, recorded.obligation_key,
               recorded.about,
               recorded.happened_on,
               date_diff('day', recorded.happened_on, {AS_OF}) as age_days,
               recorded.amount, recorded.currency, recorded.hours, recorded.period, recorded.connection,
               recorded.object, recorded.source_id, recorded.row_id
        from recorded left join marts.agreement as agreement using (agreement_id)
        where $cause = '' or recorded.cause = $cause
        order by abs(recorded.amount) desc, recorded.cause, recorded.obligation_key, recorded.connection,
                 recorded.source_id, recorded.period
        limit {int(limit)}
        """,
        difference=name,
        cause=cause,
        agreement=agreement,
        customer=customer,
    )


def breaks_behind(snapshot: Snapshot, scope: Scope, name: str, *, agreement: str = "", customer: str = "",
                  limit: int = 20) -> pl.DataFrame:  # fmt: skip
    """Live breaks of the agreements whose books have something else than the evidence, the largest first."""
    listed = ", ".join(f"'{cause}'" for cause in _OF_BOOKS)
    return frame(
        snapshot,
        scope,
        f"""
        with {_EXPLAINED}
        select breaks.break_id, breaks.check_id, breaks.title, breaks.variance, breaks.currency, breaks.owner,
               breaks.age_days
        from recon.breaks as breaks
        where {among("breaks.status", LIVE)}
          and breaks.agreement_id in (select agreement_id from valued where cause in ({listed}))
        order by abs(coalesce(breaks.impact, 0)) desc, breaks.break_id limit {int(limit)}
        """,
        difference=name,
        agreement=agreement,
        customer=customer,
    )
