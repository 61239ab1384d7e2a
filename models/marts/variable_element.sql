{{ canonical('variable_element') }}
