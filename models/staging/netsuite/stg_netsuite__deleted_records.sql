{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'deletedrecord', ['recordid', 'type']) }}

)

select
    {{ landed_row() }},
    {{ as_text('recordid') }} as record_id,
    {{ as_text('recordtypeid') }} as record_type_id,
    {{ as_text('type') }} as record_type,
    {{ as_text('name') }} as record_name,
    {{ as_local_instant('deleteddate') }} as deleted_at
from current_rows
