"""K77: every id of another system that a record holds leads to one record, and that record leads back.

Four things can be wrong with such a link. *Orphan*: the record it names is gone - deleted, or merged into another.
*Many to one*: the record it names is another one's counterpart. *Crossed*: the two directions, or two fields of one
record, name different records. *Half*: the record it names does not point back although its kind does. The short and
the long form of an id are the same; an account that was merged leads to the one that survived; a project that is
finished and switched off may still be named.

What is owed and still to be billed behind the id is at risk, once for each id; half a link costs nothing yet. The
holder of the wrong pointer is at fault, for half a link the record that lacks its direction. The correction writes the
right id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.rule import ActionKind, BreakType, Correction, MoneyKind, Queue, Rule, Severity, Shape

if TYPE_CHECKING:
    from reconcile.context import Context

__all__ = ["RULE"]

_BROKEN = """
    select
        link.*,
        case when link.break_type = 'half' then link.to_role else link.role end as fix_role,
        case when link.break_type = 'half' then link.target_connection else link.connection end as fix_connection,
        case when link.break_type = 'half' then link.target_id else link.from_id end as fix_id,
        case when link.break_type = 'half' then link.from_id else link.wanted_id end as fix_value,
        case when link.break_type <> 'half' then link.to_id end as old_value,
        row_number() over (
            partition by link.to_system, link.to_object, link.to_id
            order by
                case link.role when 'CRM' then 1 when 'PSA' then 2 else 3 end,
                link.connection, link.from_object, link.from_id
        ) as turn,
        coalesce(invoice.currency, agreement.currency, customer.currency, :base_currency) as money_currency,
        case
            when link.break_type = 'half' then 0
            when link.from_entity = 'invoice' then coalesce(invoice.unpaid_amount, 0)
            when link.from_entity = 'customer' then coalesce(customer.exposure_amount, 0)
            else coalesce(agreement.exposure_amount, 0)
        end as exposure
    from intermediate.int_cross_reference__judged as link
    left join intermediate.int_customer__exposure as customer
        on link.from_entity = 'customer' and customer.customer_id = link.customer_id
    left join intermediate.int_agreement__exposure as agreement
        on link.from_entity in ('project', 'opportunity', 'agreement') and agreement.agreement_id = link.agreement_id
    left join intermediate.int_invoice__claims as invoice
        on link.from_entity = 'invoice' and invoice.role = 'ERP' and invoice.connection = link.target_connection
        and invoice.source_id = link.target_id
    where link.break_type is not null
