"""Obligations: what should be recognised month by month, beside the books, with the evidence behind each month."""

from __future__ import annotations

import polars as pl

from app.data import Row, Snapshot
from app.filters import holds, pattern
from app.revenue_data.scope import IN_SCOPE, Scope, first, frame

__all__ = [
    "METHODS",
    "SHOWN",
    "TREATMENTS",
    "accruals",
    "allocations",
    "decisions",
    "entries",
    "evidence",
    "months",
    "obligation",
    "obligations",
    "problems",
]

#: Progress measure -> how it is said.
METHODS = {
    "as_charged": "Time and materials",
    "hours": "Fixed fee by hours",
    "cost": "Fixed fee by cost",
    "units": "By units delivered",
    "milestone": "Accepted milestones",
    "ratable_day": "Ratable by day",
    "ratable_month": "Ratable by month",
    "hour_bank": "Hour bank, ratable",
    "hour_bank_usage": "Hour bank by usage",
    "expense": "Reimbursed expenses",
    "success_fee": "Success fee",
    "cost_recovery": "Cost recovery",
}
#: How a version of an agreement was treated.
TREATMENTS = {
    "unsigned": "Unsigned: no effect yet",
    "original": "Original agreement",
    "separate": "Separate contract",
    "prospective": "Prospective",
    "catch_up": "Cumulative catch-up",
    "mixed": "Mixed",
    "credit_for_past": "Credit for past work",
    "termination": "Termination",
    "re_estimate": "Re-estimate",
}
#: Which obligations the list may be narrowed to, and the condition of each.
SHOWN = {
    "differing": "difference <> 0",
    "agreeing": "difference = 0",
    "suspended": "status = 'suspended'",
}

_OBLIGATIONS = f"""
    with earned as (
        select agreement_id, obligation_key,
               max_by(price_amount, period) as price_amount, max_by(done, period) as done,
               max_by(total, period) as total, max_by(provision_amount, period) as provision_amount,
               sum(catch_up_amount) as catch_up_amount
        from revenue.recognition where {IN_SCOPE} and period <= $last
        group by agreement_id, obligation_key
    ),
    balanced as (
        select agreement_id, obligation_key, max_by(cumulative_amount, period) as should_be,
               max_by(booked_cumulative_amount, period) as booked, max_by(difference_amount, period) as difference
        from revenue.line_balances where {IN_SCOPE} and period <= $last
        group by agreement_id, obligation_key
    ),
    promised as (
        select agreement_id, obligation_key, obligation_name, method, start_on, end_on, status
        from revenue.obligations where {IN_SCOPE}
    ),
    keyed as (
        select agreement_id, obligation_key from promised
        union select agreement_id, obligation_key from balanced
    ),
    compared as (
        select keyed.agreement_id, agreement.agreement_number, keyed.obligation_key,
               coalesce(promised.obligation_name, keyed.obligation_key) as obligation_name, customer.customer_name,
               entity.legal_entity_code, promised.method, promised.start_on, promised.end_on,
               coalesce(promised.status, 'not in the agreement') as status, agreement.currency, earned.price_amount,
               case when earned.total > 0
                    then cast(least(100 * cast(earned.done as double) / cast(earned.total as double), 999) as integer)
               end as progress,
               case when kept.books > 0 then coalesce(balanced.booked, 0) end as booked,
               case when promised.status is distinct from 'suspended' then coalesce(balanced.should_be, 0) end
               as should_be,
               case when promised.status is distinct from 'suspended' and kept.books > 0
                    then coalesce(balanced.difference, 0) end
               as difference,
               earned.catch_up_amount, earned.provision_amount
        from keyed
        join marts.agreement as agreement using (agreement_id)
        cross join (select count(*) as books from revenue.balances where book = $book) as kept
        left join promised using (agreement_id, obligation_key)
        left join earned using (agreement_id, obligation_key)
        left join balanced using (agreement_id, obligation_key)
        left join marts.customer as customer on customer.customer_id = agreement.customer_id
        left join marts.legal_entity as entity on entity.legal_entity_id = agreement.legal_entity_id
    )
"""


