{{ config(materialized='table') }}

-- Which signed version each system stands at, one row per signed agreement: the lowest and highest version of its
-- projects, its order's, and the highest version among the lines its obligations stem from. What is missing is worth the
-- change those versions make; a project ahead of the signature is worth its price beyond what was signed.
with signed as (

    select * from {{ ref('int_agreement__claims') }}
    where
        role = 'CRM' and claim_state = 'ok' and state <> 'draft' and agreement_id is not null and version_no is not null

),

projects as (

    select
        agreement_id,
        min(connection) as connection,
        min(version_no) as lowest_no,
        max(version_no) as highest_no,
        sum(budget_amount) as price_amount
    from {{ ref('int_project__survivors') }}
    where is_survivor and version_no is not null
    group by agreement_id

),

orders as (

    select
        agreement_id,
        min(connection) as connection,
        min(source_id) as source_id,
        max(version_no) as version_no,
        max(cap_amount) as cap_amount
    from {{ ref('int_agreement__claims') }}
    where role = 'ERP' and claim_state = 'ok' and agreement_id is not null and version_no is not null
    group by agreement_id

),

arrangements as (

    select agreement_id, min(connection) as connection, min(source_id) as source_id, max(version_no) as version_no
    from {{ ref('int_agreement__claims') }}
    where role = 'REVREC' and claim_state = 'ok' and agreement_id is not null and version_no is not null
    group by agreement_id

),

compared as (

    select
        signed.row_id,
        signed.connection,
        signed.role,
        signed.object,
        signed.source_id,
        signed.agreement_id,
        signed.agreement_number,
        signed.customer_id,
        signed.legal_entity_id,
        signed.currency,
        signed.value_amount,
        signed.cap_amount as signed_cap_amount,
        signed.version_no as signed_no,
        projects.lowest_no as psa_no,
        projects.highest_no as psa_highest_no,
        projects.price_amount as psa_price_amount,
        projects.connection as psa_connection,
        orders.version_no as erp_no,
        orders.connection as erp_connection,
        orders.source_id as order_ref,
        orders.cap_amount as order_cap_amount,
        arrangements.version_no as revrec_no,
        arrangements.connection as revrec_connection,
        arrangements.source_id as arrangement_ref,
        least(
            coalesce(projects.lowest_no, signed.version_no),
            coalesce(orders.version_no, signed.version_no),
            coalesce(arrangements.version_no, signed.version_no)
        ) as reached_no,
        greatest(
            coalesce(projects.highest_no, signed.version_no), coalesce(orders.version_no, signed.version_no)
        ) as farthest_no
    from signed
    left join projects on projects.agreement_id = signed.agreement_id
    left join orders on orders.agreement_id = signed.agreement_id
    left join arrangements on arrangements.agreement_id = signed.agreement_id

),

missing as (

    select
        compared.agreement_id,
        sum(versions.delta_amount) as delta_amount,
        min(versions.activated_at) as activated_at
    from compared
    inner join {{ ref('int_agreement_version__claims') }} as versions
        on versions.agreement_id = compared.agreement_id
        and versions.role = 'CRM' and versions.claim_state = 'ok' and versions.is_signed
        and versions.version_no > compared.reached_no and versions.version_no <= compared.signed_no
    group by compared.agreement_id

)

select
    compared.*,
    compared.reached_no < compared.signed_no as is_behind,
    compared.farthest_no > compared.signed_no as is_ahead,
    cast(
        case
            when compared.reached_no < compared.signed_no then abs(coalesce(missing.delta_amount, 0))
            when compared.psa_highest_no > compared.signed_no
                then abs(coalesce(compared.psa_price_amount, 0) - coalesce(compared.value_amount, 0))
            else 0
        end as decimal(18, 4)
    ) as gap_amount,
    missing.activated_at as due_from_at,
    case
        when coalesce(compared.psa_no, compared.signed_no) < compared.signed_no
            or coalesce(compared.psa_highest_no, compared.signed_no) > compared.signed_no then compared.psa_connection
        when coalesce(compared.erp_no, compared.signed_no) <> compared.signed_no then compared.erp_connection
        else compared.revrec_connection
    end as at_fault_connection,
    concat_ws(
        ', ',
        case when compared.psa_no < compared.signed_no then 'delivery' end,
        case when compared.erp_no < compared.signed_no then 'the order' end,
        case when compared.revrec_no < compared.signed_no then 'the revenue arrangement' end
    ) as lagging
from compared
left join missing on missing.agreement_id = compared.agreement_id
