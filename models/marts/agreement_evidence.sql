-- Every claim behind the figures of an agreement: what was sold, planned, ordered, allocated, billed, recognised and paid, one row per claim,
-- with the row of the export it was read from. Delivered work is not here: it is `time_entry`, which has its own rows.
with sold as (

    select
        agreement_id, 'sold' as measure, role, connection, object, source_id, row_id,
        cast(null as varchar) as period, coalesce(line_name, agreement_line_key) as label, value_amount as amount, currency
    from {{ ref('int_agreement_line__claims') }}
    where claim_state = 'ok'

),

planned as (

    select
        agreement_id, 'sold' as measure, role, connection, object, source_id, row_id,
        cast(null as varchar) as period, coalesce(project_name, project_code) as label, budget_amount as amount, currency
    from {{ ref('int_project__claims') }}
    where role = 'PSA' and claim_state = 'ok' and budget_amount is not null and state <> 'estimate'

),

allocated as (

    select
        agreement_id, 'sold' as measure, role, connection, object, source_id, row_id,
        cast(null as varchar) as period, obligation_name as label, allocation_amount as amount, currency
    from {{ ref('int_obligation__claims') }}
    where claim_state = 'ok' and not coalesce(is_return, false) and method is distinct from 'on_outcome'

),

billed as (

    select
        agreement_id, 'billed' as measure, role, connection, object, source_id, row_id,
        period, concat_ws(' ', document_number, line_name) as label, net_amount as amount, currency
    from {{ ref('int_invoice_line__claims') }}
    where claim_state = 'ok' and is_posted

),

copies as (

    select
        agreement_id, 'billed' as measure, role, connection, object, source_id, row_id,
        period, concat_ws(' ', document_number, state) as label, gross_amount - coalesce(credited_amount, 0) as amount, currency
    from {{ ref('int_invoice__claims') }}
    where claim_state = 'ok' and role in ('CRM', 'PSA') and gross_amount is not null

),

recognised as (

    select
        agreement_id, 'recognised' as measure, role, connection, object, source_id, row_id,
        period, concat_ws(' ', agreement_line_key, method) as label, revenue_amount as amount, currency
    from {{ ref('int_revenue_line__claims') }}
    where claim_state = 'ok' and status = 'posted'

),

ledger as (

    select
        agreement_id,
        case account_role when 'revenue' then 'recognised' when 'CL' then 'deferred' else 'unbilled' end as measure,
        'GL' as role, connection, object, source_id, row_id,
        period, concat_ws(' ', document_number, account_number, account_name) as label,
        case when account_role in ('revenue', 'CL') then -document_amount else document_amount end as amount, currency
    from {{ ref('int_journal_line__claims') }}
    where claim_state = 'ok' and account_role in ('revenue', 'CL', 'UR', 'CA') and book = 'primary'

),

paid as (

    select
        invoice.agreement_id, 'cash' as measure, payment.role, payment.connection, payment.object, payment.source_id, payment.row_id,
        {{ period_of('payment.paid_on') }} as period, concat_ws(' ', invoice.document_number, payment.kind) as label,
        payment.paid_amount as amount, payment.currency
    from {{ ref('int_payment__claims') }} as payment
    inner join {{ ref('int_invoice__claims') }} as invoice
        on invoice.connection = payment.connection and invoice.source_id = payment.invoice_ref
    where payment.claim_state = 'ok'

),

every_claim as (

    select * from sold
    union all
    select * from planned
    union all
    select * from allocated
    union all
    select * from billed
    union all
    select * from copies
    union all
    select * from recognised
    union all
    select * from ledger
    union all
    select * from paid

)

select
    claims.agreement_id, claims.measure, claims.role, claims.connection, claims.object, claims.source_id, claims.row_id, claims.period,
    claims.label,
    cast(claims.amount as decimal(18, 4)) as amount,
    claims.currency,
    case
        when copies.source_id is null then cast(claims.amount as decimal(18, 4))
        when copies.state <> 'voided' then copies.billed_amount
        when true then cast(0 as decimal(18, 4))
    end as held_amount
from every_claim as claims
left join {{ ref('int_invoice__copies') }} as copies
    on claims.measure = 'billed' and copies.connection = claims.connection and copies.object = claims.object
    and copies.source_id = claims.source_id
where claims.agreement_id is not null
