{{ canonical('accounting_period') }}
