{{ config(materialized='view', schema='intermediate') }}

-- What customers that pay only against purchase orders have released to date: nothing when their agreement is signed, then one row
-- per purchase order with all that is released up to it. A purchase order counts from its day, and not before the version it pays
-- for. The agreements of other customers are funded as they are signed, and have no row.
with agreements as (

    select *
    from {{ ref('int_agreement__claims') }}
    where role = 'CRM' and claim_state = 'ok' and agreement_id is not null and is_purchase_order_required

),

versions as (

    select agreement_id, version_no, min(happened_on) as happened_on, min(period) as period
    from {{ ref('evidence_terms') }}
    where kind = 'signed' and obligation_key is not null
    group by agreement_id, version_no

),

signed as (

    select agreement_id, min(happened_on) as happened_on, min(period) as period from versions group by agreement_id

),

released as (

    select
        orders.agreement_id,
        orders.version_no,
        orders.funded_amount,
        orders.purchase_order_number,
        orders.connection,
        orders.object,
        orders.source_id,
        orders.row_id,
        greatest(versions.happened_on, coalesce(orders.ordered_on, versions.happened_on)) as happened_on,
        greatest(versions.period, coalesce({{ period_of('orders.ordered_on') }}, versions.period)) as period
    from {{ ref('int_purchase_order__claims') }} as orders
    inner join agreements on agreements.agreement_id = orders.agreement_id and agreements.currency = orders.currency
    inner join versions on versions.agreement_id = orders.agreement_id and versions.version_no = orders.version_no
    where orders.role = 'CRM' and orders.claim_state = 'ok' and orders.is_signed

)

select
    agreements.agreement_id,
    'funded' as kind,
    signed.happened_on,
    signed.period,
    cast(null as integer) as version_no,
    cast(null as string) as obligation_key,
    agreements.currency,
    cast(0 as decimal(18, 4)) as amount,
    cast(null as decimal(18, 8)) as quantity,
    cast(null as string) as unit,
    {{ json_of([('purchase_order', 'cast(null as string)')]) }} as attributes,
    agreements.connection,
    agreements.object,
    agreements.source_id,
    agreements.row_id,
    1 as records
from agreements
inner join signed on signed.agreement_id = agreements.agreement_id

union all

select
    agreement_id,
    'funded',
    happened_on,
    period,
    version_no,
    cast(null as string),
    cast(null as string),
    sum(funded_amount) over (
        partition by agreement_id order by period, happened_on, version_no, row_id rows between unbounded preceding and current row
    ),
    cast(null as decimal(18, 8)),
    cast(null as string),
    {{ json_of([('purchase_order', 'purchase_order_number')]) }},
    connection,
    object,
    source_id,
    row_id,
    1
from released
