{{ config(tags=['computed'], materialized='table', schema='intermediate') }}

-- Both ends of every difference and the causes between them, by line and month. Each cause is the difference of two figures to date
-- that are worked out on their own, less the same a month before; what is left of a line after all of them is `unexplained`.
--
-- Planned revenue of a line: its signed price, as far as its plan has it done by the end of the month. Hours of a fixed fee are worth
-- price / hours expected. Lines earned by time passing, expenses and what has no plan are planned as they are earned.
-- Delivered: approved work at its rates in the month it was done, accepted milestones, expenses incurred.
-- Margin: planned revenue less planned hours at what an hour cost when the line began, against what was billed less what the hours
-- worked cost. Hours beyond all that the plan of a line has are scope drift. A line whose plan has no hours is taken to plan those
-- it was worked. Reimbursed expenses are left out.
with months as (

    select
        *,
        case
            when line_cap_amount is not null and signed > line_cap_amount then line_cap_amount
            when line_cap_amount is not null and signed = 0 then line_cap_amount
            else signed
        end as committed,
        price_amount + credited as gross_price,
        method = 'hours' and should_be = price_amount and price_amount <> 0 as is_finished
    from {{ ref('difference_months') }}

),

priced as (

    select
        agreement_id, book, currency, obligation_key, period, method, is_recomputed, is_modified, is_reduced, cap_amount, is_finished,
        should_be, booked, valued, value, value_not_submitted, value_not_approved, value_approved, value_counted, value_missing,
        value_differing, value_unapproved, corrected, credited, accepted, incurred, billed, cost,
        {{ earned_share('opening_cost', 'hours', 'opening_hours', 'currency') }} as cost_at_opening,
        {{ earned_share('opening_cost', 'case when whole_hours > 0 then least(hours, whole_hours) else hours end', 'opening_hours', 'currency') }} as cost_in_scope,
        {{ earned_share('opening_cost', 'case when whole_hours > 0 then planned_hours else hours end', 'opening_hours', 'currency') }} as cost_planned,
        case
            when not is_recomputed and signed <> 0 and whole_acceptance > 0 and (method = 'milestone' or whole_quantity = 0)
                then {{ earned_share('signed', 'least(planned_acceptance, whole_acceptance)', 'whole_acceptance', 'currency') }}
            when not is_recomputed and signed <> 0 and whole_quantity > 0 and coalesce(method, '') <> 'milestone'
                then {{ earned_share('signed', 'least(planned, whole_quantity)', 'whole_quantity', 'currency') }}
            when method = 'as_charged' and whole_quantity > 0
                then {{ earned_share('committed', 'least(planned, whole_quantity)', 'whole_quantity', 'currency') }}
            when method = 'hours' and whole_quantity > 0
                then {{ earned_share('gross_price', 'least(planned, whole_quantity)', 'whole_quantity', 'currency') }}
            when method = 'milestone' and total > 0 and whole_acceptance > 0
                then {{ earned_share('gross_price', 'least(planned_acceptance, total)', 'total', 'currency') }}
            else should_be + credited
        end as planned,
        case when total > 0 then {{ earned_share('committed', 'valued', 'total', 'currency') }} else value end as at_planned_rate,
        case when method = 'hours' then {{ earned_by('hours') }} end as of_hours,
        case when method = 'hours' then {{ earned_by('hours - hours_not_submitted') }} end as of_submitted,
        case when method = 'hours' then {{ earned_by('hours_approved') }} end as of_approved,
        case when method in ('hours', 'milestone') then {{ earned_by('done') }} end as of_counted,
        case when method = 'hours' and total > 0
            then {{ earned_by('done') }} - {{ earned_by('greatest(least(done, total) - hours_missing, 0)') }} else 0
        end as of_missing
    from months

),

rested as (

    select
        *,
        case
            when not is_recomputed then 0
            when method = 'as_charged' then value_counted + corrected - credited - should_be
            when method = 'expense' then incurred - credited - should_be
            when method in ('hours', 'milestone') then of_counted - credited - should_be
            else 0
        end as rest,
        case
            when method in ('as_charged', 'hours', 'ratable_day', 'ratable_month', 'hour_bank', 'hour_bank_usage') or method is null
                then value_approved + corrected
            when method = 'milestone' then accepted
            when method = 'expense' then incurred
            else should_be
        end as delivered,
        should_be - booked as off
    from priced

),

posted as (

    select
        *,
        case when method = 'as_charged' and rest = 0 then value_missing
            when method = 'hours' and off > 0 then least(off, greatest(of_missing, 0)) else 0
        end as not_in_finance,
        case when method = 'as_charged' and rest = 0 then value_differing else 0 end as other_in_finance,
        case when method = 'as_charged' and rest = 0 then -value_unapproved else 0 end as unapproved_in_finance
    from rested

),

