"""K01: a customer with a signed agreement exists in every system that has to serve it.

Every account of the CRM with an agreement that is signed or active is expected in the ERP, active, and as a company
group in the PSA, one business day after its first signature, be that of an open agreement or not. What is open today
needs it today: a customer is never history, however long ago it signed. Records are the same customer when the
systems' own references say so; names decide nothing here. The signed value of the account's open agreements is blocked
while a system lacks it; it counts once, in the ERP where both lack it.

Usually the event of the signature was lost: an expired token, a refused call. The correction creates the customer under
the account's id and writes the new ids back, so that the next signature finds it.
"""

from __future__ import annotations

from reconcile.rule import (
    ActionKind,
    BreakType,
    Correction,
    Field,
    MoneyKind,
    Nulls,
    Queue,
    Rule,
    Severity,
    Shape,
    Side,
    Window,
)

__all__ = ["RULE"]

_SIGNED_ACCOUNTS = """
with terms as (
    select
        agreement.customer_id,
        min_by(agreement.payment_terms, concat(cast(agreement.signed_at as varchar), agreement.source_id))
            filter (where agreement.payment_terms is not null) as payment_terms,
        min_by(agreement.currency, concat(cast(agreement.signed_at as varchar), agreement.source_id)) as first_currency,
        min_by(entity.source_id, concat(cast(agreement.signed_at as varchar), agreement.source_id))
            filter (where entity.source_id is not null) as subsidiary_ref
    from intermediate.int_agreement__claims as agreement
    left join intermediate.int_legal_entity__claims as entity
        on entity.role = 'ERP' and entity.legal_entity_code = agreement.legal_entity_code
    where agreement.role = 'CRM' and agreement.claim_state = 'ok' and agreement.state in ('signed', 'active')
    group by agreement.customer_id
),
groups as (
    select customer_id, min(source_id) as group_ref
    from intermediate.int_customer__claims
    where role = 'PSA' and claim_state = 'ok'
    group by customer_id
),
ledger as (
    select customer_id, min(source_id) as erp_ref
    from intermediate.int_customer__claims
    where role = 'ERP'
    group by customer_id
)
select
    account.*,
    exposure.signed_amount,
    exposure.currency as signed_currency,
    exposure.signed_on,
    terms.payment_terms as agreed_terms,
    terms.subsidiary_ref,
    currency_ids.currency_id,
    groups.group_ref,
    ledger.erp_ref
from intermediate.int_customer__claims as account
join intermediate.int_customer__exposure as exposure
    on exposure.customer_id = account.customer_id and exposure.agreement_count > 0
left join terms on terms.customer_id = account.customer_id
left join (select currency, min(currency_id) as currency_id from intermediate.int_currency__ids group by currency)
    as currency_ids on currency_ids.currency = terms.first_currency
left join groups on groups.customer_id = account.customer_id
left join ledger on ledger.customer_id = account.customer_id
where account.role = 'CRM'
"""

_CUSTOMERS = "intermediate.int_customer__claims"

