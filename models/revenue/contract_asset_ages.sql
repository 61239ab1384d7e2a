{{ config(materialized='table', tags=['computed']) }}

-- What the books have earned on fixed fees ahead of their bills, per agreement, by age, and the bills that are planned for it.
--
-- A contract asset is of the latest revenue: what was earned first was billed first. It is as old as the end of the month that
-- earned it, seen from the day of observation. By design it waits for a milestone whose planned day is still to come. It is overdue
-- where it is older than 90 days and waits for nothing: for milestones that are neither accepted nor moved a month after their planned
-- day (`slipped_amount`), or for no bill at all, as milestones are planned and those that are not billed yet do not add up to it.
-- Where the agreement earns more than fixed fees, time and expenses, the asset of its fixed fees is what they earned beyond their own
-- bills, as far as the agreement has an asset: balances are shown net per contract (606-10-45-1), and what its other lines are
-- billed ahead lessens it. The latter is said only where every bill says of which line it is (or nothing else is earned), where no
-- milestone is set aside, and not of a balance that the books have and the evidence has not: other checks ask for it. The asset is
-- that of the end of the last month that is run; what is billed since (`billed_since_amount`) is of its oldest part.
with run as (

    select last_period from {{ ref('int_accounting_period__run') }}

),

earned as (

    select
        lines.agreement_id,
        lines.currency,
        lines.period,
        sum(case when terms.billing_type = 'fixed_fee' then lines.booked_period_amount else 0 end) as amount,
        sum(case when terms.billing_type = 'fixed_fee' then lines.period_amount else 0 end) as evident_amount,
        max(case when terms.billing_type in ('fixed_fee', 'tm') or lines.method = 'expense' then 0 else 1 end) = 1 as is_mixed
    from {{ ref('line_balances') }} as lines
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = lines.obligation_key
    cross join run
    where lines.book = 'primary' and lines.period <= run.last_period
    group by lines.agreement_id, lines.currency, lines.period

),

billed as (

    select
        bills.agreement_id,
        bills.currency,
        sum(case when terms.billing_type = 'fixed_fee' then bills.invoiced_amount - bills.credited_amount else 0 end) as amount,
        max(case when bills.obligation_key is null and bills.invoiced_amount <> bills.credited_amount then 1 else 0 end) = 1 as is_loose
    from {{ ref('billing_movements') }} as bills
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = bills.obligation_key
    cross join run
    where bills.book = 'primary' and bills.period <= run.last_period
    group by bills.agreement_id, bills.currency

),

fixed as (

    select
        totals.agreement_id,
        totals.currency,
        totals.is_mixed and coalesce(billed.is_loose, false) as is_unsplit,
        totals.amount - case when totals.is_mixed and not coalesce(billed.is_loose, false) then coalesce(billed.amount, 0) else 0 end
            as amount,
        case
            when totals.is_mixed and not coalesce(billed.is_loose, false) then totals.evident_amount - coalesce(billed.amount, 0)
            else totals.amount
        end as evident_amount
    from (
        select
            agreement_id, currency, sum(amount) as amount, sum(evident_amount) as evident_amount, bool_or(is_mixed) as is_mixed
        from earned
        group by agreement_id, currency
    ) as totals
    left join billed on billed.agreement_id = totals.agreement_id and billed.currency = totals.currency

),

assets as (

    select
        balances.agreement_id,
        balances.customer_id,
        balances.currency,
        fixed.is_unsplit,
        least(balances.booked_contract_asset_amount, fixed.amount) as asset_amount,
        least(balances.booked_contract_asset_amount, balances.contract_asset_amount, fixed.amount, fixed.evident_amount) as earned_amount
    from {{ ref('balances') }} as balances
    inner join fixed on fixed.agreement_id = balances.agreement_id and fixed.currency = balances.currency
    where
        balances.is_last_period and balances.book = 'primary' and balances.booked_contract_asset_amount > 0
        and fixed.amount > 0

),

totals as (

    select
        earned.*,
        assets.asset_amount,
        sum(earned.amount) over (
            partition by earned.agreement_id, earned.currency order by earned.period desc
            rows between unbounded preceding and current row
        ) - earned.amount as after_amount
    from earned
    inner join assets on assets.agreement_id = earned.agreement_id and assets.currency = earned.currency

),

