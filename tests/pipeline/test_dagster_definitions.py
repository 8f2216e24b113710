"""What a data engineer sees in Dagster before anything has run."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from dagster_project.analytics.solvers import STAGES
from dagster_project.definitions import defs
from dagster_project.defs.building import asset_keys, check_keys
from dagster_project.ingestion import load_contracts
from dagster_project.settings import get_settings
from dagster_project.warehouse.dbt import phases
from dagster_project.warehouse.manifest import load_manifest

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


def test_a_dbt_test_runs_in_the_step_that_makes_its_table():
    # Else Dagster has no result of it where it waits for one; see `StageOfBuild.also`.
    manifest = load_manifest(get_settings())
    nodes_by_stage = phases(manifest, [stage.inputs for stage in STAGES])
    stage_of = {node: i for i, nodes in enumerate(nodes_by_stage) for node in nodes}
    makes = {key: unique_id for unique_id, key in asset_keys().items()}
    later = {
        test
        for test, check in check_keys().items()
        if stage_of[test] != stage_of.get(makes[check.asset_key], stage_of[test])
    }
    assert later == set()


def test_gates_are_blocking_checks_on_marts():
    control = dg.AssetKey(["marts", "fct_control_result"])
    checks = {key.name: GRAPH.get(key) for key in GRAPH.get_check_keys_for_assets({control})}
    assert checks["gate_is_open"].blocking
    assert checks["r_01_holds"].blocking


def test_dbt_tests_are_checks_of_their_models():
    orders = dg.AssetKey(["marts", "fct_order_line"])
    names = {key.name for key in GRAPH.get_check_keys_for_assets({orders})}
    assert any(name.startswith("sound_") for name in names)


def test_jobs_schedules_and_sensors_are_there():
    repository = DEFINITIONS.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {"refresh", "rebuild_full", "land_only"}
    assert {s.name for s in repository.schedule_defs} == {
        "daily_refresh",
        "weekly_demand",
        "monthly_snop",
        "quarterly_tiers",
        "annual_scheme",
    }
    assert {s.name for s in repository.sensor_defs} == {
        "new_batches",
        "late_cycles",
        "freeze_cycle",
        "release_staleness",
    }


def test_loading_the_definitions_does_not_import_great_expectations():
    code = (
        "import sys, dagster_project.definitions as d; d.defs();"
        "print([m for m in ('great_expectations', 'pyspark') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


@pytest.fixture
def monthly(monkeypatch, tmp_path, at_home):
    """Evaluate the schedule of the monthly cycle at a time, with given watermarks."""
    from dagster_project.defs import schedules
    from dagster_project.refresh import FiscalPeriod

    at_home(tmp_path)
    july = FiscalPeriod("2026-07", 2026, 3, date(2026, 7, 1), date(2026, 8, 1))

    def evaluate(at, marks, periods=(july,)):
        monkeypatch.setattr(schedules, "released_periods", lambda _: list(periods))
        monkeypatch.setattr(schedules, "watermarks", lambda _: marks)
        (cycle,) = [c for c in schedules.planning_cycles() if c.cycle_id == "MONTHLY_SNOP"]
        context = dg.build_schedule_context(scheduled_execution_time=at)
        return schedules._schedule(cycle).evaluate_tick(context)

    return evaluate


AT = datetime(2026, 8, 5, 6, tzinfo=UTC)


def test_cycle_starts_at_its_cutoff_when_the_feeds_are_in(monthly):
    (request,) = monthly(AT, {"erp.sales_order": AT}).run_requests
    assert request.run_key == "MONTHLY_SNOP:2026-07"
    assert request.tags["tierline/degraded"] == "false"


def test_cycle_that_cannot_start_says_why(monthly):
    late = monthly(AT, {"erp.sales_order": None})
    assert not late.run_requests
    assert "waits until 12:00 UTC: erp.sales_order" in late.skip_message
    assert "is not due" in monthly(AT + timedelta(days=1), {}).skip_message
    assert "nothing is released" in monthly(AT, {}, periods=()).skip_message
