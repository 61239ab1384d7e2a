{{ config(materialized='table') }}

-- Documents that undo an earlier one, each with what it undoes and the month that belongs to: the two are one event, however
-- much later it was undone.
with linked as (

    select
        connection,
        document_ref,
        reversal_ref,
        min(document_type) as document_type,
        min(period) as period,
        min(posted_on) as posted_on
    from {{ ref('int_journal_line__claims') }}
    where claim_state = 'ok' and reversal_ref is not null
    group by connection, document_ref, reversal_ref

),

named as (

    select connection, document_ref from linked
    union
    select connection, reversal_ref from linked

),

documents as (

    select
        lines.connection,
        lines.document_ref,
        min(lines.document_type) as document_type,
        min(lines.period) as period,
        min(lines.posted_on) as posted_on
    from {{ ref('int_journal_line__claims') }} as lines
    inner join named on named.connection = lines.connection and named.document_ref = lines.document_ref
    where lines.claim_state = 'ok'
    group by lines.connection, lines.document_ref

),

pairs as (

    select connection, document_ref, reversal_ref as other_ref from linked
    union
    select connection, reversal_ref, document_ref from linked

)

select
    documents.connection,
    documents.document_ref,
    earlier.document_ref as origin_ref,
    earlier.document_type as origin_type,
    earlier.period as origin_period
from documents
inner join pairs
    on pairs.connection = documents.connection and pairs.document_ref = documents.document_ref
inner join documents as earlier
    on earlier.connection = pairs.connection and earlier.document_ref = pairs.other_ref
where
    earlier.posted_on < documents.posted_on
    or (earlier.posted_on = documents.posted_on and length(earlier.document_ref) < length(documents.document_ref))
    or (
        earlier.posted_on = documents.posted_on
        and length(earlier.document_ref) = length(documents.document_ref)
        and earlier.document_ref < documents.document_ref
    )
qualify
    row_number() over (
        partition by documents.connection, documents.document_ref
        order by earlier.posted_on, length(earlier.document_ref), earlier.document_ref
    ) = 1
