"""Kantata of the sandbox: payments on copies of invoices, and time taken back by adjustments."""

from __future__ import annotations

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.handlers.kantata import create

__all__ = ["HANDLERS"]

_API = "/api/v1"


def _pay(exports: Exports, call: Call) -> str:
    """Note a payment; its invoice owes less and counts as paid."""
    payment = create(exports, Call(call.method, call.path, {"collection": "external_payments"}, call.body, call.action))
    fields = call.body["external_payment"]
    name = f"{call.connection}.invoices"
    invoice = exports.must(name, str(fields["invoice_id"]))
    left = invoice["balance_in_cents"] - int(fields["amount_in_cents"])
    exports.update(name, invoice["id"], {"status": "accepted payment", "balance_in_cents": left})
    return payment


def _adjust(exports: Exports, call: Call) -> str:
    """Take time back (or add some), in the currency of its project."""
    made = create(exports, Call(call.method, call.path, {"collection": "time_adjustments"}, call.body, call.action))
    space = exports.must(f"{call.connection}.workspaces", str(call.body["time_adjustment"]["workspace_id"]))
    facts = {column: space[column] for column in ("currency", "currency_base_unit")}
    exports.update(f"{call.connection}.time_adjustments", made, {**facts, "billable": True, "is_invoiced": True})
    return made


HANDLERS = (
    Handler("POST", f"{_API}/external_payments.json", _pay),
    Handler("POST", f"{_API}/time_adjustments.json", _adjust),
)
