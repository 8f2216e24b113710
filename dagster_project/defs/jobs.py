"""Jobs: named selections of assets. Add one when people start the same selection by hand."""

import dagster as dg

from dagster_project.defs.building import FULL_TAG
from dagster_project.defs.landing import raw_assets

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="The whole way: landing, staging, segments, marts, gates, release.",
    executor_def=dg.in_process_executor,
)

rebuild_full = dg.define_asset_job(
    "rebuild_full",
    selection=dg.AssetSelection.all(),
    tags={FULL_TAG: "true"},
    description="The whole way, afresh from raw; its release equals that of `refresh`.",
    executor_def=dg.in_process_executor,
)

land_only = dg.define_asset_job(
    "land_only",
    selection=dg.AssetSelection.assets(*raw_assets),
    description="Take the batches that wait in the landing; build nothing.",
    executor_def=dg.in_process_executor,
)
