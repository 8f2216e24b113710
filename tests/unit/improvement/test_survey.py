"""Figures of surveys equal their closed forms; what stands on few answers is hidden."""

import numpy as np
import pytest

from dagster_project.improvement.survey import (
    cronbach_alpha,
    mean_of,
    net_promoters,
    post_stratified,
    reason_to_hide,
    size_classes,
    top_boxes,
)


def test_net_promoters_and_their_interval_are_the_closed_form():
    # 50 promoters, 30 passive, 20 detractors: 0.5 - 0.2; variance (0.7 - 0.09) / 100.
    found = net_promoters([10] * 30 + [9] * 20 + [8] * 20 + [7] * 10 + [6] * 15 + [0] * 5)
    assert found.value == pytest.approx(0.3)
    reach = 1.959963984540054 * np.sqrt((0.5 + 0.2 - 0.3**2) / 100)
    assert (found.lower, found.upper) == pytest.approx((0.3 - reach, 0.3 + reach))
    assert found.count == 100


def test_everybody_a_promoter_is_one_without_spread():
    found = net_promoters([9, 10, 10])
    assert (found.value, found.lower, found.upper) == (1.0, 1.0, 1.0)


def test_satisfaction_is_the_share_of_the_two_best_boxes_with_the_interval_of_wilson():
    found = top_boxes([5, 4, 4, 3, 1, 5, 5, 5, 4, 2])
    assert found.value == pytest.approx(0.7)
    # Wilson for 7 of 10: (0.3968, 0.8922), as in Newcombe (1998) and every table of it.
    assert (found.lower, found.upper) == pytest.approx((0.3968, 0.8922), abs=1e-4)


def test_alpha_is_the_closed_form():
    # Two items: alpha = 2 (1 - (v1 + v2) / var of the sum).
    answers = np.array([[1, 2], [2, 2], [3, 4], [4, 5], [5, 4]])
    v1, v2 = answers.var(axis=0, ddof=1)
    whole = answers.sum(axis=1).var(ddof=1)
    assert cronbach_alpha(answers) == pytest.approx(2 * (1 - (v1 + v2) / whole))


def test_alpha_of_the_same_question_asked_twice_is_one_and_of_one_question_is_none():
    assert cronbach_alpha([[1, 1], [2, 2], [5, 5]]) == pytest.approx(1)
    assert cronbach_alpha([[1], [2]]) is None
    assert cronbach_alpha([[3, 3], [3, 3]]) is None


def test_gap_has_the_interval_of_a_mean():
    found = mean_of([-1, 0, -2, -1])
    assert found.value == -1
    assert found.upper - found.value == pytest.approx(1.959963984540054 * np.sqrt(2 / 3) / 2)


def test_few_large_customers_who_answer_much_do_not_speak_for_the_small_ones():
    scores, strata = [1, 1, 1, 0], ["LARGE", "LARGE", "LARGE", "SMALL"]
    assert np.mean(scores) == 0.75
    assert post_stratified(scores, strata, {"LARGE": 10, "SMALL": 90}) == pytest.approx(0.1)


def test_stratum_without_an_answer_takes_no_part():
    population = {"LARGE": 1, "SMALL": 1, "MIDDLE": 98}
    assert post_stratified([1, 0], ["LARGE", "SMALL"], population) == pytest.approx(0.5)
    assert post_stratified([1], ["HUGE"], population) is None


def test_customers_are_split_by_thirds_of_their_number():
    assert list(size_classes([1, 2, 3, 400, 500, 600])) == [
        *("SMALL", "SMALL", "MIDDLE", "MIDDLE", "LARGE", "LARGE"),
    ]


@pytest.mark.parametrize(
    ("answers", "entities", "hidden"),
    [(9, 9, "fewer than 10 answers"), (10, 5, None), (30, 4, "fewer than 5 customers")],
)
def test_fewer_than_ten_answers_or_five_customers_are_hidden(answers, entities, hidden):
    assert reason_to_hide(answers, entities, 10) == hidden
