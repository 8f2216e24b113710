"""Croston and its kin: many series at once give what each gives alone."""

import numpy as np
import pytest

from dagster_project.demand.croston import croston, sba, sbj, tsb
from dagster_project.demand.series import DemandSeries
from dagster_project.errors import UsageError


def _by_hand(values, alpha):
    """Croston for one series, as the paper writes it."""
    size = interval = None
    since = 0
    for value in values:
        since += 1
        if value > 0:
            size = value if size is None else size + alpha * (value - size)
            interval = since if interval is None else interval + alpha * (since - interval)
            since = 0
    return 0.0 if size is None else size / interval


def test_many_series_of_different_length_give_what_each_gives_alone():
    rng = np.random.default_rng(3)
    series = [
        (rng.poisson(0.6, length) * rng.integers(1, 50, length)).tolist()
        for length in rng.integers(0, 40, 200)
    ]
    table = DemandSeries.of(series)
    expected = [_by_hand(each, 0.2) for each in series]
    assert croston(table, 0.2) == pytest.approx(expected, rel=1e-12)
    alone = [tsb(DemandSeries.of([each]), 0.2, 0.3)[0] for each in series]
    assert tsb(table, 0.2, 0.3).tolist() == alone


def test_series_without_demand_forecasts_nothing():
    table = DemandSeries.of([[], [0, 0, 0]])
    for method in (croston, sba, sbj, tsb):
        assert method(table).tolist() == [0, 0]


def test_only_tsb_decays_while_nothing_is_ordered():
    stopped = DemandSeries.of([[5, 0, 5, 0, 5], [5, 0, 5, 0, 5] + [0] * 24])
    assert croston(stopped)[0] == croston(stopped)[1]
    assert tsb(stopped)[1] < 0.1 * tsb(stopped)[0]


def test_demand_in_every_period_is_plain_smoothing():
    table = DemandSeries.of([[10, 20, 30]])
    assert croston(table, 0.5)[0] == 22.5
    assert tsb(table, 0.5, 0.5)[0] == 22.5


@pytest.mark.parametrize("alpha", [0, -0.1, 1.1, np.nan])
def test_constant_outside_its_range_is_refused(alpha):
    with pytest.raises(UsageError, match="smoothing constant"):
        croston(DemandSeries.of([[1]]), alpha)
