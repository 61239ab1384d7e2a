{{ config(enabled=is_configured('salesforce')) }}

with current_rows as (

    {{ current_rows('salesforce', 'Contact', ['Id']) }}

)

select
    {{ landed_row() }},
    {{ as_salesforce_id('Id') }} as contact_id,
    {{ as_salesforce_id('AccountId') }} as account_id,
    {{ as_text('FirstName') }} as first_name,
    {{ as_text('LastName') }} as last_name,
    {{ as_text('Email') }} as email,
    {{ as_text('Title') }} as title,
    {{ as_salesforce_id('MasterRecordId') }} as master_record_id,
    {{ as_instant('CreatedDate') }} as created_at,
    {{ as_instant('LastModifiedDate') }} as modified_at,
    {{ as_instant('SystemModstamp') }} as updated_at,
    {{ as_boolean('IsDeleted') }} as is_deleted
from current_rows
