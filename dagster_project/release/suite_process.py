"""Suites in a process of their own, started early: Great Expectations is imported beside the build.

Importing it and asking it is Python, of which a process runs one line at a time; on a second core
neither costs the build anything. The process answers one request and ends. It also ends with the
process that started it, whatever became of that, so that it never keeps the work file from others.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from dagster_project.process import leave
from dagster_project.release.results import GateResult
from dagster_project.release.suite_runner import Facts, run_suites
from dagster_project.settings import Settings

_PR_SET_PDEATHSIG = 1


class SuiteProcess:
    """A context; start it where its answer will be needed some seconds later."""

    def __enter__(self) -> "SuiteProcess":
        self._line, theirs = Pipe()
        code = f"from {__name__} import serve; serve({theirs.fileno()}, {os.getpid()})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            pass_fds=[theirs.fileno()],
            cwd=Path(__file__).parents[2],
        )
        theirs.close()
        return self

    def __exit__(self, *error: object) -> None:
        """End the process; after its answer it ends by itself."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def run_suites(
        self,
        settings: Settings,
        paths: list[Path],
        facts: Facts,
        on_suite: Callable[[str, int, int], None],
    ) -> list[GateResult]:
        """Do as ``suite_runner.run_suites``; where the process is gone, do it here."""
        try:
            self._line.send((settings, paths, facts))
            while True:
                kind, value = self._line.recv()
                if kind == "results":
                    return value
                on_suite(*value)
        except (EOFError, OSError):
            return run_suites(settings, paths, facts, on_suite)


def serve(descriptor: int, parent: int) -> None:
    """Import Great Expectations, wait for a request, answer it.

    Args:
        descriptor: The open end of a pipe.
        parent: Id of the process that asks.
    """
    from dagster_project.release.gx_import import great_expectations

    _end_with(parent)
    great_expectations()
    with Connection(descriptor) as line, suppress(EOFError, OSError):
        settings, paths, facts = line.recv()
        results = run_suites(settings, paths, facts, lambda *done: line.send(("progress", done)))
        line.send(("results", results))
    leave(0)


def _end_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent, which may be gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        leave(1)
