"""The demand models in SQL and the functions in Python say the same about the same order lines."""

import csv
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from dagster_project.demand.classes import Limits, classes, cleanse, one_off
from dagster_project.demand.series import from_long
from dagster_project.settings import DBT_DIR, PROJECT_ROOT, Settings
from dagster_project.warehouse.dbt import release_connections
from dagster_project.warehouse.manifest import dbt_environment, load_manifest

SEED = PROJECT_ROOT / "seeds" / "policy" / "demand_class_rule.csv"
LAST = 5 * 12 - 1
AS_OF = "2024-12-31"
MODELS = ("int_demand__month", "int_demand__series", "mart_demand_class")


def _limits():
    with SEED.open(encoding="utf-8") as file:
        return {row["limit_name"]: float(row["limit_value"]) for row in csv.DictReader(file)}


def _lines(n=400, seed=1):
    """Order lines of ``n`` entities: rare and frequent, with mega orders, absences, returns."""
    rng = np.random.default_rng(seed)
    begin = rng.integers(0, LAST + 1, n)
    chance = rng.choice([0.05, 0.2, 0.6, 0.95], n)
    months = np.arange(LAST + 1)
    away = rng.integers(0, LAST + 1, n)
    asleep = (rng.random(n) < 0.3)[:, None] & (months >= away[:, None])
    asleep &= months < (away + rng.integers(8, 20, n))[:, None]
    ordered = (rng.random((n, LAST + 1)) < chance[:, None]) & ~asleep
    ordered &= months >= begin[:, None]
    entity, month = np.nonzero(np.repeat(ordered, 2, axis=1))
    month //= 2
    quantity = np.round(rng.lognormal(2, rng.choice([0.1, 1.2], n)[entity]), 3) + 0.001
    quantity *= np.where(rng.random(len(entity)) < 0.01, 100, 1)
    quantity[rng.random(len(entity)) < 0.05] *= -1
    return entity, month, np.round(quantity, 3)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The models as DuckDB gets them, by name."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("compile")
    settings = Settings(home=folder)
    settings.work_dir.mkdir(parents=True)
    arguments = [
        "--log-level",
        "none",
        "compile",
        "--full-refresh",
        "--indirect-selection",
        "empty",
    ]
    arguments += ["--select", *MODELS, "--no-introspect"]
    arguments += ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
    arguments += ["--target-path", f"{folder}/target", "--log-path", f"{folder}/logs"]
    arguments += ["--vars", f"{{as_of: '{AS_OF}'}}"]
    parsed = load_manifest(settings)
    with dbt_environment(settings):
        outcome = dbtRunner(manifest=parsed).invoke(arguments)
    release_connections()
    assert outcome.success, outcome.exception or outcome.result
    return {r.node.name: r.node.compiled_code for r in outcome.result.results}


