"""K02: no customer stands in one system twice.

The customers of the ERP among themselves, and the accounts of the CRM likewise. Two records are one customer when their
folded name, tax number, domain, city and postal code say so together: from a likeness of 0.98 it is sure, from 0.92 a
person looks. A parent and its subsidiary, a customer and its projects, leads and persons are never taken for copies;
what a person has told apart stays apart. The record the other systems know stays, else the older one; what is owed and
still to be billed on the younger one is at risk of being chased, credited or limited wrongly.

Usually somebody typed the customer by hand while the integration brought it. The copy is merged, with what hangs on it.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side

__all__ = ["RULE"]

_ALIKE = """
with pairs as (
    select score, left_connection as connection, left_object as object, left_source_id as one,
        right_source_id as other
    from crosswalk.suggestions
    where entity = 'customer' and kind = 'duplicate' and status = 'review'
),
both_ways as (
    select connection, object, one, other, score from pairs
    union all
    select connection, object, other, one, score from pairs
    union all
    select connection, object, one, one, null from pairs
    union all
    select connection, object, other, other, null from pairs
),
known as (
    select customer_id, count(distinct connection) as systems
    from intermediate.int_customer__claims
    where claim_state = 'ok' and customer_id is not null
    group by customer_id
),
customers as (
    select
        customer.*,
        row_number() over (
            order by known.systems desc, customer.created_at nulls last, length(customer.source_id), customer.source_id
        ) as place
    from intermediate.int_customer__claims as customer
    join known on known.customer_id = customer.customer_id
    where customer.claim_state = 'ok'
),
near as (
    select both_ways.connection, both_ways.object, both_ways.one, min(customers.place) as place,
        max(both_ways.score) as score
    from both_ways
    join customers
        on customers.connection = both_ways.connection and customers.object = both_ways.object
        and customers.source_id = both_ways.other
    group by both_ways.connection, both_ways.object, both_ways.one
),
grouped as (
    select both_ways.connection, both_ways.object, both_ways.one, min(near.place) as place, max(near.score) as score
    from both_ways
    join near
        on near.connection = both_ways.connection and near.object = both_ways.object and near.one = both_ways.other
    group by both_ways.connection, both_ways.object, both_ways.one
)
select
    customers.*,
    kept.customer_id as kept_id,
    cast(near.score as decimal(6, 4)) as likeness,
    coalesce(exposure.exposure_amount, 0) as exposure_amount,
    exposure.currency as exposure_currency,
    coalesce(exposure.receivable_amount, 0) as receivable_amount
from grouped
join customers
    on customers.connection = grouped.connection and customers.object = grouped.object
    and customers.source_id = grouped.one
join near on near.connection = grouped.connection and near.object = grouped.object and near.one = grouped.one
join customers as kept on kept.place = grouped.place
left join intermediate.int_customer__exposure as exposure on exposure.customer_id = customers.customer_id
"""

RULE = Rule(
    check="K02",
    name="duplicate_customers",
    entity="customer",
    shape=Shape.DUPLICATE,
    sides=(Side("ERP", _ALIKE, amount="exposure_amount", currency="coalesce(exposure_currency, :base_currency)"),),
    on=("connection", "kept_id"),
    keep="place",
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.MASTER_DATA,
    cause="case when other.likeness >= 0.98 then 'entered twice' else 'probably entered twice' end",
    facts={"customer_id": "reference.customer_id"},
    payload={
        "kept": "reference.source_id",
        "kept_name": "reference.customer_name",
        "copy": "other.source_id",
        "copy_name": "other.customer_name",
        "copy_id": "other.customer_id",
        "likeness": "other.likeness",
        "owed": "other.receivable_amount",
    },
    requires=(("ERP", "customer"),),
    title="{copy_name} looks like {kept_name} once more, with {money} on it",
    corrections=(
        Correction(
            kind=ActionKind.MERGE,
            entity="customer",
            target_role="ERP",
            when="right_role = 'ERP'",
            target="copy",
            precondition=(("isinactive", "eq", "'false'"),),
            changes=(("mergedinto", "null", "kept"),),
            reason="{copy_name} ({copy}) is {kept_name} ({kept}): merge it, with everything that hangs on it",
        ),
        Correction(
            kind=ActionKind.MERGE,
            entity="customer",
            target_role="CRM",
            when="right_role = 'CRM'",
            target="copy",
            precondition=(("IsDeleted", "eq", "'false'"),),
            changes=(("MasterRecordId", "null", "kept"),),
            reason="account {copy_name} ({copy}) is {kept_name} ({kept}): merge it, with everything that hangs on it",
        ),
    ),
)
