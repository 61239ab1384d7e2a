{{ canonical('agreement') }}
