{# Row identity: the version of a record that counts, the links to enterprise ids, and hashes. #}

{# Is a system among the configured connections? Its staging models are built only then. `registers` are the connections whose system
   claims no entity. #}
{% macro is_configured(system) -%}
    {%- set found = namespace(value=system in var('registers', {}).values()) -%}
    {%- for providers in var('claims', {}).values() -%}
        {%- for provider in providers if provider.system == system -%}{%- set found.value = true -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(found.value) }}
{%- endmacro %}

{# The configured connections of a system, as quoted names in a list for `in (...)`. #}
{% macro connections_of(system) -%}
    {%- set names = [] -%}
    {%- for providers in var('claims', {}).values() -%}
        {%- for provider in providers if provider.system == system and provider.connection not in names -%}
            {%- do names.append(provider.connection) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if names -%}'{{ names | sort | join("', '") }}'{%- else -%}null{%- endif -%}
{%- endmacro %}

{# Columns every staging model begins with: which landed row this is. #}
{% macro landed_row() -%}
    _row_id as row_id,
    _connection as connection,
    _load_id as load_id
{%- endmacro %}

{# The current version of every record of a stream: the row landed last for its key, unless a full load no longer held it.

   Row ids grow from load to load. For `large` streams the question is asked of the data once: a stream that never held a
   key twice is read as it is, and of one that did the rows a later one replaced are listed in a table beside the model. Its
   readers would else each look for them among millions of keys. #}
{% macro current_rows(system, stream, key, large=false) -%}
    {%- set landed_stream = source(system, stream | lower) -%}
    {%- set columns = [] -%}
    {%- for column in key -%}{%- do columns.append(adapter.quote(column)) -%}{%- endfor -%}
    {%- set is_built = execute and flags.WHICH in ('run', 'build') -%}
    {%- if large and is_built and has_single_versions(landed_stream, columns) -%}
    select * from {{ landed_stream }}
    {%- elif large -%}
    {%- set outdated = outdated_rows(landed_stream, columns) -%}
    select every_version.*
    from {{ landed_stream }} as every_version
    left join {{ written_once('outdated', outdated) if is_built else '(' ~ outdated ~ ')' }} as outdated
        on outdated._row_id = every_version._row_id
    where every_version._op <> 'D' and outdated._row_id is null
    {%- else -%}
    select every_version.*
    from {{ landed_stream }} as every_version
    inner join (
        select max(_row_id) as _row_id
        from {{ landed_stream }}
        group by _connection, {{ columns | join(', ') }}
    ) as latest
        on every_version._row_id = latest._row_id
    where every_version._op <> 'D'
    {%- endif -%}
{%- endmacro %}

{# The rows of a stream that a later row with their key replaces. #}
{% macro outdated_rows(landed_stream, columns) -%}
    select older._row_id
    from {{ landed_stream }} as older
    inner join (
        select _connection, {{ columns | join(', ') }}, max(_row_id) as latest_row_id
        from {{ landed_stream }}
        group by _connection, {{ columns | join(', ') }}
        having count(*) > 1
    ) as repeated
        on repeated._connection = older._connection
        {%- for column in columns %}
        and repeated.{{ column }} = older.{{ column }}
        {%- endfor %}
        and repeated.latest_row_id > older._row_id
{%- endmacro %}

{# Writes a select into a table named after the model and `what` it holds, before the model itself is written. #}
{% macro written_once(what, select) -%}
    {%- set relation = api.Relation.create(database=this.database, schema=this.schema, identifier=this.identifier ~ '__' ~ what) -%}
    {%- do run_query('create or replace table ' ~ relation ~ ' as ' ~ select) -%}
    {{ return(relation) }}
{%- endmacro %}

{# Whether a stream holds each key once and no deletion. Equal hashes of different keys only cost the longer way. #}
{% macro has_single_versions(relation, columns) -%}
    {%- set answer = run_query(
        'select count(*) as rows_landed, count(distinct ' ~ hash_of("concat_ws('|', _connection, " ~ columns | join(', ') ~ ')') ~ ') as records, '
        ~ "count(case when _op = 'D' then 1 end) as deletions from " ~ relation
    ) -%}
    {%- set row = answer.rows[0] -%}
    {{ return(row[0] == row[1] and row[2] == 0) }}
{%- endmacro %}

{# A 64-bit number for a text, the same on every engine that has xxhash or its twin. #}
{% macro hash_of(expression) -%}
    {{ return(adapter.dispatch('hash_of', 'tieout')(expression)) }}
{%- endmacro %}

{% macro duckdb__hash_of(expression) -%}
    hash({{ expression }})
{%- endmacro %}

{% macro spark__hash_of(expression) -%}
    xxhash64({{ expression }})
{%- endmacro %}

{# Host of a web or mail address without its `www.`, lower case: what identifies a company. #}
{% macro domain_of(address) -%}
    nullif(regexp_replace(regexp_replace(lower(trim({{ address }})), '^(https?://)?([^@/]*@)?(www[.])?', ''), '[/:?#].*$', ''), '')
{%- endmacro %}

{# Words for a billing type, however a system spells it -> tm, fixed_fee, managed_service, milestone, mixed. #}
{% macro billing_type_of(text) -%}
    case replace(replace(replace(lower({{ text }}), ' ', ''), '-', ''), '_', '')
        when 't&m' then 'tm' when 'tm' then 'tm' when 'timeandmaterials' then 'tm' when 'timeandmaterial' then 'tm'
        when 'fixedfee' then 'fixed_fee' when 'fixedprice' then 'fixed_fee'
        when 'managedservice' then 'managed_service' when 'managedservices' then 'managed_service'
        when 'milestone' then 'milestone' when 'milestones' then 'milestone'
        when 'mixed' then 'mixed'
    end
{%- endmacro %}

{# What the label of a signed version says it does to the backlog; null for a label that names no cause. #}
{% macro movement_cause_of(label) -%}
    case
        when lower({{ label }}) like '%renew%' then 'renewal'
        when lower({{ label }}) like '%cancel%' or lower({{ label }}) like '%terminat%' then 'cancellation'
        when lower({{ label }}) like '%reduc%' or lower({{ label }}) like '%decrease%' or lower({{ label }}) like '%downsell%'
            then 'reduction'
        when lower({{ label }}) like '%upsell%' or lower({{ label }}) like '%expan%' or lower({{ label }}) like '%increase%'
            or lower({{ label }}) like '%add-on%' or lower({{ label }}) like '%extension%' or lower({{ label }}) like '%cross-sell%'
            then 'upsell'
        when lower({{ label }}) like 'new%' or lower({{ label }}) like '%original%' then 'new'
    end
{%- endmacro %}

{# A text without its prefix; null when it does not begin with it. #}
{% macro without_prefix(text, prefix) -%}
    case when {{ text }} like '{{ prefix }}%' then substr({{ text }}, {{ prefix | length + 1 }}) end
{%- endmacro %}

{# The accounting book by its number: the first is the primary one. #}
{% macro book_of(accounting_book) -%}
    case when coalesce({{ accounting_book }}, '1') = '1' then 'primary' else 'book ' || {{ accounting_book }} end
{%- endmacro %}

{# How revenue is earned, from the name of the vendor's recognition rule. #}
{% macro revenue_method_of(rule) -%}
    case
        when lower({{ rule }}) like '%percent%' then 'percent_complete'
        when lower({{ rule }}) like '%outcome%' then 'on_outcome'
        when lower({{ rule }}) like '%straight%' or lower({{ rule }}) like '%ratable%' then 'straight_line'
        when lower({{ rule }}) like '%accept%' or lower({{ rule }}) like '%milestone%' or lower({{ rule }}) like '%event%'
            then 'milestone'
        when lower({{ rule }}) like '%charge%' or lower({{ rule }}) like '%incurred%' then 'as_charged'
    end
{%- endmacro %}

{# What an account is for: as the firm's table says, else as the vendor's type of account tells. #}
{% macro account_role_of(role, account_type) -%}
    coalesce({{ role }}, case lower({{ account_type }})
        when 'bank' then 'cash' when 'acctrec' then 'AR' when 'unbilledrec' then 'UR' when 'deferrevenue' then 'CL'
        when 'income' then 'revenue' when 'cogs' then 'cost' when 'expense' then 'cost' else 'other'
    end)
{%- endmacro %}

{# The part of an id that all its spellings share: the first 15 characters of a Salesforce id. #}
{% macro reference_key(system, id) -%}
    case when {{ system }} = 'salesforce' and length({{ id }}) in (15, 18) then substr({{ id }}, 1, 15) else {{ id }} end
{%- endmacro %}
