"""K05: a won deal with a signed agreement has its project.

Every workstream of an agreement that is signed and whose opportunity is won is expected as a project of the PSA, active
or archived, one day after the later of signature and activation of the first version. Projects are found by the number
of the agreement, else by the deal they refer to; a renewal may go on in the project of the agreement it renews (its
number with a suffix -R and a figure). An estimate is no project. The money is the share of the workstream's value that
its days without a project are of its term: the work that could not be planned, staffed or booked.

Usually the flow refused the deal because a field was empty and nobody read its mail. The field is completed at its
owner, the project created with the deal's reference, and its id written back to the deal.
"""

from __future__ import annotations

from reconcile.rule import ActionKind, Correction, MoneyKind, Queue, Rule, Severity, Shape, Side, Window

__all__ = ["RULE"]

_WON = """
with lines as (
    select
        agreement_id,
        coalesce(workstream, '-') as workstream,
        sum(value_amount) as workstream_amount,
        max(currency) as currency,
        case when count(distinct billing_type) = 1 then max(billing_type) else 'mixed' end as billing_type,
        row_number() over (partition by agreement_id order by min(line_no), coalesce(workstream, '-')) as place
    from intermediate.int_agreement_line__claims
    where role = 'CRM' and claim_state = 'ok' and agreement_id is not null
    group by agreement_id, coalesce(workstream, '-')
),
activated as (
    select agreement_id, min(activated_at) as activated_at
    from intermediate.int_agreement_version__claims
    where role = 'CRM' and claim_state = 'ok' and is_signed
    group by agreement_id
),
groups as (
    select customer_id, min(source_id) as group_ref
    from intermediate.int_customer__claims
    where role = 'PSA' and claim_state = 'ok'
    group by customer_id
),
usual as (
    select customer_id, currency, legal_entity_code, count(*) as agreements
    from intermediate.int_agreement__claims
    where role = 'CRM' and claim_state = 'ok' and legal_entity_code is not null and state <> 'draft'
    group by customer_id, currency, legal_entity_code
),
likely as (
    select currency, max_by(legal_entity_code, concat(lpad(cast(agreements as varchar), 9, '0'), legal_entity_code))
        as legal_entity_code
    from (
        select currency, legal_entity_code, sum(agreements) as agreements
        from usual
        group by currency, legal_entity_code
    ) as signed
    group by currency
),
own as (
    select customer_id, max_by(legal_entity_code, concat(lpad(cast(agreements as varchar), 9, '0'), legal_entity_code))
        as legal_entity_code
    from usual
    group by customer_id
),
practices as (
    select customer_id, min(practice) as practice
    from intermediate.int_project__claims
    where role = 'PSA' and claim_state = 'ok' and practice is not null
    group by customer_id
),
psa as (select min(connection) as psa_connection from intermediate.int_project__claims where role = 'PSA')
select
    deal.row_id, deal.connection, deal.role, deal.system, deal.object, deal.source_id, deal.claim_state,
    deal.opportunity_name,
    deal.project_ref,
    agreement.source_id as contract_ref,
    agreement.agreement_id,
    agreement.agreement_number,
    agreement.customer_id,
    agreement.legal_entity_code,
    coalesce(own.legal_entity_code, likely.legal_entity_code) as likely_entity_code,
    agreement.version_no,
    agreement.cap_amount,
    agreement.start_on,
    agreement.end_on,
    lines.workstream,
    lines.place,
    lines.billing_type,
    lines.workstream_amount,
    lines.currency,
    greatest(agreement.signed_at, coalesce(activated.activated_at, agreement.signed_at)) as ready_at,
    date_diff('day', agreement.start_on, agreement.end_on) + 1 as term_days,
    groups.group_ref,
    practices.practice,
    customer.customer_name,
    psa.psa_connection
from intermediate.int_opportunity__claims as deal
join intermediate.int_agreement__claims as agreement
    on agreement.opportunity_id = deal.opportunity_id and agreement.role = 'CRM' and agreement.claim_state = 'ok'
    and agreement.state <> 'draft'
join lines on lines.agreement_id = agreement.agreement_id
left join activated on activated.agreement_id = agreement.agreement_id
left join groups on groups.customer_id = agreement.customer_id
left join practices on practices.customer_id = agreement.customer_id
left join likely on likely.currency = agreement.currency
left join own on own.customer_id = agreement.customer_id
left join (
    select customer_id, min(customer_name) as customer_name
    from intermediate.int_customer__claims
    where role = 'CRM'
    group by customer_id
) as customer on customer.customer_id = agreement.customer_id
cross join psa
where deal.role = 'CRM' and deal.claim_state = 'ok' and deal.state = 'won'
"""

_PROJECTS = """
with projects as (
    select
        project.*,
        coalesce(project.agreement_id, deal.agreement_id) as served_id,
        coalesce(project.agreement_number, deal.agreement_number) as served_number
    from intermediate.int_project__claims as project
    left join (
        select opportunity_id, min(agreement_id) as agreement_id, min(agreement_number) as agreement_number
        from intermediate.int_agreement__claims
        where role = 'CRM' and claim_state = 'ok' and opportunity_id is not null
        group by opportunity_id
    ) as deal on deal.opportunity_id = project.opportunity_id
    where project.role = 'PSA' and (project.claim_state = 'unreadable' or project.state in ('active', 'archived'))
),
renewed as (
    select renewal.agreement_id, projects.workstream, projects.connection, projects.source_id
    from intermediate.int_agreement__claims as renewal
    join projects
        on projects.served_number = regexp_replace(renewal.agreement_number, '-R[0-9]+$', '')
        and projects.served_number <> renewal.agreement_number
    where renewal.role = 'CRM' and renewal.claim_state = 'ok'
)
select projects.* exclude (agreement_id, workstream), projects.served_id as agreement_id,
    coalesce(projects.workstream, '-') as workstream
from projects
union all
select projects.* exclude (agreement_id, workstream), renewed.agreement_id,
    coalesce(renewed.workstream, '-') as workstream
from renewed
join projects on projects.connection = renewed.connection and projects.source_id = renewed.source_id
"""

