{# Relations are written in place: no intermediate relation, no renaming, no backup. A build starts from an unfinished
   warehouse or fails as a whole, and readers look at published snapshots only; so nothing is gained by keeping the old
   relation until the new one stands, and dbt's steps to do so cost more than most models. #}

{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
  {{ return(written_in_place('table', create_table_as(False, this.incorporate(type='table'), compiled_code))) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb', supported_languages=['sql'] %}
  {{ return(written_in_place('view', create_view_as(this.incorporate(type='view'), compiled_code))) }}
{% endmaterialization %}

{% macro written_in_place(kind, statements) %}
  {%- set existing = load_cached_relation(this) -%}
  {{ run_hooks(pre_hooks) }}
  {% call statement('main') -%}
    {%- if existing is not none %}drop {{ existing.type }} if exists {{ existing }};{% endif %}
    {{ statements }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [this.incorporate(type=kind)]}) }}
{% endmacro %}
