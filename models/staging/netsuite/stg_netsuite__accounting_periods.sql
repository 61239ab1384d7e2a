{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'accountingperiod', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as accounting_period_id,
    {{ as_text('periodname') }} as period_name,
    {{ as_date('startdate') }} as start_on,
    {{ as_date('enddate') }} as end_on,
    {{ as_date('closedondate') }} as closed_on,
    {{ as_boolean('closed') }} as is_closed,
    {{ as_boolean('alllocked') }} as is_all_locked,
    {{ as_boolean('arlocked') }} as is_ar_locked,
    {{ as_boolean('aplocked') }} as is_ap_locked,
    {{ as_boolean('isquarter') }} as is_quarter,
    {{ as_boolean('isyear') }} as is_year,
    {{ as_boolean('isadjust') }} as is_adjustment,
    {{ as_boolean('isposting') }} as is_posting
from current_rows
