-- The last month whose revenue run is done, else the last that is closed, the last that is closed, and the ledger that ran it.
select
    coalesce(max(last_recognised_period), max(last_closed_period)) as last_period,
    max(last_closed_period) as closed_period,
    max_by(connection, last_recognised_period) as ledger_connection
from {{ ref('int_accounting_period__now') }}
