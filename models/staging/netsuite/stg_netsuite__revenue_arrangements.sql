{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'revenuearrangement', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as revenue_arrangement_id,
    {{ as_text('tranid') }} as document_number,
    {{ as_date('trandate') }} as arranged_on,
    {{ as_text('subsidiary') }} as subsidiary_id,
    {{ as_text('accountingbook') }} as accounting_book_id,
    {{ as_boolean('compliant') }} as is_compliant,
    {{ as_text('entity') }} as entity_id,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
