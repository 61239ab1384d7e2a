{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'entityaddress', ['nkey']) }}

)

select
    {{ landed_row() }},
    {{ as_text('nkey') }} as address_id,
    {{ as_text('addr1') }} as street,
    {{ as_text('city') }} as city,
    {{ as_text('state') }} as state,
    {{ as_text('zip') }} as postal_code,
    {{ as_text('country') }} as country
from current_rows
