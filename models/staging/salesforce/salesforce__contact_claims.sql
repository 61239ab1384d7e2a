{{ config(enabled=is_configured('salesforce'), materialized='view') }}

with claim as (

    select
        contact.row_id,
        contact.connection,
        contact.contact_id as source_id,
        contact.updated_at,
        coalesce(survivor.surviving_account_id, contact.account_id) as customer_ref,
        concat_ws(' ', contact.first_name, contact.last_name) as contact_name,
        contact.email,
        contact.title
    from {{ ref('stg_salesforce__contacts') }} as contact
    left join {{ ref('salesforce__account_survivors') }} as survivor
        on survivor.connection = contact.connection and survivor.account_id = contact.account_id
    where not coalesce(contact.is_deleted, false)

)

{{ claims('contact', 'salesforce', 'CRM', 'Contact') }}
