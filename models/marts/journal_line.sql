{{ canonical('journal_line') }}
