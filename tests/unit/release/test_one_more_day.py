"""A release shares with the one before what has not changed, and says the same as a fresh one."""

import json
import signal
import subprocess
import sys
import textwrap

import duckdb
import pytest
from release_home import make_build

from dagster_project.release import current_release, gate, partitions, publish
from dagster_project.release.digest import schema_digests
from dagster_project.settings import Settings

STATIC = "create or replace table marts.dim_static as select i as id from range(300) as r(i)"
ORDERS = """
    create or replace table marts.fct_order_line as
    select 'O' || i as order_id, 1.25 as net_amount, i / 3.0 as ratio,
        timestamp '2025-01-01' + to_hours(cast(i as int)) as ordered_at,
        case when i % 50 > 0 then date '2025-01-01' + cast(i // 24 as int) end as ordered_date
    from range(4000) as r(i)
"""
JUNE = "ordered_date between '2025-06-01' and '2025-06-05'"


@pytest.fixture
def monthly(settings, suites, monkeypatch):
    """The first release of a home whose orders are released month by month."""
    monkeypatch.setattr(partitions, "MIN_ROWS", 1000)
    _release(settings, suites, 1)
    return settings


def _build(settings, number, change):
    make_build(settings, f"b{number}", f"2026-01-0{number}")
    with duckdb.connect(str(settings.warehouse_path)) as con:
        for sql in (STATIC, ORDERS, change):
            con.execute(sql)


def _release(settings, suites, number, change="select 1"):
    _build(settings, number, change)
    assert gate(settings, suites_dir=suites).passed
    return publish(settings)


def _inodes(release, table):
    return {p.name: p.stat().st_ino for p in (release.path / "parquet" / table).glob("*")}


def _found(release):
    with duckdb.connect(str(release.database), read_only=True) as con:
        tables = {name: d.as_dict() for name, d in schema_digests(con, "main").items()}
        comments = con.execute("select table_name, comment from duckdb_tables()").fetchall()
    del tables["release_info"]
    return tables, dict(comments)


def _judge(release):
    """Both copies of every table are what the manifest says."""
    manifest = json.loads((release.path / "manifest.json").read_text())
    assert _found(release)[0] == manifest["tables"]
    for table, entry in manifest["tables"].items():
        con = duckdb.connect()
        files = f"{release.path}/parquet/{table}/*.parquet"
        con.execute(f"create table {table} as select * from read_parquet('{files}')")
        assert schema_digests(con, "main")[table].as_dict() == entry
    assert not [p for p in release.path.rglob("*") if p.name.startswith(".") or ".wal" in p.name]
    return manifest


@pytest.fixture
def started_from(monkeypatch):
    """Which release each database was copied from, None for one written as a whole."""
    from dagster_project.release import contents

    found, original = [], contents.start_database

    def spy(*args):
        base = original(*args)
        found.append(base and base.path.name)
        return base

    monkeypatch.setattr(contents, "start_database", spy)
    return found


def test_months_add_up_to_the_digest_of_the_whole_table(monthly, suites, monkeypatch):
    entry = current_release(monthly).tables["fct_order_line"]
    assert [*entry["partitions"]][:2] == ["2025-01", "2025-02"]
    assert entry["partitions"]["none"].startswith("80-")
    monkeypatch.setattr(partitions, "MIN_ROWS", 10**9)
    whole = _found(current_release(monthly))[0]["fct_order_line"]
    assert whole == {key: entry[key] for key in ("rows", "sha256", "schema_hash")}


def test_unchanged_table_is_the_same_file(monthly, suites, started_from):
    first = current_release(monthly)
    second = _release(monthly, suites, 2)
    assert started_from == [first.release_id]
    for table in ("dim_static", "fct_order_line"):
        assert _inodes(first, table) == _inodes(second, table)
    assert _inodes(first, "dim_customer") != _inodes(second, "dim_customer")
    _judge(second)


