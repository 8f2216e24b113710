"""Python analytics between the dbt stages, as assets.

Nothing to add here: the solvers are listed in `dagster_project.analytics.solvers`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.analytics.solvers import SOLVERS, Solver
from dagster_project.defs.building import asset_keys, keys_of_source, steps_of
from dagster_project.defs.resources import WRITER_POOL, cause, dbt_manifest, team
from dagster_project.errors import TierlineError
from dagster_project.settings import get_settings
from dagster_project.warehouse.dbt import ANALYTICS_SOURCE, table_of


def _inputs(solver: Solver) -> list[dg.AssetKey]:
    nodes = dbt_manifest()["nodes"]
    before = [keys_of_source(ANALYTICS_SOURCE)[name] for name in solver.reads]
    return before + [
        key for uid, key in asset_keys().items() if nodes.get(uid, {}).get("name") in solver.inputs
    ]


def _specs(solver: Solver) -> list[dg.AssetSpec]:
    sources, keys = dbt_manifest()["sources"], keys_of_source(ANALYTICS_SOURCE)
    return [
        dg.AssetSpec(
            key=keys[name],
            group_name=solver.group,
            description=" ".join(sources[table_of(name)]["description"].split()),
            owners=team("data_engineering"),
            kinds={"python", "duckdb"},
            deps=_inputs(solver),
        )
        for name in solver.outputs
    ]


def _asset(solver: Solver) -> dg.AssetsDefinition:
    @dg.multi_asset(name=solver.name, specs=_specs(solver), pool=WRITER_POOL)
    def solve(context: dg.AssetExecutionContext) -> Iterator[Any]:
        facts: dict[str, Any] = {}
        try:
            steps = steps_of(context)
            if solver.name not in steps.plan.unchanged:
                facts = steps.run_solver(get_settings(), solver.name)
        except TierlineError as error:
            raise cause(error) from error
        for name in solver.outputs:
            key = keys_of_source(ANALYTICS_SOURCE)[name]
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(name, facts))

    return solve


def _metadata(output: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Rows of an output and what the solver shows of it, in Markdown."""
    metadata: dict[str, Any] = {}
    if isinstance(facts.get(output), int):
        metadata["dagster/row_count"] = facts[output]
    for title, text in facts.get("shown", {}).get(output, {}).items():
        metadata[title] = dg.MetadataValue.md(text)
    return metadata


solver_assets = [_asset(solver) for solver in SOLVERS]
