-- The practice of every project as each system has it, and whether the ERP's class of it may still be used.
select
    claims.connection,
    claims.role,
    claims.source_id,
    claims.project_id,
    claims.practice,
    {%- if is_configured('netsuite') %}
    job.classification_id as class_ref,
    not coalesce(class.is_inactive, false) as is_class_active
    {%- else %}
    cast(null as string) as class_ref,
    cast(null as boolean) as is_class_active
    {%- endif %}
from {{ ref('int_project__claims') }} as claims
{%- if is_configured('netsuite') %}
left join {{ ref('stg_netsuite__jobs') }} as job
    on job.connection = claims.connection and job.job_id = claims.source_id
left join {{ ref('stg_netsuite__classifications') }} as class
    on class.connection = job.connection and class.classification_id = job.classification_id
{%- endif %}
where claims.claim_state = 'ok'
