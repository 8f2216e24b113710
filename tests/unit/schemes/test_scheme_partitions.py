"""Two divisions of the same customers are counted and compared as published."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.schemes.partitions import (
    adjusted_rand_index,
    contingency,
    cramers_v,
    row_shares,
)

LABELS = st.lists(st.sampled_from("ABCD"), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param([0, 0, 1, 1], [0, 0, 1, 2], 0.5714285714285714, id="one group split"),
        pytest.param([0, 0, 1, 2], [0, 0, 1, 1], 0.5714285714285714, id="one group merged"),
        pytest.param([0, 0, 0, 0], [0, 1, 2, 3], 0.0, id="all against each alone"),
        pytest.param([0, 0, 1, 1], [0, 1, 0, 1], -0.5, id="worse than chance"),
    ],
)
def test_adjusted_rand_index_is_that_of_the_scikit_learn_documentation(first, second, expected):
    assert adjusted_rand_index(contingency(first, second).counts) == pytest.approx(expected)


def test_cramers_v_is_that_of_the_scipy_documentation():
    """scipy.stats.contingency.association, its example of four by two."""
    counts = np.array([[100, 150], [203, 322], [420, 700], [320, 210]])
    assert cramers_v(counts) == pytest.approx(0.18617813077483678, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(LABELS)
def test_partition_agrees_with_itself_whatever_its_names(labels):
    renamed = [{"A": "w", "B": "x", "C": "y", "D": "z"}[label] for label in labels]
    assert adjusted_rand_index(contingency(labels, renamed).counts) == 1.0


@settings(max_examples=60, deadline=None)
@given(LABELS, st.randoms())
def test_sums_are_the_customers_and_their_order_does_not_matter(labels, random):
    other = [random.choice("PQ") for _ in labels]
    table = contingency(labels, other)
    assert table.counts.sum() == len(labels)
    assert dict(zip(table.rows, table.counts.sum(axis=1), strict=True)) == {
        label: labels.count(label) for label in set(labels)
    }
    pairs = list(zip(labels, other, strict=True))
    random.shuffle(pairs)
    again = contingency(*zip(*pairs, strict=True))
    assert np.array_equal(table.counts, again.counts)


def test_shares_of_a_row_add_up_to_one_and_an_empty_row_has_none():
    shares = row_shares(contingency(["A", "A"], ["X", "Y"], rows=["A", "B"]).counts)
    assert shares[0].tolist() == [0.5, 0.5]
    assert np.isnan(shares[1]).all()


def test_one_class_has_no_association():
    assert cramers_v(np.array([[5, 7]])) is None


def test_divisions_of_different_customers_are_refused():
    with pytest.raises(ValueError, match="3 entities against 2"):
        contingency("ABC", "AB")
    with pytest.raises(ValueError, match="C not among A, B"):
        contingency("ABC", "XXX", rows=["A", "B"])
