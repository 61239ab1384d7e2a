{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        rate.row_id,
        rate.connection,
        rate.currency_rate_id as source_id,
        cast(null as timestamp) as updated_at,
        transaction_currency.currency as from_currency,
        base_currency.currency as to_currency,
        rate.effective_on,
        rate.exchange_rate
    from {{ ref('stg_netsuite__currency_rates') }} as rate
    inner join {{ ref('stg_netsuite__currencies') }} as transaction_currency
        on transaction_currency.connection = rate.connection
        and transaction_currency.currency_id = rate.transaction_currency_id
    inner join {{ ref('stg_netsuite__currencies') }} as base_currency
        on base_currency.connection = rate.connection and base_currency.currency_id = rate.base_currency_id

)

{{ claims('exchange_rate', 'netsuite', 'ERP', 'currencyrate') }}
