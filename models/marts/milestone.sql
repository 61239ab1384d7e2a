{{ canonical('milestone') }}
