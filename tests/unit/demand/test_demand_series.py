"""Series: zero after the first demand, missing before it; returns are never netted."""

import numpy as np
import pytest

from dagster_project.demand.series import DemandSeries, from_long
from dagster_project.errors import UsageError


def _series(rows, last_period, **options):
    keys, periods, quantities = (np.array(column) for column in zip(*rows, strict=True))
    made = from_long(keys, periods, quantities.astype(float), last_period, **options)
    return {
        str(key): made.values[made.offsets[i] : made.offsets[i + 1]].tolist()
        for i, key in enumerate(made.keys)
    }, made


def test_months_are_zero_after_the_first_demand_and_missing_before_it():
    found, _ = _series([("a", 3, 5), ("a", 5, 1), ("b", 1, 2)], last_period=6)
    assert found == {"a": [5, 0, 1, 0], "b": [2, 0, 0, 0, 0, 0]}


def test_lines_of_one_period_add_up_whatever_their_order():
    rows = [("a", 1, 0.1), ("a", 1, 0.2), ("a", 1, 0.3), ("b", 2, 4), ("a", 4, 1e9), ("b", 1, 1)]
    _, forward = _series(rows, last_period=4)
    _, backward = _series(rows[::-1], last_period=4)
    assert forward.values.tobytes() == backward.values.tobytes()
    assert forward.values[0] == pytest.approx(0.6)


def test_returns_are_left_out_and_not_netted():
    found, _ = _series([("a", 1, 5), ("a", 1, -3), ("a", 2, -5)], last_period=2)
    assert found == {"a": [5, 0]}


def test_series_of_nothing_but_returns_is_empty_and_still_there():
    found, made = _series([("a", 1, -5), ("b", 1, 5)], last_period=2)
    assert found == {"a": [], "b": [5, 0]}
    assert made.lengths.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("second", "expected", "is_reactivated"),
    [
        pytest.param(13, [1] + [0] * 11 + [2, 0], False, id="twelve periods later goes on"),
        pytest.param(14, [2], True, id="thirteen periods later begins anew"),
    ],
)
def test_history_restarts_after_a_gap_of_more_than_twelve_periods(second, expected, is_reactivated):
    found, made = _series([("a", 1, 1), ("a", second, 2)], last_period=14)
    assert found == {"a": expected}
    assert made.is_reactivated.tolist() == [is_reactivated]


def test_only_the_last_of_several_histories_counts():
    rows = [("a", 0, 1), ("a", 20, 2), ("a", 21, 3), ("a", 40, 4), ("b", 40, 1)]
    found, made = _series(rows, last_period=41)
    assert found == {"a": [4, 0], "b": [1, 0]}
    assert made.is_reactivated.tolist() == [True, False]


def test_demand_after_the_last_period_is_not_seen():
    found, _ = _series([("a", 1, 1), ("a", 3, 9)], last_period=2)
    assert found == {"a": [1, 0]}


def test_quantity_that_is_no_number_is_refused():
    with pytest.raises(UsageError, match="not a number"):
        _series([("a", 1, np.nan)], last_period=2)


def test_negative_demand_in_a_ready_series_is_refused():
    with pytest.raises(UsageError, match="never netted"):
        DemandSeries.of([[1, -1]])


def test_columns_of_different_length_are_refused():
    with pytest.raises(UsageError, match="differ in length"):
        from_long(np.array(["a"]), np.array([1, 2]), np.array([1.0]), 2)
