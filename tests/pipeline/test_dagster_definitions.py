"""What a data engineer sees in Dagster before anything has run."""

import subprocess
import sys
from datetime import datetime

import dagster as dg
import pytest

from dagster_project.definitions import defs
from dagster_project.ingestion import load_contracts

DEFINITIONS = defs()
GRAPH = DEFINITIONS.resolve_asset_graph()
KEYS = sorted(key for key in GRAPH.get_all_asset_keys() if GRAPH.get(key).is_executable)
READS_ONLY = {"ledger"}


def test_every_feed_is_a_raw_asset_in_the_group_of_its_system():
    for system, feed in load_contracts():
        node = GRAPH.get(dg.AssetKey(["raw", system, feed]))
        assert node.group_name == f"raw_{system}"
        assert "parquet" in node.kinds


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.to_user_string())
def test_asset_has_a_group_a_description_and_an_owner(key):
    node = GRAPH.get(key)
    assert node.group_name != "default"
    assert node.description
    assert node.owners


def test_everything_that_writes_the_home_stands_in_the_pool_of_size_one():
    ops = DEFINITIONS.resolve_job_def("refresh").nodes
    pools = {op.name: op.definition.pool for op in ops}
    assert {name for name, pool in pools.items() if pool != "warehouse_writer"} == READS_ONLY


def test_release_is_downstream_of_every_mart():
    marts = {key for key in KEYS if key.path[0] == "marts"}
    assert marts
    assert GRAPH.get(dg.AssetKey(["release", "current"])).parent_keys == marts


def test_segmentation_stands_between_the_two_sets_of_dbt_assets():
    score = dg.AssetKey(["analytics", "segment_score"])
    upstream = GRAPH.get(score).parent_keys
    assert dg.AssetKey(["intermediate", "int_customer__month"]) in upstream
    ops = {key: GRAPH.get(key).assets_def.op.name for key in KEYS}
    assert {ops[key] for key in upstream} == {"unify"}
    assert {ops[key] for key in GRAPH.get(score).child_keys} == {"marts"}


def test_gates_are_blocking_checks_on_marts():
    control = dg.AssetKey(["marts", "fct_control_result"])
    checks = {key.name: GRAPH.get(key) for key in GRAPH.get_check_keys_for_assets({control})}
    assert checks["gate_is_open"].blocking
    assert checks["r_01_holds"].blocking


def test_dbt_tests_are_checks_of_their_models():
    orders = dg.AssetKey(["marts", "fct_order_line"])
    names = {key.name for key in GRAPH.get_check_keys_for_assets({orders})}
    assert any("unique" in name for name in names)


def test_jobs_schedules_and_sensors_are_there():
    repository = DEFINITIONS.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {"refresh", "rebuild_full", "land_only"}
    assert {s.name for s in repository.schedule_defs} == {"daily_refresh", "fiscal_close"}
    assert {s.name for s in repository.sensor_defs} == {"new_batches", "release_staleness"}


def test_loading_the_definitions_does_not_import_great_expectations():
    code = (
        "import sys, dagster_project.definitions as d; d.defs();"
        "print([m for m in ('great_expectations', 'pyspark') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


def test_fiscal_close_without_a_release_says_why_it_does_not_run(monkeypatch, tmp_path):
    from dagster_project.defs.schedules import fiscal_close
    from dagster_project.settings import get_settings

    monkeypatch.setenv("TIERLINE_HOME", str(tmp_path))
    get_settings.cache_clear()
    try:
        context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 8, 5, 6))
        evaluation = fiscal_close.evaluate_tick(context)
    finally:
        get_settings.cache_clear()
    assert evaluation.run_requests == []
    assert "No release" in evaluation.skip_message
