{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Months of the books. Quarters, years and adjustment periods contain or follow them and are left out.
select
    row_id,
    connection,
    accounting_period_id,
    {{ period_of('start_on') }} as period,
    start_on,
    end_on,
    coalesce(is_closed, false) or coalesce(is_all_locked, false) as is_closed,
    coalesce(is_closed, false) or coalesce(is_all_locked, false) or coalesce(is_ar_locked, false) as is_ar_locked,
    closed_on
from {{ ref('stg_netsuite__accounting_periods') }}
where
    not coalesce(is_quarter, false)
    and not coalesce(is_year, false)
    and not coalesce(is_adjustment, false)
