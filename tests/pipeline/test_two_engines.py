"""The same models on DuckDB and on Spark give the same rows, table by table.

Needs the extra ``spark`` and Java 17; ``make test-spark`` installs the extra and runs it.
"""

from pathlib import Path

import duckdb
import pytest

from dagster_project.analytics.solvers import STAGES
from dagster_project.ingestion import land, load_contracts
from dagster_project.settings import Settings
from dagster_project.simulator import simulate
from dagster_project.warehouse import dbt
from dagster_project.warehouse.build import build
from dagster_project.warehouse.manifest import load_manifest
from dagster_project.warehouse.plan import prepare

pytestmark = pytest.mark.spark

SCHEMAS = ("policy", "reference", "staging", "intermediate", "analytics", "marts")
OF_ONE_ENGINE = ("input_mark", "summary_json")
"""Columns with the hash of the rows that a solver read and with how long it took."""


@pytest.fixture(scope="module")
def engines(tmp_path_factory, needs_spark):
    """Build size XS on both engines; return the DuckDB connection and Spark's table folder."""
    from dagster_project.analytics.tables import SparkTables
    from dagster_project.governance.tables import write_audit, write_decisions
    from dagster_project.warehouse import spark

    folder = tmp_path_factory.mktemp("engines")
    simulate("XS", 7, folder / "extracts")
    settings = Settings(home=folder / "home")
    land(settings, folder / "extracts" / "landing")
    assert build(settings).ok

    session = spark.local_session(folder / "spark")
    con = duckdb.connect(str(settings.warehouse_path), read_only=True)
    con.execute("set TimeZone = 'UTC'")
    spark.register_raw(session, con, load_contracts(), folder / "spark_raw")
    con.close()
    write_decisions([], SparkTables(session))
    plan = prepare(settings, full=False)
    write_audit([], SparkTables(session), plan.as_of)
    on_spark = settings.model_copy(update={"engine": "spark"})
    phases = dbt.phases(load_manifest(on_spark), [stage.inputs for stage in STAGES])
    for stage, nodes in zip(STAGES, phases, strict=True):
        bad = [r for r in dbt.run(on_spark, nodes, plan.variables, full=True) if r.is_bad]
        assert not bad, "\n".join(f"{r.name}: {r.message}" for r in bad[:5])
        for solver in stage.solvers:
            solver.solve(SparkTables(session), plan.as_of)
    con = duckdb.connect(str(settings.warehouse_path), read_only=True)
    con.execute("set TimeZone = 'UTC'")
    yield con, folder / "spark" / "warehouse"
    session.stop()


def _tables(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    marks = ", ".join("?" for _ in SCHEMAS)
    return con.execute(
        "select table_schema, table_name from information_schema.tables"
        f" where table_schema in ({marks}) and table_type = 'BASE TABLE' order by all",
        list(SCHEMAS),
    ).fetchall()


def _differences(con: duckdb.DuckDBPyConnection, relation: str, folder: Path) -> tuple[int, int]:
    """Count the rows that only DuckDB has and those that only Spark has."""
    described = f"select column_name, column_type from (describe {relation})"
    columns = [one for one in con.execute(described).fetchall() if one[0] not in OF_ONE_ENGINE]
    # Of a table that is nothing but these, the rows are counted.
    names = ", ".join(["1", *(f'"{name}"' for name, _ in columns)])
    as_typed = ", ".join(
        ["1", *(f'cast("{name}" as {data_type}) as "{name}"' for name, data_type in columns)]
    )
    on_spark = f"(select {as_typed} from read_parquet('{folder}/*.parquet'))"
    query = "select count(*) from (select {0} from {1} except all select {0} from {2})"
    return (
        con.execute(query.format(names, relation, on_spark)).fetchone()[0],
        con.execute(query.format(names, on_spark, relation)).fetchone()[0],
    )


def test_no_row_differs_in_any_table(engines):
    con, spark_folder = engines
    tables = _tables(con)
    assert len(tables) > 80
    different = {}
    for schema, name in tables:
        only_duckdb, only_spark = _differences(
            con, f"{schema}.{name}", spark_folder / f"{schema}.db" / name
        )
        if only_duckdb or only_spark:
            different[f"{schema}.{name}"] = (only_duckdb, only_spark)
    assert not different