@pytest.mark.parametrize(
    ("change", "months"),
    [
        pytest.param(
            f"update marts.fct_order_line set net_amount = 9 where {JUNE}",
            {"2025-06"},
            id="rows changed",
        ),
        pytest.param(f"delete from marts.fct_order_line where {JUNE}", {"2025-06"}, id="rows gone"),
        pytest.param(
            "delete from marts.fct_order_line where ordered_date < '2025-02-01'",
            {"2025-01"},
            id="month gone",
        ),
        pytest.param(
            "insert into marts.fct_order_line values ('new', 1, 1, null, '2027-01-01')",
            {"2027-01"},
            id="new month",
        ),
        pytest.param(
            "update marts.fct_order_line set ordered_date = null where order_id = 'O1'",
            {"2025-01", "none"},
            id="moved to no month",
        ),
    ],
)
def test_only_changed_months_are_written(monthly, suites, started_from, change, months):
    first = current_release(monthly)
    before = _inodes(first, "fct_order_line")
    second = _release(monthly, suites, 2, change)
    after = _inodes(second, "fct_order_line")
    written = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {name.removesuffix(".parquet") for name in written} == months
    assert started_from == [first.release_id]
    _judge(second)
    _judge(first)


@pytest.mark.parametrize(
    "change",
    [
        "alter table marts.fct_order_line add column note varchar default 'x'",
        "drop table marts.dim_static",
        "create table marts.more as select 1 as one",
    ],
)
def test_changed_columns_and_tables_are_taken_over(monthly, suites, change):
    _judge(_release(monthly, suites, 2, change))


def test_patched_release_says_the_same_as_a_fresh_one(monthly, suites, tmp_path, started_from):
    change = f"update marts.fct_order_line set net_amount = 9 where {JUNE}"
    patched = _release(monthly, suites, 2, change)
    fresh = _release(Settings(env="ci", home=tmp_path / "other"), suites, 2, change)
    assert started_from == ["2026-01-01-b1", None]
    assert _found(patched) == _found(fresh)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda p: p.database.unlink(), id="gone"),
        pytest.param(lambda p: _overwrite(p.database, b"no database"), id="damaged"),
        pytest.param(lambda p: _manifest(p, manifest_version=1), id="older layout"),
        pytest.param(lambda p: _manifest(p, database={"fresh_bytes": 1000}), id="has grown"),
    ],
)
def test_release_that_cannot_be_continued_is_not_needed(monthly, suites, started_from, spoil):
    spoil(current_release(monthly))
    _judge(_release(monthly, suites, 2))
    assert started_from == [None]


def _overwrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)


def _manifest(release, **changes):
    path = release.path / "manifest.json"
    _overwrite(path, json.dumps(json.loads(path.read_text()) | changes).encode())


def test_when_most_rows_changed_everything_is_written(monthly, suites, started_from):
    _judge(_release(monthly, suites, 2, "update marts.fct_order_line set ratio = 1"))
    assert started_from == [None]


def test_file_does_not_grow_over_many_days(monthly, suites, started_from):
    fresh = current_release(monthly).database.stat().st_size
    for number in range(2, 9):
        change = f"update marts.fct_order_line set net_amount = {number} where {JUNE}"
        release = _release(monthly, suites, number, change)
    _judge(release)
    assert release.database.stat().st_size < 2 * fresh


def test_publication_killed_while_patching_leaves_both_releases_alone(monthly, suites):
    first = current_release(monthly)
    code = f"""
        import os, signal
        from pathlib import Path
        from dagster_project.release import contents, partitions
        from dagster_project.release.publish import publish
        from dagster_project.settings import Settings
        partitions.MIN_ROWS = 1000
        write = contents.write_parquet
        def die(connection, folder, table, *rest):
            if table == "fct_order_line":
                os.kill(os.getpid(), signal.SIGKILL)
            return write(connection, folder, table, *rest)
        contents.write_parquet = die
        publish(Settings(env="ci", home=Path({str(monthly.home)!r}), memory_limit="1GB"))
        """
    _build(monthly, 2, f"update marts.fct_order_line set ratio = 1 where {JUNE}")
    assert gate(monthly, suites_dir=suites).passed
    command = [sys.executable, "-c", textwrap.dedent(code)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert list(monthly.releases_dir.glob(".tmp-*"))
    assert current_release(monthly).release_id == first.release_id
    _judge(first)
    _judge(publish(monthly))
    _judge(first)
