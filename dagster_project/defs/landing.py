"""Raw assets: one per feed, grouped by system, straight from the contracts.

Nothing is listed here: a feed that gets a contract is an asset. What landing does with a batch
belongs in `dagster_project.ingestion`.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from dagster_project.defs.building import keys_of_source
from dagster_project.defs.resources import WRITER_POOL, cause, team
from dagster_project.errors import TierlineError
from dagster_project.ingestion import land, load_contracts
from dagster_project.ingestion.ledger import Ledger, LedgerRow
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
        settings = get_settings()
        try:
            land(settings, systems=[system])
        except TierlineError as error:
            raise cause(error) from error
        ledger = Ledger(settings.ledger_path)
        try:
            for spec in specs:
                if spec.key in context.selected_asset_keys:
                    yield from _events(spec, ledger.rows(system, spec.key.path[-1]))
        finally:
            ledger.close()

    return _land


def _spec(system: str, feed: Any) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["raw", system, feed.name],
        group_name=f"raw_{system}",
        description=feed.description,
        owners=team(feed.owner),
        kinds={system if system != "sales_ops" else "crm", "parquet"},
        tags={"feed": "required" if feed.required else "optional"},
        freshness_policy=_freshness(feed),
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


def _freshness(feed: Any) -> dg.FreshnessPolicy | None:
    """Return the freshness that the contract asks of a required feed."""
    if not feed.required or not feed.freshness_hours:
        return None
    return dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=feed.freshness_hours))


def _events(spec: dg.AssetSpec, rows: list[LedgerRow]) -> Iterator[Any]:
    """Yield what the ledger says of one feed: its rows, its batches, and what is held."""
    active = [row for row in rows if row.is_active]
    batches = Counter(row.status for row in rows)
    yield dg.MaterializeResult(
        asset_key=spec.key,
        metadata={
            "dagster/row_count": sum(row.accepted_rows for row in active),
            "quarantined_rows": sum(row.quarantined_rows for row in active),
            "active_batches": len(active),
            "batches": dict(batches),
            "data": "delivered" if active else "no data: this feed was never delivered",
        },
    )
    held = [r for r in rows if r.status == "held" and r.inactive_reason != "superseded"]
    yield dg.AssetCheckResult(
        asset_key=spec.key,
        check_name=WHOLE_BATCHES,
        passed=not held,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"held": dg.MetadataValue.json({r.batch_id: r.reason for r in held})},
    )


def _by_system() -> dict[str, dict[str, Any]]:
    systems: dict[str, dict[str, Any]] = {}
    for (system, name), feed in load_contracts().items():
        systems.setdefault(system, {})[name] = feed
    return systems


raw_assets = [landing_assets(system, feeds) for system, feeds in _by_system().items()]


@dg.multi_asset(
    name="ledger",
    specs=[
        dg.AssetSpec(
            key=key,
            group_name="controls",
            description=f"The ledger's table `{name}`, which controls read.",
            owners=team("data_engineering"),
            kinds={"sqlite"},
            deps=[key for asset in raw_assets for key in asset.keys],
        )
        for name, key in keys_of_source("landing").items()
    ],
)
def ledger() -> Iterator[dg.MaterializeResult]:
    """Count what the ledger knows after all systems have landed."""
    book = Ledger(get_settings().ledger_path)
    try:
        rows = book.rows()
    finally:
        book.close()
    counts = {"batch": len(rows), "quarantined_row": sum(row.quarantined_rows for row in rows)}
    for name, key in keys_of_source("landing").items():
        metadata = {"dagster/row_count": counts[name]} if name in counts else {}
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)
