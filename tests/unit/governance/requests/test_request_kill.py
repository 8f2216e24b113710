"""Kill in the middle of a decision about requests: none is lost, none is doubled."""

import multiprocessing
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from request_cases import OLA, Clock, approve, ask, desk_at, facts

HERE = str(Path(__file__).parent)
WORK = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from request_cases import ANNA, OLA, Clock, approve, ask, desk_at, facts
desk, _ = desk_at(Path(sys.argv[1]), Clock())
print("ready", flush=True)
for number in range(6):
    name = desk.submit(ask(f"E{number}", key=f"k{number}"), ANNA, facts(f"E{number}"))
    print(name, flush=True)
    approve(desk, name, OLA, key=f"v{number}")
members = [f"F{number}" for number in range(20)]
known = {one: facts(one) for one in members}
print(desk.submit_family([ask(one) for one in members], ANNA, known, "family"), flush=True)
"""


@pytest.mark.parametrize(
    "attempt",
    [*range(3), *(pytest.param(one, marks=pytest.mark.further) for one in range(3, 50))],
)
def test_what_was_told_is_kept_and_a_second_try_completes_it_once(tmp_path, attempt):
    desk, store = desk_at(tmp_path, Clock())
    chance = random.Random(attempt)
    arguments = [sys.executable, "-c", WORK, str(tmp_path), HERE]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    time.sleep(chance.random() * 0.15)
    process.send_signal(signal.SIGKILL)
    told = process.stdout.read().split()
    process.wait()
    store.verify()
    requests = desk.log().requests
    for name in told:
        assert desk.log().named(name)
    children = [one for one in requests.values() if one.parent_request_id]
    assert len(children) in (0, 20)
    assert subprocess.run(arguments, stdout=subprocess.DEVNULL).returncode == 0
    assert store.verify() == 6 + 6 + 20
    found = desk.log()
    assert sorted(one.entity_id for one in found.requests.values()) == sorted(
        [*(f"E{n}" for n in range(6)), *(f"F{n}" for n in range(20))]
    )
    assert found.ignored == []


def _approve(folder: str, name: str, results) -> None:
    from dagster_project.governance.requests import Asker, Refused

    desk, _ = desk_at(Path(folder), Clock())
    try:
        approve(desk, name, Asker(multiprocessing.current_process().name, "segment_owner"))
        results.put("yes")
    except Refused:
        results.put("no")


def test_of_two_who_approve_in_one_role_at_once_exactly_one_counts(tmp_path):
    from request_cases import ANNA

    desk, store = desk_at(tmp_path, Clock())
    name = desk.submit(ask(), ANNA, facts())
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [
        context.Process(target=_approve, args=(str(tmp_path), name, results), name=who)
        for who in ("ola", "otto")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(results.get(timeout=5) for _ in workers) == ["no", "yes"]
    assert len(store.read("segment_request_verdict")) == 1
    assert OLA.role == "segment_owner"
