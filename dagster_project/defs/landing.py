"""Raw assets: one per feed, grouped by system, straight from the contracts.

Nothing is listed here: a feed that gets a contract is an asset. What landing does with a batch
belongs in `dagster_project.ingestion`.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.defs.resources import WRITER_POOL, cause, team
from dagster_project.errors import TierlineError
from dagster_project.ingestion import land, load_contracts
from dagster_project.settings import get_settings

WHOLE_BATCHES = "batches_are_whole"


def landing_assets(system: str, feeds: dict[str, Any]) -> dg.AssetsDefinition:
    """Return one multi-asset with a raw asset and a check per feed of a system."""
    specs = [_spec(system, feed) for feed in feeds.values()]
    checks = [
        dg.AssetCheckSpec(
            WHOLE_BATCHES,
            asset=spec.key,
            description="No batch is held back because it does not agree with its manifest.",
        )
        for spec in specs
    ]

    @dg.multi_asset(
        name=f"land_{system}", specs=specs, check_specs=checks, can_subset=True, pool=WRITER_POOL
    )
    def _land(context: dg.AssetExecutionContext) -> Iterator[Any]:
        wanted = [key.path[-1] for key in context.selected_asset_keys]
        try:
            report = land(get_settings(), feeds=[(system, feed) for feed in wanted])
        except TierlineError as error:
            raise cause(error) from error
        for feed in sorted(wanted):
            yield from _events(context, system, feed, report)

    return _land


def _spec(system: str, feed: Any) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["raw", system, feed.name],
        group_name=f"raw_{system}",
        description=feed.description,
        owners=team(feed.owner),
        kinds={system if system != "sales_ops" else "crm", "parquet"},
        tags={"feed": "required" if feed.required else "optional"},
        metadata={
            "dagster/column_schema": dg.TableSchema(
                columns=[
                    dg.TableColumn(
                        column.name,
                        type=column.data_type,
                        description=column.description,
                        constraints=dg.TableColumnConstraints(nullable=column.nullable),
                    )
                    for column in feed.columns
                ]
            )
        },
    )


def _events(
    context: dg.AssetExecutionContext, system: str, feed: str, report: Any
) -> Iterator[Any]:
    raise NotImplementedError


def _by_system() -> dict[str, dict[str, Any]]:
    systems: dict[str, dict[str, Any]] = {}
    for (system, name), feed in load_contracts().items():
        systems.setdefault(system, {})[name] = feed
    return systems


raw_assets = [landing_assets(system, feeds) for system, feeds in _by_system().items()]
