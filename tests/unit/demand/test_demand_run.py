"""Clusters are a function of the series and of policy: order, days and history do not matter."""

import csv

import numpy as np
import pyarrow as pa
import pytest

from dagster_project.analytics.inputs import closed_month, month_start
from dagster_project.analytics.tables import MemoryTables
from dagster_project.demand import mixture, reference, run, run_priors
from dagster_project.errors import UsageError
from dagster_project.settings import SEEDS_DIR

LIMITS = {
    "adi_limit": 1.32,
    "cv2_limit": 0.49,
    "min_demands": 4,
    "last_quarter_periods": 3,
    "obsolete_min_periods": 6,
    "obsolete_adi_multiple": 3,
    "mega_order_multiple": 10,
}
NAMED = [
    {"cluster_id": 1, "cluster_label": "REGULAR", "adi": 1.0, "cv2": 0.1},
    {"cluster_id": 2, "cluster_label": "RARE_ALIKE", "adi": 3.0, "cv2": 0.05},
    {"cluster_id": 3, "cluster_label": "RARE_UNLIKE", "adi": 3.0, "cv2": 1.5},
]
NAMED = [row | {"burstiness": -0.6, "trend": 0, "seasonality": 0} for row in NAMED]
MONTHS = 36
LAST = 2025 * 12 + 11
"""December 2025."""
KINDS = {"REGULAR": (1.0, 0.3), "RARE_ALIKE": (0.33, 0.2), "RARE_UNLIKE": (0.33, 1.3)}


def planted(per_kind: int = 60, months: int = MONTHS) -> list[dict]:
    """Rows of the series model: how often in how many sizes says the kind."""
    chance = np.random.default_rng(7)
    rows = []
    for kind, (share, spread) in KINDS.items():
        for number in range(per_kind):
            ordered = chance.random(months) < share
            ordered[0] = True
            sizes = np.exp(chance.normal(4, spread, months)).round(2)
            rows += [
                {
                    "entity_id": f"{kind}-{number:03d}",
                    "product_family": "F",
                    "demand_month": month_start(LAST - months + 1 + at).astype(object),
                    "demand_base_qty": float(sizes[at]) if ordered[at] else 0.0,
                    "is_current_spell": True,
                }
                for at in range(months)
            ]
    return rows


def warehouse(rows: list[dict]) -> MemoryTables:
    limits = [{"limit_name": name, "limit_value": value} for name, value in LIMITS.items()]
    return MemoryTables(
        {
            "policy.demand_class_rule": pa.Table.from_pylist(limits),
            "policy.demand_cluster_reference": pa.Table.from_pylist(NAMED),
            "intermediate.int_demand__series": pa.Table.from_pylist(rows),
        }
    )


@pytest.fixture(autouse=True)
def only_clusters(monkeypatch):
    monkeypatch.setattr(run_priors, "run_priors", lambda tables, as_of: {})


def solved(tables: MemoryTables, as_of: str = "2025-12-31") -> tuple[dict, list[dict]]:
    summary = run.run_demand(tables, as_of)
    return summary, tables.tables["analytics.demand_cluster"].to_pylist()


def test_planted_kinds_are_found_by_their_name():
    _, rows = solved(warehouse(planted()))
    found = [row for row in rows if row["cluster_label"]]
    right = [row["entity_id"].startswith(row["cluster_label"] + "-") for row in found]
    assert len(found) >= 170
    assert np.mean(right) >= 0.95


def test_order_of_the_rows_does_not_matter():
    rows = planted(20)
    assert solved(warehouse(rows))[1] == solved(warehouse(rows[::-1]))[1]


def test_second_run_of_the_same_month_keeps_the_fit_and_gives_the_same_rows():
    tables = warehouse(planted(20))
    first, rows = solved(tables)
    model = tables.tables["analytics.demand_cluster_model"]
    again, same = solved(tables)
    assert (first["is_cluster_fit_new"], again["is_cluster_fit_new"]) == (True, False)
    assert rows == same
    assert tables.tables["analytics.demand_cluster_model"] is model


def test_kept_fit_labels_like_a_fit_from_scratch_after_the_newest_month_was_corrected():
    rows = planted(20)
    kept = warehouse(rows)
    solved(kept)
    rows[-1]["demand_base_qty"] = 500.0
    kept.tables["intermediate.int_demand__series"] = pa.Table.from_pylist(rows)
    summary, incremental = solved(kept)
    _, afresh = solved(warehouse(rows))
    assert not summary["is_cluster_fit_new"]
    assert incremental == afresh


