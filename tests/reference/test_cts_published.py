"""Published results of time-driven activity-based costing, by the project's own functions.

R. S. Kaplan and S. R. Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review,
November 2004, and the working paper of the same name: a customer service department of 560,000 a
quarter, 700,000 practical minutes, three activities.
"""

import numpy as np
import pytest

from dagster_project.cost.capacity import capacity_rate, minutes_of, usage
from dagster_project.value.activity_cost import activity_rates

COST, PRACTICAL = 560_000, 700_000
QUANTITIES = (49_000, 1_400, 2_500)
"""Orders, inquiries, credit checks."""


def test_rates_of_the_survey_are_those_of_the_article():
    effort = [[0.70, 0.10, 0.20]]
    rates = activity_rates([COST], effort, QUANTITIES)
    assert rates == pytest.approx([8.00, 40.00, 44.80], abs=1e-12)


def test_a_minute_costs_eighty_cents_and_an_activity_its_minutes():
    rate = capacity_rate(COST, PRACTICAL)
    assert rate == pytest.approx(0.80, abs=1e-12)
    assert np.array([8, 44, 50]) * rate == pytest.approx([6.40, 35.20, 40.00], abs=1e-12)


def test_what_nobody_used_is_shown_and_charged_to_nobody():
    used = usage(COST, PRACTICAL, minutes=[40, 220, 250], quantities=[9_800, 280, 500])
    assert used.used_minutes.tolist() == [392_000, 61_600, 125_000]
    assert used.used_minutes.sum() == 578_600
    assert used.charged == pytest.approx([313_600, 49_280, 100_000], abs=1e-6)
    assert used.charged.sum() == pytest.approx(462_880, abs=1e-6)
    assert round(100 * used.used_minutes.sum() / PRACTICAL, 2) == 82.66
    assert used.unused_minutes == 121_400
    assert used.unused_cost == pytest.approx(97_120, abs=1e-6)
    assert used.charged.sum() + used.unused_cost == pytest.approx(COST, abs=1e-9)


def test_a_time_equation_adds_up_its_terms():
    # Pick = 2 + 0.5 per line + 1.2 per hazardous line + 3 by hand.
    equation = {"order": 2.0, "line": 0.5, "hazmat": 1.2, "manual": 3.0}
    drivers = {"order": [1, 1], "line": [4, 1], "hazmat": [1, 0], "manual": [0, 1]}
    assert minutes_of(equation, drivers) == pytest.approx([5.2, 5.5], abs=1e-12)
    with pytest.raises(KeyError):
        minutes_of({"unknown": 1.0}, drivers)
