-- The firm's figures by month, legal entity, currency and role, side by side. `*_amount` is the month's movement, `*_to_date_amount`
-- the sum up to its end; backlog, deferred and unbilled are balances at its end. Empty: the role does not hold the figure.
--
--   sold        CRM: activated order lines; PSA: prices of projects; ERP: sales order lines; REVREC: allocated amounts
--   backlog     what the role says was sold, less the revenue posted by the revenue subledger (REVREC)
--   billed      ERP: posted invoice and credit lines net of tax; CRM: its copies, less credits and the tax of the invoice they copy
--   delivered   PSA: approved work at its value (column `recognised_*` of that role)
--   recognised  REVREC: posted lines of actual plans; GL: revenue accounts
--   deferred    GL: contract liabilities; unbilled: GL: unbilled receivables and contract assets, document currency
--   cash        ERP: payments applied; CRM and PSA: what their copies note; GL: cash accounts
with agreement_entities as (

    select agreement_id, legal_entity_id, currency from {{ ref('agreement') }}

),

-- Movements of what each role holds: sold adds to the backlog, whatever consumes it is counted beside it.
sold_by_version as (

    select
        version.agreement_id,
        {{ period_of('coalesce(cast(version.activated_at as date), version.signed_on)') }} as period,
        'CRM' as role,
        'sold' as measure,
        version.delta_amount as amount,
        version.currency
    from {{ ref('int_agreement_version__claims') }} as version
    where version.role = 'CRM' and version.is_signed and version.claim_state = 'ok'

),

followers as (

    select
        claim.agreement_id,
        {{ period_of('cast(crm.signed_at as date)') }} as period,
        claim.role,
        'sold' as measure,
        claim.value_amount as amount,
        claim.currency
    from {{ ref('int_agreement__claims') }} as claim
    left join {{ ref('agreement') }} as crm on crm.agreement_id = claim.agreement_id
    where claim.role in ('PSA', 'ERP', 'REVREC') and claim.claim_state = 'ok'

    union all

    -- what an arrangement holds for an outcome was never ordered, and is earned like what was
    select
        claim.agreement_id,
        {{ period_of('cast(crm.signed_at as date)') }},
        'REVREC',
        'sold',
        claim.allocation_amount,
        claim.currency
    from {{ ref('int_obligation__claims') }} as claim
    left join {{ ref('agreement') }} as crm on crm.agreement_id = claim.agreement_id
    where claim.method = 'on_outcome' and claim.book = 'primary' and claim.claim_state = 'ok' and not coalesce(claim.is_return, false)

),

delivered as (

    select
        agreement_id, posting_period as period, 'PSA' as role, 'recognised' as measure, value_amount as amount,
        value_currency as currency
    from {{ ref('int_time_entry__valued') }}
    where is_approved and claim_state = 'ok' and agreement_id is not null and value_amount <> 0

    {%- for period, sign in [('counted_in', '-'), ('agreed_in', '')] %}

    union all

    select agreement_id, {{ period }}, 'PSA', 'recognised', {{ sign }}amount, currency
    from {{ ref('int_time_entry__rerated') }}
    {%- endfor %}

),

copies as (

    select
        agreement_id, period, role, 'billed' as measure, billed_amount as amount, currency
    from {{ ref('int_invoice__copies') }}
    where role = 'CRM' and state <> 'voided'

    union all

    select agreement_id, period, role, 'cash' as measure, paid_amount as amount, currency
    from {{ ref('int_invoice__claims') }}
    where role in ('CRM', 'PSA') and claim_state = 'ok' and state <> 'voided' and paid_amount <> 0

),

of_agreements as (

    select * from sold_by_version
    union all
    select * from followers
    union all
    select * from delivered
    union all
    select * from copies

),

