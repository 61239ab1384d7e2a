{{ canonical('exchange_rate') }}
