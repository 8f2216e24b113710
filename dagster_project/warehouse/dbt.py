"""dbt in this process: which nodes run when, and what became of each.

dbt is called with explicit lists of nodes, so that the Python analytics stand between the models
that feed them and the models that read them, and so that a test runs right after the last model
that it needs.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from dagster_project.analytics.solvers import Solver
from dagster_project.errors import LockedError, TierlineError
from dagster_project.process import without_collecting
from dagster_project.settings import DBT_DIR, Settings
from dagster_project.warehouse.manifest import dbt_environment, load_manifest, target_dir
from dagster_project.warehouse.quick_dbt import (
    NODE_FINISHED,
    few_events,
    few_files,
    known_project,
    made_once,
)
from dagster_project.warehouse.templates import kept_templates

ANALYTICS_SOURCE = "analytics"
_BUILDABLE = {"model", "seed", "test"}
UNCHANGED = "unchanged"
_WANTED = "wanted_in_this_run"
_AS_OF = re.compile(r"\bas_of\b")
"""The logical date as variable or macro; ``as_of_month`` is a column."""
_FAILED = {"error", "fail", "runtime error"}


OUT_OF_MEMORY = "Out of Memory Error"
"""How DuckDB's message begins."""


@dataclass(frozen=True)
class NodeResult:
    """One dbt node that ran.

    ``status`` is dbt's own word (success, pass, warn, fail, error, skipped), or unchanged for a
    node that need not run.
    """

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    message: str
    failures: int | None = None

    @property
    def is_bad(self) -> bool:
        return self.status in _FAILED or self.status == "skipped"


def phases(manifest: Any, inputs_by_stage: Sequence[Iterable[str]]) -> list[list[str]]:
    """Divide all nodes among the stages of a build.

    Args:
        manifest: dbt's ``Manifest``.
        inputs_by_stage: Per stage, names of the models and seeds that its solvers read.

    Returns:
        A list of unique ids per stage, in no particular order of running: a node stands in the
        first stage that needs it, the last stage takes what nobody needs, and tests stand with the
        last model that they read.
    """
    nodes = {k: n for k, n in manifest.nodes.items() if n.resource_type.value in _BUILDABLE}
    done: set[str] = set()
    stages: list[list[str]] = []
    for inputs in inputs_by_stage[:-1]:
        wanted = set(inputs)
        needed: set[str] = set()
        stack = [key for key, node in nodes.items() if node.name in wanted]
        while stack:
            key = stack.pop()
            if key not in needed and key in nodes:
                needed.add(key)
                stack += _parents(nodes[key])
        for key, node in nodes.items():
            needs = {parent for parent in _parents(node) if parent in nodes}
            if node.resource_type.value == "test" and needs and needs <= needed | done:
                needed.add(key)
        stages.append(sorted(needed - done))
        done |= needed
    return [*stages, sorted(set(nodes) - done)]


def unchanged_result(manifest: Any, unique_id: str) -> NodeResult:
    """Describe a node whose rows are those of the last complete build."""
    node = manifest.nodes[unique_id]
    kind = node.resource_type.value
    return NodeResult(unique_id, node.name, kind, UNCHANGED, 0.0, "as in the last build")


