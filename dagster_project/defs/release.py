"""The release asset: downstream of every mart and held back by every blocking check.

What publishing means belongs in `dagster_project.release`.
"""

import dagster as dg

from dagster_project.defs.building import keys_of_layer
from dagster_project.defs.resources import WRITER_POOL, cause, team
from dagster_project.errors import TierlineError
from dagster_project.settings import get_settings


@dg.asset(
    key=["release", "current"],
    deps=list(keys_of_layer("marts").values()),
    group_name="release",
    owners=team("data_engineering"),
    kinds={"duckdb", "parquet"},
    pool=WRITER_POOL,
)
def release() -> dg.MaterializeResult:
    """Publish the judged build; refused without its own green receipt, also when run alone."""
    from dagster_project.release import publish

    try:
        published = publish(get_settings())
    except TierlineError as error:
        raise cause(error) from error
    rows = sum(entry["rows"] for entry in published.tables.values())
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": rows,
            "release": published.release_id,
            "tables": len(published.tables),
            "path": dg.MetadataValue.path(str(published.path)),
            "data_through": dg.MetadataValue.json(published.data_through),
        }
    )