@pytest.fixture(scope="module")
def tables(compiled, tmp_path_factory):
    """A warehouse with the order lines and the models made of them."""
    con = duckdb.connect(str(tmp_path_factory.mktemp("warehouse") / "warehouse.duckdb"))
    entity, month, quantity = _lines()
    for schema in ("policy", "staging", "intermediate", "analytics"):
        con.execute(f"create schema {schema}")
    con.execute(
        "create table policy.demand_class_rule as select limit_name,"
        f" cast(limit_value as decimal(18, 6)) as limit_value from read_csv('{SEED}')"
    )
    con.execute(
        """
        create table intermediate.int_calendar__date as
        select day as calendar_date, date_trunc('month', day)::date as month_start_date,
            year(day)::bigint as calendar_year, month(day)::bigint as month_no
        from (select unnest(generate_series(date '2020-01-01', date '2026-12-31', interval 1 day))
            ::date as day);
        create table intermediate.int_product__article as
        select 'P' as product_id, 'F' as product_family, 'EA' as base_uom;
        create table staging.stg_erp__sales_order_line as
        select 'O' as order_id, 1 as line_no, 1 as schedule_no, 1 as revision,
            cast(null as varchar) as promo_id
        """
    )
    dates = np.array([date(2020 + m // 12, m % 12 + 1, 15) for m in month.tolist()], dtype="M8[D]")
    columns = {"entity": entity, "day": dates, "quantity": quantity}
    con.register("lines", pa.table(columns))
    con.execute(
        """
        create table intermediate.int_order__line as
        select 'O' || entity as order_id, 1 as line_no, 1 as schedule_no, 2 as revision,
            format('{:05d}', entity) as entity_id, 'P' as product_id, day::date as ordered_date,
            'STANDARD' as order_type, 'ITEM' as line_role, false as is_excluded_customer,
            quantity::decimal(18, 6) as countable_base_qty,
            quantity::decimal(18, 6) as ordered_base_qty,
            quantity::decimal(18, 4) as net_amount_group
        from lines
        """
    )
    for name in MODELS[:2]:
        con.execute(f"create table intermediate.{name} as {compiled[name]}")
    # No series is clustered here: classes do not depend on clusters.
    con.execute(
        """
        create table analytics.demand_cluster (
            entity_id varchar, product_family varchar, cluster_id bigint, cluster_label varchar,
            cluster_probability double, trend double, seasonality_strength double
        )
        """
    )
    con.execute(f"create table demand_class as {compiled['mart_demand_class']}")
    yield con
    con.close()


@pytest.fixture(scope="module")
def in_python():
    entity, month, quantity = _lines()
    policy = _limits()
    return from_long(
        np.array([f"{each:05d}" for each in entity.tolist()]),
        month,
        quantity,
        LAST,
        int(policy["reactivation_gap_months"]),
    )


def test_series_are_the_same_month_by_month(tables, in_python):
    kept = in_python.lengths > 0
    rows = tables.execute(
        """
        select entity_id, period_no, demand_base_qty::double, is_one_off, cleansed_base_qty::double,
            is_reactivated
        from intermediate.int_demand__series where is_current_spell order by 1, 2
        """
    ).fetchnumpy()
    names = in_python.keys[in_python.row_series]
    flagged = one_off(in_python, Limits())
    cleansed = cleanse(in_python, flagged)
    assert in_python.is_reactivated[kept].sum() > 20
    assert flagged.sum() > 20
    assert rows["entity_id"].tolist() == names.tolist()
    assert rows["period_no"].tolist() == in_python.row_period.tolist()
    assert list(rows.values())[2] == pytest.approx(in_python.values, abs=1e-9)
    assert rows["is_one_off"].tolist() == flagged.tolist()
    assert list(rows.values())[4] == pytest.approx(cleansed.values, abs=1e-6)
    reactivated = in_python.is_reactivated[in_python.row_series]
    assert rows["is_reactivated"].tolist() == reactivated.tolist()


def test_measures_classes_and_methods_are_the_same(tables, in_python):
    found = classes(in_python, Limits())
    kept = in_python.lengths > 0
    cursor = tables.execute("select * from demand_class order by entity_id")
    names = [each[0] for each in cursor.description]
    column = dict(zip(names, map(list, zip(*cursor.fetchall(), strict=True)), strict=True))
    assert column["entity_id"] == in_python.keys[kept].tolist()
    for name, expected in {
        "n_periods": found.measures.n_periods,
        "n_demands": found.measures.n_demands,
        "demand_class": found.demand_class,
        "demand_class_without_one_off": found.class_without_one_off,
        "trailing_zero_months_count": found.measures.trailing_zeros,
        "is_obsolete": found.is_obsolete,
        "forecast_method": found.forecast_method,
    }.items():
        assert column[name] == expected[kept].tolist(), name
    for name, expected in {
        "adi": found.measures.adi,
        "cv2": found.measures.cv2,
        "cv2_without_one_off": found.cv2_without_one_off,
        "burstiness": found.measures.burstiness,
        "zero_share_last_quarter": found.measures.zero_share_last_quarter,
    }.items():
        values = [np.nan if value is None else float(value) for value in column[name]]
        assert values == pytest.approx(expected[kept].tolist(), abs=1e-9, nan_ok=True), name
    assert set(column["demand_class"]) == {
        "SMOOTH",
        "ERRATIC",
        "INTERMITTENT",
        "LUMPY",
        "UNDETERMINED",
    }
    assert set(column["forecast_method"]) == {"AUTO_ETS", "SES", "SBA", "TSB", "EMPIRICAL_BAYES"}
