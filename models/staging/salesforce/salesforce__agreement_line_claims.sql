{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- One row per line key, over all activated versions. Words and dates are those of the latest version that names the line.
with numbered as (

    select
        *,
        row_number() over (partition by connection, line_key order by version_no desc, order_item_id desc) as newest
    from {{ ref('salesforce__order_lines') }}
    where line_key is not null

),

claim as (

    select
        max(case when newest = 1 then row_id end) as row_id,
        connection,
        line_key as source_id,
        max(updated_at) as updated_at,
        line_key as agreement_line_key,
        max(case when newest = 1 then sow_number end) as agreement_number,
        max(case when newest = 1 then contract_id end) as agreement_ref,
        try_cast(split_part(line_key, '/', 2) as integer) as line_no,
        max(case when newest = 1 then workstream end) as workstream,
        max(case when newest = 1 then description end) as line_name,
        {{ billing_type_of('max(case when newest = 1 then billing_type end)') }} as billing_type,
        sum(delta_amount) as value_amount,
        max(case when newest = 1 then currency end) as currency,
        max_by(nte_amount, version_no) as cap_amount,
        sum(delta_hours) as planned_hours,
        min(service_on) as start_on,
        max(end_on) as end_on,
        max(version_no) as version_no,
        max(case when newest = 1 then order_item_id end) as order_line_ref
    from numbered
    group by connection, line_key

)

{{ claims('agreement_line', 'salesforce', 'CRM', 'OrderItem') }}
