{{ canonical('opportunity') }}
