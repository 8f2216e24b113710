"""dbt assets, stage by stage between the Python analytics; dbt runs inside this process.

A model or seed needs no entry here: the manifest has it. The split follows from what the
analytics read, not from a list.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from dagster_project.analytics.solvers import STAGES, StageOfBuild
from dagster_project.defs.building import (
    events,
    keys_of_source,
    nodes_of,
    steps_of,
    unchanged_of,
)
from dagster_project.defs.resources import WRITER_POOL, LayerTranslator, cause, dbt_manifest
from dagster_project.errors import TierlineError
from dagster_project.settings import get_settings

last_build = [
    dg.AssetSpec(
        key,
        group_name="state",
        description=f"`state.{name}`: what the last build remembered; written by the build itself.",
    )
    for name, key in keys_of_source("state").items()
]


def _select(stages: Iterable[StageOfBuild]) -> str:
    return " ".join(f"+{name}" for stage in stages for name in stage.inputs)


def _dbt_stage(place: int, stage: StageOfBuild) -> dg.AssetsDefinition:
    """Return the dbt nodes of a stage as assets; what an earlier stage makes is not among them."""
    is_last = place == len(STAGES) - 1

    @dbt_assets(
        manifest=dbt_manifest(),
        select="fqn:*" if is_last else _select([stage]),
        exclude=_select(STAGES[:place]) or None,
        dagster_dbt_translator=LayerTranslator(),
        name=stage.name,
        pool=WRITER_POOL,
    )
    def run_stage(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from _run(context, stage.name, is_last)

    return run_stage


dbt_stages = [_dbt_stage(place, stage) for place, stage in enumerate(STAGES)]


def _run(context: dg.AssetExecutionContext, stage: str, is_last: bool) -> Iterator[Any]:
    settings = get_settings()
    try:
        steps = steps_of(context)
        nodes = nodes_of(context, steps.plan.nodes[stage])
        results = steps.run_dbt(settings, nodes, stage)
        results += unchanged_of(context, settings, steps.plan)
    except TierlineError as error:
        raise cause(error) from error
    yield from events(context, settings, results)
    bad = [node for node in results if node.is_bad and node.status != "skipped"]
    if bad:
        names = ", ".join(f"{node.name} ({node.status}: {node.message})" for node in bad[:10])
        raise dg.Failure(f"{len(bad)} dbt nodes are red: {names}", allow_retries=False)
    if is_last:
        steps.finish(settings)
