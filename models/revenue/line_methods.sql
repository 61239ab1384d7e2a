{{ config(materialized='view', schema='intermediate') }}

-- By what each signed line is earned on the day of observation, and what its plan follows: as its billing type says, or where it has a
-- fixed price as the revenue register says by now. Of two entries the later day counts, each from the month on in which it is known.
-- `plan`: `work` (hours, and the cost they make), `bank` (hours that the customer draws), `time` (its days), or `acceptance`.
with signed as (

    select obligation_key, max({{ json_value('attributes', '$.method') }}) as method
    from {{ ref('evidence_terms') }}
    where kind = 'signed' and obligation_key is not null and {{ json_value('attributes', '$.is_signed') }} = 'true'
    group by obligation_key

),

stated as (

    {% if is_configured('revenue_register') -%}
    select obligation_key, method
    from (
        select
            obligation_key,
            {{ json_value('attributes', '$.method') }} as method,
            row_number() over (partition by obligation_key order by happened_on desc, period desc, source_id desc) as place
        from {{ ref('evidence_register') }}
        where kind = 'method' and period <= {{ period_of(as_of()) }} and {{ json_value('attributes', '$.problem') }} is null
    ) as entries
    where place = 1
    {%- else -%}
    select cast(null as string) as obligation_key, cast(null as string) as method
    where false
    {%- endif %}

),

earned as (

    select
        signed.obligation_key,
        signed.method as signed_method,
        case when signed.method in ('as_charged', 'expense') then signed.method else coalesce(stated.method, signed.method) end as method
    from signed
    left join stated on stated.obligation_key = signed.obligation_key

)

select
    obligation_key,
    signed_method,
    method,
    case
        when method in ('ratable', 'ratable_day', 'ratable_month') then 'time'
        when method = 'milestone' then 'acceptance'
        when method = 'hour_bank' then 'bank'
        else 'work'
    end as plan
from earned