-- What was earned after each month and not taken back since.
since as (

    select
        totals.*,
        max(greatest(after_amount, 0)) over (
            partition by agreement_id, currency order by period desc rows between unbounded preceding and current row
        ) as later_amount
    from totals

),

layers as (

    select
        since.agreement_id,
        since.currency,
        calendar.end_on,
        {{ days_from('calendar.end_on', as_of()) }} as age_days,
        least(asset_amount, lag(later_amount, 1, asset_amount) over (partition by agreement_id, currency order by since.period))
        - least(asset_amount, later_amount) as amount
    from since
    inner join {{ ref('int_calendar__periods') }} as calendar on calendar.period = since.period

),

aged as (

    select
        agreement_id,
        currency,
        min(end_on) as oldest_on,
        max(age_days) as oldest_age_days,
        sum(case when age_days <= 30 then amount else 0 end) as to_30_amount,
        sum(case when age_days between 31 and 60 then amount else 0 end) as to_60_amount,
        sum(case when age_days between 61 and 90 then amount else 0 end) as to_90_amount,
        sum(case when age_days between 91 and 180 then amount else 0 end) as to_180_amount,
        sum(case when age_days > 180 then amount else 0 end) as older_amount
    from layers
    where amount <> 0
    group by agreement_id, currency

),

planned as (

    select
        milestones.agreement_id,
        milestones.currency,
        sum(case when not is_billed then milestone_amount else 0 end) as planned_amount,
        sum(case when is_billed and milestones.period > run.last_period then standing_amount else 0 end) as billed_since_amount,
        sum(case when is_slipped then milestone_amount else 0 end) as slipped_amount,
        sum(case when is_slipped then 1 else 0 end) as slipped_count,
        min(case when is_slipped then invoice_on end) as slipped_on,
        max(milestones.hidden_row_count) as hidden_row_count
    from {{ ref('int_billing__milestones') }} as milestones
    left join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = milestones.agreement_line_key
    cross join run
    where coalesce(terms.billing_type, 'fixed_fee') = 'fixed_fee' and milestones.milestone_amount > 0
    group by milestones.agreement_id, milestones.currency

),

judged as (

    select
        aged.*,
        assets.customer_id,
        assets.asset_amount,
        coalesce(planned.planned_amount, 0) as planned_amount,
        coalesce(planned.billed_since_amount, 0) as billed_since_amount,
        coalesce(planned.slipped_amount, 0) as slipped_amount,
        coalesce(planned.slipped_count, 0) as slipped_count,
        planned.slipped_on,
        case
            when planned.agreement_id is null or planned.hidden_row_count > 0 or assets.is_unsplit then 0
            else greatest(assets.earned_amount - planned.billed_since_amount - planned.planned_amount, 0)
        end as unplanned_amount
    from aged
    inner join assets on assets.agreement_id = aged.agreement_id and assets.currency = aged.currency
    left join planned on planned.agreement_id = aged.agreement_id and planned.currency = aged.currency

)

select
    judged.agreement_id,
    agreement.agreement_number,
    judged.customer_id,
    'primary' as book,
    judged.currency,
    judged.oldest_on,
    judged.oldest_age_days,
    cast(judged.asset_amount as decimal(18, 4)) as asset_amount,
    {%- for age in ['to_30', 'to_60', 'to_90', 'to_180', 'older'] %}
    cast(judged.{{ age }}_amount as decimal(18, 4)) as {{ age }}_amount,
    {%- endfor %}
    cast(judged.planned_amount as decimal(18, 4)) as planned_amount,
    cast(judged.billed_since_amount as decimal(18, 4)) as billed_since_amount,
    cast(judged.slipped_amount as decimal(18, 4)) as slipped_amount,
    judged.slipped_count,
    judged.slipped_on,
    cast(judged.unplanned_amount as decimal(18, 4)) as unplanned_amount,
    cast(least(
        greatest(judged.to_180_amount + judged.older_amount - judged.billed_since_amount, 0), judged.slipped_amount + judged.unplanned_amount
    ) as decimal(18, 4)) as overdue_amount
from judged
inner join {{ ref('agreement') }} as agreement on agreement.agreement_id = judged.agreement_id