def affected(
    manifest: Any,
    changed_sources: set[str] | frozenset[str],
    is_new_day: bool,
    solvers: Iterable[Solver] = (),
    standing: set[str] | frozenset[str] = frozenset(),
) -> set[str]:
    """Return the nodes and solvers whose rows can differ from the last build of the same code.

    A node is affected when it reads a changed source or something affected, or when it reads the
    logical date and that has moved. Seeds and the text of views are part of the code and never are.

    Args:
        manifest: dbt's ``Manifest``.
        changed_sources: dbt unique ids of sources whose rows changed.
        is_new_day: The logical date differs from the last build's.
        solvers: Python analytics; their names are returned where they must run.
        standing: Tables of solvers, by dbt unique id, that a run of theirs has left as they were.
    """
    dated = _dated_macros(manifest) if is_new_day else set()
    nodes = {k: n for k, n in manifest.nodes.items() if n.resource_type.value in _BUILDABLE}
    solvers = list(solvers)
    made_by = {table_of(table): solver.name for solver in solvers for table in solver.outputs}
    found = {
        key
        for key, node in nodes.items()
        if changed_sources.intersection(_parents(node)) or (is_new_day and _is_dated(node, dated))
    }
    found |= {solver.name for solver in solvers if is_new_day and solver.reads_date}
    children: dict[str, list[str]] = {}
    for key, node in nodes.items():
        for parent in _parents(node):
            if parent not in standing:
                children.setdefault(made_by.get(parent, parent), []).append(key)
        for solver in solvers:
            if node.name in solver.inputs:
                children.setdefault(key, []).append(solver.name)
    for solver in solvers:
        for table in solver.reads:
            if table_of(table) not in standing:
                children.setdefault(made_by[table_of(table)], []).append(solver.name)
    stack = list(found)
    while stack:
        new = [child for child in children.get(stack.pop(), []) if child not in found]
        found.update(new)
        stack += new
    return {
        key for key in found if key not in nodes or not _is_lasting(nodes[key], dated, is_new_day)
    }


def compared_feeds(manifest: Any) -> set[tuple[str, str]]:
    """Return system and name of the feeds whose rows models compare with the last build's."""
    call = re.compile(r"(?:changed_keys|built_feed)\('(\w+)', '(\w+)'")
    return {
        found
        for node in manifest.nodes.values()
        if node.resource_type.value == "model"
        for found in call.findall(node.raw_code)
    }


def table_of(output: str) -> str:
    """Return the dbt unique id of a table that a solver writes."""
    return f"source.tierline.{ANALYTICS_SOURCE}.{output}"


def _is_lasting(node: Any, dated: set[str], is_new_day: bool) -> bool:
    """Seeds and views: what a view says is code, its rows are made when it is read."""
    if node.resource_type.value == "seed":
        return True
    return node.config.materialized == "view" and not (is_new_day and _is_dated(node, dated))


def _is_dated(node: Any, dated_macros: set[str]) -> bool:
    """Does the node's SQL name the logical date?"""
    return bool(_AS_OF.search(node.raw_code)) or bool(
        dated_macros.intersection(node.depends_on.macros)
    )


def _dated_macros(manifest: Any) -> set[str]:
    """Macros that read the logical date, themselves or through another macro."""
    found = {key for key, macro in manifest.macros.items() if _AS_OF.search(macro.macro_sql)}
    found = {key for key in found if key.startswith("macro.tierline.")}
    grew = True
    while grew:
        more = {k for k, m in manifest.macros.items() if found.intersection(m.depends_on.macros)}
        grew = not more <= found
        found |= more
    return found


def _parents(node: Any) -> list[str]:
    """Unique ids that a node reads; seeds read none."""
    return getattr(node.depends_on, "nodes", [])


def run(
    settings: Settings,
    unique_ids: list[str],
    variables: dict[str, Any],
    full: bool,
    on_result: Callable[[NodeResult], None] | None = None,
    tidy: bool = False,
) -> list[NodeResult]:
    """Build the given nodes with their tests, in dbt's order.

    What finds too little memory beside others runs again, with what waits for it, one at a time.

    Args:
        settings: The home whose work file is written.
        unique_ids: dbt unique ids of seeds, models and tests.
        variables: dbt vars.
        full: Rebuild heavy models instead of updating the touched keys.
        on_result: Called as soon as a node has finished, from dbt's threads.
        tidy: Put row groups together that lost rows.

    Raises:
        LockedError: Another process has the work file open.
        TierlineError: dbt failed before it ran a node.
    """
    if not unique_ids:
        return []

    def invoke(wanted: list[str], at_a_time: int) -> list[NodeResult]:
        return _invoke(settings, wanted, variables, full, on_result, tidy, at_a_time)

    # In an update each node is mostly dbt's Python: another can use the database meanwhile. In a
    # full build one query fills all cores; more at a time take too much memory.
    results = invoke(unique_ids, settings.threads if full else settings.threads + 1)
    bad = [one for one in results if one.is_bad]
    crowded = [one for one in bad if OUT_OF_MEMORY in one.message]
    if not crowded or any(one.status != "skipped" for one in bad if one not in crowded):
        return results
    again = [one.unique_id for one in bad]
    return [one for one in results if not one.is_bad] + invoke(again, 1)


