-- Debit equals credit in every posted document of every book.
select connection, book, document_ref, sum(amount) as difference
from {{ ref('int_journal_line__claims') }}
where claim_state = 'ok'
group by connection, book, document_ref
having sum(amount) <> 0
