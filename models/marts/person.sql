{{ canonical('person') }}
