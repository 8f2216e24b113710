"""Weights from pairwise judgements are Saaty's, and judgements that contradict are refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.errors import UsageError
from dagster_project.schemes.ahp import RANDOM_INDEX, pairwise_matrix, pairwise_weights

NAMES = ("revenue", "margin", "orders")


def test_three_attributes_have_the_published_weights_and_ratio():
    """The standard example with Saaty's table (1980): w .6370 .2583 .1047, CI .0193, CR .0332."""
    said = {("revenue", "margin"): 3, ("revenue", "orders"): 5, ("margin", "orders"): 3}
    found = pairwise_weights(pairwise_matrix(NAMES, said), NAMES)
    assert found.weights.round(4).tolist() == [0.6370, 0.2583, 0.1047]
    assert round(found.principal_eigenvalue, 4) == 3.0385
    assert round(found.consistency_index, 4) == 0.0193
    assert round(found.consistency_ratio, 4) == 0.0332


def test_random_indices_are_those_of_1980():
    assert RANDOM_INDEX[2:7] == (0.58, 0.90, 1.12, 1.24, 1.32)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.05, 1.0), min_size=1, max_size=10))
def test_judgements_that_follow_from_weights_give_these_weights_back(raw):
    weights = np.array(raw) / sum(raw)
    names = [f"a{k}" for k in range(len(raw))]
    found = pairwise_weights(weights[:, None] / weights[None, :], names)
    assert found.weights == pytest.approx(weights, abs=1e-9)
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert found.consistency_ratio < 1e-6


def test_contradiction_is_refused_and_the_judgement_most_at_odds_is_named():
    names = ("a", "b", "c", "d")
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    matrix = weights[:, None] / weights[None, :]
    matrix[3, 0], matrix[0, 3] = 5.0, 1 / 5.0
    with pytest.raises(UsageError, match=r"d against a was said to be 5\.00") as caught:
        pairwise_weights(matrix, names)
    assert "allowed 0.10" in caught.value.why
    assert caught.value.fix == "Ask again about d against a."


def test_judgement_that_says_too_little_is_named_like_one_that_says_too_much():
    names = ("a", "b", "c", "d")
    weights = np.array([0.6, 0.25, 0.1, 0.05])
    matrix = weights[:, None] / weights[None, :]
    matrix[0, 3], matrix[3, 0] = 1.2, 1 / 1.2
    with pytest.raises(UsageError, match=r"a against d was said to be 1\.20"):
        pairwise_weights(matrix, names)


def test_order_of_the_attributes_changes_nothing_but_the_order():
    said = {("revenue", "margin"): 3, ("revenue", "orders"): 5, ("orders", "margin"): 1 / 3}
    one = pairwise_weights(pairwise_matrix(NAMES, said), NAMES)
    turned = pairwise_weights(pairwise_matrix(NAMES[::-1], said), NAMES[::-1])
    assert one.weights == pytest.approx(turned.weights[::-1], abs=1e-12)
    assert one.worst is not None
    assert turned.worst is not None
    assert (one.worst.first, one.worst.second) == (turned.worst.first, turned.worst.second)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({("revenue", "margin"): 3}, "not judged", id="pair without a judgement"),
        pytest.param({("revenue", "margin"): 0}, "not above zero", id="zero"),
        pytest.param({("revenue", "colour"): 2}, "no pair", id="unknown attribute"),
        pytest.param({("revenue", "revenue"): 2}, "no pair", id="against itself"),
        pytest.param(
            {("revenue", "margin"): 3, ("margin", "revenue"): 3}, "judged twice", id="both ways"
        ),
    ],
)
def test_incomplete_judgements_are_refused(said, why):
    with pytest.raises(UsageError, match=why):
        pairwise_matrix(NAMES, said)


@pytest.mark.parametrize(
    ("matrix", "why"),
    [
        pytest.param([[1, 2], [2, 1]], "the other way 2", id="no reciprocal"),
        pytest.param([[1, 2, 3]], "matrix", id="not square"),
        pytest.param([[1, -2], [-0.5, 1]], "not above zero", id="negative"),
        pytest.param(np.ones((11, 11)), "1 to 10", id="more than Saaty's table has"),
    ],
)
def test_matrix_of_no_judgements_is_refused(matrix, why):
    array = np.array(matrix, dtype=float)
    with pytest.raises(UsageError, match=why):
        pairwise_weights(array, [f"a{k}" for k in range(len(array))])
