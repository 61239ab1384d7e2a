{{ config(enabled=is_configured('kantata')) }}

with current_rows as (

    {{ current_rows('kantata', 'external_payments', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as external_payment_id,
    {{ as_text('invoice_id') }} as invoice_id,
    {{ as_text('workspace_id') }} as workspace_id,
    {{ as_integer('amount_in_cents') }} as amount_minor_units,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as updated_at
from current_rows
