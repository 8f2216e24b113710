"""Classes: limits belong to the upper class, few demands to none; planted classes come back."""

import numpy as np
import pytest

from dagster_project.demand.classes import (
    FORECAST_METHOD,
    DemandClass,
    Limits,
    classes,
    classify,
    cleanse,
    measures,
    one_off,
)
from dagster_project.demand.series import DemandSeries


def _one(values):
    return classes(DemandSeries.of([values]))


def _class(values):
    return str(_one(values).demand_class[0])


@pytest.mark.parametrize(
    ("adi", "cv2", "expected"),
    [
        (1.0, 0.0, "SMOOTH"),
        (np.nextafter(1.32, 0) - 1e-9, 0.49 - 1e-9, "SMOOTH"),
        (1.0, 0.49, "ERRATIC"),
        (1.32, 0.0, "INTERMITTENT"),
        (1.32, 0.49, "LUMPY"),
        (1.32, 0.49 - 1e-9, "INTERMITTENT"),
        (1.32 - 1e-9, 0.49, "ERRATIC"),
    ],
)
def test_value_on_a_limit_belongs_to_the_upper_class(adi, cv2, expected):
    found = classify(np.array([adi]), np.array([cv2]), np.array([4]), Limits())
    assert found.tolist() == [expected]


def test_series_exactly_on_the_interval_limit_is_intermittent():
    found = _one([1] * 24 + [0] * 8 + [1])
    assert found.measures.adi[0] == 1.32
    assert found.demand_class[0] == "INTERMITTENT"
    assert _class([1] * 24 + [0] * 7 + [1]) == "SMOOTH"


@pytest.mark.parametrize("unit", [1, 0.001, 1000, 7.3])
def test_series_exactly_on_the_variability_limit_is_erratic_in_any_unit(unit):
    found = _one([unit * size for size in (1, 5, 11, 15, 18)])
    assert found.measures.cv2[0] == pytest.approx(0.49, abs=1e-14)
    assert found.demand_class[0] == "ERRATIC"
    assert _class([unit * size for size in (2, 5, 11, 15, 18)]) == "SMOOTH"


def test_fewer_than_four_demands_are_undetermined_and_not_lumpy():
    assert _class([1, 0, 0, 0, 100, 0, 0, 0, 9]) == "UNDETERMINED"
    assert _class([1, 0, 0, 0, 100, 0, 0, 0, 9, 1]) == "LUMPY"


@pytest.mark.parametrize("values", [[], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], ids=["empty", "all zero"])
def test_series_without_demand_has_no_class_and_no_measures(values):
    found = _one(values)
    assert found.demand_class[0] == "UNDETERMINED"
    assert np.isnan(found.measures.adi[0])
    assert np.isnan(found.measures.cv2[0])
    assert np.isnan(found.measures.burstiness[0])
    assert not found.is_obsolete[0]


def test_start_of_life_is_undetermined_until_four_demands():
    assert [_class([3, 4, 5, 6][:n]) for n in (1, 2, 3, 4)] == ["UNDETERMINED"] * 3 + ["SMOOTH"]


def test_first_interval_counts_from_the_start_of_the_series():
    assert _one([0, 0, 0, 1, 1, 1, 1]).measures.adi[0] == 7 / 4


def test_one_mega_order_is_flagged_and_the_class_without_it_stands_beside():
    found = _one([1, 0, 1, 0, 100, 0, 1, 0, 1])
    assert found.has_one_off[0]
    assert found.demand_class[0] == "LUMPY"
    assert found.class_without_one_off[0] == "INTERMITTENT"
    assert found.cv2_without_one_off[0] == 0


def test_mega_order_begins_at_ten_times_the_median():
    series = DemandSeries.of([[10, 10, 10, 10, 100], [10, 10, 10, 10, 99], [1, 1, 100]])
    flagged = one_off(series, Limits())
    assert flagged.tolist() == [False] * 4 + [True] + [False] * 8