def test_older_correction_and_a_new_month_make_a_new_fit():
    rows = planted(20)
    tables = warehouse(rows)
    solved(tables, "2025-11-30")
    assert solved(tables)[0]["is_cluster_fit_new"]
    rows[-3]["demand_base_qty"] = 500.0
    tables.tables["intermediate.int_demand__series"] = pa.Table.from_pylist(rows)
    summary, incremental = solved(tables)
    assert summary["is_cluster_fit_new"]
    assert incremental == solved(warehouse(rows))[1]


def test_labels_stay_when_two_percent_of_the_series_are_new():
    rows = planted(100)
    newest = {f"{kind}-{number:03d}" for kind in KINDS for number in (98, 99)}
    fewer = [row for row in rows if row["entity_id"] not in newest]
    before = {row["entity_id"]: row["cluster_id"] for row in solved(warehouse(fewer))[1]}
    after = {row["entity_id"]: row["cluster_id"] for row in solved(warehouse(rows))[1]}
    assert np.mean([after[name] == before[name] for name in before]) >= 0.95


@pytest.mark.parametrize(
    "rows", [pytest.param([], id="nobody ordered"), pytest.param(planted(1)[:36], id="one series")]
)
def test_too_few_series_get_no_cluster_and_no_crash(rows):
    tables = warehouse(rows or planted(1))
    if not rows:
        empty = tables.tables["intermediate.int_demand__series"].slice(0, 0)
        tables.tables["intermediate.int_demand__series"] = empty
    summary, found = solved(tables)
    assert summary["demand_cluster"] == len(found) == (1 if rows else 0)
    assert all(row["cluster_id"] is None for row in found)
    assert run.run_demand(tables, "2025-12-31")["is_cluster_fit_new"] is False


@pytest.mark.parametrize("count", [1, 3, 5, 6, 7, 9])
def test_few_series_are_fitted_only_where_there_are_more_than_clusters(count):
    with (SEEDS_DIR / "policy" / "demand_cluster_reference.csv").open(newline="") as handle:
        named = reference.parse_reference(list(csv.DictReader(handle)))
    table = np.random.default_rng(count).normal(size=(count, 5))
    found = reference.fit_from_reference(table, named)
    assert (found is not None) == (count >= len(named.ids))


def test_season_is_null_below_two_years():
    _, rows = solved(warehouse(planted(20, months=20)))
    assert {row["seasonality_strength"] for row in rows} == {None}
    assert all(row["trend"] is not None for row in rows)


def test_kept_parameters_come_back_to_the_last_bit():
    rows = planted(20)
    tables = warehouse(rows)
    _, series, first = run.read_series(tables, LAST)
    table = np.array([[0.1, 0.2, -0.3, 0.1 / 3, 0.7], [1.1, -1.2, 0.3, 0.1, 0.0]])
    solved(tables)
    fit = mixture.from_table(tables.tables["analytics.demand_cluster_model"])
    assert fit is not None
    again = mixture.from_table(
        mixture.to_table(fit, {1: "A"}, month_start(LAST), 3, "mark").slice(0)
    )
    assert again is not None
    assert all(
        np.array_equal(a, b) for a, b in zip(fit.predict(table), again.predict(table), strict=True)
    )
    assert series.n == 60
    assert (first == LAST - MONTHS + 1).all()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        pytest.param({"adi": 0.5}, "cluster 3, column adi", id="interval below one month"),
        pytest.param({"trend": "up"}, "cluster 3, column trend", id="no number"),
        pytest.param({"cluster_label": "REGULAR"}, "column cluster_label", id="label twice"),
        pytest.param({"cluster_id": 1}, "column cluster_id", id="number twice"),
    ],
)
def test_unusable_reference_names_file_row_and_column(change, names):
    with pytest.raises(UsageError) as error:
        reference.parse_reference([*NAMED[:2], NAMED[2] | change])
    assert "demand_cluster_reference.csv" in str(error.value.__dict__) + str(error.value)
    assert names in str(error.value.__dict__) + str(error.value)


@pytest.mark.parametrize(
    ("as_of", "lag", "expected"),
    [
        ("2025-12-31", 0, 2025 * 12 + 11),
        ("2025-12-30", 0, 2025 * 12 + 10),
        ("2026-01-04", 5, 2025 * 12 + 10),
        ("2026-01-05", 5, 2025 * 12 + 11),
    ],
)
def test_month_is_closed_when_its_lag_has_passed(as_of, lag, expected):
    assert closed_month(as_of, lag) == expected
