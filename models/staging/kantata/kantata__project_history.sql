{{ config(enabled=is_configured('kantata')) }}

-- Every landed version of every project, oldest first; a version that a full load no longer held is a deletion.
select
    {{ landed_row() }},
    {{ as_text('id') }} as source_id,
    {{ as_text('title') }} as project_name,
    {{ as_text('stage') }} as stage,
    coalesce({{ as_boolean('archived') }}, false) as is_archived,
    {{ minor_units(as_integer('price_in_cents'), as_integer('currency_base_unit')) }} as budget_amount,
    {{ as_text('currency') }} as currency,
    {{ as_date('start_date') }} as start_on,
    {{ as_date('due_date') }} as end_on,
    _op = 'D' as is_deleted,
    {{ as_instant('created_at') }} as created_at,
    {{ as_instant('updated_at') }} as changed_at
from {{ source('kantata', 'workspaces') }}