placed as (

    select
        agreement_entities.legal_entity_id,
        coalesce(of_agreements.currency, agreement_entities.currency) as currency,
        of_agreements.period,
        of_agreements.role,
        of_agreements.measure,
        of_agreements.amount
    from of_agreements
    left join agreement_entities on agreement_entities.agreement_id = of_agreements.agreement_id

    union all

    select legal_entity_id, currency, period, role, 'billed' as measure, net_amount as amount
    from {{ ref('int_invoice_line__claims') }}
    where is_posted and claim_state = 'ok'

    union all

    select invoice.legal_entity_id, payment.currency, {{ period_of('payment.paid_on') }} as period, payment.role, 'cash' as measure, payment.paid_amount as amount
    from {{ ref('int_payment__claims') }} as payment
    left join {{ ref('int_invoice__claims') }} as invoice
        on invoice.connection = payment.connection and invoice.source_id = payment.invoice_ref
    where payment.role = 'ERP' and payment.kind = 'cash' and payment.claim_state = 'ok'

    union all

    select legal_entity_id, currency, period, role, 'recognised' as measure, revenue_amount as amount
    from {{ ref('int_revenue_line__claims') }}
    where status = 'posted' and book = 'primary' and claim_state = 'ok'

    union all

    select
        legal_entity_id,
        currency,
        period,
        'GL' as role,
        case account_role when 'revenue' then 'recognised' when 'CL' then 'deferred' when 'cash' then 'cash' else 'unbilled' end as measure,
        case when account_role in ('revenue', 'CL') then -document_amount else document_amount end as amount
    from {{ ref('int_journal_line__claims') }}
    where account_role in ('revenue', 'CL', 'UR', 'CA', 'cash') and book = 'primary' and claim_state = 'ok'

),

movements as (

    select
        period, legal_entity_id, currency, role,
        sum(case when measure = 'sold' then amount end) as sold,
        sum(case when measure = 'billed' then amount end) as billed,
        sum(case when measure = 'recognised' then amount end) as recognised,
        sum(case when measure = 'deferred' then amount end) as deferred,
        sum(case when measure = 'unbilled' then amount end) as unbilled,
        sum(case when measure = 'cash' then amount end) as cash
    from placed
    where period is not null
    group by period, legal_entity_id, currency, role

),

months as (

    select distinct period from movements where period <= {{ period_of(as_of()) }}

),

holders as (

    select distinct legal_entity_id, currency, role from movements

),

grid as (

    select
        months.period, holders.legal_entity_id, holders.currency, holders.role,
        movements.sold, movements.billed, movements.recognised, movements.deferred, movements.unbilled, movements.cash
    from months
    cross join holders
    left join movements
        on movements.period = months.period
        and movements.legal_entity_id is not distinct from holders.legal_entity_id
        and movements.currency is not distinct from holders.currency
        and movements.role = holders.role

),

totals as (

    select
        grid.*,
        {%- for measure in ['sold', 'billed', 'recognised', 'deferred', 'unbilled', 'cash'] %}
        sum({{ measure }}) over (
            partition by legal_entity_id, currency, role order by period rows between unbounded preceding and current row
        ) as {{ measure }}_to_date,
        {%- endfor %}
        sum(case when role = 'REVREC' then recognised end) over (
            partition by legal_entity_id, currency order by period range between unbounded preceding and current row
        ) as earned_to_date
    from grid

)

select
    period,
    legal_entity_id,
    currency,
    'primary' as book,
    role,
    cast(case when role in ('CRM', 'PSA', 'ERP', 'REVREC') then sold_to_date - coalesce(earned_to_date, 0) end as decimal(18, 4)) as backlog_amount,
    cast(sold as decimal(18, 4)) as sold_amount,
    cast(sold_to_date as decimal(18, 4)) as sold_to_date_amount,
    cast(billed as decimal(18, 4)) as billed_amount,
    cast(billed_to_date as decimal(18, 4)) as billed_to_date_amount,
    cast(recognised as decimal(18, 4)) as recognised_amount,
    cast(recognised_to_date as decimal(18, 4)) as recognised_to_date_amount,
    cast(deferred_to_date as decimal(18, 4)) as deferred_amount,
    cast(unbilled_to_date as decimal(18, 4)) as unbilled_amount,
    cast(cash as decimal(18, 4)) as cash_amount,
    cast(cash_to_date as decimal(18, 4)) as cash_to_date_amount
from totals
