"""The decision store keeps every decision once, in sequence, and shows any tampering."""

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from decision_cases import EXPLANATION, VERDICT, verdict

from dagster_project.errors import LockedError, RedError, TierlineError, UsageError
from dagster_project.governance import DecisionStore, Head
from dagster_project.governance import store as store_module
from dagster_project.governance.decisions import GENESIS
from dagster_project.settings import Settings


def test_decisions_are_read_in_sequence_as_they_were_taken(store):
    first, second = store.append(VERDICT), store.append(EXPLANATION)
    assert [first, second] == store.read()
    assert [second] == store.read("reconciliation_explanation")
    assert (first.seq, second.seq) == (1, 2)
    assert first.prev_hash == GENESIS
    assert second.prev_hash == first.hash
    assert second.payload == EXPLANATION.payload | {"ticket": None}
    assert store.head() == Head(2, second.hash)
    assert store.verify() == 2
    assert DecisionStore(store._store._engine.url.render_as_string(False)).read() == store.read()


def test_a_store_in_which_nothing_was_decided_is_empty_and_in_order(url, tmp_path):
    store = DecisionStore(url)
    assert (store.read(), store.head(), store.verify()) == ([], Head(), 0)
    assert not list(tmp_path.glob("*.db"))


def test_the_same_key_takes_no_second_decision(store):
    first = store.append(VERDICT, key="form-1")
    assert store.append(VERDICT, key="form-1") == first
    assert store.append(VERDICT).seq == 2
    assert len(store.read()) == 2


def test_a_key_cannot_stand_for_two_decisions(store):
    store.append(VERDICT, key="form-1")
    with pytest.raises(UsageError, match="stands for another decision"):
        store.append(EXPLANATION, key="form-1")
    with pytest.raises(UsageError, match="stands for another decision"):
        store.append(replace(VERDICT, reason="another"), key="form-1")
    assert len(store.read()) == 1


def test_time_never_runs_backwards(url):
    moments = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    store = DecisionStore(url, clock=lambda: next(moments))
    assert [store.append(verdict(n)).decided_at.day for n in (1, 2)] == [2, 2]


def test_moments_of_other_zones_are_kept_in_utc(url):
    from datetime import timezone

    berlin = timezone(timedelta(hours=1))
    store = DecisionStore(url, clock=lambda: datetime(2026, 1, 1, 0, 30, tzinfo=berlin))
    store.append(VERDICT)
    assert store.read()[0].decided_at == datetime(2025, 12, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "statement",
    [
        "update decision set reason = 'x' where seq = 1",
        "delete from decision where seq = 2",
        "insert into decision select 1, 'x', decided_at, kind, subject, actor, role, reason,"
        " payload, null, 'p', 'h' from decision where seq = 1",
        "insert into decision select 9, 'x', decided_at, kind, subject, actor, role, reason,"
        " payload, null, prev_hash, 'h' from decision where seq = 1",
    ],
    ids=["update", "delete", "insert in its place", "second successor"],
)
def test_the_database_refuses_to_change_or_remove_a_decision(store, sql, statement):
    store.append(verdict(1))
    store.append(verdict(2))
    with pytest.raises(sa.exc.DBAPIError):
        sql(statement)
    assert store.verify() == 2


def test_replace_does_not_get_around_the_guards_of_sqlite(tmp_path):
    import sqlite3

    path = tmp_path / "decisions.db"
    store = DecisionStore(f"sqlite:///{path}")
    first = store.append(verdict(1), key="k")
    for seq, value, key in ((1, "h", "other"), (2, first.hash, "other"), (2, "h", "k")):
        with sqlite3.connect(path) as con, pytest.raises(sqlite3.IntegrityError, match="only ever"):
            con.execute(
                "insert or replace into decision values"
                " (?, 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x', ?, 'x', ?)",
                (seq, key, value),
            )
    assert store.read() == [first]


def test_truncate_is_refused_by_postgresql(postgres):
    store = DecisionStore(postgres)
    store.append(VERDICT)
    engine = sa.create_engine(postgres.replace("postgresql://", "postgresql+psycopg://"))
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), engine.begin() as con:
        con.exec_driver_sql("truncate decision")


FIELDS = {
    "decided_at": "'2020-01-01T00:00:00.000000+00:00'",
    "kind": "'release_waiver'",
    "subject": "'erp:C-1|crm:A-9'",
    "actor": "'mallory'",
    "role": "'data_steward'",
    "reason": "'no reason'",
    "payload": "replace(payload, 'same', 'different')",
    "idempotency_key": "'k'",
    "decision_id": "'x'",
    "hash": "'x'",
    "prev_hash": "'x'",
}


