"""What a tier is changes by rules: where figures drifted, and where groups are not found again."""

from dataclasses import replace

import numpy as np
import pytest

from dagster_project.improvement.definition import (
    LOWER,
    RAISE,
    Attribute,
    Clusters,
    Population,
    impact_of,
    scores_of,
    segment_change,
    threshold_change,
    tiers_of,
    weight_changes,
)

SHARES = np.arange(1, 101) / 100
COMPANY = Population(
    # The second attribute turns the order of the first around.
    percentile=np.column_stack([SHARES, 1 - SHARES]),
    weights=np.array([1.0, 0.0]),
    codes=("S1", "S2", "S3"),
    thresholds=(80.0, 50.0, 0.0),
    revenue=np.full(100, 10.0),
    extra_cost={"S1": 7.0, "S2": 3.0},
)
STEADY = Clusters(3, 0.9, True, True, 0.6, 3_000)


def frontier(*changes):
    return [replace(STEADY, **one) for one in changes]


def test_score_is_the_weighted_mean_of_the_percentiles_that_count():
    percentile = np.array([[0.5, 1.0], [0.5, np.nan], [np.nan, np.nan]])
    np.testing.assert_allclose(scores_of(percentile, np.array([0.75, 0.25])), [62.5, 50, 0])


def test_tier_is_the_best_whose_threshold_is_reached():
    assert tiers_of(np.array([80.0, 79.9, 50, 0]), (80, 50, 0)).tolist() == [0, 1, 1, 2]


def test_what_moving_customers_saves_adds_up_the_steps_between_the_tiers():
    before, after = np.array([0, 1, 2, 0]), np.array([2, 2, 1, 0])
    company = replace(COMPANY, revenue=np.array([1.0, 2, 4, 8]))
    found = impact_of(company, before, after)
    # From the first to the third: 7 + 3; from the second: 3; up to the second: -3.
    assert (found.moved, found.revenue, found.saving) == (3, 7, 10)
    unknown = replace(company, extra_cost={"S2": 3.0})
    assert impact_of(unknown, before, after).saving is None
    assert impact_of(unknown, before, np.array([0, 2, 2, 0])).saving == 3


@pytest.mark.parametrize(
    ("is_shifted", "is_chosen", "changes"), [(True, False, 1), (True, True, 0), (False, False, 0)]
)
def test_attribute_counts_half_where_it_drifted_and_would_not_be_chosen(
    is_shifted, is_chosen, changes
):
    company = replace(COMPANY, weights=np.array([0.6, 0.4]))
    found = weight_changes(company, [Attribute("sales", 0, 0.4, is_shifted, is_chosen)])
    assert len(found) == changes
    for one in found:
        assert (one.element, one.direction, one.old, one.new) == ("WEIGHT:sales", LOWER, 0.6, 0.3)
        # 0.3 and 0.7: who was at 0.2 * share + 0.4 is at 0.7 - 0.4 * share.
        before = tiers_of(scores_of(company.percentile, company.weights), company.thresholds)
        after = tiers_of(scores_of(company.percentile, np.array([0.3, 0.7])), company.thresholds)
        assert one.impact.moved == int((before != after).sum()) > 0


def test_threshold_gives_the_tiers_the_shares_of_a_year_before():
    # 21 of 100 reach 80; a year before it were five.
    found = threshold_change(COMPANY, [0.05, 0.46, 0.49], 1_000)
    assert (found.code, found.direction, found.old, found.new) == ("S1", RAISE, 80, 96)
    assert found.impact.moved == 16
    assert found.impact.saving == pytest.approx(16 * 7)
    assert found.shift_index > 0


def test_shares_that_did_not_drift_change_no_threshold():
    assert threshold_change(COMPANY, [0.21, 0.30, 0.49], 1_000) is None
    assert threshold_change(COMPANY, [0.25, 0.30, 0.45], 20) is None


def test_groups_that_are_not_found_again_are_merged_where_fewer_are():
    groups = frontier(
        {"count": 2, "yearly_cost": 2_000}, {"is_stable": False, "stability": 0.5}, {"count": 4}
    )
    found = segment_change(COMPANY, groups)
    assert (found.kind, found.element) == ("MERGE_SEGMENT", "MERGE_SEGMENT:S2")
    assert (found.old, found.new, found.code, found.stability) == (3, 2, "S1", 0.5)
    assert (found.impact.moved, found.impact.revenue) == (21, 210)
    # 21 customers cost 7 less each, and a quarter of a year of one policy less.
    assert found.impact.saving == pytest.approx(21 * 7 + 250)


def test_tier_too_small_for_a_policy_joins_its_neighbour():
    company = replace(COMPANY, thresholds=(99.5, 50.0, 0.0))
    found = segment_change(company, frontier({}))
    assert (found.code, found.element) == ("S1", "MERGE_SEGMENT:S2")
    assert found.impact.moved == 1
    empty = replace(COMPANY, thresholds=(101.0, 50.0, 0.0))
    assert segment_change(empty, frontier({})).impact.moved == 0


def test_more_groups_that_are_found_again_and_explain_more_split_the_largest_tier():
    groups = frontier({}, {"count": 5, "explained": 0.8, "yearly_cost": 5_000})
    found = segment_change(COMPANY, groups)
    assert (found.kind, found.code, found.new) == ("NEW_SEGMENT", "S3", 4)
    assert found.impact.moved == 25
    assert found.impact.saving == pytest.approx(-250)


@pytest.mark.parametrize(
    "groups",
    [
        frontier({}),
        frontier({}, {"count": 4, "explained": 0.5}),
        frontier({}, {"count": 4, "explained": 0.8, "is_stable": False}),
        frontier({}, {"count": 4, "explained": 0.8, "is_within_guard_rails": False}),
        [],
    ],
    ids=["as many", "explain less", "not found again", "beyond guard rails", "nothing known"],
)
def test_tiers_stay_without_a_reason(groups):
    assert segment_change(COMPANY, groups) is None