RULE = Rule(
    check="K01",
    name="customer_everywhere",
    entity="customer",
    shape=Shape.PRESENCE,
    sides=(
        Side(
            "CRM", _SIGNED_ACCOUNTS, amount="signed_amount", currency="signed_currency", columns={"is_active": "true"}
        ),
        Side(
            "ERP",
            _CUSTOMERS,
            where="role = 'ERP'",
            amount="case when other.is_active then reference.signed_amount else 0 end",
        ),
        Side("PSA", _CUSTOMERS, where="role = 'PSA'"),
    ),
    on=("customer_id",),
    compare=(
        Field(
            "is_active",
            break_type=BreakType.INACTIVE,
            nulls=Nulls.SKIP_OTHER,
            title="{customer} has signed agreements and is switched off in {right_role} ({money} blocked)",
        ),
    ),
    keyless="a record no account refers to is nobody's customer yet",
    duplicates="K02 asks for customers that stand there twice",
    dated=":as_of",
    window=Window("reference.signed_on", business_days=1),
    money_kind=MoneyKind.EXPOSURE,
    money="case when follower = 'PSA' and reference.erp_ref is null then 0 else -reference.signed_amount end",
    severity=Severity.S2,
    owner=Queue.MASTER_DATA,
    cause="case when reference.erp_ref is null and reference.group_ref is null "
    "then 'the event of the signature was lost' when other.source_id is not null then 'switched off' "
    "else 'never created here' end",
    payload={
        "customer": "reference.customer_name",
        "account": "reference.source_id",
        "email": "reference.email",
        "domain": "reference.domain",
        "tax_id": "reference.tax_id",
        "terms": "reference.agreed_terms",
        "subsidiary_ref": "reference.subsidiary_ref",
        "currency_ref": "reference.currency_id",
        "group_ref": "reference.group_ref",
        "erp_ref": "reference.erp_ref",
    },
    requires=(("CRM", "customer"), ("CRM", "agreement"), ("ERP", "customer"), ("PSA", "customer")),
    caused_by=(("K77", "customer_id"),),
    title="{customer} has signed agreements and does not exist in {right_role} ({money} blocked)",
    corrections=(
        Correction(
            kind=ActionKind.CREATE,
            entity="customer",
            target_role="ERP",
            when="break_type = 'missing_right' and right_role = 'ERP'",
            external_id="account",
            values={
                "customer_name": "customer",
                "subsidiary_id": "subsidiary_ref",
                "currency_id": "currency_ref",
                "terms_id": "terms",
                "email": "coalesce(email, 'accounts.payable@' || domain)",
                "tax_id": "tax_id",
            },
            precondition=(("externalid", "absent", "null"),),
            changes=(("externalid", "null", "account"), ("companyname", "null", "customer")),
            compensation="deactivate",
            reason="{customer} has signed agreements and was never created in the ERP",
        ),
        Correction(
            kind=ActionKind.LINK,
            entity="customer",
            target_role="CRM",
            when="break_type = 'missing_right' and right_role = 'ERP'",
            target="account",
            values={"erp_customer_id": "'${result.1}'"},
            precondition=(("ERP_Customer_Id__c", "absent", "null"),),
            changes=(("ERP_Customer_Id__c", "null", "'${result.1}'"),),
            compensation="unlink",
            depends_on=(0,),
            reason="the account of {customer} keeps the number of the new customer",
        ),
        Correction(
            kind=ActionKind.LINK,
            entity="customer",
            variant="reference",
            target_role="PSA",
            when="break_type = 'missing_right' and right_role = 'ERP' and group_ref is not null",
            target="group_ref",
            values={
                "subject_type": "'WorkspaceGroup'",
                "subject_id": "group_ref",
                "service_name": "'netsuite'",
                "service_model": "'customer'",
                "service_model_ref": "'${result.1}'",
            },
            changes=(("netsuite/customer", "null", "'${result.1}'"),),
            depends_on=(0,),
            reason="the group of {customer} keeps the number of the new customer",
        ),
        Correction(
            kind=ActionKind.COMPLETE,
            entity="customer",
            variant="activate",
            target_role="ERP",
            when="break_type = 'inactive'",
            target="erp_ref",
            precondition=(("isinactive", "eq", "'true'"),),
            changes=(("isinactive", "'true'", "'false'"),),
            reason="{customer} has open agreements and is switched off in the ERP",
        ),
        Correction(
            kind=ActionKind.CREATE,
            entity="customer",
            target_role="PSA",
            when="break_type = 'missing_right' and right_role = 'PSA'",
            external_id="account",
            values={
                "customer_name": "customer",
                "email": "coalesce(email, 'accounts@' || domain)",
                "website": "'https://www.' || domain",
                "service_name": "'salesforce'",
                "service_model": "'Account'",
                "service_model_ref": "account",
            },
            changes=(("name", "null", "customer"), ("salesforce/Account", "null", "account")),
            reason="{customer} has signed agreements and no company group in the PSA",
        ),
        Correction(
            kind=ActionKind.LINK,
            entity="customer",
            variant="reference",
            target_role="PSA",
            when="break_type = 'missing_right' and right_role = 'PSA' and erp_ref is not null",
            target="'${result.5}'",
            values={
                "subject_type": "'WorkspaceGroup'",
                "subject_id": "'${result.5}'",
                "service_name": "'netsuite'",
                "service_model": "'customer'",
                "service_model_ref": "erp_ref",
            },
            changes=(("netsuite/customer", "null", "erp_ref"),),
            depends_on=(4,),
            reason="the new group of {customer} names the customer of the ERP",
        ),
    ),
)
