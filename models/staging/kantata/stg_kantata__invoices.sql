{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'invoices', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as invoice_id,
    {{ as_text('user_invoice_number') }} as invoice_number,
    {{ json_value(landed('workspace_ids'), '$[0]') }} as workspace_id,
    {{ as_text('status') }} as status,
    {{ as_boolean('draft') }} as is_draft,
    {{ as_integer('balance_in_cents') }} as balance_minor_units,
    {{ as_integer('currency_base_unit') }} as currency_base_unit,
    {{ as_text('currency') }} as currency,
    {{ as_rate('tax_rate') }} as tax_rate,
    {{ as_date('invoice_date') }} as issued_on,
    {{ as_date('due_date') }} as due_on,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
