"""The dbt test that nothing is imputed silently, run on a work file of a test's own."""

from typing import Any

from dagster_project.settings import DBT_DIR, Settings
from dagster_project.warehouse.dbt import release_connections
from dagster_project.warehouse.manifest import dbt_environment, load_manifest


def imputation_verdict(settings: Settings) -> tuple[int, str]:
    """Return how many nulls the imputation log does not know, and the test's SQL for DuckDB."""
    from dbt.cli.main import dbtRunner

    manifest = load_manifest(settings)
    name = next(n.name for n in manifest.nodes.values() if n.name.startswith("nothing_imputed"))
    # As in a build from scratch, where it looks at every row.
    arguments = ["--log-level", "none", "build", "--full-refresh", "--select", name]
    arguments += ["--no-write-json"]
    arguments += ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
    arguments += ["--target-path", str(settings.work_dir / "dbt")]
    arguments += ["--log-path", str(settings.work_dir / "logs")]
    with dbt_environment(settings):
        outcome: Any = dbtRunner(manifest=manifest).invoke(arguments)
    release_connections()
    assert outcome.result is not None, outcome.exception
    [result] = outcome.result.results
    return result.failures or 0, result.node.compiled_code
