{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- A view: millions of rows are read a few times, each time a few columns, which costs less than writing them all once more.

with current_rows as (

    {{ current_rows('netsuite', 'transactionaccountingline', ['accountingbook', 'transaction', 'transactionline'], large=true) }}

)

select
    {{ landed_row() }},
    {{ as_text('accountingbook') }} as accounting_book_id,
    {{ as_text('transaction') }} as transaction_id,
    {{ as_text('transactionline') }} as line_id,
    {{ as_text('account') }} as account_id,
    {{ as_amount('debit') }} as debit_amount,
    {{ as_amount('credit') }} as credit_amount,
    {{ as_amount('amount') }} as amount,
    {{ as_amount('netamount') }} as net_amount,
    {{ as_boolean('posting') }} as is_posting,
    {{ as_rate('exchangerate') }} as exchange_rate
from current_rows
