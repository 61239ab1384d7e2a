{{ config(enabled=is_configured('kantata')) }}

{{ validity_ranges('project', 'kantata__project_history', [
    'project_name', 'stage', 'is_archived', 'budget_amount', 'currency', 'start_on', 'end_on',
]) }}