def _without_guards(sql, url) -> None:
    if url.startswith("sqlite"):
        for name in ("goes_last", "no_update", "no_delete"):
            sql(f"drop trigger decision_{name}")
    else:
        sql("drop trigger decision_no_change on decision")


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_changed_field_is_found_at_its_decision(store, sql, url, field):
    for number in range(5):
        store.append(verdict(number))
    _without_guards(sql, url)
    sql(f"update decision set {field} = {FIELDS[field]} where seq = 3")
    with pytest.raises(RedError, match="broken at decision 3"):
        store.verify()


def test_a_changed_decision_is_found_although_its_hash_was_made_anew(store, sql, url):
    from dagster_project.governance.decisions import hash_of

    for number in range(5):
        store.append(verdict(number))
    _without_guards(sql, url)
    row = store._store.rows(None)[2] | {"actor": "mallory"}
    sql(f"update decision set actor = 'mallory', hash = '{hash_of(row)}' where seq = 3")
    with pytest.raises(RedError, match="broken at decision 4"):
        store.verify()


@pytest.mark.parametrize("seq", [1, 3])
def test_a_removed_decision_is_found_at_its_place(store, sql, url, seq):
    for number in range(5):
        store.append(verdict(number))
    _without_guards(sql, url)
    sql(f"delete from decision where seq = {seq}")
    with pytest.raises(RedError, match=f"broken at decision {seq}"):
        store.verify()


def test_removed_newest_decisions_show_against_a_head_that_was_kept(store, sql, url):
    for number in range(5):
        store.append(verdict(number))
    head = store.head()
    _without_guards(sql, url)
    sql("delete from decision where seq > 3")
    assert store.verify() == 3
    with pytest.raises(RedError, match="broken at decision 4"):
        store.verify(head)
    with pytest.raises(RedError, match="broken at decision 2"):
        store.verify(Head(2, "0" * 64))


def _append_many(url: str, name: str, count: int) -> None:
    store = DecisionStore(url)
    for number in range(count):
        store.append(verdict(number, actor=name), key=f"{name}-{number}")


def test_two_processes_that_decide_at_once_lose_nothing(store, url):
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_append_many, args=(url, n, 25)) for n in ("anna", "ben")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    assert store.verify() == 50
    assert len({one.idempotency_key for one in store.read()}) == 50


APPEND = """
import sys
sys.path.insert(0, sys.argv[2])
from decision_cases import verdict
from dagster_project.governance import DecisionStore
store = DecisionStore(sys.argv[1])
for number in range(40):
    taken = store.append(verdict(number), key=f"k{number}")
    print(taken.seq, flush=True)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_kill_in_the_middle_of_an_append_loses_and_doubles_nothing(store, url, attempt):
    from pathlib import Path

    chance = random.Random(attempt)
    arguments = [sys.executable, "-c", APPEND, url, str(Path(__file__).parent)]
    for _ in range(3):
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        time.sleep(chance.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        told = process.stdout.read().split()
        process.wait()
        assert store.verify() >= max(map(int, told), default=1)
    assert subprocess.run(arguments, stdout=subprocess.PIPE).returncode == 0
    assert store.verify() == 40
    assert [one.idempotency_key for one in store.read()] == [f"k{n}" for n in range(40)]


def test_a_writer_that_waits_too_long_is_told_so(url, store, monkeypatch):
    store.append(VERDICT)
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0.2)
    other = DecisionStore(url)
    with store._store.appending(), pytest.raises(LockedError):
        other.append(VERDICT)
    assert other.append(VERDICT).seq == 2


def test_an_address_that_cannot_be_used_says_so_and_keeps_its_password(tmp_path):
    with pytest.raises(UsageError, match="mysql"):
        DecisionStore("mysql://somewhere/x")
    with pytest.raises(UsageError, match="no usable address"):
        DecisionStore("nonsense")
    with pytest.raises(TierlineError) as caught:
        DecisionStore("postgresql://me:hidden@localhost:1/none").append(VERDICT)
    assert "hidden" not in str(caught.value)


def test_decisions_lie_in_the_home_unless_the_settings_say_otherwise(tmp_path, monkeypatch):
    assert Settings(home=tmp_path).decisions_url == f"sqlite:///{tmp_path / 'decisions.db'}"
    monkeypatch.setenv("TIERLINE_DECISIONS_URL", "postgresql://host/name")
    assert Settings(home=tmp_path).decisions_url == "postgresql://host/name"
