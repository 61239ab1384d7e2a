"""Noise: a payment that came in minutes before the extract; the CRM hears of it in a moment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from ingest.sandbox.fault import Fault, Truth, record
from ingest.sandbox.faults._billing import choose
from ingest.sandbox.faults._terms import set_rows, shares
from ingest.sandbox.faults.payment_not_in_crm import paid
from ingest.sandbox.world import World

__all__ = ["FAULT"]


def _inject(world: World, share: float) -> list[Truth]:
    chosen = choose(world, paid(world), share, salt="noise/payment_just_now")
    set_rows(
        world,
        "salesforce.ERP_Invoice__c",
        chosen["copy"].to_list(),
        "Id",
        {"Status__c": "Open", "Paid_Amount__c": Decimal(0)},
    )
    now = world.firm.watermark - dt.timedelta(minutes=4)
    set_rows(world, "netsuite.transaction", chosen["invoice"].to_list(), "id", {"lastmodifieddate": now})
    return [
        {"records": [record("netsuite", "transaction", row["invoice"])], "expected_status": "timing"}
        for row in chosen.iter_rows(named=True)
    ]


FAULT = Fault(
    pattern="payment_just_now",
    check="K34",
    stage="copied",
    rates=shares(0.003, 0.003, 0.003),
    inject=_inject,
    is_noise=True,
)
