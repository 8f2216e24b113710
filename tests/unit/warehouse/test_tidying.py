"""Row groups that lost rows are put together every so many updates; the work file keeps count."""

import os

import duckdb
import pytest

from dagster_project.settings import get_settings
from dagster_project.warehouse import state
from dagster_project.warehouse.manifest import dbt_environment


@pytest.fixture
def con():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize(("updates", "is_due"), [(0, False), (8, False), (9, True)])
def test_the_tenth_update_tidies(updates, is_due):
    built = state.BuildState("2025-01-31", "EUR", "code", True, 0, updates)
    assert built.is_tidying_due is is_due


@pytest.mark.parametrize(("tidy", "tasks"), [(False, "0"), (True, "100")])
def test_dbt_hears_whether_to_tidy(tidy, tasks):
    with dbt_environment(get_settings(), tidy):
        assert os.environ["TIERLINE_VACUUM_TASKS"] == tasks


def test_a_work_file_from_before_counts_from_none(con):
    con.execute("create schema state")
    con.execute(
        "create table state.build_state as select date '2025-01-31' as as_of, 'EUR' as"
        " group_currency, 'code' as code_fingerprint, true as is_complete, 7 as decisions_seq"
    )
    state.create(con)
    assert state.read(con) == state.BuildState("2025-01-31", "EUR", "code", True, 7, 0)


def test_the_count_outlives_the_build(con):
    state.create(con)
    con.execute("create schema raw")
    con.execute("create table raw.batch as select 'a' as batch_key, true as is_active")
    con.execute("create schema intermediate")
    for model in state._OUTCOMES.values():
        con.execute(f"create table intermediate.{model} as select 1 as one")
    facts = dict.fromkeys(
        ["build_id", "as_of", "group_currency", "policy_version", "code_fingerprint", "is_full"]
    )
    built = state.BuildState("2025-01-31", "EUR", "code", True, 0, 4)
    state.mark_finished(con, built, facts, [])
    assert state.read(con) == built
