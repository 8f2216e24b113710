"""Silhouettes of k-means as in scikit-learn's documented example, and of the iris data.

``make_blobs(500, centers=4, cluster_std=1, center_box=(-10, 10), random_state=1)``: two clusters
have the highest silhouette although four were made. That is why the demand clusters are chosen by
BIC, which finds the four.
"""

import pytest
from sklearn.datasets import load_iris, make_blobs

from dagster_project.demand.clustering import Criterion, fit, silhouettes

BLOBS, _ = make_blobs(
    n_samples=500,
    n_features=2,
    centers=4,
    cluster_std=1,
    center_box=(-10.0, 10.0),
    shuffle=True,
    random_state=1,
)


def test_silhouettes_of_the_blobs():
    found = silhouettes(BLOBS, range(2, 7))
    assert found[2] == pytest.approx(0.7049787496083262, abs=1e-9)
    assert found[3] == pytest.approx(0.5882004012129721, abs=1e-9)
    assert found[4] == pytest.approx(0.6505186632729437, abs=1e-9)
    assert found[5] == pytest.approx(0.580, abs=0.01)
    assert found[6] == pytest.approx(0.496, abs=0.05)


def test_silhouettes_of_iris():
    found = silhouettes(load_iris().data, range(2, 5))
    assert [round(value, 4) for value in found.values()] == [0.6810, 0.5528, 0.4981]


def test_silhouette_alone_would_take_two_of_the_four_blobs():
    assert fit(BLOBS, range(2, 7), Criterion.SILHOUETTE).k == 2
    assert fit(BLOBS, range(2, 7), Criterion.BIC).k == 4
