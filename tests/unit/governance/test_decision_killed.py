"""Fifty times the process dies while people decide: no decision is lost, none is there twice.

What counts as decided is what the store confirmed before the process died. The next process tries
the decision that was cut off again, under the same key, as a person would.
"""

import multiprocessing
import os
import random
import signal
from pathlib import Path

import pytest
from decision_cases import verdict

from dagster_project.governance import DecisionStore

KILLS = 50
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
)
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["dagster_project.governance.store", "decision_cases"])


def decide(url: str, start: int, confirmed) -> None:
    """Take one decision after the other; say which ones the store confirmed."""
    store = DecisionStore(url)
    for number in range(start, start + 100_000):
        store.append(verdict(number), key=f"k{number}")
        confirmed.send(number)


@pytest.mark.slow
def test_fifty_kills_in_the_middle_of_a_decision_lose_and_double_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'decisions.db'}"
    chance, last, cut_off = random.Random(3), -1, 0
    for _ in range(KILLS):
        here, there = _processes.Pipe(duplex=False)
        process = _processes.Process(target=decide, args=(url, last + 1, there))
        process.start()
        there.close()
        last = max(last, here.recv())
        process.join(chance.random() * 0.03)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        try:
            while True:
                last = max(last, here.recv())
        except EOFError:
            pass
        store = DecisionStore(url)
        kept = [one.idempotency_key for one in store.read()]
        assert store.verify() == len(kept)
        # Either the decision that was cut off is there as a whole, or nothing of it.
        assert kept in ([f"k{n}" for n in range(last + 1)], [f"k{n}" for n in range(last + 2)])
        cut_off += len(kept) == last + 2
    print(f"{KILLS} kills, {last + 1} decisions, {cut_off} kept but not yet confirmed")
