"""One build: from active raw batches and policy to judged-ready marts in the work file.

``build`` is the whole way. Dagster calls the same steps one by one (``prepare``, ``run_dbt``,
``run_solver``, ``finish``). A build that does not come to its end leaves a mark, and the next
one starts afresh from raw: the work file is never more than a cache.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.analytics.solvers import STAGES, solver_named
from dagster_project.ingestion import load_contracts
from dagster_project.settings import Settings
from dagster_project.warehouse import dbt, state
from dagster_project.warehouse.dbt import NodeResult
from dagster_project.warehouse.manifest import load_manifest
from dagster_project.warehouse.plan import BuildPlan, prepare, still_touched
from dagster_project.warehouse.work_file import connect

if TYPE_CHECKING:
    from dagster_project.release.early_digests import EarlyDigests

Progress = Callable[[str, int, int], None]
"""Called with the name of what finished, how many are done and how many there are."""


@dataclass
class BuildResult:
    """What a build did. ``stages`` are seconds of wall clock."""

    build_id: str
    as_of: str
    group_currency: str
    full: bool
    stages: dict[str, float] = field(default_factory=dict)
    dbt_results: list[NodeResult] = field(default_factory=list)
    solved: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each solver that ran says of its run."""

    @property
    def ok(self) -> bool:
        return not any(result.is_bad for result in self.dbt_results)

    @property
    def failures(self) -> list[NodeResult]:
        return [r for r in self.dbt_results if r.is_bad and r.status != "skipped"]


def build(
    settings: Settings,
    full: bool = False,
    progress: Progress | None = None,
    digests: "EarlyDigests | None" = None,
    imported: Callable[[], None] | None = None,
) -> BuildResult:
    """Build the marts in the work file from what has landed.

    Args:
        settings: The home.
        full: Start afresh from raw instead of updating what the new batches touched.
        progress: Told of each finished dbt node.
        digests: Told of each mart that an update has written.
        imported: Waits until dbt is imported, where another thread does that meanwhile.

    Raises:
        LockedError: Another process has the work file open.
        TierlineError: Nothing has landed, or a required feed is missing.
    """
    started = time.perf_counter()
    plan = prepare(settings, full=full, imported=imported)
    result = BuildResult(plan.build_id, plan.as_of, plan.group_currency, plan.full)
    result.stages["prepare"] = time.perf_counter() - started
    left = {key for nodes in plan.nodes.values() for key in nodes}
    done = 0

    def on_result(node: NodeResult) -> None:
        nonlocal done
        done += 1
        left.discard(node.unique_id)
        if digests and manifest.nodes[node.unique_id].schema == "marts":
            digests.written(node.name)
        if progress:
            progress(node.name, done, done + len(left))

    def timed(name: str, work: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        value = work(*arguments)
        result.stages[name] = time.perf_counter() - begun
        return value

    manifest = load_manifest(settings)
    with (
        _kept_open(settings, plan) as held,
        digests.beside(held) if digests and held else nullcontext(),
    ):
        standing: set[str] = set()
        for stage in STAGES:
            nodes = [key for key in plan.nodes[stage.name] if key in left]
            if nodes:
                result.dbt_results += timed(stage.name, run_dbt, settings, plan, nodes, on_result)
            if not result.ok:
                break
            solvers = [one for one in stage.solvers if one.name in plan.solvers]
            # The first stage is over before anything is saved.
            with _saving_meanwhile(held if solvers and stage is not STAGES[0] else None):
                for solver in solvers:
                    facts = timed(solver.name, run_solver, settings, plan, solver.name)
                    result.solved[solver.name] = facts
                    standing |= set(solver.outputs).difference(facts["changed"])
            if standing and not plan.full:
                left &= still_touched(settings, plan, standing)
        timed("finish", finish, settings, plan, result)
        begun = time.perf_counter()
    result.stages["write"] = time.perf_counter() - begun
    return result


@contextmanager
def _kept_open(settings: Settings, plan: BuildPlan) -> Iterator[Any]:
    """Let dbt and solvers share one open database in an update.

    Else each of them reads its tables from the file again and writes all changes into it at its
    end. An update that tidies opens it differently for dbt; a full build reads little twice.
    """
    held = connect(settings) if plan.updates else None
    try:
        yield held
    finally:
        if held:
            held.close()


@contextmanager
def _saving_meanwhile(held: Any) -> Iterator[None]:
    """Write what has changed into the file while solvers, mostly Python, leave a core idle.

    What is not written here is written when the work file is closed.
    """
    if not held:
        yield
        return

    def save() -> None:
        import duckdb

        with held.cursor() as cursor, suppress(duckdb.TransactionException):
            cursor.execute("checkpoint")

    saving = threading.Thread(target=save, name="checkpoint", daemon=True)
    saving.start()
    try:
        yield
    finally:
        saving.join()


def run_dbt(
    settings: Settings,
    plan: BuildPlan,
    unique_ids: list[str],
    on_result: Callable[[NodeResult], None] | None = None,
) -> list[NodeResult]:
    """Run seeds, models and tests of the plan; see ``warehouse.dbt.run``."""
    tidy = not plan.full and plan.updates == 0
    return dbt.run(settings, unique_ids, plan.variables, plan.full, on_result, tidy)


def run_solver(settings: Settings, plan: BuildPlan, name: str) -> dict[str, Any]:
    """Run one of the Python analytics: read the intermediate layer, write schema ``analytics``.

    Returns:
        What the solver says of its run, and as ``changed`` which of its tables changed.
    """
    from dagster_project.analytics.tables import DuckDBTables

    con = connect(settings)
    try:
        tables = DuckDBTables(con)
        facts = solver_named(name).solve(tables, plan.as_of)
        return facts | {"changed": sorted(one.removeprefix("analytics.") for one in tables.changed)}
    finally:
        con.close()


def finish(settings: Settings, plan: BuildPlan, result: BuildResult) -> None:
    """Remember a complete build in the work file, and describe every build in ``build.json``."""
    if result.ok:
        con = connect(settings)
        try:
            last = state.BuildState(
                plan.as_of,
                plan.group_currency,
                plan.code_fingerprint,
                True,
                plan.decisions["seq"],
                plan.updates,
            )
            facts = {**plan.__dict__, "is_full": plan.full}
            contracts = load_contracts()
            compared = dbt.compared_feeds(load_manifest(settings))
            state.mark_finished(con, last, facts, [contracts[key] for key in sorted(compared)])
        finally:
            con.close()
    write_description(settings.work_dir / "build.json", plan, result)


def write_description(path: Path, plan: BuildPlan, result: BuildResult) -> None:
    """Write what the receipt needs to know of a build."""
    path.write_text(
        json.dumps(
            {
                "build_id": plan.build_id,
                "as_of": plan.as_of,
                "group_currency": plan.group_currency,
                "policy_version": plan.policy_version,
                "code_fingerprint": plan.code_fingerprint,
                "decisions": plan.decisions,
                "full": plan.full,
                "ok": result.ok,
                "stages": {name: round(s, 3) for name, s in result.stages.items()},
                "dbt": [node.__dict__ for node in result.dbt_results],
            },
            indent=1,
        )
    )
