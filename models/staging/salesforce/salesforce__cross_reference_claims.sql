{{ config(enabled=is_configured('salesforce'), materialized='view') }}

with claim as (

    select
        row_id, connection, account_id || '/ERP_Customer_Id__c' as source_id, updated_at, 'Account' as object,
        'customer' as from_entity, 'Account' as from_object, account_id as from_id, 'ERP_Customer_Id__c' as field,
        'ERP' as to_role, 'netsuite' as to_system, 'customer' as to_object, erp_customer_id as to_id
    from {{ ref('stg_salesforce__accounts') }}
    where erp_customer_id is not null and not coalesce(is_deleted, false)

    union all

    select
        row_id, connection, opportunity_id || '/PSA_Project_Id__c' as source_id, updated_at, 'Opportunity' as object,
        'opportunity' as from_entity, 'Opportunity' as from_object, opportunity_id as from_id, 'PSA_Project_Id__c' as field,
        'PSA' as to_role, 'kantata' as to_system, 'workspaces' as to_object, psa_project_id as to_id
    from {{ ref('stg_salesforce__opportunities') }}
    where psa_project_id is not null and not coalesce(is_deleted, false)

    union all

    select
        row_id, connection, erp_invoice_copy_id || '/ERP_Invoice_Id__c' as source_id, updated_at, 'ERP_Invoice__c' as object,
        'invoice' as from_entity, 'ERP_Invoice__c' as from_object, erp_invoice_copy_id as from_id, 'ERP_Invoice_Id__c' as field,
        'ERP' as to_role, 'netsuite' as to_system, 'transaction' as to_object, erp_invoice_id as to_id
    from {{ ref('stg_salesforce__erp_invoices') }}
    where erp_invoice_id is not null and not coalesce(is_deleted, false)

)

{{ claims('cross_reference', 'salesforce', 'CRM', 'claim.object') }}
