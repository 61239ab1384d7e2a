{{ canonical('revenue_line') }}
