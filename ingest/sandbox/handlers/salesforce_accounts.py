"""Accounts of the sandbox's Salesforce: the merge of two. The loser is deleted and names the account that stays."""

from __future__ import annotations

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports

__all__ = ["HANDLERS"]

_HOLDERS = ("Contact", "Opportunity", "Contract", "Order")


def _merge(exports: Exports, call: Call) -> str:
    """Merge one account into another, with everything that hangs on it."""
    copy, kept = str(call.body["id"]), str(call.body["to"])
    if exports.get(f"{call.connection}.Account", kept) is None:
        raise Refused(f"account {kept} is not there to merge into")
    for stream in _HOLDERS:
        name = f"{call.connection}.{stream}"
        for row in exports.find(name, "AccountId", copy):
            exports.update(name, row["Id"], {"AccountId": kept})
    exports.update(f"{call.connection}.Account", copy, {"IsDeleted": True, "MasterRecordId": kept})
    return kept


HANDLERS = (Handler("TASK", "Account.MasterRecordId", _merge),)
