"""The database of the release before is copied while the build goes on; nothing depends on it."""

import os

import duckdb
import pytest

from dagster_project.release import CopyAhead, current_release, publish
from dagster_project.release import copy_ahead as module


@pytest.fixture
def source(judged_home):
    """Database of the release that the next one starts from."""
    return current_release(judged_home).database


@pytest.fixture
def judged_home(built, suites):
    from dagster_project.release import gate

    gate(built, suites_dir=suites)
    publish(built)
    return built


def test_the_copy_made_ahead_is_the_one_that_is_taken(judged_home, source, monkeypatch, tmp_path):
    with CopyAhead(judged_home) as ahead:
        ahead.start()
        ahead._thread.join()
        monkeypatch.setattr(module, "copy_file", lambda *_: pytest.fail("copied twice"))
        ahead.take(source, tmp_path / "marts.duckdb")
    assert (tmp_path / "marts.duckdb").read_bytes() == source.read_bytes()
    assert not [*judged_home.work_dir.glob("release_before*")]


@pytest.mark.parametrize("is_started", [True, False])
def test_another_release_is_copied_when_it_is_needed(judged_home, source, tmp_path, is_started):
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).close()
    with CopyAhead(judged_home) as ahead:
        if is_started:
            ahead.start()
        ahead.take(other, tmp_path / "marts.duckdb")
    assert (tmp_path / "marts.duckdb").read_bytes() == other.read_bytes()
    assert not [*judged_home.work_dir.glob("release_before*")]


def test_a_disk_that_is_full_is_said_when_the_release_is_written(
    judged_home, source, monkeypatch, tmp_path
):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "copy_file", full)
    with CopyAhead(judged_home) as ahead:
        ahead.start()
        ahead._thread.join()
        with pytest.raises(OSError, match="No space"):
            ahead.take(source, tmp_path / "marts.duckdb")


def test_what_a_killed_process_left_is_removed_and_what_others_make_is_not(judged_home):
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    left = judged_home.work_dir / f"release_before.{dead}.duckdb"
    made = judged_home.work_dir / f"release_before.{os.getppid()}.duckdb"
    left.touch()
    made.touch()
    with CopyAhead(judged_home):
        assert not left.exists()
        assert made.exists()
