{{ canonical('agreement_line') }}
