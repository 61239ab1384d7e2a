{{ config(materialized='table') }}

-- Hours of each weekday (1 is Monday) that people work from a day on: those without a person hold for everybody of the
-- connection who has none of their own. One begins and the one before it ends, also where nobody wrote so. A workweek of a
-- person that gives no hours itself has those of the workweek it names.
{%- if is_configured('kantata') %}
{%- set weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] %}
with stated as (

    select
        connection,
        cast(null as string) as person_ref,
        workweek_id as stated_in,
        start_on,
        end_on
        {%- for day in weekdays %},
        {{ day }}_minutes
        {%- endfor %}
    from {{ ref('stg_kantata__workweeks') }}
    where coalesce(is_default, true)

    union all

    select
        own.connection,
        own.user_id as person_ref,
        own.workweek_membership_id as stated_in,
        own.start_on,
        own.end_on
        {%- for day in weekdays %},
        coalesce(own.{{ day }}_minutes, named.{{ day }}_minutes) as {{ day }}_minutes
        {%- endfor %}
    from {{ ref('stg_kantata__workweek_memberships') }} as own
    left join {{ ref('stg_kantata__workweeks') }} as named
        on named.connection = own.connection and named.workweek_id = own.workweek_id

),

ranged as (

    select
        stated.*,
        lead(start_on) over (partition by connection, person_ref order by start_on, stated_in) as next_on
    from stated

)

{% for day in weekdays -%}
select
    connection,
    person_ref,
    {{ loop.index }} as weekday,
    {{ hours_of_minutes(day ~ '_minutes') }} as hours,
    start_on,
    end_on,
    next_on
from ranged
{% if not loop.last -%}
union all
{% endif -%}
{% endfor -%}
{%- else %}
select
    cast(null as string) as connection,
    cast(null as string) as person_ref,
    cast(null as integer) as weekday,
    cast(null as decimal(18, 8)) as hours,
    cast(null as date) as start_on,
    cast(null as date) as end_on,
    cast(null as date) as next_on
where false
{%- endif %}