def _invoke(
    settings: Settings,
    unique_ids: list[str],
    variables: dict[str, Any],
    full: bool,
    on_result: Callable[[NodeResult], None] | None,
    tidy: bool,
    at_a_time: int,
) -> list[NodeResult]:
    from dbt.cli.main import dbtRunner

    manifest = load_manifest(settings)
    arguments = [
        "--log-level",
        "none",
        "build",
        "--project-dir",
        str(DBT_DIR),
        "--profiles-dir",
        str(DBT_DIR),
    ]
    arguments += ["--target-path", str(settings.work_dir / "dbt"), "--no-write-json"]
    arguments += ["--log-path", str(settings.work_dir / "dbt_logs"), "--log-level-file", "error"]
    arguments += [
        "--use-fast-test-edges",
        "--indirect-selection",
        "empty",
        "--exclude-resource-type",
        "unit_test",
    ]
    arguments += ["--vars", json.dumps(variables), *(["--full-refresh"] if full else [])]
    if settings.engine == "duckdb":
        arguments += ["--threads", str(at_a_time)]
    arguments += ["--select", f"tag:{_WANTED}"]

    def report(event: Any) -> None:
        if on_result and event.info.name == NODE_FINISHED:
            on_result(_from_event(event.data))

    with (
        dbt_environment(settings, tidy),
        _tagged(manifest, unique_ids),
        few_events(),
        few_files(compiled=full),
        nullcontext() if full else known_project(),
        kept_templates(target_dir(settings)),
        made_once(),
        without_collecting(),
    ):
        outcome = dbtRunner(manifest=manifest, callbacks=[report]).invoke(arguments)
    if settings.engine == "duckdb":
        release_connections()
    if outcome.result is None:
        _raise(settings, outcome.exception)
    results: Any = outcome.result
    return [_from_result(result) for result in results.results]


@contextmanager
def _tagged(manifest: Any, unique_ids: list[str]) -> Iterator[None]:
    """Mark the wanted nodes: by a list of names dbt's selection takes seconds, by a tag none."""
    nodes = [manifest.nodes[unique_id] for unique_id in unique_ids]
    for node in nodes:
        node.tags.append(_WANTED)
    try:
        yield
    finally:
        for node in nodes:
            node.tags.remove(_WANTED)


def release_connections() -> None:
    """Close dbt's handle on the work file, which it keeps for the life of the process."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _raise(settings: Settings, error: BaseException | None) -> None:
    text = str(error)
    if "lock" in text.lower():
        raise LockedError(
            f"The work file {settings.warehouse_path} is open in another process.",
            text,
            "Wait for that process or end it, then run the command again.",
        )
    raise TierlineError("dbt could not run.", text, "See the log in work/dbt_logs of the home.")


def _from_result(result: Any) -> NodeResult:
    node = result.node
    return NodeResult(
        unique_id=node.unique_id,
        name=node.name,
        resource_type=node.resource_type.value,
        status=str(result.status.value if hasattr(result.status, "value") else result.status),
        seconds=round(result.execution_time, 3),
        message=str(result.message or ""),
        failures=result.failures,
    )


def _from_event(data: Any) -> NodeResult:
    info = data.node_info
    return NodeResult(
        unique_id=info.unique_id,
        name=info.node_name,
        resource_type=info.resource_type,
        status=data.run_result.status,
        seconds=round(data.run_result.execution_time, 3),
        message=data.run_result.message,
        failures=data.run_result.num_failures,
    )
