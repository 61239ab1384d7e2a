{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- The ERP knows an agreement as its sales order; revenue recognition as its arrangement. Order lines are negative, a
-- reduction is a positive line, so the value is the sum turned round. What an arrangement holds for outcomes is no part of what was
-- ordered.
with order_values as (

    select
        connection,
        transaction_id,
        -sum(foreign_amount) as value_amount,
        {{ billing_type_of("case when count(distinct billing_type) = 1 then max(billing_type) when count(billing_type) > 0 then 'Mixed' end") }}
            as billing_type
    from {{ ref('netsuite__lines') }}
    where transaction_type = 'SalesOrd' and not is_main_line and not is_tax_line
    group by connection, transaction_id

),

orders as (

    select
        header.row_id,
        header.connection,
        header.transaction_id as source_id,
        header.updated_at,
        'ERP' as role,
        'transaction' as object,
        header.sow_number as agreement_number,
        header.document_number as agreement_name,
        header.customer_id as customer_ref,
        subsidiary.external_id as legal_entity_code,
        order_values.billing_type,
        header.currency,
        order_values.value_amount,
        header.nte_amount as cap_amount,
        cast(null as date) as start_on,
        cast(null as date) as end_on,
        header.sow_version as version_no
    from {{ ref('netsuite__documents') }} as header
    left join order_values
        on order_values.connection = header.connection and order_values.transaction_id = header.transaction_id
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = header.connection and subsidiary.subsidiary_id = header.subsidiary_id
    where header.transaction_type = 'SalesOrd' and not header.is_voided and header.status <> 'C'

),

obligations as (

    select
        connection,
        revenue_arrangement_id,
        min(sow_number) as sow_number,
        case when count(distinct currency) = 1 then max(currency) end as currency,
        sum(case when returned_element_id is null and method is distinct from 'on_outcome' then allocation_amount end) as value_amount,
        min(case when returned_element_id is null then start_on end) as start_on,
        max(case when returned_element_id is null then end_on end) as end_on,
        max(sow_version) as version_no
    from {{ ref('netsuite__elements') }}
    where coalesce(accounting_book_id, '1') = '1'
    group by connection, revenue_arrangement_id

),

arrangements as (

    select
        arrangement.row_id,
        arrangement.connection,
        arrangement.revenue_arrangement_id as source_id,
        arrangement.updated_at,
        'REVREC' as role,
        'revenuearrangement' as object,
        obligations.sow_number as agreement_number,
        arrangement.document_number as agreement_name,
        coalesce(entity.customer_id, arrangement.entity_id) as customer_ref,
        subsidiary.external_id as legal_entity_code,
        cast(null as string) as billing_type,
        obligations.currency,
        obligations.value_amount,
        cast(null as decimal(18, 4)) as cap_amount,
        obligations.start_on,
        obligations.end_on,
        obligations.version_no
    from {{ ref('stg_netsuite__revenue_arrangements') }} as arrangement
    left join obligations
        on obligations.connection = arrangement.connection
        and obligations.revenue_arrangement_id = arrangement.revenue_arrangement_id
    left join {{ ref('netsuite__entities') }} as entity
        on entity.connection = arrangement.connection and entity.entity_id = arrangement.entity_id
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = arrangement.connection and subsidiary.subsidiary_id = arrangement.subsidiary_id
    where coalesce(arrangement.accounting_book_id, '1') = '1'

),

claim as (

    select * from orders
    union all
    select * from arrangements

)

{{ claims(
    'agreement', 'netsuite', 'claim.role', 'claim.object',
    missing=[
        'opportunity_ref', 'state', 'signed_at', 'payment_terms', 'is_advance_billing_allowed', 'is_purchase_order_required',
        'is_terminated', 'terminated_on', 'termination_fee_amount'
    ]
) }}
