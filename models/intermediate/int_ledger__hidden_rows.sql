-- Rows of the ledger and of the revenue schedules that are set aside, per connection: while there are any, a difference may be
-- one of them.
select connection, count(*) as hidden_row_count
from {{ source('quarantine', 'rows') }}
where
    status in ('open', 'discarded')
    and lower(stream) in (
        'transaction', 'transactionline', 'transactionaccountingline', 'account', 'accountingperiod', 'revenueelement', 'revenueplan',
        'revenueplanplannedrevenue'
    )
group by connection
