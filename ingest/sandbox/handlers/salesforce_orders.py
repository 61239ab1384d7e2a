"""Orders of the sandbox's Salesforce: the account manager obtains the customer's purchase order."""

from __future__ import annotations

import numpy as np

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.world import draw

__all__ = ["HANDLERS"]


def _obtain(exports: Exports, call: Call) -> str:
    """The customer's number of its purchase order, and the day it came."""
    order = str(call.body["id"])
    known = exports.must(f"{call.connection}.Order", order)["OrderNumber"]
    key = np.array([int("".join(digit for digit in known if digit.isdigit()))])
    number = 100_000 + int(draw(key, "order/obtained", 1)[0] * 900_000)
    exports.update(f"{call.connection}.Order", order, {"PoNumber": f"PO-{number}", "PoDate": exports.as_of})
    return order


HANDLERS = (Handler("TASK", "Order.PoNumber", _obtain),)
