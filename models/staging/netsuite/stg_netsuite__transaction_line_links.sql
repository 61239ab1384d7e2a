{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'nexttransactionlinelink', ['previousdoc', 'previousline', 'nextdoc', 'nextline', 'linktype'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('previousdoc') }} as previous_transaction_id,
    {{ as_text('previousline') }} as previous_line_id,
    {{ as_text('previoustype') }} as previous_type,
    {{ as_text('nextdoc') }} as next_transaction_id,
    {{ as_text('nextline') }} as next_line_id,
    {{ as_text('nexttype') }} as next_type,
    {{ as_text('linktype') }} as link_type,
    {{ as_amount('foreignamount') }} as foreign_amount,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
