-- Where the PSA keeps the firm's own fields of a project: each value is a record of its own, changed by its own id.
{%- if is_configured('kantata') %}
select
    connection,
    subject_id as project_ref,
    field_name,
    custom_field_value_id as value_ref,
    field_value
from {{ ref('stg_kantata__custom_field_values') }}
where lower(subject_type) = 'workspace'
{%- else %}
select
    cast(null as string) as connection,
    cast(null as string) as project_ref,
    cast(null as string) as field_name,
    cast(null as string) as value_ref,
    cast(null as string) as field_value
where false
{%- endif %}