def test_several_mega_orders_do_not_hide_each_other():
    assert one_off(DemandSeries.of([[1] * 7 + [100, 300]]), Limits()).sum() == 2


def test_cleansed_series_stands_beside_the_raw_one():
    raw = DemandSeries.of([[10, 0, 14, 500, 6], [7, 8]])
    flagged = np.array([False, False, False, True, False, True, True])
    cleansed = cleanse(raw, flagged)
    assert cleansed.values.tolist() == [10, 0, 14, 10, 6, 7, 8]
    assert raw.values.tolist() == [10, 0, 14, 500, 6, 7, 8]


def test_flagged_period_below_the_usual_demand_is_not_lifted():
    cleansed = cleanse(DemandSeries.of([[10, 2, 10]]), np.array([False, True, False]))
    assert cleansed.values.tolist() == [10, 2, 10]


def test_regular_intervals_have_the_lowest_burstiness():
    assert _one([1, 0, 1, 0, 1, 0, 1]).measures.burstiness[0] == -1
    assert _one([1, 1, 1] + [0] * 20 + [1]).measures.burstiness[0] > -0.1


def test_share_of_zeros_looks_at_the_last_quarter_or_what_there_is_of_it():
    shares = measures(DemandSeries.of([[1, 1, 1, 0, 0], [0], [1]])).zero_share_last_quarter
    assert shares.tolist() == [2 / 3, 1, 0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 1, 1, 1] + [0] * 5, False),
        ([1, 1, 1, 1] + [0] * 6, True),
        ([0, 0, 1] * 4 + [0] * 8, False),
        ([0, 0, 1] * 4 + [0] * 9, True),
    ],
)
def test_obsolete_after_half_a_year_and_three_times_the_own_interval(values, expected):
    assert _one(values).is_obsolete[0] == expected


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ([1, 1, 1, 1], "AUTO_ETS"),
        ([1, 50, 1, 1], "SES"),
        ([1, 0, 1, 0, 1, 0, 1], "SBA"),
        ([1, 0, 50, 0, 1, 0, 1], "SBA"),
        ([1, 0, 1, 0, 1, 0, 1] + [0] * 6, "TSB"),
        ([1, 0, 1], "EMPIRICAL_BAYES"),
        ([1, 0, 1] + [0] * 20, "EMPIRICAL_BAYES"),
    ],
)
def test_method_follows_class_and_obsolescence(values, method):
    assert _one(values).forecast_method[0] == method


def test_every_class_has_a_method():
    assert set(FORECAST_METHOD) == set(DemandClass)


def _planted(seed, periods=48, per_class=250):
    """Series of known class: chance of a demand and spread of its size say which."""
    rng = np.random.default_rng(seed)
    plants = {
        "SMOOTH": (0.95, 0.10),
        "ERRATIC": (0.95, 2.0),
        "INTERMITTENT": (0.35, 0.10),
        "LUMPY": (0.35, 2.0),
    }
    series, truth = [], []
    for name, (chance, cv2) in plants.items():
        spread = np.sqrt(np.log1p(cv2))
        demanded = rng.random((per_class, periods)) < chance
        demanded[:, 0] = True
        series += (demanded * rng.lognormal(4.0, spread, demanded.shape)).tolist()
        truth += [name] * per_class
    return DemandSeries.of(series), np.array(truth)


@pytest.mark.parametrize("seed", range(5))
def test_planted_classes_are_recovered(seed):
    series, truth = _planted(seed)
    found = classes(series).demand_class
    shares = {name: (found[truth == name] == name).mean() for name in np.unique(truth)}
    assert np.mean(list(shares.values())) >= 0.95, shares


def test_planted_classes_are_not_recovered_from_shuffled_series():
    series, truth = _planted(1)
    assert (classes(series).demand_class == np.roll(truth, 250)).mean() < 0.1
