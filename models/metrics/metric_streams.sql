{{ config(tags=['computed']) }}

-- Rendered from contracts/metrics by `tieout render`; do not edit.
-- Streams that a metric needs and a firm need not export, by connection, and whether they were read.
select
    needed.metric,
    stated.connection,
    needed.stream,
    stated.status,
    stated.status in ('landed', 'unchanged') as is_read,
    stated.message
from (
    values
        ('utilisation_billable', 'workweeks'),
        ('utilisation_billable', 'workweek_memberships'),
        ('utilisation_billable', 'holidays'),
        ('utilisation_billable', 'holiday_calendar_associations'),
        ('utilisation_billable', 'holiday_calendar_memberships'),
        ('utilisation_billable', 'time_off_entries')
) as needed (metric, stream)
inner join {{ source('landed', 'streams') }} as stated on stated.stream = needed.stream
