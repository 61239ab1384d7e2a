-- Margin of projects by month, up to the last month with a revenue run: revenue of the books less what the approved work cost
-- (`is_booked` false), and less the cost that the books put on the project: labour, subcontractors and overhead. Expenses and work of
-- other legal entities at recharge prices are in neither: they have checks of their own.
with run as (

    select last_period, ledger_connection from {{ ref('int_accounting_period__run') }}

),

projects as (

    select agreement_id, workstream, min(project_id) as project_id
    from {{ ref('int_project__survivors') }}
    where is_survivor
    group by agreement_id, workstream

),

earned as (

    select projects.project_id, lines.period, lines.currency, cast(sum(lines.revenue_amount) as decimal(18, 4)) as amount
    from {{ ref('int_revenue_line__claims') }} as lines
    inner join {{ ref('int_agreement_line__terms') }} as terms on terms.agreement_line_key = lines.agreement_line_key
    inner join projects on projects.agreement_id = terms.agreement_id and projects.workstream = terms.workstream
    where lines.claim_state = 'ok' and lines.book = 'primary' and lines.status = 'posted'
    group by projects.project_id, lines.period, lines.currency

),

costs as (

    select
        project_id, period, currency,
        min(agreement_id) as agreement_id,
        min(customer_id) as customer_id,
        sum(case when not is_booked then amount else 0 end) as due_amount,
        sum(case when is_booked then amount else 0 end) as booked_amount,
        cast(0 as decimal(18, 4)) as overhead_amount,
        min(case when is_booked then source_id end) as source_id,
        min_by(row_id, case when is_booked then source_id end) as row_id
    from {{ ref('project_costs') }}
    group by project_id, period, currency

    union all

    select
        lines.project_id, lines.period, lines.currency, min(lines.agreement_id), min(lines.customer_id), 0, sum(lines.amount), sum(lines.amount),
        min(lines.source_id), min_by(lines.row_id, lines.source_id)
    from {{ ref('int_ledger__costs') }} as lines
    inner join run on lines.period <= run.last_period
    where lines.kind = 'overhead'
    group by lines.project_id, lines.period, lines.currency

),

summed as (

    select
        project_id, period, currency,
        min(agreement_id) as agreement_id,
        min(customer_id) as customer_id,
        cast(sum(due_amount) as decimal(18, 4)) as due_amount,
        cast(sum(booked_amount) as decimal(18, 4)) as booked_amount,
        cast(sum(overhead_amount) as decimal(18, 4)) as overhead_amount,
        min(source_id) as source_id,
        min_by(row_id, source_id) as row_id
    from costs
    group by project_id, period, currency

),

stated as (

    select
        summed.*,
        coalesce(earned.amount, 0) as revenue_amount,
        agreement.legal_entity_id,
        periods.end_on,
        psa.row_id as psa_row_id,
        psa.connection as psa_connection,
        coalesce(psa.object, 'workspaces') as psa_object,
        psa.source_id as psa_source_id,
        run.ledger_connection
    from summed
    cross join run
    inner join {{ ref('int_calendar__periods') }} as periods on periods.period = summed.period
    left join earned on earned.project_id = summed.project_id and earned.period = summed.period and earned.currency = summed.currency
    left join {{ ref('agreement') }} as agreement on agreement.agreement_id = summed.agreement_id
    left join {{ ref('int_project__first_record') }} as psa on psa.project_id = summed.project_id

)

{% for booked in [false, true] -%}
select
    {% if booked -%}
    stated.row_id, stated.ledger_connection as connection, 'ERP' as role, 'transactionaccountingline' as object, stated.source_id,
    {%- else -%}
    stated.psa_row_id as row_id, stated.psa_connection as connection, 'PSA' as role, stated.psa_object as object, stated.psa_source_id as source_id,
    {%- endif %}
    'primary' as book,
    stated.project_id,
    stated.period,
    stated.end_on as posted_on,
    stated.agreement_id,
    stated.customer_id,
    stated.legal_entity_id,
    stated.currency,
    {{ booked | string | lower }} as is_booked,
    stated.revenue_amount,
    cast({{ 'stated.booked_amount' if booked else 'stated.due_amount' }} as decimal(18, 4)) as cost_amount,
    cast(stated.revenue_amount - {{ 'stated.booked_amount' if booked else 'stated.due_amount' }} as decimal(18, 4)) as margin_amount,
    stated.overhead_amount,
    {{ safe_divide(
        'stated.revenue_amount - ' ~ ('stated.booked_amount' if booked else 'stated.due_amount'), 'stated.revenue_amount', 4
    ) }} as margin,
    hidden.cost_row_count as hidden_row_count
from stated
cross join {{ ref('revenue_hidden_rows') }} as hidden
{{ 'union all' if not loop.last }}
{% endfor %}
