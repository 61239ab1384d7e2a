{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Kantata knows an agreement as the projects that carry its number. Its value is the price of those projects, a copy of a
-- project not counted twice; its cap is the highest of theirs, because each carries the cap of the whole agreement.
with claim as (

    select
        min_by(row_id, concat(cast(created_at as string), workspace_id)) as row_id,
        connection,
        sow_number as source_id,
        max(updated_at) as updated_at,
        sow_number as agreement_number,
        min_by(title, concat(cast(created_at as string), workspace_id)) as agreement_name,
        min_by(workspace_group_id, concat(cast(created_at as string), workspace_id)) as customer_ref,
        min_by(opportunity_id, concat(cast(created_at as string), workspace_id)) as opportunity_ref,
        min_by(legal_entity_code, concat(cast(created_at as string), workspace_id)) as legal_entity_code,
        {{ billing_type_of("case when count(distinct billing_type) = 1 then max(billing_type) else 'Mixed' end") }} as billing_type,
        case when count(distinct currency) = 1 then max(currency) end as currency,
        sum(case when is_survivor then price_amount end) as value_amount,
        max(nte_amount) as cap_amount,
        min(start_on) as start_on,
        max(due_on) as end_on,
        max(sow_version) as version_no
    from {{ ref('kantata__projects') }}
    where stage = 'project' and sow_number is not null
    group by connection, sow_number

)

{{ claims(
    'agreement', 'kantata', 'PSA', 'workspaces',
    missing=[
        'state', 'signed_at', 'payment_terms', 'is_advance_billing_allowed', 'is_purchase_order_required', 'is_terminated',
        'terminated_on', 'termination_fee_amount'
    ]
) }}
