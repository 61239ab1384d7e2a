{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        row_id,
        connection,
        accounting_period_id as source_id,
        cast(null as timestamp) as updated_at,
        period,
        start_on,
        end_on,
        is_closed,
        is_ar_locked,
        closed_on
    from {{ ref('netsuite__periods') }}

)

{{ claims('accounting_period', 'netsuite', 'ERP', 'accountingperiod') }}
