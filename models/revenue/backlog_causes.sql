{{ config(materialized='table') }}

-- What every signed version moved of the backlog, in the month in which it counts: the deltas of its lines. Beside it the cause that follows
-- from the version (the first is new, later ones add, take away, or go on after the end of what was signed before) and what the CRM calls
-- it. `is_explained`: the label names a cause of the same direction; a renewal may come with a first version, and what takes away may be
-- called a reduction or a cancellation. `wanted_label` is what the firm calls this cause most often, else the cause itself.
with moved as (

    select
        agreement_id, version_no, currency, legal_entity_id, customer_id,
        min(period) as period,
        sum(amount) as amount
    from {{ ref('evidence') }}
    where
        kind = 'signed' and book = 'primary' and version_no is not null
        and {{ json_value('attributes', '$.is_signed') }} = 'true'
    group by agreement_id, version_no, currency, legal_entity_id, customer_id
    having sum(amount) <> 0

),

terms as (

    select agreement_id, version_no, min(start_on) as start_on, max(end_on) as end_on
    from {{ ref('int_agreement__version_lines') }}
    where agreement_id is not null
    group by agreement_id, version_no

),

continued as (

    select
        terms.agreement_id,
        terms.version_no,
        terms.start_on > max(earlier.end_on) as is_after_the_end
    from terms
    inner join terms as earlier on earlier.agreement_id = terms.agreement_id and earlier.version_no < terms.version_no
    group by terms.agreement_id, terms.version_no, terms.start_on

),

named as (

    select *
    from (
        select *, row_number() over (partition by agreement_id, version_no order by row_id) as place
        from {{ ref('int_agreement_version__claims') }}
        where role = 'CRM' and claim_state = 'ok' and is_signed and agreement_id is not null and version_no is not null
    ) as versions
    where place = 1

),

judged as (

    select
        named.row_id,
        named.connection,
        named.role,
        named.object,
        named.source_id,
        named.agreement_id,
        named.agreement_number,
        named.version_no,
        named.agreement_id || '/' || cast(named.version_no as string) as version_key,
        named.movement_label,
        named.movement_cause,
        moved.legal_entity_id,
        moved.customer_id,
        'primary' as book,
        moved.currency,
        moved.period,
        cast(moved.amount as decimal(18, 4)) as moved_amount,
        case
            when named.version_no = 1 then 'new'
            when moved.amount < 0 then 'reduction'
            when continued.is_after_the_end then 'renewal'
            else 'upsell'
        end as cause_of_version
    from named
    inner join moved on moved.agreement_id = named.agreement_id and moved.version_no = named.version_no
    left join continued on continued.agreement_id = named.agreement_id and continued.version_no = named.version_no

),

explained as (

    select
        judged.*,
        coalesce(
            movement_cause = cause_of_version
            or movement_cause = 'renewal' and cause_of_version = 'new'
            or movement_cause = 'upsell' and cause_of_version = 'renewal'
            or movement_cause = 'cancellation' and cause_of_version = 'reduction',
            false
        ) as is_explained
    from judged

),

labels as (

    select connection, cause, label
    from (
        select
            connection,
            movement_cause as cause,
            movement_label as label,
            row_number() over (partition by connection, movement_cause order by count(*) desc, movement_label) as place
        from explained
        where is_explained
        group by connection, movement_cause, movement_label
    ) as ranked
    where place = 1

)

select
    explained.*,
    cast(case when is_explained then moved_amount else 0 end as decimal(18, 4)) as explained_amount,
    coalesce(labels.label, upper(substr(cause_of_version, 1, 1)) || substr(cause_of_version, 2)) as wanted_label
from explained
left join labels on labels.connection = explained.connection and labels.cause = explained.cause_of_version
