"""The same models on Spark: a local session with the raw feeds as its tables.

dbt's session method joins the Spark session of this process, so the session must exist before
``warehouse.dbt.run`` is called with ``engine='spark'``. Needs the extra ``spark`` and Java 17.
"""

from pathlib import Path
from typing import Any

from dagster_project.ingestion.contract import Feed

SCHEMAS = (
    *("raw", "decisions", "audit", "staging", "intermediate", "analytics", "marts"),
    *("policy", "reference", "state"),
)


def local_session(folder: Path) -> Any:
    """Start a local Spark session in UTC whose tables live below ``folder``."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .appName("tierline")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.sql.legacy.createHiveTableByDefault", "false")
        .config("spark.sql.sources.default", "parquet")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.adaptive.enabled", "false")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    for schema in SCHEMAS:
        session.sql(f"create schema if not exists {schema}")
    return session


def register_raw(
    session: Any, warehouse: Any, contracts: dict[tuple[str, str], Feed], folder: Path
) -> None:
    """Give Spark the raw schema that DuckDB has: active rows of each feed and the batch ledger.

    Args:
        session: Spark session from ``local_session``.
        warehouse: DuckDB connection to a work file with registered raw views.
        contracts: Feeds by system and name.
        folder: Where the Parquet copies go; must outlive the session.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{system}__{feed}" for system, feed in contracts]
    names += ["batch", "quarantined_row", "profile_change"]
    for name in names:
        path = folder / f"{name}.parquet"
        warehouse.execute(f"copy (select * from raw.{name}) to '{path}' (format parquet)")
        session.sql(f"drop table if exists raw.{name}")
        session.sql(f"create table raw.{name} using parquet location '{path}'")
