{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Everything posted, whichever document wrote it, in both the currency of the books and that of the document. A currency
-- revaluation changes what a balance is worth in the books and moves nothing in its own currency.
with revenue_journals as (

    select distinct connection, journal_id
    from {{ ref('stg_netsuite__planned_revenues') }}
    where journal_id is not null

),

claim as (

    select
        line.row_id,
        posting.connection,
        posting.accounting_book_id || '/' || posting.transaction_id || '/' || posting.line_id as source_id,
        line.updated_at,
        posting.connection || '/' || posting.accounting_book_id || '/' || posting.transaction_id || '/' || posting.line_id
            as journal_line_key,
        posting.transaction_id as document_ref,
        header.document_number,
        header.transaction_type as document_type,
        coalesce(line.line_no, try_cast(posting.line_id as integer)) as line_no,
        account.account_number,
        account.account_name,
        {{ account_role_of('roles.account_role', 'account.account_type') }} as account_role,
        coalesce(posting.debit_amount, 0) as debit_amount,
        coalesce(posting.credit_amount, 0) as credit_amount,
        coalesce(posting.debit_amount, 0) - coalesce(posting.credit_amount, 0) as amount,
        functional.currency as functional_currency,
        case when header.transaction_type = 'FxReval' then 0 else line.foreign_amount end as document_amount,
        header.currency,
        header.posted_on,
        header.period,
        line.agreement_number,
        line.revenue_arrangement_id as agreement_ref,
        line.subsidiary_id as legal_entity_ref,
        coalesce(header.transaction_type = 'Journal' and (
            revenue_journals.journal_id is not null or line.revenue_arrangement_id is not null
        ), false) as is_revenue_journal,
        header.reversal_ref,
        reversed.transaction_id is not null as is_reversed_pair,
        {{ book_of('posting.accounting_book_id') }} as book,
        coalesce(line.memo, header.memo) as memo
    from {{ ref('stg_netsuite__transaction_accounting_lines') }} as posting
    inner join {{ ref('netsuite__documents') }} as header
        on header.connection = posting.connection and header.transaction_id = posting.transaction_id
    left join {{ ref('netsuite__lines') }} as line
        on line.connection = posting.connection
        and line.transaction_id = posting.transaction_id
        and line.line_id = posting.line_id
    left join {{ ref('stg_netsuite__accounts') }} as account
        on account.connection = posting.connection and account.account_id = posting.account_id
    left join {{ ref('account_roles') }} as roles
        on cast(roles.account_number as string) = account.account_number
    left join {{ ref('stg_netsuite__subsidiaries') }} as subsidiary
        on subsidiary.connection = line.connection and subsidiary.subsidiary_id = line.subsidiary_id
    left join {{ ref('stg_netsuite__currencies') }} as functional
        on functional.connection = subsidiary.connection and functional.currency_id = subsidiary.currency_id
    left join revenue_journals
        on revenue_journals.connection = posting.connection and revenue_journals.journal_id = posting.transaction_id
    left join {{ ref('netsuite__reversed_documents') }} as reversed
        on reversed.connection = posting.connection and reversed.transaction_id = posting.transaction_id
    where posting.is_posting and not header.is_voided

)

{{ claims('journal_line', 'netsuite', 'ERP', 'transactionaccountingline') }}
