{{ canonical('customer') }}
