"""Variable amounts of the sandbox's Salesforce: a reviewed estimate is a row of its own, the one before stays."""

from __future__ import annotations

import datetime as dt
from zlib import crc32

import numpy as np

from ingest.sandbox.call import Call, Handler
from ingest.sandbox.exports import Exports
from ingest.sandbox.salesforce_ids import salesforce_ids

__all__ = ["HANDLERS"]

#: Numbers of estimates that people add, apart from those the firm was made with.
_ADDED = 40_000_000


def _review(exports: Exports, call: Call) -> str:
    """The same estimate again, as of another day."""
    name = f"{call.connection}.SOW_Variable__c"
    before, on = exports.must(name, str(call.body["id"])), dt.date.fromisoformat(str(call.body["to"])[:10])
    number = _ADDED + crc32(f"{before['Line_Key__c']}/{on}".encode()) % 10_000_000
    review = str(salesforce_ids("a0V", np.array([number]))[0])
    if exports.get(name, review) is None:
        exports.add(name, {**before, "Id": review, "Estimated_On__c": on, "CreatedDate": exports.now})
    return review


HANDLERS = (Handler("TASK", "SOW_Variable__c.Estimated_On__c", _review),)
