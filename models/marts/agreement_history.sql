{{ config(enabled=is_configured('salesforce')) }}

{{ validity_ranges('agreement', 'salesforce__agreement_history', [
    'agreement_number', 'status', 'billing_type', 'legal_entity_code', 'currency', 'value_amount', 'cap_amount', 'start_on',
    'end_on', 'payment_terms', 'terminated_on',
]) }}
