{{ config(enabled=is_configured('netsuite'), materialized='view') }}

with claim as (

    select
        row_id,
        connection,
        revenue_element_id as source_id,
        updated_at,
        connection || '/' || revenue_element_id as obligation_key,
        sow_number as agreement_number,
        revenue_arrangement_id as agreement_ref,
        line_key as agreement_line_key,
        coalesce(item_name, source_label) as obligation_name,
        method,
        allocation_amount,
        currency,
        exchange_rate,
        start_on,
        end_on,
        subsidiary_id as legal_entity_ref,
        {{ book_of('accounting_book_id') }} as book,
        returned_element_id is not null as is_return,
        returned_element_id as returned_obligation_ref,
        credit_line_key as credit_line_ref,
        coalesce(needs_plan_update, false) as needs_plan_update,
        sow_version as version_no,
        is_rpo_exempt
    from {{ ref('netsuite__elements') }}

)

{{ claims(
    'obligation', 'netsuite', 'REVREC', 'revenueelement',
    staging='stg_netsuite__revenue_elements', staging_key='revenue_element_id', stream='revenueelement'
) }}
