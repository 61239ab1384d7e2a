"""One run at a time: a lease on a project, with a fencing token that grows each time it changes hands.

The holder renews it while it works. A lease whose time is over, or whose holder's process is gone from this machine,
may be taken by the next run; the token then tells a holder that slept through it not to write any more.
"""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from contracts.errors import TieoutError
from contracts.state.schema import run_lease
from contracts.state.store import State, instant

__all__ = [
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "acquire_lease",
    "check_lease",
    "is_gone",
    "release_lease",
    "renew_lease",
    "this_process",
]


class LeaseHeld(TieoutError):
    """Another run is at work on this project."""

    def __init__(self, project: str, holder: str, since: str, until: str) -> None:
        self.holder, self.since, self.until = holder, since, until
        super().__init__(
            f"Another run is at work: {holder}, since {since}, lease until {until}",
            where=project,
            then="Wait for it to end, then run again; nothing was changed.",
        )


class LeaseLost(TieoutError):
    """This run no longer holds its lease."""

    def __init__(self, lease: Lease, holder: str | None) -> None:
        super().__init__(
            f"This run ({lease.holder}) lost its lease to {holder or 'nobody'}: it paused longer than its lease",
            where=lease.project,
            then="It writes nothing more. Run again; finished steps are not repeated.",
        )


@dataclass(frozen=True)
class Lease:
    """The right to work on a project until `expires_at`. `token` grows with each new holder."""

    project: str
    holder: str
    token: int
    expires_at: dt.datetime


def this_process() -> str:
    """The holder's name of the running process: ``ana@host/1234``."""
    return f"{getpass.getuser()}@{socket.gethostname()}/{os.getpid()}"


def is_gone(holder: str) -> bool:
    """Whether a holder was a process of this machine that no longer runs. Of other machines we cannot know."""
    named = re.fullmatch(r".*@(?P<host>[^/]+)/(?P<pid>\d+)", holder)
    if named is None or named["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(named["pid"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def acquire_lease(
    state: State,
    project: str,
    holder: str,
    now: dt.datetime,
    ttl: dt.timedelta,
    *,
    gone: Callable[[str], bool] = is_gone,
) -> Lease:
    """Takes the lease, or raises `LeaseHeld` naming who has it and since when."""
    with state.begin() as connection:
        query = select(run_lease).where(run_lease.c.project == project).with_for_update()
        found = connection.execute(query).mappings().first()
        free = found is None or found["holder"] is None or found["expires_at"] <= instant(now)
        if found is not None and not free and not gone(found["holder"]):
            raise LeaseHeld(project, found["holder"], found["acquired_at"], found["expires_at"])
        lease = Lease(project, holder, (found["token"] if found else 0) + 1, now + ttl)
        if not _take(connection, lease, now, None if found is None else found["token"]):
            raise LeaseHeld(project, "a run that started at the same moment", instant(now), instant(now + ttl))
        return lease


def renew_lease(state: State, lease: Lease, now: dt.datetime, ttl: dt.timedelta) -> Lease:
    """The same lease with a later end, or `LeaseLost`."""
    renewed = Lease(lease.project, lease.holder, lease.token, now + ttl)
    with state.begin() as connection:
        check_lease(connection, lease)
        mine = (run_lease.c.project == lease.project) & (run_lease.c.token == lease.token)
        connection.execute(update(run_lease).where(mine).values(expires_at=instant(renewed.expires_at)))
    return renewed


def release_lease(state: State, lease: Lease, now: dt.datetime) -> None:
    """Gives the lease back; a lease that was lost is left to its new holder."""
    with state.begin() as connection:
        mine = (run_lease.c.project == lease.project) & (run_lease.c.token == lease.token)
        connection.execute(update(run_lease).where(mine).values(holder=None, expires_at=instant(now)))


def check_lease(connection: Connection, lease: Lease) -> None:
    """Raises `LeaseLost` unless the lease is still this holder's. Call it in the transaction that writes."""
    query = select(run_lease).where(run_lease.c.project == lease.project).with_for_update()
    found = connection.execute(query).mappings().first()
    if found is None or found["token"] != lease.token or found["holder"] != lease.holder:
        raise LeaseLost(lease, found["holder"] if found else None)


def _take(connection: Connection, lease: Lease, now: dt.datetime, seen: int | None) -> bool:
    """Writes the lease if nobody else has since; true when it is ours."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "holder": lease.holder,
        "token": lease.token,
        "acquired_at": instant(now),
        "expires_at": instant(lease.expires_at),
    }
    statement = insert(run_lease).values(project=lease.project, **values)
    unchanged = run_lease.c.token == (seen or 0)
    statement = statement.on_conflict_do_update(index_elements=["project"], set_=values, where=unchanged)
    return connection.execute(statement.returning(run_lease.c.token)).first() is not None
