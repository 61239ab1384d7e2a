{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('netsuite', 'transactionline', ['transaction', 'id'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('transaction') }} as transaction_id,
    {{ as_text('id') }} as line_id,
    {{ as_text('uniquekey') }} as unique_key,
    {{ as_integer('linesequencenumber') }} as line_no,
    {{ as_boolean('mainline') }} as is_main_line,
    {{ as_boolean('taxline') }} as is_tax_line,
    {{ as_text('item') }} as item_id,
    {{ as_text('itemtype') }} as item_type,
    {{ as_text('entity') }} as entity_id,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_text('duetofromsubsidiary') }} as counterparty_subsidiary_id,
    {{ as_boolean('eliminate') }} as is_eliminated,
    {{ as_text('class') }} as classification_id,
    {{ as_hours('quantity') }} as quantity,
    {{ as_rate('rate') }} as hourly_rate,
    {{ as_amount('foreignamount') }} as foreign_amount,
    {{ as_amount('netamount') }} as net_amount,
    {{ as_text('createdfrom') }} as created_from_id,
    {{ as_text('revenueelement') }} as revenue_element_id,
    {{ as_boolean('needsrevenueelement') }} as needs_revenue_element,
    {{ as_boolean('isbillable') }} as is_billable,
    {{ as_boolean('isclosed') }} as is_closed,
    {{ as_text('memo') }} as memo,
    {{ as_text('custcol_line_key') }} as line_key,
    {{ as_salesforce_id('custcol_sf_order_item_id') }} as sf_order_item_id,
    {{ as_integer('custcol_sow_version') }} as sow_version,
    {{ as_text('custcol_billing_type') }} as billing_type,
    {{ as_text('custcol_psa_expense_id') }} as psa_expense_id,
    {{ as_text('custcol_credited_line') }} as credited_line_key,
    {{ as_text('custcol_rev_arrangement') }} as revenue_arrangement_id,
    {{ as_text('custcol_supplier') }} as supplier_id,
    {{ as_local_instant('linelastmodifieddate') }} as updated_at
from current_rows