"""


def _candidates(_: Context) -> str:
    """One break per broken link."""
    return f"""
    with broken as ({_BROKEN}),
    priced as (select *, cast(case when turn = 1 then exposure else 0 end as decimal(18,4)) as money from broken)
    select
        concat_ws('/', connection, from_object, from_id) as entity_key,
        concat(to_object, '.', field) as field,
        break_type,
        case when break_type = 'half' then 'none' else 'exposure' end as money_kind,
        money as variance,
        money_currency as currency,
        case when break_type = 'half' then 'S3' else 'S2' end as severity,
        role as left_role, connection as left_connection, from_object as left_object, from_id as left_record,
        to_id as left_value, 0 as left_amount, money_currency as left_currency,
        to_role as right_role, target_connection as right_connection, to_object as right_object,
        target_id as right_record, case when break_type = 'half' then null else wanted_id end as right_value,
        money as right_amount, money_currency as right_currency,
        customer_id, agreement_id, project_id,
        fix_connection as at_fault,
        case break_type
            when 'orphan' then 'the record was deleted or merged'
            when 'crossed' then 'a second writer changed one direction'
            when 'many_to_one' then 'the id was copied from another record'
            else 'the id was not written back'
        end as cause,
        concat(
            from_object, ' ', from_id,
            case break_type
                when 'orphan' then ' points at ' || to_object || ' ' || to_id || ', which is not there'
                when 'crossed' then ' and ' || to_object || ' ' || to_id || ' name different records'
                when 'many_to_one'
                    then ' points at ' || to_object || ' ' || to_id || ', the counterpart of another record'
                else ' points at ' || to_object || ' ' || to_id || ', which does not point back'
            end
        ) as title,
        cast(json_object(
            'fix_role', fix_role, 'fix_id', fix_id, 'fix_value', fix_value, 'old_value', old_value, 'kind', from_entity,
            'holder', from_object, 'subject',
            case case when break_type = 'half' then to_object else from_object end
                when 'workspace_groups' then 'WorkspaceGroup' when 'workspaces' then 'Workspace'
                when 'invoices' then 'Invoice' end,
            'service', case when break_type = 'half' then system else to_system end,
            'model', case when break_type = 'half' then from_object else to_object end
        ) as varchar) as payload,
        list_filter([
            struct_pack(side := 'reference', row_id := cast(row_id as bigint), connection := connection,
                object := from_object, record_id := from_id, amount := cast(null as decimal(18,4)),
                currency := money_currency),
            struct_pack(side := 'other', row_id := cast(target_row_id as bigint), connection := target_connection,
                object := to_object, record_id := target_id, amount := money, currency := money_currency)
        ], lambda x: x.record_id is not null) as records
    from priced
    """


def _proof(_: Context) -> str:
    """The exposure of all broken links is that of the breaks written, and every link was judged."""
    return f"""
    with broken as ({_BROKEN})
    select 1 as side, 'money' as measure, currency, 0 as reference_total, sum(own) as other_total,
        -sum(found) as breaks, 0 as rows_read, 0 as rows_tested
    from (
        select money_currency as currency, exposure as own, 0 as found from broken where turn = 1
        union all
        select currency, 0, variance from _candidates where rule = 'cross_references'
    ) as terms
    group by currency
    union all
    select 1, 'rows', null,
        (select count(*) from intermediate.int_cross_reference__judged),
        (select count(*) from intermediate.int_cross_reference__judged where break_type is null),
        (select count(*) from _candidates where rule = 'cross_references'),
        (select count(*) from intermediate.int_cross_reference__judged),
        (select count(*) from intermediate.int_cross_reference__judged)
    """


def _write(entity: str, role: str, kind: str, field: str, values: dict[str, str], variant: str = "") -> Correction:
    """The right id into the field of the record that holds a wrong one or none."""
    return Correction(
        kind=ActionKind.LINK,
        entity=entity,
        variant=variant,
        target_role=role,
        when=f"fix_role = '{role}' and fix_value is not null and {kind}",
        target="fix_id",
        values=values,
        precondition=((field, "eq", "old_value"),) if field else (),
        changes=((field or "service_model_ref", "old_value", "fix_value"),),
        reason="{title}: the right one is {fix_value}",
    )


_REFERENCE = {
    "subject_type": "subject",
    "subject_id": "fix_id",
    "service_name": "service",
    "service_model": "model",
    "service_model_ref": "fix_value",
}

RULE = Rule(
    check="K77",
    name="cross_references",
    entity="cross_reference",
    shape=Shape.SEQUENCE,
    break_type=BreakType.ORPHAN,
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S2,
    owner=Queue.MASTER_DATA,
    sql=_candidates,
    proof=_proof,
    payload={
        name: name
        for name in (
            "fix_role",
            "fix_id",
            "fix_value",
            "old_value",
            "kind",
            "holder",
            "subject",
            "service",
            "model",
        )
    },
    requires=(("CRM", "cross_reference"), ("PSA", "cross_reference"), ("ERP", "cross_reference")),
    corrections=(
        _write("customer", "CRM", "kind = 'customer'", "ERP_Customer_Id__c", {"erp_customer_id": "fix_value"}),
        _write("customer", "ERP", "kind = 'customer'", "externalid", {"link_external_id": "fix_value"}),
        _write("customer", "PSA", "kind = 'customer'", "", _REFERENCE, "reference"),
        _write(
            "project", "CRM", "kind in ('project', 'opportunity')", "PSA_Project_Id__c", {"psa_project_id": "fix_value"}
        ),
        _write(
            "project",
            "ERP",
            "kind = 'project'",
            "externalid",
            {"link_external_id": "'KAN-' || fix_value"},
            "external_id",
        ),
        _write("project", "PSA", "kind in ('project', 'opportunity')", "", _REFERENCE, "reference"),
        Correction(
            kind=ActionKind.ROUTE,
            entity="cross_reference",
            target_role="CRM",
            when="fix_role = 'CRM' and (fix_value is null or kind not in ('customer', 'project', 'opportunity'))",
            target="fix_id",
            reason="{title}: find out which record is meant",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="cross_reference",
            target_role="PSA",
            when="fix_role = 'PSA' and (fix_value is null or kind not in ('customer', 'project', 'opportunity'))",
            target="fix_id",
            reason="{title}: find out which record is meant",
        ),
        Correction(
            kind=ActionKind.ROUTE,
            entity="cross_reference",
            target_role="ERP",
            when="fix_role = 'ERP' and (fix_value is null or kind not in ('customer', 'project', 'opportunity'))",
            target="fix_id",
            reason="{title}: find out which record is meant",
        ),
    ),
)