#: Full days from the end of the window to what both systems have been read to, never more than the term.
_DAYS_LATE = (
    "least(greatest(date_diff('second', reference.ready_at + interval 1 day, :now) // 86400, 0), reference.term_days)"
)
#: value x days / term, rounded once to the minor unit: whole numbers throughout.
_SCALE = "cast(minor_unit * 10000 as bigint)"
_MONEY = (
    f"-cast(((2 * cast(reference.workstream_amount * 10000 as hugeint) * {_DAYS_LATE} "
    f"+ {_SCALE} * reference.term_days) // (2 * {_SCALE} * reference.term_days)) * minor_unit as decimal(18,4))"
)

RULE = Rule(
    check="K05",
    name="won_without_project",
    entity="agreement",
    shape=Shape.PRESENCE,
    left=Side("CRM", _WON, amount="workstream_amount"),
    right=Side("PSA", _PROJECTS),
    on=("agreement_id", "workstream"),
    keyless="a project of no agreement is the firm's own",
    duplicates="K07 asks for projects that stand there twice",
    window=Window("reference.ready_at", days=1),
    money_kind=MoneyKind.EXPOSURE,
    money=_MONEY,
    severity=Severity.S2,
    owner=Queue.SERVICE_DELIVERY,
    at_fault="case when reference.legal_entity_code is null then reference.connection "
    "else coalesce(other.connection, reference.psa_connection) end",
    cause="case when reference.legal_entity_code is null then 'the contracting entity is empty' "
    "else 'the event was lost' end",
    payload={
        "deal": "reference.source_id",
        "contract": "reference.contract_ref",
        "sow": "reference.agreement_number",
        "workstream": "reference.workstream",
        "customer": "reference.customer_name",
        "value": "reference.workstream_amount",
        "days_late": _DAYS_LATE,
        "entity_code": "reference.legal_entity_code",
        "likely_entity_code": "reference.likely_entity_code",
        "version_no": "reference.version_no",
        "cap": "reference.cap_amount",
        "starts_on": "reference.start_on",
        "ends_on": "reference.end_on",
        "billing_type": "reference.billing_type",
        "group_ref": "reference.group_ref",
        "practice": "reference.practice",
        "is_first": "reference.place = 1",
        "psa_project": "reference.project_ref",
    },
    requires=(("CRM", "opportunity"), ("CRM", "agreement"), ("CRM", "agreement_line"), ("PSA", "project")),
    caused_by=(("K01", "customer_id"), ("K77", "agreement_id")),
    title="{sow} ({customer}) is won and signed, and has no project {workstream} after {days_late} days ({money})",
    corrections=(
        Correction(
            kind=ActionKind.COMPLETE,
            entity="agreement",
            target_role="CRM",
            when="entity_code is null and likely_entity_code is not null",
            target="contract",
            values={"legal_entity_code": "likely_entity_code"},
            precondition=(("Contracting_Entity__c", "absent", "null"),),
            changes=(("Contracting_Entity__c", "null", "likely_entity_code"),),
            compensation="clear",
            reason="the contract of {sow} names no contracting entity; {likely_entity_code} signs for this customer",
        ),
        Correction(
            kind=ActionKind.CREATE,
            entity="project",
            target_role="PSA",
            external_id="concat(deal, '/', workstream)",
            values={
                "title": "concat(customer, ' - ', workstream, ' (', sow, ')')",
                "currency": "currency",
                "price": "value",
                "start_on": "starts_on",
                "end_on": "ends_on",
                "workspace_group_id": "group_ref",
                "custom_fields": "json_merge_patch(json_object(), json_object('SOW Number', sow, "
                "'SOW Version', version_no, 'Workstream', nullif(workstream, '-'), "
                "'Billing Type', case billing_type when 'tm' then 'T&M' when 'fixed_fee' then 'Fixed Fee' "
                "when 'managed_service' then 'Managed Service' when 'milestone' then 'Milestone' else 'Mixed' end, "
                "'NTE Amount', cap, 'Legal Entity', coalesce(entity_code, likely_entity_code), 'Practice', practice))",
                "service_name": "'salesforce'",
                "service_model": "'Opportunity'",
                "service_model_ref": "deal",
            },
            changes=(("SOW Number", "null", "sow"), ("Workstream", "null", "workstream")),
            depends_on=(0,),
            reason="{sow} is signed and has no project for {workstream}",
        ),
        Correction(
            kind=ActionKind.LINK,
            entity="project",
            target_role="CRM",
            when="is_first = 'true' and psa_project is null",
            target="deal",
            values={"psa_project_id": "'${result.2}'"},
            precondition=(("PSA_Project_Id__c", "absent", "null"),),
            changes=(("PSA_Project_Id__c", "null", "'${result.2}'"),),
            compensation="unlink",
            depends_on=(1,),
            reason="the deal of {sow} keeps the number of its first project",
        ),
    ),
)
