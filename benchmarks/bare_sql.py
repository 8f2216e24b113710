"""The same SQL without us: what dbt compiled for a full build, in one bare DuckDB process.

No dbt, no tests, no state: every model in dependency order as ``create or replace``, with the
settings of the build, into a fresh file. Raw views, seeds and the tables of the Python analytics
are put in place first; only the models are timed. That the rows are those of the build is checked
afterwards by the digests of all marts.
"""

import json
import shutil
import time
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from benchmarks.process import Measured, answer_with, own_peak_mib, run_measured
from dagster_project.errors import UsageError
from dagster_project.settings import SEEDS_DIR, Settings


def measure(settings: Settings) -> Measured:
    """Run the models of the build that stands in the work file.

    Raises:
        UsageError: The last build of the home was not a full one.
    """
    built = json.loads((settings.work_dir / "build.json").read_text())
    if not (built["ok"] and built["full"]):
        raise UsageError(
            "The bare SQL needs the models of a full build.",
            f"The last build of {settings.home} was incremental or red.",
            "Run `tierline build --full` there first.",
        )
    return run_measured("benchmarks.bare_sql", [], {"TIERLINE_HOME": str(settings.home)})


def ordered_models(manifest: dict[str, Any]) -> list[tuple[dict[str, Any], bool]]:
    """Return the models in dependency order, and whether each needs the Python analytics.

    Models that need them come last: that is where the build runs them.
    """
    nodes = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] in ("model", "seed")}
    graph = {key: [*_parents(node)] for key, node in nodes.items()}
    late = {key for key in manifest["sources"] if ".analytics." in key}
    order = list(TopologicalSorter(graph).static_order())
    for key in order:
        if key not in late and late.intersection(graph.get(key, [])):
            late.add(key)
    models = [(n, k in late) for k in order if (n := nodes.get(k)) and _is_model(n)]
    return sorted(models, key=lambda model: model[1])


def main(_arguments: list[str]) -> dict[str, Any]:
    """Build the bare warehouse of the home in this process."""
    from dagster_project.settings import get_settings
    from dagster_project.warehouse.manifest import read_manifest

    settings = get_settings()
    manifest = read_manifest(settings)
    con = _fresh(settings, manifest)
    processor = time.process_time()
    seconds = _run_models(con, settings, manifest)
    processor, peak = time.process_time() - processor, own_peak_mib()
    different = _different_marts(con)
    con.close()
    shutil.rmtree(settings.home / "bare")
    return {
        "seconds": sum(seconds.values()),
        "cpu_seconds": processor,
        "models": seconds,
        "peak_mib": peak,
        "different_marts": different,
    }


def _fresh(settings: Settings, manifest: dict[str, Any]) -> Any:
    """Open a fresh file with raw views and seeds; the built work file is at hand as ``built``."""
    import duckdb

    from dagster_project.ingestion import load_contracts, register_raw
    from dagster_project.warehouse import state

    # dbt names the database in its SQL, and the database is named after its file.
    path = settings.home / "bare" / settings.warehouse_path.name
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    config = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "preserve_insertion_order": False,
    }
    con = duckdb.connect(str(path), config=config)
    con.execute("set TimeZone = 'UTC'")
    state.create(con)
    register_raw(con, settings, load_contracts(), set())
    con.execute(f"attach '{settings.warehouse_path}' as built (read_only)")
    # What the build writes before its first model: decisions, audits, changes of master data.
    con.execute("create or replace table raw.profile_change as from built.raw.profile_change")
    for schema in sorted({source["schema"] for source in manifest["sources"].values()}):
        if schema not in ("raw", "state", "analytics"):
            _copy_schema(con, schema)
    for schema in sorted({node["schema"] for node in manifest["nodes"].values()}):
        con.execute(f'create schema if not exists "{schema}"')
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            _load_seed(con, settings, node)
    return con


def _load_seed(con: Any, settings: Settings, node: dict[str, Any]) -> None:
    """Load a seed's file with the column types that dbt gave it."""
    name = f'"{node["schema"]}"."{node["alias"]}"'
    folder = settings.policy_dir if node["schema"] == "policy" else SEEDS_DIR / "reference"
    path = folder / Path(node["original_file_path"]).name
    con.execute(f"create table {name} as from built.{name} limit 0")
    columns = [row[0] for row in con.execute(f"describe {name}").fetchall()]
    listed = ", ".join(f'"{column}"' for column in columns)
    con.execute(
        f"insert into {name} ({listed}) select {listed}"
        f" from read_csv('{path}', header = true, all_varchar = true)"
    )


def _run_models(con: Any, settings: Settings, manifest: dict[str, Any]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    has_analytics = False
    for node, is_late in ordered_models(manifest):
        if is_late and not has_analytics:
            _copy_schema(con, "analytics")
            has_analytics = True
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        sql = (settings.work_dir / "dbt" / "compiled" / "tierline" / _path(node)).read_text()
        begun = time.perf_counter()
        con.execute(f'create or replace {kind} "{node["schema"]}"."{node["alias"]}" as {sql}')
        seconds[node["name"]] = time.perf_counter() - begun
    return seconds


def _copy_schema(con: Any, schema: str) -> None:
    tables = con.execute(
        "select table_name from duckdb_tables()"
        f" where database_name = 'built' and schema_name = '{schema}'"
    ).fetchall()
    con.execute(f"create schema if not exists {schema}")
    for (table,) in tables:
        con.execute(f"create table {schema}.{table} as from built.{schema}.{table}")


def _different_marts(con: Any) -> list[str]:
    """Name the marts whose rows are not those of the build."""
    from dagster_project.release.digest import schema_digests

    bare = schema_digests(con, "marts")
    con.execute("use built")
    built = schema_digests(con, "marts")
    con.execute("use warehouse")
    return sorted(t for t in {*bare, *built} if bare.get(t) != built.get(t))


def _is_model(node: dict[str, Any]) -> bool:
    return node["resource_type"] == "model"


def _parents(node: dict[str, Any]) -> list[str]:
    return node["depends_on"].get("nodes", [])


def _path(node: dict[str, Any]) -> str:
    return node["original_file_path"]


if __name__ == "__main__":
    answer_with(main)
