{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('netsuite', 'charge', ['id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as charge_id,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('billto') }} as billed_entity_id,
    {{ as_text('stage') }} as stage,
    {{ as_text('use') }} as charge_use,
    {{ as_text('chargetype') }} as charge_type,
    {{ as_date('chargedate') }} as charged_on,
    {{ as_hours('quantity') }} as quantity,
    {{ as_rate('rate') }} as hourly_rate,
    {{ as_amount('amount') }} as charge_amount,
    {{ as_text('currency') }} as currency_id,
    {{ as_text('billingitem') }} as item_id,
    {{ as_text('timerecord') }} as timebill_id,
    {{ as_text('salesorder') }} as sales_order_id,
    {{ as_text('salesorderline') }} as sales_order_line,
    {{ as_text('invoice') }} as invoice_id,
    {{ as_text('invoiceline') }} as invoice_line,
    {{ as_text('rule') }} as rule_id,
    {{ as_text('runid') }} as run_id,
    {{ as_local_instant('createddate') }} as created_at,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
