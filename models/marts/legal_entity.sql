{{ canonical('legal_entity') }}
