{{ config(enabled=is_configured('netsuite')) }}

with current_rows as (

    {{ current_rows('netsuite', 'customer', ['id']) }}

)

select
    {{ landed_row() }},
    {{ as_text('id') }} as customer_id,
    {{ as_text('entityid') }} as entity_number,
    {{ as_text('externalid') }} as external_id,
    {{ as_text('companyname') }} as company_name,
    {{ as_text('altname') }} as alternative_name,
    {{ as_boolean('isperson') }} as is_person,
    {{ as_text('firstname') }} as first_name,
    {{ as_text('lastname') }} as last_name,
    {{ as_text('parent') }} as parent_id,
    {{ as_text('searchstage') }} as stage,
    {{ as_text('currency') }} as currency_id,
    {{ as_text('terms') }} as payment_terms,
    {{ as_text('email') }} as email,
    {{ as_text('url') }} as url,
    {{ as_text('defaultbillingaddress') }} as billing_address_id,
    {{ as_text('custentity_tax_id') }} as tax_id,
    {{ as_boolean('isinactive') }} as is_inactive,
    {{ as_local_instant('datecreated') }} as created_at,
    {{ as_local_instant('lastmodifieddate') }} as updated_at
from current_rows
