{{ config(enabled=is_configured('netsuite')) }}

-- Charges. The order line and the invoice line are named by the line's unique key, whichever of its two keys the charge holds.
with order_lines as (

    select connection, transaction_id, line_id, unique_key, agreement_line_key, agreement_number, job_id
    from {{ ref('netsuite__lines') }}
    where transaction_type = 'SalesOrd' and not is_main_line and not is_tax_line

),

order_keys as (

    select connection, transaction_id, line_id as key, unique_key, agreement_line_key, job_id from order_lines
    union
    select connection, transaction_id, unique_key as key, unique_key, agreement_line_key, job_id from order_lines

),

invoice_lines as (

    select connection, transaction_id, line_id, unique_key
    from {{ ref('netsuite__lines') }}
    where transaction_type = 'CustInvc' and not is_main_line and not is_tax_line

),

invoice_keys as (

    select connection, transaction_id, line_id as key, unique_key from invoice_lines
    union
    select connection, transaction_id, unique_key as key, unique_key from invoice_lines

),

time_keys as (

    select
        connection,
        timebill_id,
        job_id,
        coalesce(
            psa_time_entry_id, {{ without_prefix('external_id', 'KAN-TE-') }}, {{ without_prefix('external_id', 'TE-') }}
        ) as time_entry_key
    from {{ ref('stg_netsuite__timebills') }}

),

claim as (

    select
        charge.row_id,
        charge.connection,
        charge.charge_id as source_id,
        charge.updated_at,
        coalesce(
            {{ without_prefix('charge.external_id', 'KAN-BM-') }}, time_keys.time_entry_key, charge.external_id, charge.charge_id
        ) as billing_event_key,
        case
            when charge.timebill_id is not null then 'time'
            when charge.external_id like 'KAN-BM-%' or lower(charge.charge_type) like '%milestone%' then 'milestone'
            when charge.external_id like 'KAN-EX-%' or lower(charge.charge_type) like '%expense%' then 'expense'
            else 'other'
        end as kind,
        {{ without_prefix('charge.external_id', 'KAN-BM-') }} as milestone_key,
        time_keys.time_entry_key,
        charge.timebill_id as time_ref,
        coalesce(billed.job_id, time_keys.job_id, order_keys.job_id) as project_ref,
        coalesce(
            {{ agreement_number_of('order_keys.agreement_line_key') }}, orders.sow_number, billed.sow_number
        ) as agreement_number,
        order_keys.agreement_line_key,
        charge.charged_on as event_on,
        charge.quantity,
        charge.hourly_rate,
        charge.charge_amount as event_amount,
        currency.currency,
        case replace(replace(lower(charge.stage), '_', ''), '-', '')
            when 'hold' then 'held' when 'held' then 'held' when 'onhold' then 'held'
            when 'ready' then 'ready' when 'readyforbilling' then 'ready'
            when 'processed' then 'invoiced'
            when 'nonbillable' then 'waived'
        end as state,
        charge.invoice_id as invoice_ref,
        coalesce(invoice_keys.unique_key, charge.invoice_line) as invoice_line_ref,
        charge.sales_order_id as order_ref,
        coalesce(order_keys.unique_key, charge.sales_order_line) as order_line_ref,
        charge.created_at
    from {{ ref('stg_netsuite__charges') }} as charge
    left join {{ ref('netsuite__entities') }} as billed
        on billed.connection = charge.connection and billed.entity_id = charge.billed_entity_id
    left join time_keys
        on time_keys.connection = charge.connection and time_keys.timebill_id = charge.timebill_id
    left join {{ ref('netsuite__documents') }} as orders
        on orders.connection = charge.connection and orders.transaction_id = charge.sales_order_id
    left join order_keys
        on order_keys.connection = charge.connection
        and order_keys.transaction_id = charge.sales_order_id
        and order_keys.key = charge.sales_order_line
    left join invoice_keys
        on invoice_keys.connection = charge.connection
        and invoice_keys.transaction_id = charge.invoice_id
        and invoice_keys.key = charge.invoice_line
    left join {{ ref('stg_netsuite__currencies') }} as currency
        on currency.connection = charge.connection and currency.currency_id = charge.currency_id
    where coalesce(lower(charge.charge_use), 'actual') <> 'forecast'

)

{{ claims(
    'billing_event', 'netsuite', 'ERP', 'charge',
    staging='stg_netsuite__charges', staging_key='charge_id', stream='charge'
) }}
