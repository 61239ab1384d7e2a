{{ config(materialized='table') }}

-- Agreed rates as ranges that never overlap, as they are known now.
select agreement_id, agreement_number, role_name, hourly_rate, currency, effective_from_on, effective_to_on, row_id, connection, source_id
from {{ ref('int_rate__known') }}
where known_from = last_known_from
