{{ config(enabled=is_configured('kantata')) }}

-- Tasks that were not deleted, with the firm's own fields.
select
    story.row_id,
    story.connection,
    story.story_id,
    story.workspace_id,
    story.title,
    story.story_type,
    story.state,
    story.is_billable,
    story.is_fixed_fee,
    story.planned_minutes,
    story.start_on,
    story.due_on,
    story.updated_at,
    fields.sow_line,
    fields.accepted_on
from {{ ref('stg_kantata__stories') }} as story
left join {{ ref('kantata__story_fields') }} as fields
    on fields.connection = story.connection and fields.story_id = story.story_id
where story.deleted_at is null
