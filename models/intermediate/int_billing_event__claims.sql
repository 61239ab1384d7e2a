{{ linked_claims('billing_event') }}
