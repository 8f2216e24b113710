"""Functions answer for figures: weights add up to one, and each figure has a counterweight."""

import shutil
from datetime import date

import pytest

from dagster_project.improvement.scorecard import assignment_findings, in_month, points
from dagster_project.schemes.lint_table import read_table
from dagster_project.settings import SEEDS_DIR

POLICY = SEEDS_DIR / "policy" / "kpi_assignment.csv"


def test_weights_of_every_function_add_up_to_one_and_every_figure_has_a_counterweight():
    assert list(assignment_findings(read_table(POLICY).rows)) == []


@pytest.mark.parametrize(
    ("was", "becomes", "check", "column"),
    [
        (",0.5,GROSS_MARGIN_RATE", ",0.6,GROSS_MARGIN_RATE", "WEIGHTS_NOT_ONE", "weight"),
        (
            "GROSS_MARGIN_RATE,finance,",
            "GROSS_MARGIN_RATE,supply_chain,",
            "NO_COUNTERWEIGHT",
            "counter_function",
        ),
        ("GROSS_MARGIN_RATE,finance,", "NPS,finance,", "NO_COUNTERWEIGHT", "counter_metric_id"),
        ("FIRST,0.95,0.85", "FIRST,0.95,0.95", "LIMITS_SWAPPED", "red"),
    ],
)
def test_assignment_that_bettered_itself_at_the_cost_of_others_is_told(
    tmp_path, was, becomes, check, column
):
    text = POLICY.read_text()
    assert was in text
    path = tmp_path / "kpi_assignment.csv"
    shutil.copy(POLICY, path)
    path.write_text(text.replace(was, becomes, 1))
    found = [(one.check, one.row, one.column) for one in assignment_findings(read_table(path).rows)]
    assert (check, column) in {(one[0], one[2]) for one in found}


@pytest.mark.parametrize(
    ("value", "score"), [(0.80, 0), (0.85, 0), (0.90, 50), (0.95, 100), (0.99, 100)]
)
def test_points_run_straight_from_red_to_the_target_and_stop_there(value, score):
    assert points(value, 0.95, 0.85) == pytest.approx(score)


def test_less_may_be_better():
    assert points(3, target=2, red=6) == pytest.approx(75)


def test_target_that_changes_within_the_month_counts_by_its_days():
    old = {"target": 0.90, "red": 0.8, "weight": 1, "valid_from": date(2020, 1, 1)}
    new = old | {"target": 0.96, "valid_from": date(2026, 4, 11), "valid_to": None}
    found = in_month([old | {"valid_to": date(2026, 4, 11)}, new], date(2026, 4, 1))
    assert found["target"] == pytest.approx((10 * 0.90 + 20 * 0.96) / 30)
    assert in_month([new], date(2026, 3, 1)) is None
