"""What changed is written into the work file while solvers run, or else at the end."""

import duckdb
import pytest

from dagster_project.warehouse.build import _saving_meanwhile


@pytest.fixture
def held(tmp_path):
    with duckdb.connect(str(tmp_path / "work.duckdb")) as con:
        con.execute("set checkpoint_threshold = '1GB'")
        con.execute("create table t as select range as i from range(100000)")
        yield con


def log_bytes(tmp_path):
    path = tmp_path / "work.duckdb.wal"
    return path.stat().st_size if path.exists() else 0


def test_what_changed_is_in_the_file_before_it_is_closed(held, tmp_path):
    assert log_bytes(tmp_path) > 100_000
    with _saving_meanwhile(held):
        pass
    assert log_bytes(tmp_path) < 100_000


def test_a_change_that_is_still_going_on_is_not_disturbed(held, tmp_path):
    held.execute("begin")
    held.execute("insert into t values (-1)")
    with _saving_meanwhile(held):
        held.execute("insert into t values (-2)")
    held.execute("commit")
    assert held.execute("select count(*) from t where i < 0").fetchone() == (2,)


def test_a_build_from_scratch_has_nothing_open():
    with _saving_meanwhile(None):
        pass
