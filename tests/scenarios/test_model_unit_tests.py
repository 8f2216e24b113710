"""The unit tests that stand beside the models in their YAML, run by dbt."""

import shutil

from dagster_project.settings import DBT_DIR, Settings
from dagster_project.warehouse.dbt import release_connections
from dagster_project.warehouse.manifest import dbt_environment, load_manifest


def test_every_unit_test_of_a_model_passes(marts, tmp_path):
    from dbt.cli.main import dbtRunner

    settings = Settings(home=tmp_path)
    settings.work_dir.mkdir(parents=True)
    # dbt takes the columns of the inputs from their tables, so some warehouse must be there.
    built = marts.execute("select path from duckdb_databases() where path is not null").fetchone()
    shutil.copy(built[0], settings.warehouse_path)
    manifest = load_manifest(settings)
    arguments = ["--log-level", "none", "test", "--select", "test_type:unit", "--no-write-json"]
    arguments += ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
    arguments += ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "logs")]
    with dbt_environment(settings):
        outcome = dbtRunner(manifest=manifest).invoke(arguments)
    release_connections()
    assert outcome.result is not None, outcome.exception
    results = outcome.result.results
    assert {r.node.name: r.message for r in results if r.status != "pass"} == {}
    assert len(results) == len(manifest.unit_tests)
