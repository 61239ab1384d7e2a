{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Lines of expense reports. A report is complete from approval by accounting on.
with claim as (

    select
        line.row_id,
        line.connection,
        line.unique_key as source_id,
        line.updated_at,
        line.psa_expense_id as expense_key,
        line.job_id as project_ref,
        header.entity_id as person_ref,
        line.posted_on as spent_on,
        abs(line.foreign_amount) as expense_amount,
        line.currency,
        line.memo as category,
        line.is_billable,
        case when line.is_posting or line.header_status in ('F', 'G', 'H', 'I') then 'approved' else 'submitted' end as state,
        line.transaction_id as report_ref,
        line.header_status as report_state,
        line.is_posting as is_posted,
        line.created_at
    from {{ ref('netsuite__lines') }} as line
    inner join {{ ref('netsuite__documents') }} as header
        on header.connection = line.connection and header.transaction_id = line.transaction_id
    where
        line.transaction_type = 'ExpRept' and not line.is_main_line and not line.is_tax_line and not line.is_voided

)

{{ claims('expense', 'netsuite', 'ERP', 'transactionline', missing=['approved_at']) }}
