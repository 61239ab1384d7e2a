{{ config(enabled=is_configured('netsuite'), materialized='view') }}

-- Journals that a later posted journal reverses, and those later ones: the two add up to nothing.
with pairs as (

    select original.connection, original.transaction_id as first_id, other.transaction_id as second_id
    from {{ ref('netsuite__documents') }} as original
    inner join {{ ref('netsuite__documents') }} as other
        on other.connection = original.connection and other.transaction_id = original.reversal_ref
    where original.is_posting and other.is_posting

)

select connection, first_id as transaction_id from pairs
union
select connection, second_id as transaction_id from pairs