def obligations(snapshot: Snapshot, scope: Scope, search: str = "", method: str = "", shown: str = "") -> pl.DataFrame:
    """Each obligation with what the books recognised and what they should have, the greatest difference first."""
    return frame(
        snapshot,
        scope,
        f"""
        {_OBLIGATIONS}
        select * from compared
        where ($method = '' or method = $method) and {SHOWN.get(shown, "true")}
          and {holds("agreement_number, obligation_name, obligation_key, customer_name", "$search")}
        order by abs(difference) desc nulls first, agreement_number, obligation_key
        """,
        search=pattern(search),
        method=method,
    )


def obligation(snapshot: Snapshot, scope: Scope, agreement_id: str, key: str) -> Row | None:
    """One obligation, with its terms as they stand."""
    return first(
        snapshot,
        scope.of(legal_entity="", currency=""),
        f"""
        {_OBLIGATIONS}
        select compared.*, terms.ssp_amount, terms.ssp_source, terms.allocated_amount, terms.variable_amount,
               terms.cap_amount, terms.planned_quantity, terms.unit, terms.rule, terms.policy
        from compared
        left join revenue.obligations as terms
          on terms.agreement_id = compared.agreement_id and terms.obligation_key = compared.obligation_key
         and terms.book = $book
        where compared.agreement_id = $agreement and compared.obligation_key = $key
        """,
        agreement=agreement_id,
        key=key,
    )


_MEASURES = ("delivered", "billed", "booked", "should_be")
#: Methods whose evidence is worth money by itself.
_BY_VALUE = ("as_charged", "expense", "milestone", "units", "success_fee", "cost_recovery")
_OF_IT = "agreement_id = $agreement and book = $book and obligation_key = $key and period <= $last"


def months(snapshot: Snapshot, scope: Scope, agreement_id: str, key: str, method: str) -> pl.DataFrame:
    """One obligation month by month: delivered, billed, recognised by the books, and what should be recognised.

    What is delivered is the value of the evidence that earns revenue; where hours or days earn it, the value of the
    approved time at its rates, in the month of the work. The books are silent about months whose revenue run is not
    done.
    """
    measures = ", ".join(f"coalesce(sum(amount) filter (measure = '{one}'), 0) as {one}" for one in _MEASURES)
    to_date = ", ".join(f"sum({one}) over upto as {one}_to_date" for one in _MEASURES)
    return frame(
        snapshot,
        scope,
        f"""
        with happened as (
            select period, kind, amount, quantity, unit,
                   coalesce(attributes ->> '$.approved', 'true') = 'true' as counts
            from revenue.evidence where {_OF_IT}
        ),
        earned as (select * from revenue.recognition where {_OF_IT}),
        balanced as (select * from revenue.line_balances where {_OF_IT}),
        long as (
            select period, 'should_be' as measure, period_amount as amount from earned
            union all
            select period, 'booked', booked_period_amount from balanced
            union all
            select period, 'billed', case kind when 'credited' then -amount else amount end from happened
            where kind in ('invoiced', 'credited')
            union all
            select period, 'delivered', amount from happened
            where counts and kind in ('worked', 'accepted') and $by_value
            union all
            select strftime(work_on, '%Y-%m'), 'delivered', value_amount from marts.time_entry
            where not $by_value and agreement_line_key = $key and state = 'approved'
              and strftime(work_on, '%Y-%m') <= $last
            union all
            select period, 'hours', quantity from happened where kind = 'worked' and counts and unit = 'hours'
        ),
        summed as (
            select period, sum(amount) filter (measure = 'hours') as hours, {measures} from long group by period
        ),
        running as (select *, {to_date} from summed window upto as (order by period)),
        closed as (select max(period) as upto from revenue.balances where book = $book)
        select running.* replace (
                   case when period <= upto then booked end as booked,
                   case when period <= upto then booked_to_date end as booked_to_date
               ),
               case when period <= upto then should_be - booked end as difference,
               case when period <= upto then should_be_to_date - booked_to_date end as difference_to_date,
               earned.price_amount, earned.done, earned.total, earned.catch_up_amount, earned.prior_period_amount,
               earned.provision_amount, earned.rule, earned.policy, earned.evidence
        from running
        cross join closed
        left join earned using (period)
        order by period
        """,
        agreement=agreement_id,
        key=key,
        by_value=method in _BY_VALUE,
    )


