"""The state store: migrations, sets, the audit chain, the lease."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_mock_engine, select, text

from contracts import state as store
from contracts.state import audit, lease, schema

AT = dt.datetime(2026, 3, 31, 10, 0)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[store.State]:
    opened = store.open_state(f"sqlite:///{tmp_path}/deep/state.db")
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_schema(state: store.State) -> None:
    with state.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.METADATA) == []
        assert connection.scalar(text("select version_num from alembic_version")) == schema.REVISION
        assert connection.scalar(text("pragma journal_mode")) == "wal"


def test_opening_twice_changes_nothing_and_a_newer_store_is_refused(state: store.State) -> None:
    store.open_state(str(state.engine.url)).close()
    with state.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(store.StateNewer, match="9999"):
        store.open_state(str(state.engine.url))


def test_an_address_without_driver_is_named_without_its_password() -> None:
    with pytest.raises(store.StateUnreachable, match="tieout.yml") as caught:
        store.open_state("oracle+nothing://ana:secret@host/db")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("driver", ["", "+psycopg"])
def test_postgresql_without_its_driver_names_what_to_install(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(store.StateUnreachable, match=r"pip install 'tieout\[postgres\]'") as caught:
        store.open_state(f"postgresql{driver}://ana:secret@host/db")
    assert "postgresql+psycopg://" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_tables_can_be_made_on_postgresql() -> None:
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql://", lambda sql, *_, **__: statements.append(str(sql.compile(dialect=engine.dialect)))
    )
    schema.METADATA.create_all(engine, checkfirst=False)
    assert sum("CREATE TABLE" in statement for statement in statements) == len(schema.METADATA.tables)


def test_upsert_replaces_by_key(state: store.State) -> None:
    first = {"action_id": "ACT-1", "version": 1, "status": "proposed", "json": {"b": Decimal("1.50"), "a": 1}}
    with state.begin() as connection:
        store.put_actions(connection, [first, {**first, "version": 2}])
        store.put_actions(connection, [{**first, "status": "approved"}])
    with state.read() as connection:
        found = store.frame(connection, schema.actions)
    assert found.select("version", "status", "json").rows() == [
        (1, "approved", '{"a":1,"b":"1.50"}'),
        (2, "proposed", '{"a":1,"b":"1.50"}'),
    ]


def test_an_empty_table_is_a_typed_frame(state: store.State) -> None:
    with state.read() as connection:
        found = store.frame(connection, schema.crosswalk_links)
    assert found.is_empty()
    assert found.schema["score"] == pl.Float64
    assert found.schema["is_primary"] == pl.Boolean


def test_what_fails_inside_a_transaction_is_undone(state: store.State) -> None:
    def fail() -> None:
        with state.begin() as connection:
            store.comment(connection, ["BRK-1"], "look", by="ana", at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with state.read() as connection:
        assert store.rows(connection, schema.comments) == []
        assert store.verify(connection) == 0


def test_every_deed_leaves_its_entry_in_the_audit_log(state: store.State) -> None:
    with state.begin() as connection:
        store.assign(connection, ["BRK-1", "BRK-2"], "ana", by="carl", at=AT, due_on=dt.date(2026, 4, 3))
        store.accept(connection, {"BRK-1": "e1"}, by="carl", reason="known", at=AT, until=dt.date(2026, 6, 30))
        store.approve(connection, [("ACT-1", 1, "e1")], "approve", by="carl", reason="ok", at=AT, acting_for="root")
        store.withdraw_acceptance(connection, ["BRK-1"], by="carl", reason="no longer", at=AT)
        store.discard(
            connection, [{"row_id": 7, "source": "charge.csv"}], by="carl", reason="a test", at=AT, acting_for="root"
        )
    with state.read() as connection:
        assert store.verify(connection) == 6
        entries = store.rows(connection, schema.audit)
    assert [(entry["actor"], entry["verb"], entry["subject"]) for entry in entries] == [
        ("carl", "assign", "break/BRK-1"),
        ("carl", "assign", "break/BRK-2"),
        ("carl", "accept", "break/BRK-1"),
        ("root", "approve", "action/ACT-1"),
        ("carl", "withdraw acceptance", "break/BRK-1"),
        ("root", "discard row", "quarantine/7"),
    ]
    assert entries[-1]["payload"] == '{"person":"carl","reason":"a test","source":"charge.csv"}'


@pytest.mark.parametrize(
    ("tampering", "where"),
    [
        ("update audit set actor = 'eve' where sequence = 2", 2),
        ("delete from audit where sequence = 2", 2),
        ("update audit set prev_hash = 'x' where sequence = 3", 3),
    ],
)
def test_a_changed_audit_entry_is_found(state: store.State, tampering: str, where: int) -> None:
    with state.begin() as connection:
        store.comment(connection, ["BRK-1", "BRK-2", "BRK-3"], "look", by="ana", at=AT)
        connection.execute(text(tampering))
    with state.read() as connection, pytest.raises(audit.AuditBroken) as caught:
        store.verify(connection)
    assert caught.value.sequence == where


def test_nothing_is_appended_to_a_log_whose_last_entry_was_changed(state: store.State) -> None:
    with state.begin() as connection:
        store.comment(connection, ["BRK-1"], "look", by="ana", at=AT)
        connection.execute(text("update audit set payload = '{}'"))
    with pytest.raises(audit.AuditBroken), state.begin() as connection:
        store.comment(connection, ["BRK-2"], "look", by="ana", at=AT)


def test_an_approval_falls_when_its_evidence_changes(state: store.State) -> None:
    with state.begin() as connection:
        store.approve(connection, [("ACT-1", 1, "e1"), ("ACT-2", 1, "e2")], "approve", by="carl", reason="ok", at=AT)
        voided = store.void_approvals(connection, {"ACT-1": "e1", "ACT-2": "new"}, reason="evidence changed", at=AT)
        assert voided == ["ACT-2"]
        assert store.void_approvals(connection, {"ACT-2": "new"}, reason="evidence changed", at=AT) == []


def test_people_who_left_the_project_stay_known_but_inactive(state: store.State) -> None:
    with state.begin() as connection:
        store.put_people(
            connection, [{"person": "ana", "roles": ["analyst"]}, {"person": "carl", "limits": {"USD": Decimal(9)}}]
        )
        store.put_people(connection, [{"person": "carl"}])
        active = connection.execute(select(schema.people.c.person, schema.people.c.is_active)).all()
    assert sorted(map(tuple, active)) == [("ana", False), ("carl", True)]


def test_a_batch_is_registered_once_and_in_order(state: store.State) -> None:
    batch = {"batch_id": "BAT-1", "actions": 2, "manifest": {"n": 2}, "manifest_sha256": "a"}
    with state.begin() as connection:
        assert store.last_batch(connection) is None
        assert store.put_batch(connection, batch)
        assert not store.put_batch(connection, batch)
        assert store.put_batch(connection, {**batch, "batch_id": "BAT-0"})
        last = store.last_batch(connection)
    assert last is not None
    assert (last["batch_id"], last["sequence"]) == ("BAT-0", 2)


def test_the_run_that_began_last_says_what_became_of_it(state: store.State) -> None:
    with state.begin() as connection:
        for number, day in enumerate((AT + MINUTE, AT), 1):
            store.start_run(connection, f"RUN-{number}", project="p", fingerprint="f", as_of=AT.date(), at=day)
        store.finish_run(connection, "RUN-1", "done", at=AT, snapshot="RUN-1.duckdb", summary={"breaks": 3})
        last = store.last_run(connection, project="p")
        assert store.last_run(connection, project="other") is None
    assert last is not None
    assert (last["run_id"], last["status"], last["summary"]) == ("RUN-1", "done", '{"breaks":3}')


def test_the_second_run_is_told_who_holds_the_lease_and_since_when(state: store.State) -> None:
    store.acquire_lease(state, "firm", "ana@here/1", AT, 2 * MINUTE, gone=lambda _: False)
    with pytest.raises(store.LeaseHeld, match="ana@here/1, since 2026-03-31T10:00:00Z"):
        store.acquire_lease(state, "firm", "ben@there/2", AT + MINUTE, MINUTE, gone=lambda _: False)


def test_a_lease_passes_on_when_released_expired_or_its_process_is_gone(state: store.State) -> None:
    first = store.acquire_lease(state, "firm", "ana@here/1", AT, MINUTE)
    store.release_lease(state, first, AT)
    second = store.acquire_lease(state, "firm", "ben@there/2", AT, MINUTE)
    third = store.acquire_lease(state, "firm", "cy@there/3", AT + MINUTE, MINUTE, gone=lambda _: False)
    fourth = store.acquire_lease(
        state, "firm", "di@there/4", AT + MINUTE, MINUTE, gone=lambda name: name == "cy@there/3"
    )
    assert [one.token for one in (first, second, third, fourth)] == [1, 2, 3, 4]


def test_a_holder_that_lost_its_lease_may_not_write(state: store.State) -> None:
    first = store.acquire_lease(state, "firm", "ana@here/1", AT, MINUTE)
    renewed = store.renew_lease(state, first, AT, 3 * MINUTE)
    with pytest.raises(store.LeaseHeld):
        store.acquire_lease(state, "firm", "ben@there/2", AT + 2 * MINUTE, MINUTE, gone=lambda _: False)
    store.acquire_lease(state, "firm", "ben@there/2", AT + 3 * MINUTE, MINUTE)
    with pytest.raises(store.LeaseLost, match="ben@there/2"), state.begin() as connection:
        store.check_lease(connection, renewed)
    with pytest.raises(store.LeaseLost):
        store.renew_lease(state, renewed, AT, MINUTE)


def test_of_two_runs_started_at_once_one_gets_the_lease(state: store.State) -> None:
    won: list[int] = []
    refused: list[str] = []
    barrier = threading.Barrier(4)

    def start(number: int) -> None:
        barrier.wait()
        try:
            won.append(store.acquire_lease(state, "firm", f"run{number}@x/1", AT, MINUTE).token)
        except store.LeaseHeld as held:
            refused.append(held.holder)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (won, len(refused)) == ([1], 3)


def test_this_process_is_not_gone_and_an_ended_one_is() -> None:
    assert not lease.is_gone(lease.this_process())
    ended = subprocess.Popen([sys.executable, "-c", ""])  # a fork would copy the locks of the engines' threads
    ended.wait()
    assert lease.is_gone(lease.this_process().rsplit("/", 1)[0] + f"/{ended.pid}")
    assert not lease.is_gone(f"ana@elsewhere/{ended.pid}")
