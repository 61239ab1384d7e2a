{# Tests the rendered contracts use. #}

{# No two rows share these columns. #}
{% test unique_together(model, columns) %}
select {{ columns | join(', ') }}, count(*) as rows_found
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{# The predicate holds in every row where it can be judged. #}
{% test holds(model, predicate) %}
select *
from {{ model }}
where not ({{ predicate }})
{% endtest %}