def evidence(
    snapshot: Snapshot, scope: Scope, agreement_id: str, *, key: str = "", kinds: tuple[str, ...] = (), limit: int = 500
) -> pl.DataFrame:
    """What happened to an agreement within the months of a scope, one row per event, the latest first.

    With a key, what concerns that obligation or the whole agreement; with kinds, only those.
    """
    return frame(
        snapshot,
        scope,
        f"""
        select happened_on, period, kind, obligation_key, amount, currency, quantity, unit, version_no,
               coalesce(attributes ->> '$.document', attributes ->> '$.milestone', attributes ->> '$.name',
                        attributes ->> '$.element', attributes ->> '$.reason') as about,
               case when attributes ->> '$.approved' = 'false' then 'submitted'
                    when attributes ->> '$.is_signed' = 'false' then 'unsigned' end as standing,
               attributes ->> '$.adjustment' = 'true' as is_adjustment, attributes ->> '$.project' as project_id,
               connection, object, source_id, row_id, records
        from revenue.evidence
        where agreement_id = $agreement and book = $book and period between $first and $last
          and (len($kinds) = 0 or list_contains($kinds, kind))
          and ($key = '' or obligation_key = $key or obligation_key is null)
        order by happened_on desc, kind, obligation_key, source_id, row_id limit {int(limit)}
        """,
        agreement=agreement_id,
        key=key,
        kinds=list(kinds),
    )


def entries(snapshot: Snapshot, event: Row) -> pl.DataFrame:
    """The records that a sum of evidence is made of. Those of work and no others; their hours and amounts add up to it.

    Approved time counts in the month in which finance received it in time, whenever it was done. Time submitted and not
    approved when its month ended stands in the month it was done in. What a credit memo gave up counts in neither.
    An event that does not say whether it sums entries or their adjustments (`is_adjustment` None) has both.
    """
    if "expense" in event["object"]:
        return _expenses(snapshot, event)
    if "assignment" in event["object"]:
        return _bookings(snapshot, event)
    return snapshot.frame(
        """
        with gone as (
            select distinct source_id from marts.invoice
            where kind = 'credit' and is_posted and upper(credit_reason) = 'HOURS_REJECTED' and agreement_id is not null
        ),
        work as (
            select entry.*, coalesce(line.billing_type, project.billing_type) = 'tm' as is_charged,
                   strftime(entry.work_on, '%Y-%m') as worked_in
            from marts.time_entry as entry
            left join marts.agreement_line as line using (agreement_line_key)
            left join marts.project as project on project.project_id = entry.project_id
            where entry.agreement_line_key = $key
              and ($is_adjustment is null or (entry.kind = 'adjustment') = $is_adjustment)
              and (entry.credit_ref is null or entry.credit_ref not in (select source_id from gone))
        )
        select work_on as happened_on, cast(coalesce(first_posted_at, approved_at) as date) as received_on,
               role_name as what, case when kind = 'actual' then hours end as hours, value_amount as amount,
               case when is_charged then $currency else currency end as currency, state, connection, object, source_id,
               row_id
        from work
        where (not is_charged or (is_billable and value_amount is not null))
          and case when $is_approved then state = 'approved' and posting_period = $period
                   else is_charged and state in ('approved', 'submitted') and hours > 0 and worked_in = $period
                        and (approved_period is null or approved_period > worked_in)
                        and project_id is not distinct from $project end
        order by work_on, source_id
        """,
        {
            "key": event["obligation_key"], "period": event["period"], "currency": event["currency"],
            "is_approved": event["standing"] != "submitted", "is_adjustment": event["is_adjustment"],
            "project": event["project_id"],
        },
    )  # fmt: skip


