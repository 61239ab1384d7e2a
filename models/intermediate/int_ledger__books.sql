{{ config(materialized='table') }}

-- Accounting books that a ledger keeps: the primary one, and those that something was posted or planned in. Revenue of other books
-- (another standard, say) is recomputed, and there is nothing to hold it against.
select 'primary' as book
union
select book from {{ ref('int_journal_line__claims') }} where claim_state = 'ok' and book is not null
union
select book from {{ ref('int_revenue_line__claims') }} where claim_state = 'ok' and book is not null
