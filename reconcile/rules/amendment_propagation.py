"""K11: a signed amendment reaches delivery, the order and the revenue arrangement, and nothing runs ahead of signature.

The highest activated version in the CRM against the version of the projects, of the sales order, and of the lines the
revenue arrangement stems from; an amendment has one business day. The break is worth what the missing versions change,
once per agreement however many systems lack them; a change of rates alone is worth nothing and still counts. A project
ahead of the signature is worth its price beyond the signed value.
Usual cause: the amendment flow only handles new business, or delivery raised the price before the customer signed. The
fix sends the missing version to each system that lacks it; a price ahead of the signature goes back to the signed one.
Values, terms, rates and schedules that differ for the same reason hang under this break.
"""

from __future__ import annotations

from typing import Any

from reconcile.rule import Evidence, MoneyKind, Queue, Rule, Severity, Shape, Side, Window

__all__ = ["RULE"]

#: The calls for one break, one select each: columns of `plan.py`'s candidates. {breaks} holds the breaks to correct.
_PRICE = """
select b.break_id, b.evidence_hash, b.correlation_id, b.owner, {kind} as kind, 'project' as entity,
  'price' as variant, p.connection, 'workspaces' as object, p.source_id as record_id,
  json_object('price', cast(coalesce(w.value_amount, 0) as decimal(18,2))) as vals, json_array() as precondition,
  json_array(json_object('field', 'price', 'from', cast(p.budget_amount as decimal(18,2)),
    'to', cast(coalesce(w.value_amount, 0) as decimal(18,2)))) as changes,
  'the price of the project follows version ' || g.signed_no || ' of ' || g.agreement_number as reason, 1 as step
from {breaks} as b
join intermediate.int_agreement__version_gaps as g using (agreement_id)
join intermediate.int_project__survivors as p on p.agreement_id = b.agreement_id and p.is_survivor
left join (select agreement_id, workstream, sum(value_amount) as value_amount
  from intermediate.int_agreement_line__claims where role = 'CRM' and claim_state = 'ok' group by all) as w
  on w.agreement_id = p.agreement_id and w.workstream is not distinct from p.workstream
where p.version_no {behind} g.signed_no and p.budget_amount <> coalesce(w.value_amount, 0)
"""

_FIELD = """
select b.break_id, b.evidence_hash, b.correlation_id, b.owner, 'REPLAY' as kind, 'agreement_version' as entity,
  'custom_field' as variant, p.connection, 'custom_field_values' as object, f.value_ref as record_id,
  json_object('value', {value}) as vals,
  json_array(json_object('field', 'value', 'op', 'eq', 'value', f.field_value)) as precondition,
  json_array(json_object('field', 'value', 'from', f.field_value, 'to', {value})) as changes,
  {reason} as reason, {step} as step
from {breaks} as b
join intermediate.int_agreement__version_gaps as g using (agreement_id)
join intermediate.int_project__survivors as p on p.agreement_id = b.agreement_id and p.is_survivor
join intermediate.int_project__field_values as f
  on f.connection = p.connection and f.project_ref = p.source_id and f.field_name = '{name}'
where p.version_no <> g.signed_no and {when}
"""

_ORDER = """
select b.break_id, b.evidence_hash, b.correlation_id, b.owner, 'REPLAY' as kind, 'agreement_version' as entity,
  'version' as variant, g.erp_connection as connection, 'salesOrder' as object, g.order_ref as record_id,
  json_object('version_no', g.signed_no, 'cap_amount', cast(g.signed_cap_amount as decimal(18,2)),
    'lines', coalesce(l.lines, json_array())) as vals,
  json_array(json_object('field', 'custbody_sow_version', 'op', 'eq', 'value', g.erp_no)) as precondition,
  json_array(json_object('field', 'custbody_sow_version', 'from', g.erp_no, 'to', g.signed_no)) as changes,
  'version ' || g.signed_no || ' of ' || g.agreement_number || ' joins the order' as reason, 4 as step
from {breaks} as b
join intermediate.int_agreement__version_gaps as g using (agreement_id)
left join (
  select v.agreement_id, to_json(list(json_object(
    'item', json_object('id', v.item_ref), 'quantity', case when v.is_reduction then -v.quantity else v.quantity end,
    'rate', v.unit_price, 'amount', cast(v.delta_amount as decimal(18,2)), 'description', v.line_name,
    'custcol_line_key', v.agreement_line_key, 'custcol_sf_order_item_id', v.source_id,
    'custcol_sow_version', v.version_no, 'custcol_billing_type', v.billing_label)
    order by v.version_no, v.source_id)) as lines
  from intermediate.int_agreement__version_lines as v
  join intermediate.int_agreement__version_gaps as h
    on h.agreement_id = v.agreement_id and v.version_no > h.erp_no and v.version_no <= h.signed_no
  group by v.agreement_id
) as l on l.agreement_id = b.agreement_id
where g.erp_no < g.signed_no
"""

