"""Python analytics between the dbt layers: scores, segment events, assignments.

Add an asset for each solver; the solver itself is a pure function in `dagster_project.analytics`
or `dagster_project.segmentation`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.defs.building import asset_keys, keys_of_source, steps_of
from dagster_project.defs.resources import WRITER_POOL, cause, dbt_manifest, team
from dagster_project.errors import TierlineError
from dagster_project.segmentation.run import INPUTS
from dagster_project.settings import get_settings
from dagster_project.warehouse.dbt import ANALYTICS_SOURCE


def _inputs() -> list[dg.AssetKey]:
    nodes = dbt_manifest()["nodes"]
    return [key for uid, key in asset_keys().items() if nodes.get(uid, {}).get("name") in INPUTS]


def _specs() -> list[dg.AssetSpec]:
    tables = {
        node["name"]: node
        for node in dbt_manifest()["sources"].values()
        if node["source_name"] == ANALYTICS_SOURCE
    }
    return [
        dg.AssetSpec(
            key=key,
            group_name="segmentation",
            description=" ".join(tables[name]["description"].split()),
            owners=team("data_engineering"),
            kinds={"python", "duckdb"},
            deps=_inputs(),
        )
        for name, key in keys_of_source(ANALYTICS_SOURCE).items()
    ]


@dg.multi_asset(name="segmentation", specs=_specs(), pool=WRITER_POOL)
def segmentation(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Score every month, decide the moves, keep what was believed when."""
    try:
        facts = steps_of(context).run_analytics(get_settings())
    except TierlineError as error:
        raise cause(error) from error
    for name, key in keys_of_source(ANALYTICS_SOURCE).items():
        rows = facts.get(name)
        metadata = {"dagster/row_count": rows} if isinstance(rows, int) else {}
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
