"""dbt assets before and after the Python analytics; dbt runs inside this process.

A model or seed needs no entry here: the manifest has it. The split follows from what the
analytics read, not from a list.
"""

from collections.abc import Iterator
from typing import Any, Literal

import dagster as dg
from dagster_dbt import dbt_assets

from dagster_project.defs.building import (
    events,
    keys_of_source,
    nodes_of,
    steps_of,
    unchanged_of,
)
from dagster_project.defs.resources import WRITER_POOL, LayerTranslator, cause, dbt_manifest
from dagster_project.errors import TierlineError
from dagster_project.segmentation.run import INPUTS
from dagster_project.settings import get_settings

last_build = [
    dg.AssetSpec(
        key,
        group_name="state",
        description=f"`state.{name}`: what the last build remembered; written by the build itself.",
    )
    for name, key in keys_of_source("state").items()
]
BEFORE_ANALYTICS = " ".join(f"+{name}" for name in INPUTS)


@dbt_assets(
    manifest=dbt_manifest(),
    select=BEFORE_ANALYTICS,
    dagster_dbt_translator=LayerTranslator(),
    name="unify",
    pool=WRITER_POOL,
)
def unify(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Staging and everything that the segmentation needs to know."""
    yield from _run(context, "unify")


@dbt_assets(
    manifest=dbt_manifest(),
    exclude=BEFORE_ANALYTICS,
    dagster_dbt_translator=LayerTranslator(),
    name="marts",
    pool=WRITER_POOL,
)
def marts(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Everything that reads segments, up to the marts."""
    yield from _run(context, "marts")


def _run(context: dg.AssetExecutionContext, stage: Literal["unify", "marts"]) -> Iterator[Any]:
    settings = get_settings()
    try:
        steps = steps_of(context)
        planned = steps.plan.before if stage == "unify" else steps.plan.after
        results = steps.run_dbt(settings, nodes_of(context, planned), stage)
        results += unchanged_of(context, settings, steps.plan)
    except TierlineError as error:
        raise cause(error) from error
    yield from events(context, settings, results)
    bad = [node for node in results if node.is_bad and node.status != "skipped"]
    if bad:
        names = ", ".join(f"{node.name} ({node.status}: {node.message})" for node in bad[:10])
        raise dg.Failure(f"{len(bad)} dbt nodes are red: {names}", allow_retries=False)
    if stage == "marts":
        steps.finish(settings)
