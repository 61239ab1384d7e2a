{{ config(materialized='table') }}

-- Every project of the PSA and of the ERP with what must agree before time can be booked on it: code, practice, whether it
-- may still be used; and for the PSA's how much approved time the ERP does not have yet, with its value.
with booked as (

    select
        connection,
        project_ref,
        count(*) as approved_count,
        sum(case when timebill_row_id is null then 1 else 0 end) as held_count,
        sum(case when timebill_row_id is null then value_amount else 0 end) as held_amount,
        max(value_currency) as value_currency
    from {{ ref('int_time_entry__valued') }}
    where kind = 'actual' and is_approved and claim_state = 'ok'
    group by connection, project_ref

)

select
    claims.row_id,
    claims.connection,
    claims.role,
    claims.object,
    claims.source_id,
    claims.claim_state,
    claims.psa_project_ref,
    claims.project_id,
    claims.project_code,
    claims.project_name,
    claims.agreement_id,
    claims.agreement_number,
    claims.customer_id,
    claims.legal_entity_code,
    claims.billing_type,
    claims.state,
    claims.is_active,
    claims.created_at,
    practices.practice,
    practices.class_ref,
    practices.is_class_active,
    coalesce(booked.approved_count, 0) as approved_count,
    coalesce(booked.held_count, 0) as held_count,
    cast(coalesce(booked.held_amount, 0) as decimal(18, 4)) as held_amount,
    coalesce(booked.value_currency, claims.currency) as currency,
    {%- if is_configured('netsuite') %}
    wanted.class_ref as wanted_class_ref
    {%- else %}
    cast(null as string) as wanted_class_ref
    {%- endif %}
from {{ ref('int_project__claims') }} as claims
left join {{ ref('int_project__practices') }} as practices
    on practices.connection = claims.connection and practices.source_id = claims.source_id
left join booked on booked.connection = claims.connection and booked.project_ref = claims.source_id
{%- if is_configured('netsuite') %}
left join (
    select lower(trim(classification_name)) as practice, min(classification_id) as class_ref
    from {{ ref('stg_netsuite__classifications') }}
    where not coalesce(is_inactive, false)
    group by lower(trim(classification_name))
) as wanted on wanted.practice = lower(trim(practices.practice))
{%- endif %}
where claims.role in ('PSA', 'ERP') and coalesce(claims.state, 'active') <> 'estimate'
