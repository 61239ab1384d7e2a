{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'subsidiary', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as subsidiary_id,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('name') }} as subsidiary_name,
    {{ as_text('fullname') }} as full_name,
    {{ as_text('legalname') }} as legal_name,
    {{ as_text('currency') }} as currency_id,
    {{ as_text('country') }} as country,
    {{ as_text('parent') }} as parent_id,
    {{ as_boolean('iselimination') }} as is_elimination,
    {{ as_boolean('isinactive') }} as is_inactive,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
