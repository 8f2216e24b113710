"""Killed at any moment, the next run succeeds, and no reader ever notices."""

import multiprocessing
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import killable
import pytest
from pipeline_company import Company, company, copy_of_home, release_digests

KILLS = 20
os.environ["PYTHONPATH"] = str(Path(__file__).parent)
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["killable_imports"])


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Company:
    """A company with a release; one more day of batches waits in ``tail``."""
    one = company(tmp_path_factory.mktemp("published"), tail_days=1)
    one.land()
    assert one.judge().passed
    one.publish()
    return one


@pytest.fixture(scope="module")
def undisturbed(published, tmp_path_factory) -> tuple[float, dict[str, str]]:
    """How long the day takes when nobody disturbs it, and what comes out."""
    other = in_new_home(published, tmp_path_factory.mktemp("undisturbed") / "home")
    begun = time.perf_counter()
    start(other).join()
    assert other.current().release_id != published.current().release_id
    return time.perf_counter() - begun, release_digests(other.current())


def in_new_home(published: Company, folder: Path) -> Company:
    return Company(published.extracts, copy_of_home(published.settings, folder))


def start(one: Company) -> multiprocessing.Process:
    tail = next((one.extracts / "tail").iterdir())
    process = _processes.Process(target=killable.run, args=(str(one.settings.home), str(tail)))
    process.start()
    return process


@contextmanager
def reader(current: Path) -> Iterator[list[str]]:
    """Poll the current release; whatever goes wrong or does not belong together is listed."""
    wrong: list[str] = []
    done = threading.Event()

    def poll() -> None:
        while not done.is_set():
            try:
                con = duckdb.connect(str((current / "marts.duckdb").resolve()), read_only=True)
                ordered, served = con.execute(
                    "select (select max(ordered_date) from fct_order_line),"
                    " (select max(ordered_date) from fct_order_line_service)"
                ).fetchone()
                con.close()
                if ordered is None or ordered != served:
                    wrong.append(f"orders up to {ordered}, service up to {served}")
            except Exception as error:
                wrong.append(repr(error))
            done.wait(0.1)

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield wrong
    finally:
        done.set()
        thread.join()


@pytest.mark.further
@pytest.mark.parametrize("number", range(KILLS))
def test_the_run_after_a_kill_publishes_what_an_undisturbed_one_does(
    number, published, undisturbed, tmp_path
):
    seconds, expected = undisturbed
    one = in_new_home(published, tmp_path / "home")
    moment = (number + random.Random(number).random()) / KILLS * seconds
    with reader(one.settings.current_link) as wrong:
        first = start(one)
        first.join(moment)
        first.kill()
        first.join()
        second = start(one)
        second.join()
    assert second.exitcode == 0
    assert release_digests(one.current()) == expected
    assert not wrong
