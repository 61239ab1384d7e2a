{{ canonical('assignment') }}
