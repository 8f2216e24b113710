"""Between a Dagster step and a build: which nodes were selected, what became of them.

The build itself belongs in `dagster_project.warehouse`; nothing is registered here.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from dagster_project.defs.pictures import PICTURES, picture
from dagster_project.defs.resources import LayerTranslator, dbt_manifest
from dagster_project.settings import Settings, get_settings
from dagster_project.warehouse.dbt import (
    ANALYTICS_SOURCE,
    UNCHANGED,
    NodeResult,
    unchanged_result,
)
from dagster_project.warehouse.manifest import load_manifest
from dagster_project.warehouse.plan import BuildPlan
from dagster_project.warehouse.steps import Steps, begin, resume
from dagster_project.warehouse.work_file import connect

FULL_TAG = "tierline/full"
"""Run tag: start afresh from raw."""


@cache
def asset_keys() -> dict[str, dg.AssetKey]:
    """Return the asset key of each model, seed and source by its dbt unique id."""
    manifest, translator = dbt_manifest(), LayerTranslator()
    nodes = {**manifest["nodes"], **manifest["sources"]}
    kinds = {"model", "seed", "source"}
    return {
        unique_id: translator.get_asset_key(node)
        for unique_id, node in nodes.items()
        if node["resource_type"] in kinds
    }


@cache
def check_keys() -> dict[str, dg.AssetCheckKey]:
    """Return the check key of each dbt test that belongs to one asset."""
    manifest, translator = dbt_manifest(), LayerTranslator()
    found = {
        unique_id: get_asset_check_key_for_test(manifest, translator, unique_id, None)
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
    }
    return {unique_id: key for unique_id, key in found.items() if key}


@cache
def graph_order() -> dict[str, int]:
    """Return the place of each dbt node in an order in which parents stand before children."""
    order = TopologicalSorter(dbt_manifest()["parent_map"]).static_order()
    return {unique_id: place for place, unique_id in enumerate(order)}


def keys_of_source(source_name: str) -> dict[str, dg.AssetKey]:
    """Return the asset keys of a dbt source by table name."""
    return {
        node["name"]: asset_keys()[unique_id]
        for unique_id, node in dbt_manifest()["sources"].items()
        if node["source_name"] == source_name
    }


def keys_of_layer(layer: str) -> dict[str, dg.AssetKey]:
    """Return the asset keys of the models of a layer by model name."""
    return {
        node["name"]: asset_keys()[unique_id]
        for unique_id, node in dbt_manifest()["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][1] == layer
    }


def steps_of(context: dg.AssetExecutionContext) -> Steps:
    """Return the build of this run; the first step that asks begins it.

    A run that makes only some tables recomputes those in full and leaves the work file marked
    as in flux, so that nobody publishes a mixture.
    """
    key = context.run.root_run_id or context.run_id
    running = resume(get_settings(), key)
    if running:
        return running
    return begin(get_settings(), key, full=FULL_TAG in context.run.tags, whole=_is_whole(context))


def _is_whole(context: dg.AssetExecutionContext) -> bool:
    built = {k for uid, k in asset_keys().items() if not uid.startswith("source.")}
    built |= set(keys_of_source(ANALYTICS_SOURCE).values())
    return built <= set(context.job_def.asset_layer.executable_asset_keys)


def nodes_of(context: dg.AssetExecutionContext, planned: Sequence[str]) -> list[str]:
    """Return the planned dbt nodes whose assets or checks were selected.

    A test that belongs to no single asset runs when everything does.
    """
    keys, checks = asset_keys(), check_keys()
    selected = set(context.selected_asset_keys)
    complete = {keys[unique_id] for unique_id in planned if unique_id in keys} <= selected
    selected_checks = set(context.selected_asset_check_keys)
    return [
        unique_id
        for unique_id in planned
        if complete
        or keys.get(unique_id) in selected
        or (unique_id in checks and checks[unique_id] in selected_checks)
    ]


def unchanged_of(
    context: dg.AssetExecutionContext, settings: Settings, plan: BuildPlan
) -> list[NodeResult]:
    """Return a result for each selected node that need not run, so that what follows goes on."""
    manifest = load_manifest(settings)
    ids = nodes_of(context, plan.unchanged)
    mine = {*context.selected_asset_keys}
    keys, checks = asset_keys(), check_keys()
    return [
        unchanged_result(manifest, unique_id)
        for unique_id in ids
        if keys.get(unique_id) in mine or checks.get(unique_id) in context.selected_asset_check_keys
    ]


def events(
    context: dg.AssetExecutionContext, settings: Settings, results: list[NodeResult]
) -> Iterator[Any]:
    """Yield a materialization per table, with its row count, and a result per test."""
    keys, checks = asset_keys(), check_keys()
    selected_checks = set(context.selected_asset_check_keys)
    made = [r for r in results if r.unique_id in keys and not r.is_bad]
    rows, pictures = _row_counts(settings, made), _pictures(settings, made)
    # Dagster takes the outputs of one step from upstream to downstream only.
    for result in sorted(results, key=lambda r: graph_order()[r.unique_id]):
        if result.unique_id in rows:
            metadata = {"dagster/row_count": rows[result.unique_id], "seconds": result.seconds}
            metadata |= pictures.get(result.unique_id, {})
            yield dg.MaterializeResult(asset_key=keys[result.unique_id], metadata=metadata)
    for result in results:
        check = checks.get(result.unique_id)
        if check is not None and check in selected_checks and result.status != "skipped":
            yield _check_result(check, result)


def _check_result(check: dg.AssetCheckKey, result: NodeResult) -> dg.AssetCheckResult:
    is_warning = result.status == "warn"
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=result.status in {"pass", UNCHANGED},
        severity=dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR,
        metadata={"failing_rows": result.failures or 0, "message": result.message or "as expected"},
    )


def _pictures(settings: Settings, results: list[NodeResult]) -> dict[str, dict[str, Any]]:
    """Draw the tables that have a picture."""
    wanted = [r for r in results if r.name in PICTURES]
    if not wanted:
        return {}
    con = connect(settings)
    try:
        drawn = {r.unique_id: picture(con, r.name) for r in wanted}
    finally:
        con.close()
    return {key: {"picture": dg.MetadataValue.md(one[1])} for key, one in drawn.items() if one}


def _row_counts(settings: Settings, results: list[NodeResult]) -> dict[str, int]:
    """Count the rows of the given tables in one statement."""
    nodes = dbt_manifest()["nodes"]
    if not results:
        return {}
    counts = " union all ".join(
        f"select '{r.unique_id}', count(*) from"
        f' "{nodes[r.unique_id]["schema"]}"."{nodes[r.unique_id]["alias"]}"'
        for r in results
    )
    con = connect(settings)
    try:
        return dict(con.execute(counts).fetchall())
    finally:
        con.close()
