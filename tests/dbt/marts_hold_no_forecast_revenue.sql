-- Forecast plans never become revenue.
select revenue_line_key from {{ ref('revenue_line') }} where plan_type <> 'ACTUAL'