_ARRANGEMENT = """
select b.break_id, b.evidence_hash, b.correlation_id, b.owner, 'ROUTE' as kind, 'obligation' as entity, '' as variant,
  g.revrec_connection as connection, 'revenuearrangement' as object, g.arrangement_ref as record_id,
  json_object() as vals, json_array() as precondition, json_array() as changes,
  'decide how version ' || g.signed_no || ' of ' || g.agreement_number || ' modifies the arrangement (separate, '
    || 'prospective or catch-up), then update it from the order' as reason, 5 as step
from {breaks} as b
join intermediate.int_agreement__version_gaps as g using (agreement_id)
where g.revrec_no < g.signed_no
"""


def _plan(_con: Any, breaks: str) -> str:
    """The calls that bring every system to the signed version, and back to it."""
    signed = f"(select * from {breaks} where coalesce(root_id, break_id) = break_id)"
    calls = [
        _PRICE.format(breaks=signed, kind="'REPLAY'", behind="<"),
        _PRICE.format(breaks=signed, kind="'REVERSE'", behind=">"),
        _FIELD.format(
            breaks=signed,
            name="SOW Version",
            value="cast(g.signed_no as varchar)",
            when="true",
            reason="'the project stands at version ' || g.signed_no || ' of ' || g.agreement_number",
            step=2,
        ),
        _FIELD.format(
            breaks=signed,
            name="NTE Amount",
            value="cast(cast(g.signed_cap_amount as decimal(18,2)) as varchar)",
            when="g.signed_cap_amount is not null and p.cap_amount is distinct from g.signed_cap_amount",
            reason="'the cap of version ' || g.signed_no || ' of ' || g.agreement_number",
            step=3,
        ),
        _ORDER.format(breaks=signed),
        _ARRANGEMENT.format(breaks=signed),
    ]
    listed = " union all ".join(f"({text})" for text in calls)
    return f"""
        with calls as ({listed}),
        numbered as (
          select *,
            cast(row_number() over (partition by break_id order by step, record_id) - 1 as integer) as correction
          from calls
        ),
        orders as (select break_id, min(correction) as number from numbered where step = 4 group by all)
        select n.* exclude (step), n.break_id as bundle, b.variance as impact, b.currency, '' as compensation,
          case when n.kind = 'ROUTE' then '{Queue.REVENUE_ACCOUNTING}' else n.owner end as queue,
          case when n.step = 5 and o.number is not null then [o.number] else cast([] as integer[]) end as after
        from numbered as n
        join {breaks} as b on b.break_id = n.break_id
        left join orders as o on o.break_id = n.break_id
    """


RULE = Rule(
    check="K11",
    name="amendment_propagation",
    entity="agreement",
    shape=Shape.SEQUENCE,
    sides=(
        Side(
            "CRM",
            "intermediate.int_agreement__version_gaps",
            amount="gap_amount",
        ),
    ),
    on=("agreement_id",),
    broken="is_behind or is_ahead",
    window=Window("reference.due_from_at", business_days=1),
    money_kind=MoneyKind.EXPOSURE,
    severity=Severity.S1,
    owner=Queue.FINANCE_OPERATIONS,
    at_fault="coalesce(reference.at_fault_connection, reference.connection)",
    cause="case when reference.is_behind "
    "then 'version ' || reference.signed_no || ' did not reach ' || reference.lagging "
    "else 'ahead of the signature' end",
    evidence=(
        Evidence("other", "intermediate.int_project__survivors", ("agreement_id",), where="is_survivor"),
        Evidence("other", "intermediate.int_agreement__claims", ("agreement_id",), where="role in ('ERP', 'REVREC')"),
        Evidence("reference", "intermediate.int_agreement_version__claims", ("agreement_id",), where="role = 'CRM'"),
    ),
    payload={
        "signed_no": "reference.signed_no",
        "psa_no": "reference.psa_no",
        "erp_no": "reference.erp_no",
        "revrec_no": "reference.revrec_no",
        "lagging": "case when reference.is_behind then 'has not reached ' || reference.lagging "
        "else 'is the last one signed, a project is ahead of it' end",
    },
    requires=(("CRM", "agreement"), ("CRM", "agreement_version"), ("PSA", "project"), ("ERP", "agreement")),
    caused_by=(("K01", "customer_id"),),
    title="{agreement_number}: version {signed_no} {lagging} ({money})",
    plan=_plan,
)
