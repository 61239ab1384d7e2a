{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Order lines summed by line key over all versions.
with numbered as (

    select
        *,
        row_number() over (partition by connection, agreement_line_key order by sow_version desc, line_no desc) as newest
    from {{ ref('netsuite__lines') }}
    where
        transaction_type = 'SalesOrd' and not is_main_line and not is_tax_line and not is_voided
        and agreement_line_key is not null

),

claim as (

    select
        max(case when newest = 1 then row_id end) as row_id,
        connection,
        agreement_line_key as source_id,
        max(updated_at) as updated_at,
        agreement_line_key,
        max(agreement_number) as agreement_number,
        max(case when newest = 1 then transaction_id end) as agreement_ref,
        try_cast(split_part(agreement_line_key, '/', 2) as integer) as line_no,
        max(case when newest = 1 then memo end) as line_name,
        {{ billing_type_of('max(case when newest = 1 then billing_type end)') }} as billing_type,
        -sum(foreign_amount) as value_amount,
        max(currency) as currency,
        max(sow_version) as version_no,
        max(case when newest = 1 then unique_key end) as order_line_ref
    from numbered
    group by connection, agreement_line_key

)

{{ claims(
    'agreement_line', 'netsuite', 'ERP', 'transactionline',
    missing=['workstream', 'cap_amount', 'planned_hours', 'start_on', 'end_on']
) }}
