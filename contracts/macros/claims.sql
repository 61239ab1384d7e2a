{# Claims: what one system says about one thing, in the columns of the entity's contract. #}

{# Closes the staging model of a claim. The model has a CTE `claim` with row_id, connection, source_id, updated_at and the
   entity's columns, except those listed in `missing`: what this system does not know. Each column gets the type of the
   contract.

   `staging` and `staging_key` name the staging model the claim is read from: rows of it that were set aside with a
   readable key join the claims as unreadable, and outdate an older version that could be read. `keys` are the entity's
   columns that hold the source id too. #}
{% macro claims(entity, system, role, object, missing=[], staging=none, staging_key=none, stream=none, keys=[]) -%}
    {%- set columns = entity_facts(entity)['columns'] -%}
    select
        cast(claim.row_id as bigint) as row_id,
        claim.connection,
        {{ role if role.startswith('claim.') else "'" ~ role ~ "'" }} as role,
        '{{ system }}' as system,
        {{ object if object.startswith('claim.') else "'" ~ object ~ "'" }} as object,
        claim.source_id,
        'ok' as claim_state,
        cast(claim.updated_at as timestamp) as updated_at
        {%- for name, type in columns %},
        {{ 'try_cast' if type == 'integer' else 'cast' }}({{ 'null' if name in missing else 'claim.' ~ name }} as {{ type }}) as {{ name }}
        {%- endfor %}
    from claim
    {%- if stream %}
    left join {{ last_set_aside(stream) }} as aside
        on aside.connection = claim.connection and aside.key = claim.source_id and aside.row_id > claim.row_id
    where aside.key is null

    union all

    select
        aside.row_id,
        aside.connection,
        '{{ role }}' as role,
        '{{ system }}' as system,
        '{{ stream }}' as object,
        aside.key as source_id,
        'unreadable' as claim_state,
        cast(null as timestamp) as updated_at
        {%- for name, type in columns %},
        cast({{ 'aside.key' if name in keys else 'null' }} as {{ type }}) as {{ name }}
        {%- endfor %}
    from {{ last_set_aside(stream) }} as aside
    left join {{ ref(staging) }} as readable
        on readable.connection = aside.connection
        and readable.{{ staging_key }} = aside.key
        and readable.row_id > aside.row_id
    where readable.connection is null and aside.connection in ({{ connections_of(system) }})
    {%- endif %}
{%- endmacro %}

{# The row as which each record of a stream was set aside last, by its key. #}
{% macro last_set_aside(stream) -%}
(
    select connection, key, max(row_id) as row_id
    from {{ source('quarantine', 'keys') }}
    where lower(stream) = '{{ stream | lower }}'
    group by connection, key
)
{%- endmacro %}

{# Every system's claims of an entity in one relation, without enterprise ids. Without any provider: no rows, right types. #}
{% macro all_claims(entity) -%}
    {%- set facts = entity_facts(entity) -%}
    {%- set meta = ['row_id', 'connection', 'role', 'system', 'object', 'source_id', 'claim_state', 'updated_at'] -%}
    {%- set names = meta + (facts['columns'] | map('first') | list) -%}
    {%- for provider in var('claims', {}).get(entity, []) %}
    select {{ names | join(', ') }}
    from {{ ref(provider.system ~ '__' ~ entity ~ '_claims') }}
    where connection = '{{ provider.connection }}' and role in ('{{ provider.roles | join("', '") }}')
    {% if not loop.last %}union all{% endif %}
    {%- else %}
    select
        cast(null as bigint) as row_id,
        {% for name in meta[1:7] -%}
        cast(null as string) as {{ name }},
        {% endfor -%}
        cast(null as timestamp) as updated_at
        {%- for name, type in facts['columns'] %},
        cast(null as {{ type }}) as {{ name }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}

{# The claims of an entity with the enterprise ids of everything they point at.

   A reference inside the same connection goes through the crosswalk; where a side only knows a number (agreement number,
   line key, code of a legal entity) the number leads to the id. What a record does not say itself it takes from its
   project, and what its project does not say from its agreement. #}
{% macro linked_claims(entity) -%}
    {%- set facts = entity_facts(entity) -%}
    {%- set names = facts['columns'] | map('first') | list -%}
    {%- set own = facts['own_id'] -%}
    {%- set has_project = 'project_ref' in names and entity != 'opportunity' -%}
    {%- set numbered = 'agreement_number' in names or 'agreement_line_key' in names or has_project -%}
    {%- set has_agreement = (numbered or 'agreement_ref' in names) and entity != 'agreement' -%}
    {%- set has_entity = 'legal_entity_ref' in names or 'legal_entity_code' in names -%}
with claims as (

    {{ all_claims(entity) }}

)

select
    claims.*
    {%- if own %},
    own_link.enterprise_id as {{ own }}
    {%- endif %}
    {%- if has_project %},
    project.project_id
    {%- elif entity == 'opportunity' %},
    project_link.enterprise_id as project_id
    {%- endif %}
    {%- if has_agreement %},
    coalesce(
        {%- if 'agreement_ref' in names %}agreement_link.enterprise_id, {% endif -%}
        agreement.agreement_id
        {%- if has_project %}, project.agreement_id{% endif -%}
    ) as agreement_id
    {%- endif %}
    {%- if own != 'customer_id' and ('customer_ref' in names or has_agreement) %},
    coalesce(
        {%- if 'customer_ref' in names %}customer_link.enterprise_id, {% endif -%}
        {%- if has_project %}project.customer_id, {% endif -%}
        {%- if has_agreement %}agreement.customer_id, {% endif -%}
        null
    ) as customer_id
    {%- endif %}
    {%- if 'person_ref' in names %},
    person_link.enterprise_id as person_id
    {%- endif %}
    {%- if 'opportunity_ref' in names %},
    coalesce(own_opportunity.enterprise_id, opportunity_link.enterprise_id) as opportunity_id
    {%- endif %}
    {%- if has_entity and own != 'legal_entity_id' %},
    {% if 'legal_entity_ref' in names %}legal_entity_link.enterprise_id{% else %}legal_entity.legal_entity_id{% endif %} as legal_entity_id
    {%- endif %}
from claims
{%- if own %}
left join {{ ref('int_links') }} as own_link
    on own_link.entity = '{{ entity }}'
    and own_link.connection = claims.connection
    and own_link.source_id = claims.source_id
{%- endif %}
{%- if has_project %}
left join {{ ref('int_project__keys') }} as project
    on project.connection = claims.connection
    and project.project_ref = claims.project_ref
{%- elif entity == 'opportunity' %}
left join {{ unambiguous_links('project') }} as project_link
    on project_link.source_id = claims.project_ref
{%- endif %}
{%- if has_agreement %}
{%- if 'agreement_ref' in names %}
left join {{ ref('int_links') }} as agreement_link
    on agreement_link.entity = 'agreement'
    and agreement_link.connection = claims.connection
    and agreement_link.source_id = claims.agreement_ref
{%- endif %}
left join {{ ref('int_agreement__keys') }} as agreement
    on agreement.agreement_number = coalesce(
        {%- if 'agreement_number' in names %}claims.agreement_number, {% endif -%}
        {%- if 'agreement_line_key' in names %}{{ agreement_number_of('claims.agreement_line_key') }}, {% endif -%}
        {%- if has_project %}project.agreement_number, {% endif -%}
        null
    )
{%- endif %}
{%- if own != 'customer_id' and 'customer_ref' in names %}
left join {{ ref('int_links') }} as customer_link
    on customer_link.entity = 'customer'
    and customer_link.connection = claims.connection
    and customer_link.source_id = claims.customer_ref
{%- endif %}
{%- if 'person_ref' in names %}
left join {{ ref('int_links') }} as person_link
    on person_link.entity = 'person'
    and person_link.connection = claims.connection
    and person_link.source_id = claims.person_ref
{%- endif %}
{%- if 'opportunity_ref' in names %}
left join {{ ref('int_links') }} as own_opportunity
    on own_opportunity.entity = 'opportunity'
    and own_opportunity.connection = claims.connection
    and own_opportunity.source_id = claims.opportunity_ref
left join {{ unambiguous_links('opportunity') }} as opportunity_link
    on opportunity_link.source_id = claims.opportunity_ref
{%- endif %}
{%- if has_entity and own != 'legal_entity_id' %}
{%- if 'legal_entity_ref' in names %}
left join {{ ref('int_links') }} as legal_entity_link
    on legal_entity_link.entity = 'legal_entity'
    and legal_entity_link.connection = claims.connection
    and legal_entity_link.source_id = claims.legal_entity_ref
{%- else %}
left join {{ ref('int_legal_entity__keys') }} as legal_entity
    on legal_entity.legal_entity_code = claims.legal_entity_code
{%- endif %}
{%- endif %}
{%- endmacro %}

{# The enterprise ids of an entity by source id alone, for a reference into another system that does not say which:
   only where one enterprise id has that source id. #}
{% macro unambiguous_links(entity) -%}
(
    select source_id, min(enterprise_id) as enterprise_id
    from {{ ref('int_links') }}
    where entity = '{{ entity }}'
    group by source_id
    having count(distinct enterprise_id) = 1
)
{%- endmacro %}

{# The system of a connection that provides an entity: it is not worth a column of millions of rows. #}
{% macro system_of(connection, entity) -%}
    case
        {%- for provider in var('claims', {}).get(entity, []) %}
        when {{ connection }} = '{{ provider.connection }}' then '{{ provider.system }}'
        {%- endfor %}
        when true then cast(null as string)
    end
{%- endmacro %}

{# Roles of an entity's field in the order in which their claims win, of those that somebody plays. #}
{% macro ranked_roles(entity, field='*') -%}
    {%- set played = [] -%}
    {%- for provider in var('claims', {}).get(entity, []) -%}
        {%- do played.extend(provider.roles) -%}
    {%- endfor -%}
    {%- set owners = var('ownership', {}).get(entity, {}) -%}
    {%- set ranked = [] -%}
    {%- for role in owners.get(field, owners.get('*', [])) + owners.get('*', []) if role in played and role not in ranked -%}
        {%- do ranked.append(role) -%}
    {%- endfor -%}
    {{ return(ranked) }}
{%- endmacro %}

{# What orders the claims of one thing: the rank of their role, then their id. #}
{% macro claim_order(entity, field='*') -%}
    concat(
        case {% for role in ranked_roles(entity, field) %}when role = '{{ role }}' then '{{ loop.index }}' {% endfor %}when true then '9' end,
        connection, source_id
    )
{%- endmacro %}

{# The canonical record of an entity, in the columns of its contract.

   Masters, and lines named by a key all sides know, take each field from the best role that says anything about it.
   Everything else is taken whole from the book of record. Claims that could not be read are in no mart. #}
{% macro canonical(entity) -%}
    {%- set facts = entity_facts(entity) -%}
    {%- set names = facts['columns'] | map('first') | list -%}
    {%- set provenance = ['connection', 'role', 'system', 'object', 'source_id', 'row_id', 'updated_at'] -%}
    {%- set own = facts['own_id'] -%}
    {%- set merged_by = own or ('agreement_line_key' if entity == 'agreement_line' else none) -%}
with claims as (

    select * from {{ ref('int_' ~ entity ~ '__claims') }} where claim_state = 'ok'

)

select
    {%- if merged_by %}
    {%- if own %}
    {{ own }},
    {%- endif %}
    {%- for name in names + facts['ids'] if name not in (own, merged_by) %}
    min_by({{ name }}, {{ claim_order(entity, name) }}) filter (where {{ name }} is not null) as {{ name }},
    {%- endfor %}
    {%- if not own %}
    {{ merged_by }},
    {%- endif %}
    {%- for name in provenance %}
    min_by({{ name }}, {{ claim_order(entity) }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from claims
where {{ merged_by }} is not null
group by {{ merged_by }}
    {%- else %}
    {{ (names + facts['ids'] + provenance) | join(',\n    ') }}
from claims
where
    role = '{{ (ranked_roles(entity) + ['none'])[0] }}'
    {%- for name in facts['key'] %}
    and {{ name }} is not null
    {%- endfor %}
    {%- endif %}
{%- endmacro %}

{# The number of the agreement a line key belongs to: SOW-2025-014/3 -> SOW-2025-014. Asked of every time entry, so without
   making a list of the key's parts. #}
{% macro agreement_number_of(line_key) -%}
    nullif(case when instr({{ line_key }}, '/') > 0 then substr({{ line_key }}, 1, instr({{ line_key }}, '/') - 1) else {{ line_key }} end, '')
{%- endmacro %}
