"""The state store: what people and runs have decided, apart from everything that can be computed again.

`open_state(url)` opens it (SQLite file or PostgreSQL) and brings it up to date. `State.begin` writes in one
transaction, `State.read` reads. Tables are in `schema`, and the deeds in:

- `decisions`: assign, comment, accept, approve, treat, discard;
- `outbox`: actions, batches, deliveries, runs;
- `audit`: the hash-chained log, appended by every deed;
- `lease`: one run at a time on a project.
"""

from contracts.state.audit import AuditBroken, Entry, append, verify
from contracts.state.decisions import (
    accept,
    approve,
    assign,
    comment,
    discard,
    put_people,
    treat,
    void_approvals,
    withdraw_acceptance,
)
from contracts.state.lease import (
    Lease,
    LeaseHeld,
    LeaseLost,
    acquire_lease,
    check_lease,
    is_gone,
    release_lease,
    renew_lease,
    this_process,
)
from contracts.state.outbox import (
    finish_run,
    last_batch,
    last_run,
    mark_actions,
    put_actions,
    put_batch,
    put_deliveries,
    start_run,
)
from contracts.state.store import (
    State,
    StateNewer,
    StateUnreachable,
    frame,
    instant,
    lock,
    open_state,
    rows,
    to_json,
    upgrade,
    upsert,
)

__all__ = [
    "AuditBroken",
    "Entry",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "State",
    "StateNewer",
    "StateUnreachable",
    "accept",
    "acquire_lease",
    "append",
    "approve",
    "assign",
    "check_lease",
    "comment",
    "discard",
    "finish_run",
    "frame",
    "instant",
    "is_gone",
    "last_batch",
    "last_run",
    "lock",
    "mark_actions",
    "open_state",
    "put_actions",
    "put_batch",
    "put_deliveries",
    "put_people",
    "release_lease",
    "renew_lease",
    "rows",
    "start_run",
    "this_process",
    "to_json",
    "treat",
    "upgrade",
    "upsert",
    "verify",
    "void_approvals",
    "withdraw_acceptance",
]
