"""Run a part of the bench in a fresh process and measure it from outside.

A part is a module of this package whose ``main`` takes arguments and returns a JSON-able result.
What is measured in a part belongs to that part.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from dagster_project.errors import TierlineError
from dagster_project.process import leave
from dagster_project.settings import PROJECT_ROOT

_STARTED = "TIERLINE_BENCH_STARTED"
_SAMPLE_SECONDS = 0.05


@dataclass
class Measured:
    """What a process returned, its wall clock from start to exit and its memory at the peak.

    On a busy machine the seconds of processor time say more than the wall clock.
    """

    result: dict[str, Any]
    seconds: float
    cpu_seconds: float
    peak_mib: float

    def facts(self) -> dict[str, Any]:
        """Return the result and the measurements as one dictionary."""
        measured = ("seconds", "cpu_seconds", "peak_mib")
        return self.result | {name: getattr(self, name) for name in measured}


@dataclass
class Clock:
    """Seconds of wall clock by name, in the order in which they were spent."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun


def say(words: str) -> None:
    """Tell a person what is going on, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {words}\n")
    sys.stderr.flush()


def run_measured(module: str, arguments: list[str], environment: dict[str, str]) -> Measured:
    """Run ``python -m module`` in a fresh process and sample the memory of its process tree.

    Raises:
        TierlineError: The process failed; its own words are on stderr.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        started, cpu = time.monotonic(), _cpu_seconds()
        env |= environment | {_STARTED: repr(started)}
        process = subprocess.Popen(
            [sys.executable, "-m", module, answer.name, *arguments],
            cwd=PROJECT_ROOT,
            env=env,
            stdout=sys.stderr,
        )
        sampled = _sample_until_exit(process)
        seconds, cpu = time.monotonic() - started, _cpu_seconds() - cpu
        if process.returncode:
            raise TierlineError(
                f"The part {module} of the bench failed.",
                f"Its process ended with code {process.returncode}.",
                "Its own words stand above.",
            )
        answered = json.loads(Path(answer.name).read_text())
    return Measured(answered["result"], seconds, cpu, max(sampled, answered["peak_mib"]))


def answer_with(main: Callable[[list[str]], dict[str, Any]]) -> NoReturn:
    """Run a part's ``main``, hand the result to the process that waits and end as the CLI does."""
    answer, arguments = Path(sys.argv[1]), sys.argv[2:]
    result = main(arguments)
    answer.write_text(json.dumps({"result": result, "peak_mib": own_peak_mib()}, default=str))
    leave(0)


def seconds_since_start() -> float:
    """Seconds since the process that waits started this one: the interpreter and first imports."""
    started = os.environ.get(_STARTED)
    return time.monotonic() - float(started) if started else 0.0


def own_peak_mib() -> float:
    """Resident memory of this process at its peak, by the kernel's account."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu_seconds() -> float:
    """Processor time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _sample_until_exit(process: "subprocess.Popen[bytes]") -> float:
    """Return the largest sum of resident memory over the process and its children, in MiB."""
    peak, finished = 0.0, threading.Event()

    def sample() -> None:
        nonlocal peak
        while not finished.wait(_SAMPLE_SECONDS):
            peak = max(peak, _tree_mib(process.pid))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    process.wait()
    finished.set()
    thread.join()
    return peak


def _tree_mib(pid: int) -> float:
    import psutil

    total = 0
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        for each in [root, *root.children(recursive=True)]:
            with suppress(psutil.Error):
                total += each.memory_info().rss
    return total / 2**20
