"""What a tier is promised is changed by rules: raised where more is done and wanted, lowered where
nobody wants it and nobody pays for it."""

from dataclasses import replace

import pytest

from dagster_project.improvement.proposal import Evidence, propose

OVER_SERVED = Evidence(
    target=0.95,
    values=[0.97, 0.96, 0.98, 0.97, 0.96, 0.97],
    expected=0.90,
    verdict="UNSUSTAINABLE",
    next_target=0.85,
    contract_target=None,
    entities=40,
    extra_cost=100.0,
)
WANTED = replace(OVER_SERVED, target=0.90, expected=0.95, verdict="SUSTAINABLE")


def proposed(of):
    return propose(of, months=6, margin=0.02)


def test_over_served_tier_that_does_not_pay_is_lowered_with_its_simulated_impact():
    found = proposed(OVER_SERVED)
    assert (found.direction, found.new_target, found.is_blocked) == ("LOWER", 0.90, False)
    # Half of the step from 0.95 to 0.85, of 40 customers at 100 each.
    assert found.saving == pytest.approx(2000)
    assert (found.months_met_before, found.months_met_after) == (6, 6)


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "SUSTAINABLE"},
        {"verdict": "WATCH"},
        {"expected": 0.96},
        {"expected": None},
        {"values": [0.97] * 5},
    ],
    ids=["it pays", "not sure yet", "customers expect it", "nobody asked", "too few months"],
)
def test_nothing_is_lowered_without_its_reason(changes):
    assert proposed(replace(OVER_SERVED, **changes)) is None


def test_contract_blocks_lowering_below_what_it_promises():
    assert proposed(replace(OVER_SERVED, contract_target=0.92)).new_target == 0.92
    found = proposed(replace(OVER_SERVED, contract_target=0.95))
    assert (found.direction, found.is_blocked) == ("LOWER", True)


def test_tier_is_not_lowered_below_the_next_one():
    assert proposed(replace(OVER_SERVED, expected=0.5)).new_target == 0.85


def test_capable_tier_whose_customers_want_more_is_raised():
    found = proposed(WANTED)
    assert (found.direction, found.new_target) == ("RAISE", 0.95)
    assert found.saving < 0


def test_two_points_above_the_target_in_nine_of_ten_months_are_needed_to_raise():
    assert proposed(replace(WANTED, values=[0.91, 0.91, *[0.97] * 4])) is None


def test_promise_nobody_wants_more_of_is_not_raised():
    assert proposed(replace(WANTED, expected=0.90)) is None
