{{ config(materialized='table') }}

-- The terms of each agreement line, by its key: the CRM's, where it has none the ERP's. The cap of a line is its own, else
-- its signed value; a cap of the whole agreement stands beside it.
with lines as (

    select
        *,
        row_number() over (
            partition by agreement_line_key order by case role when 'CRM' then 1 when 'ERP' then 2 else 3 end, connection, source_id
        ) as best
    from {{ ref('int_agreement_line__claims') }}
    where claim_state = 'ok' and agreement_line_key is not null

),

caps as (

    select agreement_id, max(cap_amount) as agreement_cap_amount
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok'
    group by agreement_id

)

select
    lines.agreement_line_key,
    lines.agreement_number,
    lines.agreement_id,
    lines.customer_id,
    lines.line_no,
    lines.workstream,
    lines.billing_type,
    lines.value_amount,
    lines.currency,
    lines.cap_amount as line_cap_amount,
    coalesce(lines.cap_amount, lines.value_amount) as limit_amount,
    caps.agreement_cap_amount,
    lines.start_on,
    lines.end_on,
    lines.version_no,
    lines.connection,
    lines.source_id,
    lines.row_id
from lines
left join caps on caps.agreement_id = lines.agreement_id
where lines.best = 1
