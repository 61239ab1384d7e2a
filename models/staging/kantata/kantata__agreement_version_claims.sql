{{ config(enabled=is_configured('kantata'), materialized='view') }}

-- Kantata knows only which version it stands at.
with claim as (

    select
        min(row_id) as row_id,
        connection,
        sow_number || '/' || cast(max(sow_version) as string) as source_id,
        max(updated_at) as updated_at,
        sow_number as agreement_number,
        sow_number as agreement_ref,
        max(sow_version) as version_no
    from {{ ref('kantata__projects') }}
    where stage = 'project' and sow_number is not null and sow_version is not null
    group by connection, sow_number

)

{{ claims(
    'agreement_version', 'kantata', 'PSA', 'workspaces',
    missing=['kind', 'is_signed', 'signed_on', 'activated_at', 'delta_amount', 'currency', 'movement_label', 'movement_cause']
) }}
