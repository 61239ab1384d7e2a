{{ canonical('obligation') }}
