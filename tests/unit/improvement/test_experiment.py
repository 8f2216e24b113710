"""An experiment is judged by what changed where it was tried and did not change elsewhere."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import ttest_ind

from dagster_project.improvement.experiment import result_of, status_of, verdict_of

BEFORE = [date(2024, month, 1) for month in range(1, 13)]
DURING = [date(2025, month, 1) for month in range(1, 7)]
MONTHS = [*BEFORE, *DURING]


def series(effect=0.0, common=0.0, seed=1):
    draws = np.random.default_rng(seed).normal(0, 0.01, len(MONTHS))
    return {
        month: 0.9 + draws[k] + (effect + common if month in DURING else 0.0)
        for k, month in enumerate(MONTHS)
    }


def judged(pilot, control, least=3):
    return result_of(pilot, control, BEFORE, DURING, least)


def test_effect_is_the_planted_one_without_what_happened_everywhere():
    found = judged(series(effect=0.05, common=-0.10), series(common=-0.10, seed=2))
    assert found.lower < 0.05 < found.upper
    assert found.effect == pytest.approx(0.05, abs=0.01)
    assert verdict_of(found) == "WORKS"
    assert (found.months_before, found.months_after) == (12, 6)
    change = (found.pilot_after - found.pilot_before) - (found.control_after - found.control_before)
    assert found.effect == pytest.approx(change)


def test_interval_is_that_of_welch():
    pilot, control = series(effect=0.02), series(seed=2)
    gaps = [np.array([pilot[m] - control[m] for m in months]) for months in (DURING, BEFORE)]
    published = ttest_ind(*gaps, equal_var=False).confidence_interval()
    found = judged(pilot, control)
    assert (found.lower, found.upper) == (
        pytest.approx(published.low),
        pytest.approx(published.high),
    )


def test_what_changed_everywhere_is_no_effect():
    assert verdict_of(judged(series(common=0.05), series(common=0.05, seed=2))) == "UNDECIDED"


def test_less_of_what_should_be_less_works():
    found = judged(series(effect=-0.05), series(seed=2))
    assert verdict_of(found) == "HARMS"
    assert verdict_of(found, is_less_better=True) == "WORKS"


def test_two_months_say_nothing_and_months_of_one_side_do_not_count():
    pilot = {month: value for month, value in series(0.05).items() if month not in DURING[2:]}
    found = judged(pilot, series(seed=2))
    assert (found.months_after, found.effect, verdict_of(found)) == (2, None, None)


def test_series_that_do_not_vary_have_an_interval_without_width():
    flat = {month: 0.75 + (0.5 if month in DURING else 0.0) for month in MONTHS}
    found = judged(flat, dict.fromkeys(MONTHS, 0.25))
    assert (found.effect, found.lower, found.upper) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(
    ("month", "status"), [(12, "PLANNED"), (1, "RUNNING"), (5, "RUNNING"), (6, "ENDED")]
)
def test_status_follows_from_the_month_that_was_closed_last(month, status):
    closed = date(2024 if month == 12 else 2025, month, 1)
    assert status_of(DURING[0], DURING[-1], closed) == status
