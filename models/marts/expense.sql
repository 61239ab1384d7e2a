{{ canonical('expense') }}
