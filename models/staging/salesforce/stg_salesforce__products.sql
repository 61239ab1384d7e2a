{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Product2', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as product_id,
    {{ as_text('Name') }} as product_name,
    {{ as_text('ProductCode') }} as product_code,
    {{ as_text('Family') }} as family,
    {{ as_boolean('IsActive') }} as is_active,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
