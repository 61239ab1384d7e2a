{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- Display rates of the CRM. Nothing is converted with them.
with claim as (

    select
        rate.row_id,
        rate.connection,
        rate.dated_conversion_rate_id as source_id,
        rate.updated_at,
        corporate.currency as from_currency,
        rate.currency as to_currency,
        rate.start_on as effective_on,
        rate.conversion_rate as exchange_rate
    from {{ ref('stg_salesforce__dated_conversion_rates') }} as rate
    inner join {{ ref('stg_salesforce__currency_types') }} as corporate
        on corporate.connection = rate.connection and corporate.is_corporate and not coalesce(corporate.is_deleted, false)
    where not coalesce(rate.is_deleted, false)

)

{{ claims('exchange_rate', 'salesforce', 'CRM', 'DatedConversionRate') }}
