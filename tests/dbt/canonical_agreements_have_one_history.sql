-- Validity ranges of one record touch and never overlap.
{{ config(enabled=is_configured('salesforce')) }}
select connection, source_id, version_no, valid_from, valid_to
from {{ ref('agreement_history') }}
where valid_to < valid_from
