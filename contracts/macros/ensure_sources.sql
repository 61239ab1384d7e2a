{# Relations other parts of Tieout fill; made empty where they are not there yet, so that a plain `dbt build` runs. #}
{% macro ensure_sources() -%}
    {%- for schema, name, columns in [
        ('raw', 'watermarks', 'connection string, watermark timestamp'),
        ('quarantine', 'keys', 'connection string, stream string, key string, row_id bigint, load_id string'),
        ('quarantine', 'rows', 'row_id bigint, connection string, stream string, load_id string, source string, '
            ~ 'source_row bigint, raw_row string, amount decimal(18, 4), currency string, status string, first_seen timestamp'),
        ('crosswalk', 'links', 'entity string, enterprise_id string, connection string, object string, source_id string, '
            ~ 'method string, status string, score decimal(6, 4), rule_version integer, valid_from timestamp, valid_to timestamp, is_primary boolean'),
    ] %}
    create schema if not exists {{ schema }};
    {%- if execute and not adapter.get_relation(target.database, schema, name) %}
    create table {{ schema }}.{{ name }} ({{ columns }});
    {%- endif %}
    {%- endfor %}
    {#- The hook's own transaction is rolled back by the adapter. #}
    {%- if target.type == 'duckdb' %}
    commit;
    begin transaction;
    {%- endif %}
{%- endmacro %}
