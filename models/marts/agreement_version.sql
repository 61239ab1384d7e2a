{{ canonical('agreement_version') }}