def _bookings(snapshot: Snapshot, event: Row) -> pl.DataFrame:
    """The bookings of the project that are not over, with the hours of all their days; its lines share them."""
    return snapshot.frame(
        """
        select start_on as happened_on, end_on as received_on, coalesce(person_name, booked.role_name) as what,
               cast(planned_minutes / 60 as decimal(18, 8)) as hours, cast(null as decimal(18, 4)) as amount,
               $currency as currency, booking as state, booked.connection, booked.object, booked.source_id,
               booked.row_id
        from marts.assignment as booked left join marts.person as person using (person_id)
        where project_id = $project and booking <> 'none' and end_on >= $seen
        order by start_on, booked.source_id
        """,
        {"project": event["project_id"], "currency": event["currency"], "seen": event["happened_on"]},
    )


def _expenses(snapshot: Snapshot, event: Row) -> pl.DataFrame:
    """The expenses that a monthly sum may be made of: paid in its month, or before and approved in it."""
    return snapshot.frame(
        """
        select spent_on as happened_on, cast(approved_at as date) as received_on, category as what,
               cast(null as decimal(18, 8)) as hours, expense_amount as amount, expense.currency, expense.state,
               expense.connection, expense.object, expense.source_id, expense.row_id
        from marts.expense as expense join marts.project as project using (project_id)
        where expense.is_billable and expense.state = 'approved' and project.agreement_number || '/expenses' = $key
          and (strftime(spent_on, '%Y-%m') = $period
               or strftime(spent_on, '%Y-%m') < $period and strftime(approved_at, '%Y-%m') = $period)
        order by happened_on, source_id
        """,
        {"key": event["obligation_key"], "period": event["period"]},
    )


# --- decisions, prices, problems ---------------------------------------------------------------------------------


def decisions(snapshot: Snapshot, scope: Scope, agreement_id: str, key: str) -> pl.DataFrame:
    """How each version was treated that concerns an obligation or the whole agreement, the first signed first."""
    return snapshot.frame(
        """
        select version_no, decided_on, period, obligation_key, treatment, reason, rule, policy, effect_amount, currency,
               decided_by, overrides
        from revenue.decisions
        where agreement_id = ? and book = ? and (obligation_key = ? or obligation_key is null)
        order by decided_on, version_no, obligation_key nulls first, decision_id
        """,
        [agreement_id, scope.book, key],
    )


def allocations(snapshot: Snapshot, scope: Scope, agreement_id: str, key: str) -> pl.DataFrame:
    """The price each version gave to an obligation."""
    return snapshot.frame(
        """
        select version_no, effective_on, ssp_amount, price_amount, method, rule
        from revenue.allocations where agreement_id = ? and book = ? and obligation_key = ?
        order by effective_on, version_no
        """,
        [agreement_id, scope.book, key],
    )


def accruals(snapshot: Snapshot, scope: Scope, agreement_id: str, key: str) -> pl.DataFrame:
    """Work submitted and not approved when a month closed: what is accrued, and when it reverses."""
    return snapshot.frame(
        """
        select period, amount, currency, hours, reverses_in
        from revenue.accruals
        where agreement_id = ? and book = ? and (obligation_key = ? or obligation_key is null)
        order by period desc
        """,
        [agreement_id, scope.book, key],
    )


def problems(snapshot: Snapshot, scope: Scope, agreement_id: str = "", key: str = "") -> pl.DataFrame:
    """Evidence that cannot be used as it stands: what it is, what to do, whose it is.

    What is about an agreement that nobody knows belongs to no currency or legal entity, and shows whichever is chosen.
    """
    return frame(
        snapshot,
        scope,
        """
        select problem.agreement_id, coalesce(agreement.agreement_number, problem.agreement_id) as agreement_number,
               problem.obligation_key, problem.period, problem.code,
               problem.message, problem.advice, problem.at_fault, problem.amount, agreement.currency
        from revenue.problems as problem
        left join marts.agreement as agreement using (agreement_id)
        left join marts.legal_entity as entity using (legal_entity_id)
        where problem.book = $book and ($agreement = '' or problem.agreement_id = $agreement)
          and ($key = '' or problem.obligation_key = $key or problem.obligation_key is null)
          and ($currency = '' or agreement.currency = $currency or agreement.agreement_id is null)
          and ($legal_entity = '' or entity.legal_entity_code = $legal_entity or agreement.agreement_id is null)
        order by abs(coalesce(problem.amount, 0)) desc, agreement_number, problem.obligation_key, problem.code
        """,
        agreement=agreement_id,
        key=key,
    )
