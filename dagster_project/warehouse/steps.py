"""One build taken step by step, by steps that share a home but not memory.

Dagster runs the phases of a build as separate steps, perhaps in separate processes. What one
step must tell the next stands in ``work/steps.json`` under the key of the run. What a step does
belongs in ``build``.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from dagster_project.settings import Settings
from dagster_project.warehouse import build
from dagster_project.warehouse.build import BuildResult
from dagster_project.warehouse.dbt import NodeResult
from dagster_project.warehouse.plan import BuildPlan, prepare


@dataclass
class Steps:
    """A build on its way: what it will do, what it has done, whether it makes all tables."""

    key: str
    plan: BuildPlan
    result: BuildResult
    whole: bool

    def run_dbt(
        self,
        settings: Settings,
        unique_ids: list[str],
        stage: str,
        on_result: Callable[[NodeResult], None] | None = None,
    ) -> list[NodeResult]:
        """Run dbt nodes as one stage; a whole build that turns red here is described as red."""
        results = self._timed(
            stage, lambda: build.run_dbt(settings, self.plan, unique_ids, on_result)
        )
        self.result.dbt_results += results
        if self.whole and not self.result.ok:
            build.finish(settings, self.plan, self.result)
        _save(settings, self)
        return results

    def run_solver(self, settings: Settings, name: str) -> dict[str, Any]:
        """Run one of the Python analytics as a stage of its own."""
        facts = self._timed(name, lambda: build.run_solver(settings, self.plan, name))
        self.result.solved[name] = facts
        _save(settings, self)
        return facts

    def finish(self, settings: Settings) -> None:
        """Declare a whole build complete; a partial one stays what it is: in flux."""
        if self.whole:
            build.finish(settings, self.plan, self.result)

    def _timed(self, stage: str, work: Callable[[], Any]) -> Any:
        import time

        begun = time.perf_counter()
        value = work()
        self.result.stages[stage] = time.perf_counter() - begun
        return value


def begin(settings: Settings, key: str, full: bool, whole: bool) -> Steps:
    """Decide what the build will do and remember it under ``key``."""
    plan = prepare(settings, full=full, whole=whole)
    result = BuildResult(plan.build_id, plan.as_of, plan.group_currency, plan.full)
    steps = Steps(key, plan, result, whole)
    _save(settings, steps)
    return steps


def resume(settings: Settings, key: str) -> Steps | None:
    """Return the build that an earlier step of the same run began, or None."""
    path = settings.work_dir / "steps.json"
    if not path.exists():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["key"] != key:
        return None
    result = data["result"]
    result["dbt_results"] = [NodeResult(**node) for node in result["dbt_results"]]
    return Steps(key, BuildPlan(**data["plan"]), BuildResult(**result), data["whole"])


def _save(settings: Settings, steps: Steps) -> None:
    path = settings.work_dir / "steps.json"
    path.write_text(json.dumps(asdict(steps), default=str), encoding="utf-8")
