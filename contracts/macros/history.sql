{# Landed versions -> ranges of validity. A version holds from the moment its source changed it (the first one from its
   creation) until the next one; the last one still holds, unless it is a deletion. Rebuilt from landed rows each time. #}
{% macro validity_ranges(entity, versions, columns) -%}
with numbered as (

    select
        *,
        row_number() over (partition by connection, source_id order by row_id) as version_no
    from {{ ref(versions) }}

),

ranged as (

    select
        *,
        coalesce(case when version_no = 1 then created_at end, changed_at) as valid_from,
        lead(changed_at) over (partition by connection, source_id order by row_id) as valid_to,
        lead(version_no) over (partition by connection, source_id order by row_id) is null as is_last
    from numbered

)

select
    link.enterprise_id as {{ entity }}_id,
    ranged.connection,
    ranged.source_id,
    ranged.version_no,
    {%- for column in columns %}
    ranged.{{ column }},
    {%- endfor %}
    ranged.valid_from,
    ranged.valid_to,
    ranged.is_last and not ranged.is_deleted as is_current,
    ranged.is_deleted,
    ranged.row_id,
    ranged.load_id
from ranged
left join {{ ref('int_links') }} as link
    on link.entity = '{{ entity }}' and link.connection = ranged.connection and link.source_id = ranged.source_id
{%- endmacro %}
