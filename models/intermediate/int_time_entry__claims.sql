{{ linked_claims('time_entry') }}
