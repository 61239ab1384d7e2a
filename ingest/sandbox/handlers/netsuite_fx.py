"""NetSuite of the sandbox: treasury runs the revaluation of a balance again, for a month whose books are open."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ingest.sandbox.call import Call, Handler, Refused
from ingest.sandbox.exports import Exports
from ingest.sandbox.ns_fx import DEFERRED, REVALUED, revalue, unrealised
from ingest.sandbox.ns_live import world_of

__all__ = ["HANDLERS"]

_STREAMS = ("transaction", "transactionline", "transactionaccountingline")


def _run_again(exports: Exports, call: Call) -> str:
    """Bring one balance (month/account/subsidiary/holder) to what policy says, and back on the next day."""
    here, name = call.connection, str(call.body["id"])
    period, account, subsidiary, holder = name.split("/")
    if account not in (*REVALUED, DEFERRED):
        raise Refused(f"account {account} is not revalued")
    _refuse_closed(exports, here, period)
    entity = exports.must(f"{here}.subsidiary", subsidiary)
    base = exports.must(f"{here}.currency", str(entity["currency"]))["symbol"]
    change = Decimal(str(call.body["to"])) - Decimal(str(call.body["from"]))
    year, month = map(int, period.split("-"))
    moves = pl.DataFrame(
        {
            "account": [account], "holder": [holder], "subsidiary": [subsidiary], "base": [base],
            "month": [year * 12 + month - 1], "amount": [int(change * 100)],
        }
    )  # fmt: skip
    streams = [f"{here}.{stream}" for stream in _STREAMS]
    world = world_of(exports, *streams, f"{here}.currency", f"{here}.subsidiary")
    revalue(world, unrealised(moves))
    for stream in streams:
        exports.put(stream, world[stream])
    return name


def _refuse_closed(exports: Exports, connection: str, period: str) -> None:
    month = exports.get(f"{connection}.accountingperiod", period.replace("-", ""))
    if month is None:
        raise Refused(f"there is no accounting period {period}")
    if month["closed"] or month["alllocked"]:
        raise Refused(f"the period {period} is closed: its revaluation stands, the next one starts anew")


HANDLERS = (Handler("TASK", "currencyrevaluation.revalued", _run_again),)
