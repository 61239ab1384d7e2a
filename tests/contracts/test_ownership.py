from __future__ import annotations

from typing import Any

import pytest

from contracts.entity import entities
from contracts.errors import ConfigError
from contracts.ownership import Queue, load_ownership
from contracts.roles import Role


def test_every_entity_and_field_has_one_owner() -> None:
    ownership = load_ownership()
    for entity, contract in entities().items():
        for field in ("", *(column.name for column in contract.columns)):
            assert ownership.group(entity, field).owner in Role


def test_terms_pass_to_the_erp_when_the_agreement_is_signed() -> None:
    group = load_ownership().group("agreement", "value_amount")
    assert group.passes is not None
    assert (group.owner, group.passes.to) == (Role.CRM, Role.ERP)


def test_signed_terms_are_compared_with_the_signed_version() -> None:
    assert load_ownership().reference("agreement", "value_amount") is Role.CRM


def test_the_fallback_is_asked_after_the_owner() -> None:
    assert load_ownership().ranked("person") == (Role.HCM, Role.PSA, Role.ERP)


def test_the_narrowest_override_wins() -> None:
    ownership = load_ownership(
        [
            {"entity": "invoice", "owner": "BILLING"},
            {"entity": "invoice", "legal_entity": "UK", "owner": "PSA"},
            {"entity": "invoice", "connection": "netsuite", "owner": "ERP", "queue": "revenue_accounting"},
        ]
    )
    assert ownership.group("invoice").owner is Role.BILLING
    assert ownership.group("invoice", connection="netsuite").owner is Role.ERP
    both = ownership.group("invoice", connection="netsuite", legal_entity="UK")
    assert (both.owner, both.queue) == (Role.PSA, Queue.REVENUE_ACCOUNTING)


def test_an_override_with_two_limits_holds_where_both_do() -> None:
    ownership = load_ownership(
        [
            {"entity": "invoice", "legal_entity": "UK01", "connection": "netsuite_emea", "owner": "PSA"},
            {"entity": "invoice", "legal_entity": "UK01", "owner": "BILLING"},
        ]
    )
    assert ownership.group("invoice", legal_entity="UK01", connection="netsuite_emea").owner is Role.PSA
    assert ownership.group("invoice", legal_entity="UK01", connection="netsuite_us").owner is Role.BILLING
    assert ownership.group("invoice", legal_entity="US01", connection="netsuite_emea").owner is Role.ERP


def test_an_override_of_one_field_leaves_the_others() -> None:
    ownership = load_ownership([{"entity": "customer", "fields": ["tax_id"], "owner": "CRM"}])
    assert ownership.group("customer", "tax_id").owner is Role.CRM
    assert ownership.group("customer", "payment_terms").owner is Role.ERP


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"entity": "agrement"}, "No entity 'agrement'. Nearest: 'agreement'."),
        ({"entity": "agreement", "fields": ["value_amout"]}, "no field 'value_amout'. Nearest: 'value_amount'."),
        ({"entity": "agreement", "ownr": "ERP"}, "Unknown key 'ownr' at ownr. Nearest: 'owner'."),
        ({"entity": "agreement", "owner": "EPR"}, "found 'EPR'"),
    ],
)
def test_a_typing_error_names_the_nearest(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_ownership([row])
    assert message in str(refused.value)
