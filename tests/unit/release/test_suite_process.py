"""Suites run in a process of their own as they do here, and it never outlives who asked."""

import subprocess
import sys
import time

import psutil
import pytest

from dagster_project.release import Draft, SuiteProcess, gate, publish
from dagster_project.release.suite_runner import Facts, run_suites


def test_the_verdict_of_the_other_process_is_the_same(built, suites):
    here = gate(built, suites_dir=suites)
    with SuiteProcess() as aside:
        there = gate(built, aside=aside, suites_dir=suites)
    assert there.results == here.results
    assert there.results


def test_a_process_that_is_gone_leaves_the_suites_to_this_one(built, suites):
    told = []
    with SuiteProcess() as aside:
        aside._process.kill()
        aside._process.wait()
        paths = sorted(suites.glob("*.py"))
        results = aside.run_suites(built, paths, Facts(), lambda *done: told.append(done))
    assert results == run_suites(built, paths, Facts(), lambda *_: None)
    assert told[-1][1:] == (len(paths), len(paths))


def test_who_leaves_early_ends_the_process():
    with SuiteProcess() as aside:
        process = aside._process
    assert process.poll() is not None


def test_it_ends_with_a_parent_that_is_killed():
    code = (
        "import time; from dagster_project.release import SuiteProcess\n"
        "with SuiteProcess() as aside: print(aside._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    child.wait(timeout=20)


@pytest.mark.parametrize("same_build", [True, False], ids=["judged tables", "other tables"])
def test_a_draft_is_taken_only_for_the_judged_tables(built, suites, monkeypatch, same_build):
    from dagster_project.release import contents

    with Draft(built) as draft:
        assert gate(built, draft=draft, suites_dir=suites).passed
        if not same_build:
            release_id, _, written = draft._written
            draft._written = release_id, "{}", written
        begun = []
        original = contents.write_table
        monkeypatch.setattr(
            contents, "write_table", lambda *args: (begun.append(1), original(*args))[1]
        )
        draft._pool.submit(int).result()
        before = len(begun)
        release = publish(built, draft=draft)
    assert (len(begun) > before) is not same_build
    assert release.database.exists()


def test_a_draft_that_is_not_published_leaves_nothing(built, suites):
    with Draft(built) as draft:
        gate(built, draft=draft, suites_dir=suites)
        draft._pool.submit(int).result()
        assert list(built.releases_dir.glob(".tmp-*"))
    assert not list(built.releases_dir.glob(".tmp-*"))
    assert not list(built.releases_dir.glob("20*"))
