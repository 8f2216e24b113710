"""The whole way in one process: land, build, judge, publish.

What each step does belongs in its package; here only their order, and that libraries which are
slow to import are imported while the step before waits for the database.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.errors import RedError, TierlineError
from dagster_project.settings import Settings

Progress = Callable[..., None]
"""Told of each batch, dbt node, suite and table: its name, how many are done and there are."""


@dataclass
class Refresh:
    """What one refresh did; a step that was not reached is None.

    ``seconds``: wall clock by step.
    """

    landed: Any = None
    built: Any = None
    judged: Any = None
    release: Any = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Was a release published, or found to be published already?"""
        return self.release is not None


def refresh(
    settings: Settings,
    delivery: Path | None = None,
    full: bool = False,
    progress: Progress | None = None,
) -> Refresh:
    """Land what has arrived, bring the marts up to date, judge them and publish them.

    Args:
        settings: The home.
        delivery: Folder whose batches are copied into landing first.
        full: Build afresh from raw.
        progress: Told of what finished.

    Returns:
        What was done. A red build or gate ends it there: the last good release stays current.

    Raises:
        TierlineError: What a step raises.
    """
    done = Refresh()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        value = work()
        done.seconds[name] = time.perf_counter() - begun
        return value

    from dagster_project.process import without_collecting
    from dagster_project.release import (
        CopyAhead,
        Draft,
        EarlyDigests,
        SuiteProcess,
        gate,
        publish,
    )

    # Where each step seeks garbage at its end, it searches all that stays for the next one.
    with without_collecting(), SuiteProcess() as suites, CopyAhead(settings) as ahead:
        dbt = _in_background("import-dbt", lambda: _import_dbt(settings))
        done.landed = timed("land", lambda: _land(settings, delivery, progress))
        ahead.start()
        early = EarlyDigests()
        early.recall(settings)
        done.built = timed("build", lambda: _build(settings, full, progress, early, dbt.join))
        early.seal(settings)
        if not done.built.ok:
            return done
        with Draft(settings, progress, ahead) as draft:
            done.judged = timed(
                "gate",
                lambda: gate(settings, None, progress, draft, suites, early=early),
            )
            if done.judged.passed:
                done.release = timed("publish", lambda: publish(settings, draft=draft))
    return done


def require_release(done: Refresh) -> None:
    """Do nothing where a release came of it.

    Raises:
        RedError: The build or the gate is red; names what.
    """
    if done.ok:
        return
    if done.judged is None:
        from dagster_project.warehouse.dbt import OUT_OF_MEMORY

        red = ", ".join(f"{node.name}: {node.message}" for node in done.built.failures[:5])
        advice = "Run `tierline build`."
        if OUT_OF_MEMORY in red:
            advice = (
                "Give it more memory, for instance TIERLINE_MEMORY_LIMIT=8GB, and run it again."
            )
        raise RedError("The build is red; nothing was published.", red, advice)
    red = ", ".join(f"{r.control_id or r.suite} {r.name}: {r.observed}" for r in done.judged.failed)
    raise RedError("The gate is red; nothing was published.", red, "Run `tierline gate`.")


def _land(settings: Settings, delivery: Path | None, progress: Progress | None) -> Any:
    from dagster_project.ingestion import land

    return land(settings, delivery, progress)


def _build(
    settings: Settings,
    full: bool,
    progress: Progress | None,
    early: Any,
    imported: Callable[[], None],
) -> Any:
    from dagster_project.warehouse.build import build

    return build(settings, full=full, progress=progress, digests=early, imported=imported)


def _in_background(name: str, work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def _import_dbt(settings: Settings) -> None:
    from dagster_project.process import without_collecting
    from dagster_project.warehouse.manifest import load_manifest
    from dagster_project.warehouse.quick_dbt import import_dbt

    with without_collecting():
        import_dbt()
        with suppress(TierlineError):  # the build says it
            load_manifest(settings)
