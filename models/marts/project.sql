{{ canonical('project') }}
