{{ config(tags=['computed'], materialized='table') }}

-- Posted revenue, up to the last month whose revenue run is done, that no term of a signed agreement covers at the end of that
-- month: the service has not begun, nobody has signed, the service was earned by days and had ended before, or there is no
-- agreement at all; with the corrections of the same obligation that are planned and not posted yet. A term is that of all
-- signed versions of the line, else of the agreement. What makes up for earlier months may come after the term.
with run as (

    select last_period as period from {{ ref('int_accounting_period__run') }}

),

terms as (

    select agreement_line_key, min(start_on) as start_on, max(end_on) as end_on
    from {{ ref('int_agreement__version_lines') }}
    where agreement_line_key is not null
    group by agreement_line_key

),

signatures as (

    select
        agreement_id,
        min(coalesce(signed_on, cast(activated_at as date))) as signed_on,
        max(coalesce(signed_on, cast(activated_at as date))) as changed_on
    from {{ ref('int_agreement_version__claims') }}
    where role = 'CRM' and claim_state = 'ok' and is_signed and agreement_id is not null
    group by agreement_id

),

judged as (

    select
        claims.*,
        coalesce(terms.start_on, agreement.start_on) as term_start_on,
        coalesce(terms.end_on, agreement.end_on) as term_end_on,
        signatures.signed_on,
        case
            when agreement.agreement_id is null then 'without an agreement'
            when signatures.signed_on is null or {{ period_of('signatures.signed_on') }} > run.period then 'before signature'
            when {{ period_of('coalesce(terms.start_on, agreement.start_on)') }} > run.period then 'before the start'
            when
                claims.method = 'straight_line' and not claims.is_catch_up
                and claims.period > {{ period_of('greatest(coalesce(terms.end_on, agreement.end_on), signatures.changed_on)') }} then 'after the end'
        end as outside
    from {{ ref('int_revenue_line__claims') }} as claims
    cross join run
    left join {{ ref('agreement') }} as agreement on agreement.agreement_id = claims.agreement_id
    left join terms on terms.agreement_line_key = claims.agreement_line_key
    left join signatures on signatures.agreement_id = claims.agreement_id
    where
        claims.claim_state = 'ok' and claims.book = 'primary' and claims.status = 'posted' and claims.period <= run.period
        and not claims.is_return

),

affected as (

    select connection, obligation_ref, min(outside) as outside, min(term_start_on) as term_start_on, max(term_end_on) as term_end_on,
        min(signed_on) as signed_on
    from judged
    where outside is not null
    group by connection, obligation_ref

),

counted as (

    select * from judged
    where outside is not null

    union all

    select
        claims.*,
        affected.term_start_on,
        affected.term_end_on,
        affected.signed_on,
        affected.outside
    from {{ ref('int_revenue_line__claims') }} as claims
    inner join affected on affected.connection = claims.connection and affected.obligation_ref = claims.obligation_ref
    where claims.claim_state = 'ok' and claims.book = 'primary' and claims.status = 'planned' and claims.is_catch_up

)

select
    row_id, connection, role, object, source_id, book, agreement_id, agreement_number, agreement_line_key, customer_id, legal_entity_id,
    connection || '/' || obligation_ref as obligation_key, obligation_ref, currency, revenue_amount as amount, period, outside,
    term_start_on, term_end_on, signed_on, hidden.term_row_count as hidden_row_count
from counted
cross join {{ ref('revenue_hidden_rows') }} as hidden
