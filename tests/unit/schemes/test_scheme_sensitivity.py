"""Weights are moved one at a time; the parts of a score add up to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.segmentation.segment_cases import default_scheme

from dagster_project.errors import UsageError
from dagster_project.schemes.sensitivity import (
    contributions,
    rescored,
    tier_by_score,
    tornado,
    with_weight,
)
from dagster_project.segmentation.engine import Population
from dagster_project.segmentation.scores import UNIT, score

SCHEME = default_scheme()
COUNT = len(SCHEME.attributes)


def population(seed, customers=80):
    random = np.random.default_rng(seed)
    values = random.integers(0, 40, size=(customers, COUNT)) * UNIT
    missing = random.random(values.shape) < 0.1
    values = np.where(missing, 0, values)
    scores = score(values, missing, list(SCHEME.attributes))
    return Population(np.arange(customers), values, missing, scores)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_parts_add_up_to_the_score_exactly(seed):
    people = population(seed, customers=30)
    for place in range(30):
        parts = contributions(people, SCHEME, place)
        assert sum(part.contribution for part in parts) == people.scores.score[place]
        assert [p.contribution for p in parts] == sorted(
            (p.contribution for p in parts), reverse=True
        )


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1), st.integers(0, COUNT - 1))
def test_weights_add_up_to_one_after_any_change(weight, position):
    name = SCHEME.attributes[position].attribute_id
    rules = with_weight(SCHEME.attributes, name, weight)
    assert sum(rule.weight for rule in rules) == pytest.approx(1.0, abs=1e-12)
    assert rules[position].weight == weight
    others = [k for k in range(COUNT) if k != position]
    before = np.array([SCHEME.attributes[k].weight for k in others])
    after = np.array([rules[k].weight for k in others])
    assert after * before.sum() == pytest.approx(before * after.sum(), abs=1e-12)


def test_count_of_movers_is_that_of_plain_numpy():
    people = population(1)
    rules = {rule.attribute_id: rule for rule in SCHEME.attributes}
    limits = [85, 65, 35, 0]

    def tiers(weights):
        shares = people.scores.percentiles
        reweighted = np.array([rule.null_policy == "REWEIGHT" for rule in rules.values()])
        drops = people.missing & reweighted
        w = np.where(drops, 0.0, np.array(weights))
        w = w / w.sum(axis=1, keepdims=True)
        points = np.rint(w * shares * 100 * UNIT).sum(axis=1) / UNIT
        return np.array([next(i for i, limit in enumerate(limits) if p >= limit) for p in points])

    base = np.array([rule.weight for rule in rules.values()])
    for swing in tornado(people, SCHEME, 0.5):
        k = list(rules).index(swing.attribute_id)
        for w, moved in (
            (swing.weight_low, swing.moved_low),
            (swing.weight_high, swing.moved_high),
        ):
            weights = base * (1 - w) / (1 - base[k])
            weights[k] = w
            assert moved == (tiers(weights) != tiers(base)).sum()


def test_most_sensitive_weight_comes_first_and_order_of_customers_does_not_matter():
    people = population(2, customers=300)
    swings = tornado(people, SCHEME, 0.3)
    assert [s.share for s in swings] == sorted((s.share for s in swings), reverse=True)
    turn = np.random.default_rng(0).permutation(300)
    values, missing = people.values[turn], people.missing[turn]
    turned = Population(turn, values, missing, score(values, missing, list(SCHEME.attributes)))
    assert tornado(turned, SCHEME, 0.3) == swings


def test_same_weights_move_nobody():
    people = population(3)
    again = rescored(people, SCHEME, SCHEME.attributes)
    assert np.array_equal(again.score, people.scores.score)


def test_score_on_a_limit_is_in_the_tier():
    points = np.array([850_000, 849_999, 350_000, 0])
    assert tier_by_score(points, SCHEME).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("change", [0.0, -0.1, 1.5])
def test_change_that_is_no_share_is_refused(change):
    with pytest.raises(UsageError, match="between 0 and 1"):
        tornado(population(1), SCHEME, change)


def test_weight_of_an_unknown_attribute_is_refused():
    with pytest.raises(UsageError, match="colour"):
        with_weight(SCHEME.attributes, "colour", 0.5)
