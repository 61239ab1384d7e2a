{{ canonical('task') }}
