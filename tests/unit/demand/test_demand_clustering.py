"""Clusters: found, the same whatever the order of rows, and with labels that survive a refit."""

import numpy as np
import pytest

from dagster_project.demand.classes import measures
from dagster_project.demand.clustering import Criterion, fit
from dagster_project.demand.features import NAMES, features, seasonality, trend, usable_rows
from dagster_project.demand.profile import NO_CLUSTER, profile
from dagster_project.demand.series import DemandSeries
from dagster_project.errors import UsageError

CRITERIA = list(Criterion)


def _groups(rng, n, centres):
    return np.vstack([rng.normal(centre, 0.4, (n, len(centre))) for centre in centres])


CENTRES = [[0, 0, 0], [6, 0, 3], [0, 6, -3], [6, 6, 0]]


def _series(n, seed):
    rng = np.random.default_rng(seed)
    chance = rng.choice([0.95, 0.6, 0.25], n)
    spread = rng.choice([0.2, 1.1], n)
    demand = rng.lognormal(3, spread[:, None], (n, 36)) * (rng.random((n, 36)) < chance[:, None])
    return DemandSeries.of(demand.tolist())


@pytest.mark.parametrize("criterion", CRITERIA)
def test_separate_groups_are_found(criterion):
    table = _groups(np.random.default_rng(1), 60, CENTRES)
    found = fit(table, criterion=criterion)
    labels, _ = found.predict(table)
    assert found.k == 4
    assert [len(np.unique(labels[i : i + 60])) for i in range(0, 240, 60)] == [1] * 4


@pytest.mark.parametrize("criterion", CRITERIA)
def test_order_of_the_rows_does_not_matter(criterion):
    table = _groups(np.random.default_rng(2), 50, CENTRES)
    shuffle = np.random.default_rng(3).permutation(len(table))
    straight, _ = fit(table, criterion=criterion).predict(table)
    shuffled, _ = fit(table[shuffle], criterion=criterion).predict(table[shuffle])
    assert (straight[shuffle] == shuffled).all()


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("seed", range(3))
def test_refit_with_two_percent_new_rows_keeps_the_labels(criterion, seed):
    old, new = _series(500, seed), _series(10, 100 + seed)
    both = DemandSeries.of([s.tolist() for t in (old, new) for s in np.split(t.values, t.n)])
    table = features(both, measures(both))
    placed = usable_rows(table, measures(both).n_demands)
    old_rows = table[:500][placed[:500]]
    before = fit(old_rows, criterion=criterion)
    after = fit(table[placed], criterion=criterion, previous=before)
    kept = before.predict(old_rows)[0] == after.predict(old_rows)[0]
    assert kept.mean() >= 0.95


def test_labels_follow_their_clusters_when_the_groups_come_in_another_order():
    rng = np.random.default_rng(5)
    before = fit(_groups(rng, 60, CENTRES))
    after = fit(_groups(rng, 60, CENTRES[::-1]), previous=before)
    assert (before.predict(np.array(CENTRES))[0] == after.predict(np.array(CENTRES))[0]).all()


def test_without_the_previous_fit_a_new_group_would_move_the_labels():
    """What the matching prevents: labels by position change when a group appears before them."""
    rng = np.random.default_rng(6)
    centres = np.array(CENTRES)
    before = fit(_groups(rng, 60, CENTRES))
    grown = _groups(rng, 60, [*CENTRES, [-8, 3, 0]])
    alone, matched = fit(grown), fit(grown, previous=before)
    assert matched.k == 5
    assert (matched.predict(centres)[0] == before.predict(centres)[0]).all()
    assert (alone.predict(centres)[0] != before.predict(centres)[0]).any()
    assert matched.predict(np.array([[-8.0, 3, 0]]))[0] == [5]


def test_label_of_a_vanished_cluster_is_not_used_again():
    rng = np.random.default_rng(7)
    first = fit(_groups(rng, 60, CENTRES))
    second = fit(_groups(rng, 60, CENTRES[:3]), previous=first)
    third = fit(_groups(rng, 60, [*CENTRES[:3], [-9, -9, 9]]), previous=second)
    assert second.k == 3
    assert set(third.labels) == {*second.labels, 5}


def test_mixture_says_how_sure_it_is_and_k_means_does_not():
    table = _groups(np.random.default_rng(8), 50, CENTRES)
    assert (fit(table).predict(table)[1] > 0.99).all()
    assert np.isnan(fit(table, criterion=Criterion.SILHOUETTE).predict(table)[1]).all()


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(np.full((9, 2), np.nan), id="missing values"),
        pytest.param(np.ones((9, 2)), id="all rows alike"),
        pytest.param(np.empty((0, 2)), id="no rows"),
    ],
)
def test_what_cannot_be_clustered_is_refused(table):
    with pytest.raises(UsageError):
        fit(table)


def test_trend_and_season_are_seen_and_noise_is_not():
    months = np.arange(48)
    noise = np.random.default_rng(9).normal(0, 1, (200, 48))
    plain = DemandSeries.of((50 + noise).tolist())
    rising = DemandSeries.of((50 + months + noise).tolist())
    seasonal = DemandSeries.of((50 + 20 * np.sin(months * np.pi / 6) + noise).tolist())
    assert abs(trend(plain).mean()) < 0.05
    assert trend(rising).min() > 0.95
    assert seasonality(plain).mean() < 0.1
    assert seasonality(rising).mean() < 0.1
    assert seasonality(seasonal).min() > 0.9


def test_constant_and_short_series_have_neither_trend_nor_season():
    series = DemandSeries.of([[5] * 30, [0.1] * 30, [1, 2], [], [1] * 23])
    assert trend(series).tolist() == [0] * 5
    assert seasonality(series).tolist() == [0] * 5


def test_features_do_not_depend_on_the_unit():
    small = _series(50, 10)
    large = small.with_values(small.values * 1000)
    table = features(small, measures(small))
    assert features(large, measures(large)) == pytest.approx(table, abs=1e-9, nan_ok=True)
    assert table.shape == (50, len(NAMES))


def test_profile_places_only_series_with_enough_demands():
    series = DemandSeries.of(
        [[1, 0, 0, 1], *[s.tolist() for s in np.split(_series(60, 11).values, 60)]]
    )
    found = profile(series)
    assert found.cluster[0] == NO_CLUSTER
    assert np.isnan(found.cluster_probability[0])
    assert (found.cluster[1:] > 0).all()
    assert found.clustering is not None


def test_profile_of_too_few_series_has_no_clusters():
    found = profile(DemandSeries.of([[1, 2, 3, 4, 5]]))
    assert found.clustering is None
    assert found.cluster.tolist() == [NO_CLUSTER]
