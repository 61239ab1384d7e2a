{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'DatedConversionRate', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as dated_conversion_rate_id,
    {{ as_text('IsoCode') }} as currency,
    {{ as_rate('ConversionRate') }} as conversion_rate,
    {{ as_date('StartDate') }} as start_on,
    {{ as_date('NextStartDate') }} as next_start_on,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
