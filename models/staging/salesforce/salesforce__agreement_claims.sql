{{ config(enabled=is_configured('salesforce'), materialized='view') }}

-- An agreement is signed when both parties have signed and a version of it is activated; a contract that is merely
-- marked Activated is not. Its value is the sum of its activated lines. It is terminated when its status says so, or when the day of
-- its termination has come: many firms keep the status of what was signed.
with activated as (

    select
        connection,
        contract_id,
        max(version_no) as version_no
    from {{ ref('stg_salesforce__orders') }}
    where status_code = 'Activated' and not coalesce(is_deleted, false)
    group by connection, contract_id

),

line_values as (

    select connection, contract_id, sum(delta_amount) as value_amount
    from {{ ref('salesforce__order_lines') }}
    group by connection, contract_id

),

deals as (

    select
        connection,
        contract_id,
        min_by(opportunity_id, concat(cast(created_at as string), opportunity_id)) as opportunity_id,
        min_by(opportunity_name, concat(cast(created_at as string), opportunity_id)) as opportunity_name
    from {{ ref('stg_salesforce__opportunities') }}
    where contract_id is not null and not coalesce(is_deleted, false)
    group by connection, contract_id

),

original_orders as (

    select connection, contract_id, min(opportunity_id) as opportunity_id
    from {{ ref('stg_salesforce__orders') }}
    where version_no = 1 and not coalesce(is_deleted, false)
    group by connection, contract_id

),

contracts as (

    select
        contract.*,
        case
            when contract.customer_signed_on is null then contract.company_signed_on
            when contract.company_signed_on is null then contract.customer_signed_on
            else greatest(contract.customer_signed_on, contract.company_signed_on)
        end as signed_on,
        coalesce(
            cast({{ plus_months('contract.start_on', 'contract.contract_term_months') }} - interval 1 day as date),
            contract.end_on
        ) as last_day
    from {{ ref('stg_salesforce__contracts') }} as contract
    where not coalesce(contract.is_deleted, false)

),

claim as (

    select
        contract.row_id,
        contract.connection,
        contract.contract_id as source_id,
        contract.updated_at,
        contract.sow_number as agreement_number,
        coalesce(deals.opportunity_name, contract.contract_number) as agreement_name,
        coalesce(survivor.surviving_account_id, contract.account_id) as customer_ref,
        coalesce(original_orders.opportunity_id, deals.opportunity_id) as opportunity_ref,
        contract.contracting_entity as legal_entity_code,
        case
            when contract.signed_on is null or activated.version_no is null then 'draft'
            when
                contract.status in ('Terminated', 'Expired') or contract.termination_on <= {{ as_of() }}
                or contract.last_day < {{ as_of() }} then 'ended'
            when contract.start_on <= {{ as_of() }} then 'active'
            else 'signed'
        end as state,
        {{ billing_type_of('contract.billing_type') }} as billing_type,
        contract.currency,
        line_values.value_amount,
        contract.nte_amount as cap_amount,
        cast(contract.signed_on as timestamp) as signed_at,
        contract.start_on,
        contract.last_day as end_on,
        contract.payment_terms,
        contract.is_advance_billing_allowed,
        contract.is_purchase_order_required,
        contract.status = 'Terminated' or coalesce(contract.termination_on <= {{ as_of() }}, false) as is_terminated,
        contract.termination_on as terminated_on,
        contract.termination_fee_amount,
        activated.version_no
    from contracts as contract
    left join activated on activated.connection = contract.connection and activated.contract_id = contract.contract_id
    left join line_values on line_values.connection = contract.connection and line_values.contract_id = contract.contract_id
    left join deals on deals.connection = contract.connection and deals.contract_id = contract.contract_id
    left join original_orders
        on original_orders.connection = contract.connection and original_orders.contract_id = contract.contract_id
    left join {{ ref('salesforce__account_survivors') }} as survivor
        on survivor.connection = contract.connection and survivor.account_id = contract.account_id

)

{{ claims(
    'agreement', 'salesforce', 'CRM', 'Contract',
    staging='stg_salesforce__contracts', staging_key='contract_id', stream='Contract'
) }}