{%- set charged = "is_recomputed and method = 'as_charged'" %}
{%- set by_hours = "is_recomputed and method = 'hours'" %}
{%- set given_back = "method = 'as_charged' and is_reduced and (cap_amount is null or value_counted + corrected <= cap_amount)" %}
{%- set capped = "method = 'as_charged' and cap_amount is not null and rest > 0 and not (" ~ given_back ~ ')' %}
{%- set left_over = {
    'penalty': given_back,
    'cap_reached': capped,
    'modification': 'is_modified and not (' ~ capped ~ ') and not (' ~ given_back ~ ')',
} %}
{%- set late = 'case when ' ~ charged ~ ' then value_approved - value_counted when ' ~ by_hours ~ ' then of_approved - of_counted else 0 end' %}
{%- set credit = 'case when is_recomputed then credited else 0 end' %}
{%- set penalty = 'case when is_recomputed and ' ~ left_over.penalty ~ ' then rest else 0 end' %}
{%- set cap = 'case when ' ~ left_over.cap_reached ~ ' then rest else 0 end' %}
{%- set modification = 'case when ' ~ left_over.modification ~ ' then rest else 0 end' %}
{%- set of_work = "case when coalesce(method, '') <> 'expense' then " %}
{%- set causes = {
    'planned': [
        ['from', 'planned'],
        ['evidence_unusable', 'case when is_recomputed then 0 else planned - should_be end'],
        ['milestone_not_accepted', "case when is_recomputed and method = 'milestone' then planned - of_counted else 0 end"],
        ['hours_behind_plan', 'case when ' ~ charged ~ ' then planned - at_planned_rate when ' ~ by_hours ~ ' then planned - of_hours else 0 end'],
        ['rate_mix', 'case when ' ~ charged ~ ' then at_planned_rate - value else 0 end'],
        ['time_not_submitted', 'case when ' ~ charged ~ ' then value_not_submitted when ' ~ by_hours ~ ' then of_hours - of_submitted else 0 end'],
        ['time_not_approved', 'case when ' ~ charged ~ ' then value_not_approved when ' ~ by_hours ~ ' then of_submitted - of_approved else 0 end'],
        ['late_to_finance', late],
        ['time_corrected', 'case when ' ~ charged ~ ' then -corrected else 0 end'],
        ['credit', credit],
        ['penalty', penalty],
        ['cap_reached', cap],
        ['modification', "case when method = 'expense' then 0 else " ~ modification ~ ' end'],
    ],
    'delivered': [
        ['from', 'delivered'],
        ['not_signed', 'case when is_recomputed then 0 else delivered - should_be end'],
        ['fixed_price', "case when " ~ by_hours ~ " then delivered - of_approved when is_recomputed and method = 'milestone' then delivered - of_counted when is_recomputed and method not in ('as_charged', 'expense', 'hours', 'milestone') then delivered - credited - should_be else 0 end"],
        ['late_to_finance', late],
        ['credit', credit],
        ['penalty', penalty],
        ['cap_reached', cap],
        ['modification', modification],
    ],
    'margin': [
        ['from', of_work ~ 'planned - cost_planned else 0 end'],
        ['revenue_behind_plan', of_work ~ 'planned - booked else 0 end'],
        ['delayed_invoicing', of_work ~ 'booked - billed else 0 end'],
        ['staffing', of_work ~ 'cost - cost_at_opening else 0 end'],
        ['scope_drift', of_work ~ 'cost_at_opening - cost_in_scope else 0 end'],
        ['hours_not_worked', of_work ~ 'cost_in_scope - cost_planned else 0 end'],
        ['to', of_work ~ 'billed - cost else 0 end'],
    ],
} %}
{%- set posting = [
    ['not_in_finance', 'not_in_finance'], ['other_in_finance', 'other_in_finance'], ['unapproved_in_finance', 'unapproved_in_finance'],
    ['books_differ', 'off - not_in_finance - other_in_finance - unapproved_in_finance'], ['to', 'booked']
] %}

to_date as (

    select
        agreement_id, book, currency, obligation_key, period,
        {%- for difference, steps in causes.items() %}
        {%- for cause, expression in steps %}
        {{ expression }} as {{ difference }}_{{ cause }},
        {%- endfor %}
        {%- endfor %}
        {%- for cause, expression in posting %}
        {{ expression }} as posted_{{ cause }}{{ ',' if not loop.last }}
        {%- endfor %}
    from posted

),

moved as (

    select
        agreement_id, book, currency, obligation_key, period,
        {%- for difference, steps in causes.items() %}
        {%- for cause, expression in steps %}
        {{ difference }}_{{ cause }} - coalesce(lag({{ difference }}_{{ cause }}) over months_of, 0) as {{ difference }}_{{ cause }},
        {%- endfor %}
        {%- endfor %}
        {%- for cause, expression in posting %}
        posted_{{ cause }} - coalesce(lag(posted_{{ cause }}) over months_of, 0) as posted_{{ cause }}{{ ',' if not loop.last }}
        {%- endfor %}
    from to_date
    window months_of as (partition by agreement_id, book, currency, obligation_key order by period)

)

{%- for difference, steps in causes.items() %}
{%- for cause, expression in steps %}

select
    agreement_id, book, currency, obligation_key, period, '{{ difference }}' as difference, '{{ cause }}' as cause,
    cast({{ difference }}_{{ cause }} as decimal(18, 4)) as amount
from moved
where {{ difference }}_{{ cause }} <> 0

union all
{%- endfor %}
{%- endfor %}
{%- for difference in ['planned', 'delivered', 'billed'] %}
{%- set difference_loop = loop %}
{%- for cause, expression in posting %}

select
    agreement_id, book, currency, obligation_key, period, '{{ difference }}' as difference, '{{ cause }}' as cause,
    cast(posted_{{ cause }} as decimal(18, 4)) as amount
from moved
where posted_{{ cause }} <> 0
{{ '' if loop.last and difference_loop.last else 'union all' }}
{%- endfor %}
{%- endfor %}
