{{ canonical('rate') }}
